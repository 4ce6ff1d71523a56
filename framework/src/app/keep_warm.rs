//! Keeps what is prewarmed warm: at start, on schedule, after purges, and so after changes of the catalogue.

use std::collections::{BTreeSet, VecDeque};
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::causes::with_causes;
use super::kept;
use super::stock::{CATALOGUE, ShopStock, product_in};
use crate::cache::{Purge, Scope};
use crate::edge::answers;
use crate::edge::prewarm::{Choice, Prewarm, Report, Tally};

/// How long purges are gathered: one import brings many.
const GATHER: Duration = Duration::from_millis(5);
/// Tags that are worked on one by one; beyond, everything is looked at.
const TAGS: usize = 2_000;
/// Runs that operators see.
const RUNS: usize = 20;

/// What the prewarm did, for operators.
#[derive(Default)]
pub(super) struct Journal(Mutex<Status>);

#[derive(Default)]
struct Status {
    running: usize,
    runs: VecDeque<PastRun>,
    since_start: Totals,
}

/// All that was done since the start.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Totals {
    /// SKUs that modules ran for.
    pub runs: u64,
    /// SKUs whose answer was not due.
    pub hits: u64,
    /// SKUs with a price or stock of earlier.
    pub stale: u64,
    /// SKUs without an answer.
    pub failed: u64,
    /// Pages that were ready or rendered.
    pub pages: u64,
}

/// A run of the prewarm, as an operator sees it.
#[derive(Clone, Debug, Serialize)]
pub struct PastRun {
    /// Why it ran: `start`, `schedule` or `purge`.
    pub why: &'static str,
    /// When it ended, in Unix milliseconds.
    pub at: u64,
    /// What it did.
    #[serde(flatten)]
    pub report: Report,
}

impl Journal {
    /// Whether a run is under way.
    pub fn is_running(&self) -> bool {
        self.0.lock().running > 0
    }

    /// The last runs, the youngest first.
    pub fn runs(&self) -> Vec<PastRun> {
        self.0.lock().runs.iter().cloned().collect()
    }

    /// All that was done.
    pub fn since_start(&self) -> Totals {
        self.0.lock().since_start
    }

    fn ran(&self, why: &'static str, report: Report) {
        let at = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let at = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
        let mut status = self.0.lock();
        let totals = &mut status.since_start;
        totals.runs += report.runs;
        totals.hits += report.hits;
        totals.stale += report.stale;
        totals.failed += report.failed;
        totals.pages += report.pages;
        status.runs.truncate(RUNS - 1);
        status.runs.push_front(PastRun { why, at, report });
    }

    /// Counts a run as under way for as long as the result lives.
    fn running(self: &Arc<Self>) -> Running {
        self.0.lock().running += 1;
        Running(Arc::clone(self))
    }
}

struct Running(Arc<Journal>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.0.lock().running -= 1;
    }
}

/// What keeps a shop warm.
pub(super) struct Keeper {
    /// What does the work.
    pub prewarm: Prewarm,
    /// How often it is looked at what is due.
    pub every: Duration,
    /// What is looked at.
    pub most: Choice,
    /// The regions.
    pub regions: Vec<String>,
    /// Where runs are noted.
    pub journal: Arc<Journal>,
    /// What visitors look at, where that is known: it is put on disk now and then.
    pub views: Option<Arc<ShopStock>>,
}

impl Keeper {
    /// Keeps it warm for as long as the future lives; `heard` are the purges.
    pub async fn keep(&self, heard: Receiver<Purge>) {
        tokio::join!(self.on_schedule(), self.on_purge(heard));
    }

    async fn on_schedule(&self) {
        let tally = Tally::default();
        self.run("start", &self.most, false, &tally).await;
        println!("{}", sentence(&tally.report(), &self.regions));
        let _ = std::io::stdout().flush();
        loop {
            tokio::time::sleep(jittered(self.every)).await;
            if let (Some(stock), Some(file)) = (&self.views, self.prewarm.answers().file()) {
                file.put_views(stock.views.all());
            }
            self.run("schedule", &self.most, false, &Tally::default())
                .await;
        }
    }

    async fn on_purge(&self, mut heard: Receiver<Purge>) {
        loop {
            let mut work = Work::default();
            match heard.recv().await {
                Ok(purge) => work.add(&purge),
                Err(RecvError::Lagged(_)) => work.everything = true,
                Err(RecvError::Closed) => return,
            }
            tokio::time::sleep(GATHER).await;
            while let Ok(purge) = heard.try_recv() {
                work.add(&purge);
            }
            self.after_purges(work).await;
        }
    }

    async fn after_purges(&self, work: Work) {
        if work.everything || work.anew.len() > TAGS {
            let answers = self.prewarm.answers().clone();
            let cleared = tokio::task::spawn_blocking(move || answers.clear()).await;
            if cleared.is_err() {
                tracing::warn!("old answers could not be forgotten");
            }
            self.run("purge", &self.most, true, &Tally::default()).await;
            return;
        }
        if !work.anew.is_empty() {
            let choice = Choice::Tags(work.anew.iter().cloned().collect());
            self.run("purge", &choice, true, &Tally::default()).await;
        }
        let shown: Vec<String> = work.shown.difference(&work.anew_shown()).cloned().collect();
        let choice = match work.pages || shown.len() > TAGS {
            true => self.most.clone(),
            false if shown.is_empty() => return,
            false => Choice::Tags(shown),
        };
        let tally = Tally::default();
        let _running = self.journal.running();
        if let Err(error) = self.prewarm.run_pages(&choice, &tally).await {
            tracing::warn!(error = with_causes(&error), "pages are not rendered ahead");
        }
    }

