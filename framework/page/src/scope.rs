//! What the current render on this thread reads and collects, since rendering is synchronous.

use std::cell::RefCell;

use protium_wasm::Value;

/// The most islands of one render; the component host has a lower limit of its own.
const MAX_CALLS: usize = 10_000;

/// A component that a template placed while rendering.
#[derive(Debug)]
pub(super) struct Call {
    pub site: usize,
    /// Encoded as in ids.
    pub key: Option<String>,
    pub props: Value,
}

/// What a render reads, and the components that it has placed.
#[derive(Default)]
pub(super) struct Scope {
    pub calls: Vec<Call>,
    pub ctx: Value,
    /// Whether the fallbacks of public components are written.
    pub fallbacks: bool,
}

thread_local! {
    static SCOPE: RefCell<Option<Scope>> = const { RefCell::new(None) };
}

/// Renders with this context for components, with or without the fallbacks of public ones.
pub(super) fn within<R>(ctx: Value, fallbacks: bool, render: impl FnOnce() -> R) -> (R, Scope) {
    let previous = SCOPE.replace(Some(Scope {
        calls: Vec::new(),
        ctx,
        fallbacks,
    }));
    debug_assert!(previous.is_none(), "a template renders inside another");
    let result = render();
    (result, SCOPE.replace(previous).unwrap_or_default())
}

/// Reads the context of the current render.
pub(super) fn with_ctx<R>(read: impl FnOnce(&Value) -> R) -> Option<R> {
    SCOPE.with_borrow(|scope| scope.as_ref().map(|scope| read(&scope.ctx)))
}

/// Whether the current render writes the fallbacks of public components.
pub(super) fn writes_fallbacks() -> bool {
    SCOPE.with_borrow(|scope| scope.as_ref().is_none_or(|scope| scope.fallbacks))
}

/// Adds a component to the current render, and returns its index. An error is a message for the
/// template's author.
pub(super) fn add(call: Call) -> Result<usize, String> {
    SCOPE.with_borrow_mut(|scope| {
        let calls = match scope {
            Some(scope) => &mut scope.calls,
            None => return Err("it stands outside a page".to_owned()),
        };
        if calls.len() >= MAX_CALLS {
            return Err(format!("more than {MAX_CALLS} components on one page"));
        }
        calls.push(call);
        Ok(calls.len() - 1)
    })
}
