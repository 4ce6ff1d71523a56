//! Why a node has no modules, and why a run has no answer.

use std::time::Duration;

use super::prepare::ModuleError;
use crate::capabilities::{InvalidBackend, NotGranted};
use crate::engine::{Meter, Places, TrapKind, Trapped, panic_text};
use crate::error::GuestError;
use crate::text::sanitise;

/// Why the modules of a node cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EdgeError {
    /// A module cannot be loaded.
    #[error("the edge module `{module}` cannot be loaded (modules.{module} in protium.toml)")]
    Module {
        /// Its name.
        module: String,
        /// The cause.
        source: ModuleError,
    },
    /// The address of a backend is invalid.
    #[error("modules.{module}.grants.backends.{source}")]
    Backend {
        /// The module.
        module: String,
        /// Its backend, and what is wrong.
        source: InvalidBackend,
    },
    /// The client for backends cannot be set up.
    #[error("the client for backends cannot be set up")]
    Client(#[source] reqwest::Error),
    /// The runtime could not be set up.
    #[error(transparent)]
    Engine(GuestError),
    /// A module could not be linked.
    #[error("the edge module `{module}` cannot be linked")]
    Runtime {
        /// The module.
        module: String,
        /// The runtime's error.
        source: wasmtime::Error,
    },
}

/// A failed run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the edge module `{module}` {cause}")]
pub struct RunError {
    /// The module.
    pub module: String,
    /// The cause.
    pub cause: Cause,
}

/// Why a run failed. Texts of the module are one line of at most 500 characters, without control
/// characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// There is no module of this name.
    #[error("is not configured (modules.NAME in protium.toml)")]
    Unknown,
    /// All its instances were in use for too long.
    #[error("has no free instance (limits.instances, limits.queue_ms)")]
    Busy,
    /// It used up its processor time.
    #[error("reached its limit on computing (limits.cpu_ms)")]
    Cpu,
    /// It used up its processor time repeatedly, and is switched off for a while.
    #[error(
        "is switched off for a while: it exceeded its processor time repeatedly (limits.rest_ms)"
    )]
    SwitchedOff,
    /// Its release was replaced, and it did not end in time.
    #[error("was ended: another release of the shop took over")]
    Cancelled,
    /// It used up its time.
    #[error("reached its limit on time (limits.wall_ms)")]
    Wall,
    /// It wanted more memory.
    #[error("reached its limit on memory (limits.memory_bytes)")]
    Memory,
    /// It recursed too deeply.
    #[error("reached its limit on the stack")]
    Stack,
    /// Its answer is too large.
    #[error("reached its limit on output (limits.output_bytes)")]
    Output,
    /// It called the host too often.
    #[error("reached its limit on calls of {what}")]
    Calls {
        /// The host or backends, with the setting.
        what: &'static str,
    },
    /// It had too many files open.
    #[error("reached its limit on open files (limits.files)")]
    Files,
    /// It used something that it is not granted.
    #[error("is not granted {what}")]
    NotGranted {
        /// What it used.
        what: String,
    },
    /// It returned an error.
    #[error("failed: {message}")]
    Failed {
        /// Its message.
        message: String,
    },
    /// It trapped.
    #[error("trapped{}: {message}", at(place.as_ref()))]
    Trap {
        /// The message of the module or the runtime.
        message: String,
        /// The line in its Go sources, as `FOLDER/FILE.go:LINE`, if known.
        place: Option<String>,
    },
    /// The program ended with an exit code other than 0.
    #[error("ended with code {code}{}: {message}", at(place.as_ref()))]
    Exit {
        /// The code.
        code: i32,
        /// The beginning of its standard error.
        message: String,
        /// The line in its Go sources where it panicked, as `FOLDER/FILE.go:LINE`, if known.
        place: Option<String>,
    },
    /// Its run ended without an answer.
    #[error("ended without an answer")]
    Silent,
    /// It broke the calling convention.
    #[error("does not keep to the calling convention: {problem}")]
    InvalidCall {
        /// How.
        problem: &'static str,
    },
    /// The runtime could not make an instance.
    #[error("cannot be instantiated: {message}")]
    Runtime {
        /// The runtime's error.
        message: String,
    },
}

impl Cause {
    /// The cause of this end of a call. `written` is the guest's output before it.
    pub(super) fn of(
        error: &wasmtime::Error,
        meter: &Meter,
        written: &[u8],
        places: &Places,
    ) -> Cause {
        if let Some(cause) = error.downcast_ref::<Cause>() {
            return cause.clone();
        }
        let trapped = Trapped::of(error);
        match trapped.kind {
            TrapKind::Cpu | TrapKind::TooManyThrottled => Cause::Cpu,
            _ if meter.is_memory_refused() => Cause::Memory,
            TrapKind::Stack => Cause::Stack,
            TrapKind::Exit(code) => Cause::exit(code, written, places),
            TrapKind::Unreachable | TrapKind::Other => {
                let written = String::from_utf8_lossy(written);
                let said = panic_text(&written).unwrap_or_else(|| written.to_string());
                let place = places.of_trace(&written);
                Cause::Trap {
                    message: first_of(&said, &trapped.reason),
                    place: place.or_else(|| places.of_frames(&trapped.frames)),
                }
            }
        }
    }

    /// The program exited with this code.
    pub(super) fn exit(code: i32, written: &[u8], places: &Places) -> Cause {
        let written = String::from_utf8_lossy(written);
        Cause::Exit {
            code,
            message: first_of(&written, "without a message"),
            place: places.of_trace(&written),
        }
    }
}

impl From<NotGranted> for Cause {
    fn from(NotGranted(what): NotGranted) -> Cause {
        Cause::NotGranted { what }
    }
}

fn at(place: Option<&String>) -> String {
    place.map_or_else(String::new, |place| format!(" at {place}"))
}

/// The guest's message, else the runtime's.
fn first_of(said: &str, otherwise: &str) -> String {
    let said = sanitise(said);
    if said.is_empty() {
        sanitise(otherwise)
    } else {
        said
    }
}

/// How a run failed, and its processor time.
#[derive(Debug)]
pub(super) struct Failure {
    pub cause: Cause,
    pub computed: Duration,
}

impl From<Cause> for Failure {
    fn from(cause: Cause) -> Failure {
        Failure {
            cause,
            computed: Duration::ZERO,
        }
    }
}