    async fn run(&self, why: &'static str, choice: &Choice, anew: bool, tally: &Tally) {
        let _running = self.journal.running();
        let result = match anew {
            false => self.prewarm.run(choice, &self.regions, tally).await,
            true => self.prewarm.run_anew(choice, &self.regions, tally).await,
        };
        if let Err(error) = result {
            tracing::warn!(
                error = with_causes(&error),
                "nothing was prewarmed this time"
            );
        }
        log_failures(tally);
        self.journal.ran(why, tally.report());
    }
}

/// One line for all failures of a run: they often have one cause.
fn log_failures(tally: &Tally) {
    let failures = tally.failures();
    if let Some(first) = failures.first() {
        tracing::warn!(
            failures = failures.len(),
            region = first.region,
            first = first.what,
            problem = first.problem,
            "not everything could be prewarmed"
        );
    }
}

/// What purges leave to be done.
#[derive(Default)]
struct Work {
    /// All answers are gone.
    everything: bool,
    /// All pages are gone.
    pages: bool,
    /// Tags of products whose answers are gone.
    anew: BTreeSet<String>,
    /// Tags of products whose pages are gone.
    shown: BTreeSet<String>,
}

impl Work {
    fn add(&mut self, purge: &Purge) {
        match &purge.scope {
            Scope::All => (self.everything, self.pages) = (true, true),
            Scope::Prefix(prefix) => {
                let reaches =
                    |kind: &str| prefix.starts_with(kind) || kind.starts_with(prefix.as_str());
                self.everything |= reaches(answers::KIND);
                self.pages |= reaches(kept::KIND);
            }
            Scope::Tag(tag) if tag.starts_with("product:") => {
                self.anew.insert(tag.clone());
            }
            Scope::Tag(tag) if tag.starts_with("stock:") => {
                self.shown.insert(tag.clone());
            }
            Scope::Tag(tag) if tag == CATALOGUE || tag.starts_with("template:") => {
                self.pages = true;
            }
            Scope::Tag(_) => {}
        }
    }

    /// The tags of pages that are rendered anyway.
    fn anew_shown(&self) -> BTreeSet<String> {
        let ids = self.anew.iter().filter_map(|tag| product_in(tag));
        ids.map(super::stock::stock_of).collect()
    }
}

/// What was done at start, as a sentence.
fn sentence(report: &Report, regions: &[String]) -> String {
    let count = |number: u64, one: &str, many: &str| {
        format!("{number} {}", if number == 1 { one } else { many })
    };
    let regions_named = match regions {
        [] => String::new(),
        [only] => format!(" in {only}"),
        [others @ .., last] => format!(" in {} and {last}", others.join(", ")),
    };
    let tenths = report.took_ms.div_ceil(100);
    let skus = match report.done {
        0 => String::new(),
        done => {
            let answered = count(done - report.failed, "SKU", "SKUs");
            format!("{answered}{regions_named} and ")
        }
    };
    let mut text = format!(
        "prewarmed {skus}{} in {}.{} s",
        count(report.pages, "page", "pages"),
        tenths / 10,
        tenths % 10,
    );
    if report.failed > 0 {
        text.push_str(&format!("; {} without an answer", report.failed));
    }
    if report.stale > 0 {
        text.push_str(&format!("; {} with one of earlier", report.stale));
    }
    text
}

/// A time that is up to a fifth longer or shorter.
fn jittered(time: Duration) -> Duration {
    let mut random = [128];
    // Without randomness, it is as long as it is.
    let _ = getrandom::fill(&mut random);
    let share = 0.8 + 0.4 * f64::from(random[0]) / 255.0;
    time.mul_f64(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_says_in_one_line_what_was_done() {
        let report = Report {
            done: 46,
            pages: 61,
            took_ms: 361,
            ..Report::default()
        };
        let regions = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            sentence(&report, &regions(&["eu-1"])),
            "prewarmed 46 SKUs in eu-1 and 61 pages in 0.4 s"
        );
        let report = Report {
            done: 3,
            failed: 2,
            stale: 1,
            pages: 1,
            took_ms: 1_000,
            ..report
        };
        assert_eq!(
            sentence(&report, &regions(&["eu-1", "us-1"])),
            "prewarmed 1 SKU in eu-1 and us-1 and 1 page in 1.0 s; 2 without an answer; 1 with one of earlier"
        );
    }

    #[test]
    fn a_node_without_modules_speaks_of_pages_alone() {
        let report = Report {
            pages: 7,
            took_ms: 50,
            ..Report::default()
        };
        let said = sentence(&report, &["eu-1".to_owned()]);
        assert_eq!(said, "prewarmed 7 pages in 0.1 s");
    }

    #[test]
    fn purges_are_sorted_by_what_they_leave_to_do() {
        let mut work = Work::default();
        for purge in [
            Purge::tag("product:7"),
            Purge::tag("stock:7"),
            Purge::tag("stock:8"),
            Purge::tag("collection:1"),
        ] {
            work.add(&purge);
        }
        assert!(!work.everything && !work.pages);
        assert_eq!(work.anew.len(), 1);
        assert!(work.shown.difference(&work.anew_shown()).eq(["stock:8"]));
        for (prefix, everything, pages) in [
            ("edge:eu-1:", true, false),
            ("page/products", false, true),
            ("e", true, false),
        ] {
            let mut work = Work::default();
            work.add(&Purge::prefix(prefix));
            assert_eq!(
                (work.everything, work.pages),
                (everything, pages),
                "{prefix}"
            );
        }
    }

    #[test]
    fn jitter_stays_within_a_fifth() {
        for _ in 0..100 {
            let time = jittered(Duration::from_secs(10));
            assert!((Duration::from_secs(8)..=Duration::from_secs(12)).contains(&time));
        }
    }
}
