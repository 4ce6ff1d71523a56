//! A fresh instance for each batch, and what it leaves behind when it ends.

use std::time::{Duration, Instant};

use wasmtime::{Engine, InstancePre, Store, StoreLimits, Trap, WasmBacktrace};

use super::abi::{CallError, Exports, Frame};
use super::outcome::Cause;
use super::panic::Breakdown;
use super::places::Instruction;
use super::throttle::{self, Budget, Budgeted, Crowded};

/// What the host knows of an instance.
pub(super) struct State {
    limits: StoreLimits,
    budget: Budget,
    /// What the guest wrote to its outputs.
    pub said: Vec<u8>,
}

impl State {
    /// The state of a new instance that may compute so much.
    pub fn new(limits: StoreLimits, budget: Budget) -> State {
        State {
            limits,
            budget,
            said: Vec::new(),
        }
    }
}

impl Budgeted for State {
    fn budget(&mut self) -> &mut Budget {
        &mut self.budget
    }
}

/// A store whose guest is held to its limits.
pub(super) fn store(engine: &Engine, state: State) -> Store<State> {
    let mut store = throttle::store(engine, state);
    store.limiter(|state| &mut state.limits);
    store
}

/// How a render ended.
pub(super) struct End<'a> {
    /// The instance's memory, as the guest left it.
    pub memory: &'a [u8],
    /// What the frame says; `None` when it is not in memory any more.
    pub frame: Option<Frame>,
    /// Why it did not end well, and what is known of that.
    pub failure: Option<(Cause, Breakdown)>,
    /// What it is known to have computed.
    pub computed: Duration,
}

/// Renders this input in a fresh instance and hands over what came of it before the instance is
/// dropped. An error when there is no instance to be had.
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
    let because = |reason: &str| Breakdown {
        reason: Some(reason.to_owned()),
        ..Breakdown::default()
    };
    let failure = match status {
        Some(Ok(0)) => None,
        Some(Ok(_)) => Some((
            Cause::Refused,
            match said() {
                Some(said) => Breakdown {
                    said: Some(said),
                    ..Breakdown::default()
                },
                None => because("without a reason"),
            },
        )),
        Some(Err(CallError::Trap(trap))) => Some(breakdown(&trap, said())),
        Some(Err(CallError::Nonsense(problem))) => Some((Cause::Nonsense, because(problem))),
        Some(Err(CallError::Export(name))) => Some((
            Cause::Nonsense,
            because(&format!("{name} is not a function of its type")),
        )),
        None => Some((Cause::Wall, because("the whole call took too long"))),
    };
    Ok(read(End {
        memory: memory.data(&store),
        frame,
        failure,
        computed: store.data().budget.used(),
    }))
}

/// What a trap means.
fn breakdown(trap: &wasmtime::Error, said: Option<String>) -> (Cause, Breakdown) {
    let code = trap.downcast_ref::<Trap>();
    let (cause, reason) = if code == Some(&Trap::Interrupt) {
        let reason = "its limit on computing is reached (limits.cpu_ms)";
        (Cause::Cpu, Some(reason.to_owned()))
    } else if trap.is::<Crowded>() {
        (Cause::Cpu, Some(trap.root_cause().to_string()))
    } else if code == Some(&Trap::UnreachableCodeReached) && said.is_some() {
        (Cause::Trap, None)
    } else {
        (Cause::Trap, Some(trap.root_cause().to_string()))
    };
    let frames = trap.downcast_ref::<WasmBacktrace>();
    let frames = frames.map(WasmBacktrace::frames).unwrap_or_default();
    let frames = frames.iter().filter_map(|frame| {
        Some(Instruction {
            function: frame.func_index(),
            offset: frame.func_offset()?,
        })
    });
    let breakdown = Breakdown {
        said: said.filter(|_| cause == Cause::Trap),
        reason,
        frames: frames.collect(),
    };
    (cause, breakdown)
}
