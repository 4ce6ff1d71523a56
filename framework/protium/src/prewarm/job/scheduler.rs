//! What keeps a node warm: a run at start, runs on schedule, and runs after purges.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::prewarm::answers;
use crate::prewarm::job::retry::RetryPolicy;
use crate::prewarm::job::run::Prewarm;
use crate::prewarm::job::tally::{Report, Tally};
use crate::prewarm::job::targets::{Choice, PurgeImpact, Targets};
use protium_cache::{Purge, Scope};

/// How long purges are gathered: one import brings many.
const GATHER: Duration = Duration::from_millis(5);
/// Works after purges at one time: a sale does not wait until all is warmed that somebody purged
/// before.
const AT_ONCE: usize = 4;
/// Reasons of failures that are in the log, of one run.
const REASONS: usize = 3;
/// Tags that are worked on one by one; beyond, everything is looked at.
const TAGS: usize = 2_000;

/// What keeps a node warm.
pub struct Scheduler {
    /// What it runs.
    pub prewarm: Prewarm,
    /// Between two runs, give or take a fifth.
    pub every: Duration,
    /// SKUs of a run at start and on schedule.
    pub most: usize,
    /// The regions that it prewarms.
    pub regions: Vec<String>,
}

impl Scheduler {
    /// Keeps the node warm until this is dropped. `purges` receives the purges of the
    /// cache; `started` gets the report of the first run.
    pub async fn keep(mut self, purges: Receiver<Purge>, started: impl FnOnce(&Report)) {
        self.prewarm = self.prewarm.with_retry_policy(RetryPolicy::SCHEDULED);
        tokio::join!(self.on_schedule(started), self.on_purge(purges));
    }

    async fn on_schedule(&self, started: impl FnOnce(&Report)) {
        let choice = Choice::Most(self.most);
        started(&self.run("start", &choice, false).await);
        loop {
            tokio::time::sleep(jittered(self.every)).await;
            self.prewarm.targets().keep();
            self.run("schedule", &choice, false).await;
        }
    }

    async fn on_purge(&self, mut purges: Receiver<Purge>) {
        let mut under_way = FuturesUnordered::new();
        loop {
            let mut work = Work::default();
            tokio::select! {
                Some(()) = under_way.next() => continue,
                purge = purges.recv(), if under_way.len() < AT_ONCE => match purge {
                    Ok(purge) => self.add(&mut work, &purge),
                    Err(RecvError::Lagged(_)) => work.answers = true,
                    Err(RecvError::Closed) => return,
                },
            }
            tokio::time::sleep(GATHER).await;
            while let Ok(purge) = purges.try_recv() {
                self.add(&mut work, &purge);
            }
            under_way.push(self.after_purges(work));
        }
    }

    fn add(&self, work: &mut Work, purge: &Purge) {
        work.add(purge, self.prewarm.targets(), self.prewarm.page_keys());
    }

    async fn after_purges(&self, work: Work) {
        let Work {
            answers,
            pages,
            of,
            shown,
        } = work;
        let all = Choice::Most(self.most);
        if answers || of.len() > TAGS {
            let kept = self.prewarm.answers().clone();
            let cleared = tokio::task::spawn_blocking(move || kept.clear()).await;
            if cleared.is_err() {
                tracing::warn!("old answers could not be forgotten");
            }
            self.run("purge", &all, true).await;
            return;
        }
        if !of.is_empty() {
            let choice = Choice::Tags(of.into_iter().collect());
            self.run("purge", &choice, true).await;
        }
        let choice = match pages || shown.len() > TAGS {
            true => all,
            false if shown.is_empty() => return,
            false => Choice::Tags(shown.into_iter().collect()),
        };
        let _under_way = self.prewarm.history().begin();
        let tally = Tally::default();
        if let Err(error) = self.prewarm.run_pages(&choice, &tally).await {
            tracing::warn!(%error, cause = error.cause(), "pages are not rendered ahead");
        }
    }

