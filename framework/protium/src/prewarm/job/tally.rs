//! What a run has done so far, and its summary.

use std::sync::Arc;
use std::time::Instant;

use hdrhistogram::Histogram;
use parking_lot::Mutex;
use serde::Serialize;

use crate::prewarm::answers::Source;

/// Failures that are told apart, and how many of the things are named that failed alike.
const FAILURES: usize = 1_000;
const NAMED: usize = 20;

/// Counts while a run goes on. Clones count together.
#[derive(Clone, Debug)]
pub struct Tally(Arc<Mutex<Counts>>);

#[derive(Debug)]
struct Counts {
    began: Instant,
    ended: Option<Instant>,
    /// Without the times.
    report: Report,
    /// Times of runs, in microseconds, to three digits.
    micros: Histogram<u32>,
    failures: Vec<Failure>,
}

/// SKUs without an answer, or pages that were not rendered, all for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The region; empty for pages.
    pub region: String,
    /// What happened.
    pub problem: String,
    /// To how many.
    pub count: u64,
    /// The SKUs, or the paths of the pages: the first 20 of them.
    pub what: Vec<String>,
}

/// What a run did. A SKU counts once for each region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// SKUs to look at.
    pub skus: u64,
    /// SKUs that were looked at.
    pub done: u64,
    /// Those that modules ran for.
    pub runs: u64,
    /// Those whose answer was there, and is not due yet: from here, from a run before, or from
    /// another node.
    pub hits: u64,
    /// Those with a stale price or stock, since the current one could not be had.
    pub stale: u64,
    /// Those without an answer.
    pub failed: u64,
    /// Of the runs: half of them took no longer, in microseconds.
    pub p50_us: u64,
    /// Of the runs: 99 of 100 took no longer, in microseconds.
    pub p99_us: u64,
    /// Pages that are ready.
    pub pages: u64,
    /// Pages that could not be rendered.
    pub pages_failed: u64,
    /// Bytes of the answers and of the pages.
    pub bytes: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Tally(Arc::new(Mutex::new(Counts {
            began: Instant::now(),
            ended: None,
            report: Report::default(),
            micros: Histogram::new_with_max(u32::MAX.into(), 3).expect("a sound range"),
            failures: Vec::new(),
        })))
    }
}

impl Tally {
    pub(crate) fn expect_skus(&self, skus: usize) {
        self.0.lock().report.skus += skus as u64;
    }

    pub(crate) fn add_answer(&self, source: Source, stale: bool, bytes: usize) {
        let mut counts = self.0.lock();
        counts.report.done += 1;
        counts.report.bytes += bytes as u64;
        match source {
            Source::Fresh | Source::Shared => counts.report.hits += 1,
            Source::Last => {}
            Source::Ran(took) => {
                counts.report.runs += 1;
                let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
                counts.micros.saturating_record(micros);
            }
        }
        if stale || source == Source::Last {
            counts.report.stale += 1;
        }
    }

    pub(crate) fn add_failed(&self, region: &str, sku: &str, problem: String) {
        let mut counts = self.0.lock();
        counts.report.done += 1;
        counts.report.failed += 1;
        counts.add_failure(region, sku, problem);
    }

    pub(crate) fn add_page(&self, bytes: usize) {
        let mut counts = self.0.lock();
        counts.report.pages += 1;
        counts.report.bytes += bytes as u64;
    }

    pub(crate) fn add_failed_page(&self, path: &str, problem: String) {
        let mut counts = self.0.lock();
        counts.report.pages_failed += 1;
        counts.add_failure("", path, problem);
    }

    pub(crate) fn finish(&self) {
        self.0.lock().ended = Some(Instant::now());
    }

    /// What failed since the last call, by region and reason; at most 1000 reasons.
    pub fn failures(&self) -> Vec<Failure> {
        std::mem::take(&mut self.0.lock().failures)
    }

    /// What was done up to now.
    pub fn report(&self) -> Report {
        let counts = self.0.lock();
        let took = counts
            .ended
            .map_or_else(|| counts.began.elapsed(), |end| end - counts.began);
        Report {
            p50_us: counts.micros.value_at_quantile(0.5),
            p99_us: counts.micros.value_at_quantile(0.99),
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            ..counts.report.clone()
        }
    }
}

impl Counts {
    fn add_failure(&mut self, region: &str, what: &str, problem: String) {
        let mut known = self.failures.iter_mut();
        let alike = known.find(|one| one.region == region && one.problem == problem);
        if let Some(failure) = alike {
            failure.count += 1;
            if failure.what.len() < NAMED {
                failure.what.push(what.to_owned());
            }
        } else if self.failures.len() < FAILURES {
            self.failures.push(Failure {
                region: region.to_owned(),
                problem,
                count: 1,
                what: vec![what.to_owned()],
            });
        }
    }
}

impl Failure {
    /// The first of them, and how many others there are.
    pub fn names(&self) -> String {
        let first = self.what.first().map_or("", String::as_str);
        match self.count {
            0 | 1 => first.to_owned(),
            count => format!("{first} and {} more", count - 1),
        }
    }
}

impl Report {
    /// The share of SKUs without an answer, of those that were looked at: 0 to 1.
    pub fn failed_share(&self) -> f64 {
        if self.done == 0 {
            0.0
        } else {
            self.failed as f64 / self.done as f64
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_summary_counts_each_sku_once() {
        let tally = Tally::default();
        tally.expect_skus(5);
        tally.add_answer(Source::Ran(Duration::from_micros(100)), false, 80);
        tally.add_answer(Source::Ran(Duration::from_micros(300)), true, 80);
        tally.add_answer(Source::Fresh, false, 80);
        tally.add_answer(Source::Last, false, 80);
        tally.add_failed("eu-1", "A", "trapped".into());
        tally.add_page(1_000);
        tally.finish();
        let report = tally.report();
        assert_eq!((report.skus, report.done, report.runs), (5, 5, 2));
        assert_eq!((report.hits, report.stale, report.failed), (1, 2, 1));
        assert_eq!((report.p50_us, report.p99_us), (100, 300));
        assert_eq!((report.pages, report.bytes), (1, 1_320));
        assert!((report.failed_share() - 0.2).abs() < 1e-9);
        assert_eq!(tally.failures().len(), 1);
        assert_eq!(tally.failures().len(), 0);
    }

    #[test]
    fn failures_for_one_reason_are_one() {
        let tally = Tally::default();
        for at in 0..73 {
            tally.add_failed("eu-1", &format!("SKU-{at}"), "it rests".into());
        }
        tally.add_failed("us-1", "SKU-1", "it rests".into());
        tally.add_failed_page("/", "status 503".into());
        let failures = tally.failures();
        let counts: Vec<u64> = failures.iter().map(|failure| failure.count).collect();
        assert_eq!(counts, [73, 1, 1]);
        assert_eq!(failures[0].names(), "SKU-0 and 72 more");
        assert_eq!(
            (failures[0].what.len(), failures[2].names()),
            (20, "/".to_owned())
        );
        assert_eq!(tally.report().failed, 74);
    }

    #[test]
    fn percentiles_of_few_and_of_none() {
        let percentiles = |micros: Vec<u64>| {
            let tally = Tally::default();
            for micros in micros {
                let took = Duration::from_micros(micros);
                tally.add_answer(Source::Ran(took), false, 0);
            }
            let report = tally.report();
            (report.p50_us, report.p99_us)
        };
        assert_eq!(percentiles(vec![]), (0, 0));
        assert_eq!(percentiles(vec![7]), (7, 7));
        assert_eq!(percentiles((1..=100).collect()), (50, 99));
    }
}
