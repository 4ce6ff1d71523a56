//! Causes of calls that did not return.

use wasmtime::{Trap, WasmBacktrace};

use super::places::Instruction;
use super::throttle::TooManyThrottled;
use super::wasi::Exited;

/// What Go's runtime writes before a panic's message.
const PANIC: &str = "panic: ";
const FATAL: &str = "fatal error: ";

/// What ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrapKind {
    /// It used up its processor time.
    Cpu,
    /// It computed for long while too many others did.
    TooManyThrottled,
    /// It recursed too deeply.
    Stack,
    /// It ended itself after a panic.
    Unreachable,
    /// The program ended itself with this code.
    Exit(i32),
    /// Anything else.
    Other,
}

/// A call that did not return.
#[derive(Debug)]
pub(crate) struct Trapped {
    pub kind: TrapKind,
    /// The runtime's message.
    pub reason: String,
    /// Its frames, innermost first.
    pub frames: Vec<Instruction>,
}

impl Trapped {
    /// Determines the cause from the runtime's error.
    pub fn of(error: &wasmtime::Error) -> Trapped {
        let kind = match error.downcast_ref::<Trap>() {
            Some(Trap::Interrupt) => TrapKind::Cpu,
            Some(Trap::StackOverflow) => TrapKind::Stack,
            Some(Trap::UnreachableCodeReached) => TrapKind::Unreachable,
            _ if error.is::<TooManyThrottled>() => TrapKind::TooManyThrottled,
            _ => match error.downcast_ref::<Exited>() {
                Some(Exited(code)) => TrapKind::Exit(*code),
                None => TrapKind::Other,
            },
        };
        let frames = error.downcast_ref::<WasmBacktrace>();
        let frames = frames.map(WasmBacktrace::frames).unwrap_or_default();
        let frames = frames.iter().filter_map(|frame| {
            Some(Instruction {
                function: frame.func_index(),
                offset: frame.func_offset()?,
            })
        });
        Trapped {
            kind,
            reason: error.root_cause().to_string(),
            frames: frames.collect(),
        }
    }
}

/// The panic's own message within the output of Go's runtime.
pub(crate) fn panic_text(written: &str) -> Option<String> {
    let start = |word: &str| written.find(word).map(|at| at + word.len());
    let text = written.get(start(PANIC).or_else(|| start(FATAL))?..)?;
    // Go's stack trace follows after an empty line.
    let text = text.split("\n\n").next().unwrap_or(text);
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_by_its_own_message() {
        for (said, expected) in [
            ("panic: blown", Some("blown")),
            (
                "panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 \
                 [running]:\nx",
                Some("runtime error: index out of range [5] with length 3"),
            ),
            ("hello\npanic: a\nb", Some("a\nb")),
            (
                "fatal error: stack overflow\n\nruntime stack:",
                Some("stack overflow"),
            ),
            ("hello", None),
        ] {
            assert_eq!(panic_text(said).as_deref(), expected, "{said}");
        }
    }
}
