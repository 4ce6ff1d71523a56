//! Input and output of a render.

use std::ops::Range;

use crate::value::Value;

/// Islands that are rendered together, in one instance.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The context: a record of section 5 of the protocol.
    pub ctx: Value,
    /// Stores by name: a record, or null.
    pub stores: Value,
    /// In document order.
    pub islands: Vec<IslandCall>,
}

/// One island to render.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IslandCall {
    /// The component's name.
    pub component: String,
    /// The id of its root element.
    pub id: String,
    /// Its props: a record.
    pub props: Value,
    /// The `hydrate` directive.
    pub hydrate: String,
}

/// The result of a batch.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// The HTML of all rendered islands, in order.
    pub html: String,
    /// The outcome of each island, in order.
    pub islands: Vec<IslandOutcome>,
    /// How many new instances failures required.
    pub restarts: u32,
    /// In development: indices of islands whose bytes differ in a second render with another seed.
    pub unstable: Vec<usize>,
    /// Development: failures are shown on the page.
    pub dev: bool,
}

impl Rendered {
    /// Whether one of the islands failed.
    pub fn has_failed(&self) -> bool {
        let is_failed = |outcome: &IslandOutcome| matches!(outcome, IslandOutcome::Failed(_));
        self.islands.iter().any(is_failed)
    }

    /// The HTML of the island at this index; `None` if it failed.
    pub fn island(&self, at: usize) -> Option<&str> {
        match self.islands.get(at)? {
            IslandOutcome::Done(done) => self.html.get(done.html.clone()),
            IslandOutcome::Failed(_) => None,
        }
    }

    /// The failure to show for this index; `None` outside of development.
    pub fn shown_failure(&self, at: usize) -> Option<&Failed> {
        match self.islands.get(at)? {
            IslandOutcome::Failed(failed) if self.dev => Some(failed),
            IslandOutcome::Failed(_) | IslandOutcome::Done(_) => None,
        }
    }
}

/// The outcome of an island.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IslandOutcome {
    /// It was rendered.
    Done(IslandDone),
    /// It failed, and its fallback is to be shown.
    Failed(Failed),
}

/// A rendered island.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IslandDone {
    /// The range of its HTML in [`Rendered::html`].
    pub html: Range<usize>,
    /// The digest of its shape and values.
    pub digest: u64,
    /// The offset of the slot's content in [`Rendered::html`], in bytes.
    pub slot: Option<usize>,
    /// It has handlers or changing slots.
    pub interactive: bool,
    /// What it asked for of the page.
    pub reads: Reads,
}

/// What the bytes of an island depend on, besides its props, the stores and the rest of the
/// context: entries of the context that nearly every page has another value for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reads {
    /// The path of the page.
    pub path: bool,
    /// The time when the page was made.
    pub time: bool,
}

/// An island that could not be rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The component's name.
    pub component: String,
    /// The island's id.
    pub id: String,
    /// The cause.
    pub cause: Cause,
    /// The message of the guest or the runtime: one line, at most 500 characters, without control
    /// characters.
    pub message: String,
}

/// Why an island failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The component trapped: a panic, an index out of range, out of memory or stack.
    #[error("trap")]
    Trap,
    /// It exceeded its limit of processor time.
    #[error("cpu limit")]
    Cpu,
    /// The whole call exceeded its time limit.
    #[error("time limit")]
    Wall,
    /// The guest refused the input.
    #[error("input refused")]
    Refused,
    /// The guest's output is invalid.
    #[error("invalid output from the guest")]
    InvalidOutput,
    /// The HTML exceeds the limit.
    #[error("output limit")]
    Output,
    /// Too many failures before it in the same call.
    #[error("given up after other failures")]
    GivenUp,
    /// The component exceeded its processor time repeatedly, and is switched off for a while.
    #[error("switched off for a while")]
    SwitchedOff,
}
