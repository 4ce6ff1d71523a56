//! A rendered text, and the places of its components in it.

use std::ops::Range;

use protium_wasm::{Batch, IslandDone, IslandOutcome, Rendered, Value};

use crate::error::{PageError, TemplateError};
use crate::marker::Mark;
use crate::site::Site;

/// A component's place in the text.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub site: &'a Site,
    pub id: String,
    /// Moved into the batch of components to render.
    pub props: Value,
    pub state: State,
    /// From its opening marker to the end of its closing marker.
    pub whole: Range<usize>,
    pub content: Range<usize>,
    pub fallback: Option<Fallback>,
    /// The index after the last node inside it.
    pub after: usize,
    pub parent: Option<usize>,
}

#[derive(Debug)]
pub(super) struct Fallback {
    pub whole: Range<usize>,
    pub content: Range<usize>,
}

/// How an island is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Only in the browser.
    InBrowser,
    /// In the public batch, at this index.
    Public(usize),
    /// In the visitor's batch, at this index.
    Personal(usize),
    /// Not at all: its fallback is shown, or else its content.
    Absent,
}

/// A batch with its results.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made<'r> {
    pub batch: &'r Batch,
    pub rendered: &'r Rendered,
}

/// A rendered text with the places of its components, their ids and props.
#[derive(Debug)]
pub(crate) struct Splice<'a> {
    pub(super) template: &'a str,
    pub(super) text: &'a [u8],
    pub(super) nodes: Vec<Node<'a>>,
    /// Markers of head, snapshot and address, in order; of head and snapshot the first counts.
    pub(super) places: Vec<(Mark, Range<usize>)>,
}

impl Splice<'_> {
    pub(super) fn failed(&self, message: &str) -> PageError {
        TemplateError::new(format!("{}: {message}", self.template)).into()
    }
}

impl Node<'_> {
    pub(super) fn done<'r>(
        &self,
        public: Made<'r>,
        personal: Made<'r>,
    ) -> Option<(Made<'r>, &'r IslandDone)> {
        let (made, at) = match self.state {
            State::Public(at) => (public, at),
            State::Personal(at) => (personal, at),
            State::InBrowser | State::Absent => return None,
        };
        made.done(at).map(|done| (made, done))
    }
}

impl<'r> Made<'r> {
    pub(super) fn done(self, at: usize) -> Option<&'r IslandDone> {
        match self.rendered.islands.get(at)? {
            IslandOutcome::Done(done) => Some(done),
            IslandOutcome::Failed(_) => None,
        }
    }
}
