//! A fresh instance for each batch, and its results.

use std::time::{Duration, Instant};

use wasmtime::{Engine, Instance, InstancePre, Store};

use super::abi::{CallError, Exports, Frame};
use super::breakdown::Breakdown;
use super::outcome::Cause;
use crate::artifacts::Image;
use crate::engine::{self, Meter, Metered, TrapKind, Trapped, Wasi, WasiAccess};

/// Host state of an instance.
pub(super) struct State {
    meter: Meter,
    /// The guest's output.
    written: Vec<u8>,
}

impl State {
    /// The state of a new instance.
    pub fn new(meter: Meter) -> State {
        State {
            meter,
            written: Vec::new(),
        }
    }
}

impl Metered for State {
    fn meter(&mut self) -> &mut Meter {
        &mut self.meter
    }
}

impl Wasi for State {
    fn clock(&self) -> WasiAccess {
        WasiAccess::Fatal("Render is pure: time comes from the context, not from the clock")
    }

    fn random(&self) -> WasiAccess {
        WasiAccess::Fatal("Render is pure: it has no randomness")
    }

    fn written(&mut self) -> &mut Vec<u8> {
        &mut self.written
    }
}

/// What new instances are made from.
pub(super) struct NewInstances {
    pub pre: InstancePre<State>,
    /// What they begin with, unless the module has it.
    pub image: Option<Image>,
}

impl NewInstances {
    /// A new instance, initialised.
    pub async fn instance(&self, store: &mut Store<State>) -> wasmtime::Result<Instance> {
        let instance = self.pre.instantiate_async(&mut *store).await?;
        if let Some(image) = &self.image {
            image.restore(store, &instance)?;
        }
        Ok(instance)
    }

    pub fn engine(&self) -> &Engine {
        self.pre.module().engine()
    }
}

/// How a render ended.
pub(super) struct End<'a> {
    /// The instance's memory at the end.
    pub memory: &'a [u8],
    /// The frame; `None` if it is outside of memory.
    pub frame: Option<Frame>,
    /// Why it failed, and the details.
    pub failure: Option<(Cause, Breakdown)>,
    /// The processor time that it is known to have used.
    pub computed: Duration,
}

/// Renders this input in a fresh instance, and passes the result to `take` before the instance is
/// dropped. An error if there is no free instance.
pub(super) async fn render<R>(
    new: &NewInstances,
    exports: &Exports,
    frame: u32,
    state: State,
    input: &[u8],
    deadline: Instant,
    read: impl FnOnce(End<'_>) -> R,
) -> wasmtime::Result<R> {
    let mut store = engine::store(new.engine(), state);
    let instance = new.instance(&mut store).await?;
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
        let text =
            text.or_else(|| Some(String::from_utf8_lossy(&store.data().written).into_owned()));
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
        Some(Err(CallError::Invalid(problem))) => Some((Cause::InvalidOutput, because(problem))),
        Some(Err(CallError::Export(name))) => Some((
            Cause::InvalidOutput,
            because(&format!("{name} is not a function of its type")),
        )),
        None => Some((Cause::Wall, because("the whole call took too long"))),
    };
    Ok(read(End {
        memory: memory.data(&store),
        frame,
        failure,
        computed: store.data().meter.used(),
    }))
}

/// The cause of a trap.
fn breakdown(trap: &wasmtime::Error, said: Option<String>) -> (Cause, Breakdown) {
    let Trapped {
        kind,
        reason,
        frames,
    } = Trapped::of(trap);
    let (cause, reason) = match kind {
        TrapKind::Cpu => {
            let reason = "its limit on computing is reached (limits.cpu_ms)";
            (Cause::Cpu, Some(reason.to_owned()))
        }
        TrapKind::TooManyThrottled => (Cause::Cpu, Some(reason)),
        TrapKind::Unreachable if said.is_some() => (Cause::Trap, None),
        TrapKind::Unreachable | TrapKind::Stack | TrapKind::Exit(_) | TrapKind::Other => {
            (Cause::Trap, Some(reason))
        }
    };
    let breakdown = Breakdown {
        said: said.filter(|_| cause == Cause::Trap),
        reason,
        frames,
    };
    (cause, breakdown)
}
