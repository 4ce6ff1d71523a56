//! What came of a suite.

use std::fmt;

#[derive(Default)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
    /// Names of what failed, for the end of the run.
    pub failures: Vec<String>,
}

impl Tally {
    /// A suite that did not come to an end by itself: one failure that says why.
    pub fn broken(why: impl Into<String>) -> Self {
        Self {
            failed: 1,
            failures: vec![why.into()],
            ..Self::default()
        }
    }

    pub fn pass(&mut self) {
        self.passed += 1;
    }

    pub fn skip(&mut self) {
        self.skipped += 1;
    }

    pub fn fail(&mut self, name: impl Into<String>) {
        self.failed += 1;
        self.failures.push(name.into());
    }

    /// A tool that failed although no test of it did: counted, or it would pass unseen.
    pub fn check(&mut self, succeeded: bool, tool: &str) {
        if !succeeded && self.failed == 0 {
            self.fail(format!("{tool} failed outside its tests, see above"));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.passed + self.failed + self.skipped == 0
    }

    pub fn add(&mut self, other: &Tally, suite: &str) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.failures.extend(
            other
                .failures
                .iter()
                .map(|failure| format!("{suite}::{failure}")),
        );
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}
