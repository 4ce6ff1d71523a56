//! What goes into a render and what comes out of it.

use std::fmt;
use std::ops::Range;

use crate::value::Value;

/// Islands that are rendered together, in one instance.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The context: a record as section 5 of the protocol has it.
    pub ctx: Value,
    /// Stores by name: a record, or null.
    pub stores: Value,
    /// In document order.
    pub islands: Vec<IslandCall>,
}

/// One island to render.
#[derive(Clone, Debug)]
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

/// What a batch became.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// The HTML of all islands that were rendered, in their order.
    pub html: String,
    /// One for each island of the batch, in its order.
    pub islands: Vec<IslandOutcome>,
    /// How many new instances were needed after failures.
    pub restarts: u32,
    /// In development: the places of islands that a second render with another seed yields other
    /// bytes for.
    pub unstable: Vec<usize>,
    /// Development: the page shows what failed.
    pub dev: bool,
}

impl Rendered {
    /// Whether one of the islands failed.
    pub fn has_failed(&self) -> bool {
        let is_failed = |outcome: &IslandOutcome| matches!(outcome, IslandOutcome::Failed(_));
        self.islands.iter().any(is_failed)
    }

    /// The HTML of the island at this place of the batch; `None` when it failed.
    pub fn island(&self, at: usize) -> Option<&str> {
        match self.islands.get(at)? {
            IslandOutcome::Done(done) => self.html.get(done.html.clone()),
            IslandOutcome::Failed(_) => None,
        }
    }

    /// The failure that the page shows at this place; `None` outside of development.
    pub fn shown_failure(&self, at: usize) -> Option<&Failed> {
        match self.islands.get(at)? {
            IslandOutcome::Failed(failed) if self.dev => Some(failed),
            IslandOutcome::Failed(_) | IslandOutcome::Done(_) => None,
        }
    }
}

/// What one island became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IslandOutcome {
    /// It was rendered.
    Done(IslandDone),
    /// It could not be: its fallback is to be shown.
    Failed(Failed),
}

/// A rendered island.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IslandDone {
    /// Where its HTML stands in [`Rendered::html`].
    pub html: Range<usize>,
    /// The digest of its shape and values.
    pub digest: u64,
    /// Where the slot's content belongs, in bytes from the beginning of [`Rendered::html`].
    pub slot: Option<usize>,
    /// It has handlers or changing slots.
    pub interactive: bool,
}

/// An island that could not be rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The component's name.
    pub component: String,
    /// The island's id.
    pub id: String,
    /// What happened.
    pub cause: Cause,
    /// What the guest or the runtime said: one line, at most 500 characters, without control
    /// characters.
    pub message: String,
}

/// Why an island failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The component trapped: a panic, an index out of range, no more memory or stack.
    Trap,
    /// It computed for longer than its limit.
    Cpu,
    /// The whole call took longer than its limit.
    Wall,
    /// The guest refused the input.
    Refused,
    /// The guest's answer makes no sense.
    Nonsense,
    /// More HTML than the limit.
    Output,
    /// Too many failures before it in the same call.
    GivenUp,
    /// The component used up its limit on computing again and again: it is not called for a while.
    SwitchedOff,
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Cause::Trap => "trap",
            Cause::Cpu => "cpu limit",
            Cause::Wall => "time limit",
            Cause::Refused => "input refused",
            Cause::Nonsense => "nonsense from the guest",
            Cause::Output => "output limit",
            Cause::GivenUp => "given up after other failures",
            Cause::SwitchedOff => "switched off for a while",
        })
    }
}
