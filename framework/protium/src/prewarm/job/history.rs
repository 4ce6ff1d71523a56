//! What a prewarm did, for operators.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use serde::Serialize;

use crate::prewarm::job::tally::Report;

/// Runs that are remembered.
const RUNS: usize = 20;

/// The last runs of a prewarm, and their sums. Clones share everything.
#[derive(Clone, Debug, Default)]
pub struct History(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    under_way: usize,
    runs: VecDeque<PastRun>,
    totals: Totals,
}

/// All that was done since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// SKUs that modules ran for.
    pub runs: u64,
    /// SKUs whose answer was not due.
    pub hits: u64,
    /// SKUs with a stale price or stock.
    pub stale: u64,
    /// SKUs without an answer.
    pub failed: u64,
    /// Pages that were ready or rendered.
    pub pages: u64,
}

/// A run, as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PastRun {
    /// Why it ran: `start`, `schedule` or `purge`.
    pub why: &'static str,
    /// When it ended, in Unix milliseconds.
    pub at: u64,
    /// What it did.
    #[serde(flatten)]
    pub report: Report,
}

/// A run under way, for as long as this lives.
#[derive(Debug)]
pub struct RunGuard(Arc<Mutex<Inner>>);

impl History {
    /// A run begins.
    pub fn begin(&self) -> RunGuard {
        self.0.lock().under_way += 1;
        RunGuard(Arc::clone(&self.0))
    }

    /// A run ended.
    pub fn add(&self, why: &'static str, report: Report) {
        let at = protium_types::now_millis().unsigned_abs();
        let mut inner = self.0.lock();
        inner.totals.runs += report.runs;
        inner.totals.hits += report.hits;
        inner.totals.stale += report.stale;
        inner.totals.failed += report.failed;
        inner.totals.pages += report.pages;
        inner.runs.truncate(RUNS - 1);
        inner.runs.push_front(PastRun { why, at, report });
    }

    /// Whether a run is under way.
    pub fn is_running(&self) -> bool {
        self.0.lock().under_way > 0
    }

    /// The last runs, the youngest first.
    pub fn runs(&self) -> Vec<PastRun> {
        self.0.lock().runs.iter().cloned().collect()
    }

    /// The sums.
    pub fn totals(&self) -> Totals {
        self.0.lock().totals
    }
}

impl Drop for RunGuard {
    fn drop(&mut self) {
        self.0.lock().under_way -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_runs_are_remembered_and_all_are_summed() {
        let history = History::default();
        let one = history.begin();
        assert!(history.is_running());
        for at in 0..50 {
            let report = Report {
                runs: at,
                ..Report::default()
            };
            history.add("schedule", report);
        }
        drop(one);
        assert!(!history.is_running());
        assert_eq!(history.runs().len(), RUNS);
        assert_eq!(history.runs()[0].report.runs, 49);
        assert_eq!(history.totals().runs, (0..50).sum::<u64>());
    }
}
