//! How far an import is.

use std::sync::Arc;

/// What an import does, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Reads the file's rows; counted in bytes.
    Read,
    /// Checks what the rows say of each product.
    Check,
    /// Compares the products with the catalogue.
    Compare,
    /// Writes those that are new or differ.
    Write,
    /// Indexes their words.
    Index,
}

/// How far a step is. Except for [`Step::Read`], in products.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Which step.
    pub step: Step,
    /// What is done of it.
    pub done: u64,
    /// What there is to do; of [`Step::Read`] it is not known here.
    pub of: Option<u64>,
}

/// Hears how far an import is, on the thread that does it.
pub type Watch = Arc<dyn Fn(Progress) + Send + Sync>;

/// Counts the products of a step.
pub(crate) struct Count<'a> {
    watch: &'a Watch,
    now: Progress,
}

/// Products between two reports.
const SELDOM: u64 = 64;

impl<'a> Count<'a> {
    /// For a step with so many products.
    pub fn new(watch: &'a Watch, step: Step, of: u64) -> Self {
        let now = Progress {
            step,
            done: 0,
            of: Some(of),
        };
        watch(now);
        Self { watch, now }
    }

    /// One more is done.
    pub fn one(&mut self) {
        self.now.done += 1;
        if self.now.done.is_multiple_of(SELDOM) || self.now.of == Some(self.now.done) {
            (self.watch)(self.now);
        }
    }
}
