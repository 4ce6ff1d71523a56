//! A fresh instance for each batch, and what it leaves behind when it ends.

use std::time::{Duration, Instant};

use wasmtime::{Engine, InstancePre, Store, StoreLimits, Trap, UpdateDeadline};

use super::abi::{CallError, Exports, Frame};
use super::outcome::Cause;

/// What the host knows of an instance.
pub(super) struct State {
    limits: StoreLimits,
    /// Ticks of the clock before the instance has computed for too long.
    ticks: u64,
    /// What the guest wrote to its outputs.
    pub said: Vec<u8>,
}

impl State {
    /// The state of a new instance that may compute for so many ticks.
    pub fn new(limits: StoreLimits, ticks: u64) -> State {
        State {
            limits,
            ticks,
            said: Vec::new(),
        }
    }
}

/// A store whose guest is interrupted at each tick, to let others run, and ended after its last.
pub(super) fn store(engine: &Engine, state: State) -> Store<State> {
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.limits);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut store| {
        let state = store.data_mut();
        state.ticks = state.ticks.saturating_sub(1);
        Ok(if state.ticks == 0 {
            UpdateDeadline::Interrupt
        } else {
            UpdateDeadline::Yield(1)
        })
    });
    store
}

/// How a render ended.
pub(super) struct End<'a> {
    /// The instance's memory, as the guest left it.
    pub memory: &'a [u8],
    /// What the frame says; `None` when it is not in memory any more.
    pub frame: Option<Frame>,
    /// Why it did not end well, and what the guest or the runtime says of that.
    pub failure: Option<(Cause, String)>,
}

/// Renders this input in a fresh instance and hands over what came of it before the instance is dropped. An error
/// when there is no instance to be had.
pub(super) async fn render<R>(
    pre: &InstancePre<State>,
    exports: &Exports,
    frame: u32,
    state: State,
    input: &[u8],
    deadline: Instant,
    read: impl FnOnce(End<'_>) -> R,
) -> wasmtime::Result<R> {
    let mut store = store(pre.module().engine(), state);
    let instance = pre.instantiate_async(&mut store).await?;
    let Some(memory) = exports.memory(&mut store, &instance) else {
        wasmtime::bail!("the module exports no memory")
    };
    let left = deadline.saturating_duration_since(Instant::now());
    let status = if left == Duration::ZERO {
        None
    } else {
        tokio::time::timeout(
            left,
            exports.render(&mut store, &instance, memory, frame, input),
        )
        .await
        .ok()
    };
    let frame = Frame::read(memory.data(&store), frame);
    let said = || {
        let text = frame.and_then(|frame| frame.error(memory.data(&store)));
        let text = text.or_else(|| Some(String::from_utf8_lossy(&store.data().said).into_owned()));
        text.filter(|text| !text.trim().is_empty())
    };
    let failure = match status {
        Some(Ok(0)) => None,
        Some(Ok(_)) => Some((
            Cause::Refused,
            said().unwrap_or_else(|| "without a reason".to_owned()),
        )),
        Some(Err(CallError::Trap(trap))) => {
            let cause = match trap.downcast_ref::<Trap>() {
                Some(Trap::Interrupt) => Cause::Cpu,
                _ => Cause::Trap,
            };
            let reason = trap.root_cause().to_string();
            Some((
                cause,
                said().map_or_else(|| reason.clone(), |said| format!("{said} ({reason})")),
            ))
        }
        Some(Err(CallError::Nonsense(problem))) => Some((Cause::Nonsense, problem.to_owned())),
        Some(Err(CallError::Export(name))) => Some((
            Cause::Nonsense,
            format!("{name} is not a function of its type"),
        )),
        None => Some((Cause::Wall, "the whole call took too long".to_owned())),
    };
    Ok(read(End {
        memory: memory.data(&store),
        frame,
        failure,
    }))
}