    async fn run(&self, why: &'static str, choice: &Choice, anew: bool) -> Report {
        let history = self.prewarm.history();
        let _under_way = history.begin();
        let tally = Tally::default();
        let result = match anew {
            false => self.prewarm.run(choice, &self.regions, &tally).await,
            true => self.prewarm.run_anew(choice, &self.regions, &tally).await,
        };
        if let Err(error) = result {
            tracing::warn!(%error, cause = error.cause(), "nothing was prewarmed this time");
        }
        log_failures(&tally);
        let report = tally.report();
        history.add(why, report.clone());
        report
    }
}

/// One line for all failures of a run that have one reason, for the first few reasons.
fn log_failures(tally: &Tally) {
    for failure in tally.failures().iter().take(REASONS) {
        tracing::warn!(
            failures = failure.count,
            region = failure.region,
            what = failure.names(),
            problem = failure.problem,
            "not everything could be prewarmed"
        );
    }
}

/// What purges leave to be done.
#[derive(Debug, Default, PartialEq, Eq)]
struct Work {
    /// All answers were purged.
    answers: bool,
    /// All pages were purged.
    pages: bool,
    /// Purged tags of answers.
    of: BTreeSet<String>,
    /// Purged tags of pages that show answers.
    shown: BTreeSet<String>,
}

impl Work {
    fn add(&mut self, purge: &Purge, targets: &dyn Targets, page_keys: &str) {
        match &purge.scope {
            Scope::All => (self.answers, self.pages) = (true, true),
            Scope::Prefix(prefix) => {
                let reaches =
                    |kind: &str| prefix.starts_with(kind) || kind.starts_with(prefix.as_str());
                self.answers |= reaches(answers::KIND);
                self.pages |= reaches(page_keys);
            }
            Scope::Tag(tag) => match targets.purge_impact(tag) {
                PurgeImpact::Answers => {
                    self.of.insert(tag.clone());
                }
                PurgeImpact::Pages => {
                    self.shown.insert(tag.clone());
                }
                PurgeImpact::AllPages => self.pages = true,
                PurgeImpact::Nothing => {}
            },
        }
    }
}

/// A time that is up to a fifth longer or shorter.
fn jittered(time: Duration) -> Duration {
    time.mul_f64(0.8 + 0.4 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use async_trait::async_trait;

    use super::*;
    use crate::prewarm::job::Plan;

    struct Things;

    #[async_trait]
    impl Targets for Things {
        async fn plan(&self, _: &Choice) -> Result<Plan, Box<dyn Error + Send + Sync>> {
            Ok(Plan::default())
        }

        fn purge_impact(&self, tag: &str) -> PurgeImpact {
            match tag.split(':').next() {
                Some("thing") => PurgeImpact::Answers,
                Some("shows") => PurgeImpact::Pages,
                Some("template") => PurgeImpact::AllPages,
                _ => PurgeImpact::Nothing,
            }
        }
    }

    fn left_by(purges: &[Purge]) -> Work {
        let mut work = Work::default();
        for purge in purges {
            work.add(purge, &Things, "page");
        }
        work
    }

    #[test]
    fn purges_are_sorted_by_what_they_leave_to_do() {
        let work = left_by(&["thing:7", "shows:7", "shows:8", "other"].map(Purge::tag));
        assert!(!work.answers && !work.pages);
        assert!(work.of.iter().eq(["thing:7"]));
        assert!(work.shown.iter().eq(["shows:7", "shows:8"]));
        assert!(left_by(&[Purge::tag("template:home.html")]).pages);
        for (purge, answers, pages) in [
            (Purge::prefix("edge:eu-1:"), true, false),
            (Purge::prefix("page/products"), false, true),
            (Purge::prefix("e"), true, false),
            (Purge::prefix("other"), false, false),
            (Purge::all().soft(), true, true),
        ] {
            let work = left_by(std::slice::from_ref(&purge));
            assert_eq!((work.answers, work.pages), (answers, pages), "{purge:?}");
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
