//! One run: SKUs in random order, a few at a time, then the pages that show them.

use std::collections::{BTreeSet, VecDeque};
use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use futures_util::stream::{self, StreamExt};
use http::{Request, Response, header};
use http_body_util::BodyExt;
use parking_lot::Mutex;
use tokio::task::JoinSet;
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

use crate::prewarm::answers::{Answers, is_sku};
use crate::prewarm::job::history::History;
use crate::prewarm::job::modules::{AskError, Modules};
use crate::prewarm::job::retry::{RegionRetry, RetryPolicy, backoff};
use crate::prewarm::job::tally::Tally;
use crate::prewarm::job::targets::{Choice, Plan, Target, Targets};
use crate::prewarm::job::visitor_requests::VisitorRequests;
use protium_cache::{Cached, LoadError, Purge};
use protium_types::Tag;

/// Pages whose answers changed are purged one by one up to here; beyond, all of them are.
const PURGES: usize = 200;
/// Between two looks of a worker that has nothing to do while others may give something back.
const LOOK: Duration = Duration::from_millis(20);
/// The app's own router: it is asked for the pages that show what was warmed.
pub type PageService = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

/// What a prewarm works with.
pub struct PrewarmSetup {
    /// What is asked; without, pages alone are kept warm.
    pub modules: Option<Modules>,
    /// Where answers are kept.
    pub answers: Answers,
    /// Who knows the SKUs and the pages.
    pub targets: Arc<dyn Targets>,
    /// Who renders pages; without, none are.
    pub pages: Option<PageService>,
    /// What the keys of pages in the cache begin with.
    pub page_keys: &'static str,
    /// Where operators see what was done.
    pub history: History,
    /// Visitors, who come first.
    pub visitor_requests: VisitorRequests,
    /// SKUs that are worked on at one time, in each region.
    pub concurrency: usize,
}

/// The prewarm of a node. Clones share everything.
#[derive(Clone)]
pub struct Prewarm(Arc<PrewarmSetup>, RetryPolicy);

/// SKUs of one region that are still to be asked for.
struct Queue {
    retry: RegionRetry,
    waiting: Mutex<VecDeque<Waiting>>,
    /// Those that wait, and those that are asked for now.
    left: AtomicUsize,
}

/// A SKU to ask for, and when.
struct Waiting {
    /// Its place among the targets.
    target: usize,
    /// How often it was asked for.
    attempts: u32,
    not_before: Instant,
}

/// A SKU that is asked for. It is done when this is dropped, unless it is to be asked for again.
struct Task<'a> {
    target: usize,
    attempts: u32,
    queue: &'a Queue,
}

/// What came of asking about a SKU.
enum Asked {
    /// An answer, or none; whether it says something new.
    Settled { is_new: bool },
    /// A backend had no answer, which may be another one later.
    Retry,
}

/// Why there is nothing to do.
#[derive(Debug, thiserror::Error)]
#[error("the SKUs to prewarm cannot be found")]
pub struct PrewarmError(#[source] Box<dyn Error + Send + Sync>);

impl PrewarmError {
    /// Why they cannot, in a line.
    pub(crate) fn cause(&self) -> String {
        self.0.to_string()
    }
}

impl Prewarm {
    /// A prewarm of these parts.
    pub fn new(setup: PrewarmSetup) -> Prewarm {
        Prewarm(Arc::new(setup), RetryPolicy::BATCH)
    }

    /// The same, which waits for so long for backends that fail.
    #[must_use]
    pub fn with_retry_policy(self, retry_policy: RetryPolicy) -> Prewarm {
        Prewarm(self.0, retry_policy)
    }

    /// What it asks.
    pub fn modules(&self) -> Option<&Modules> {
        self.0.modules.as_ref()
    }

    /// Where it keeps what was answered.
    pub fn answers(&self) -> &Answers {
        &self.0.answers
    }

    /// Who knows the SKUs and the pages.
    pub fn targets(&self) -> &dyn Targets {
        &*self.0.targets
    }

    /// What the keys of pages in the cache begin with.
    pub fn page_keys(&self) -> &'static str {
        self.0.page_keys
    }

    /// What was done.
    pub fn history(&self) -> &History {
        &self.0.history
    }

    /// Has an answer about every chosen SKU in every region, then the pages that show them. What is
    /// not due is skipped; what another node works on is waited for. Dropping the future ends the
    /// run; `tally` says how far it came.
    pub async fn run(
        &self,
        choice: &Choice,
        regions: &[String],
        tally: &Tally,
    ) -> Result<(), PrewarmError> {
        let plan = self.plan(choice).await?;
        self.carry_out(plan, regions, tally).await;
        Ok(())
    }

    /// The same for SKUs of which what is known is wrong: the modules forget what they keep about
    /// them.
    pub async fn run_anew(
        &self,
        choice: &Choice,
        regions: &[String],
        tally: &Tally,
    ) -> Result<(), PrewarmError> {
        let plan = self.plan(choice).await?;
        self.forget(&plan.targets, regions).await;
        self.carry_out(plan, regions, tally).await;
        Ok(())
    }

    /// Renders the pages that show what is chosen, and asks no module.
    pub async fn run_pages(&self, choice: &Choice, tally: &Tally) -> Result<(), PrewarmError> {
        let Plan { paths, .. } = self.plan(choice).await?;
        self.render(paths, tally).await;
        tally.finish();
        Ok(())
    }

    async fn carry_out(&self, plan: Plan, regions: &[String], tally: &Tally) {
        self.warm(plan.targets, regions, tally).await;
        self.render(plan.paths, tally).await;
        tally.finish();
    }

    async fn forget(&self, targets: &[Target], regions: &[String]) {
        let of: BTreeSet<&Tag> = targets.iter().map(|target| &target.of).collect();
        for of in of {
            self.0.answers.forget(of.as_str());
        }
        let Some(modules) = &self.0.modules else {
            return;
        };
        for region in regions {
            let forgotten = targets
                .iter()
                .map(|target| modules.forget(region, &target.sku));
            stream::iter(forgotten)
                .for_each_concurrent(self.0.concurrency, |forgotten| forgotten)
                .await;
        }
    }

    async fn plan(&self, choice: &Choice) -> Result<Plan, PrewarmError> {
        let mut plan = self.0.targets.plan(choice).await.map_err(PrewarmError)?;
        // Of all SKUs, those that no module can be asked for are left out; one that was named
        // fails.
        if !matches!(choice, Choice::Skus(_)) {
            plan.targets.retain(|target| is_sku(&target.sku));
        }
        Ok(plan)
    }

    async fn warm(&self, mut targets: Vec<Target>, regions: &[String], tally: &Tally) {
        let Some(modules) = &self.0.modules else {
            return;
        };
        // Nodes that begin at the same moment work on different SKUs.
        fastrand::shuffle(&mut targets);
        let targets: Arc<[Target]> = targets.into();
        let changed = Arc::new(Mutex::new(BTreeSet::new()));
        let mut workers = JoinSet::new();
        for region in regions {
            tally.expect_skus(targets.len());
            let queue = Arc::new(Queue::new(targets.len(), region, self.1));
            for _ in 0..self.0.concurrency.min(targets.len()) {
                let (prewarm, region, tally) = (self.clone(), region.clone(), tally.clone());
                let modules = modules.clone();
                let (targets, queue, changed) = (
                    Arc::clone(&targets),
                    Arc::clone(&queue),
                    Arc::clone(&changed),
                );
                workers.spawn(async move {
                    while let Some(mut task) = queue.next().await {
                        let Some(target) = targets.get(task.target) else {
                            continue;
                        };
                        prewarm.0.visitor_requests.yield_to_visitors().await;
                        let permit = queue.retry.wait(&modules).await;
                        // Who tries for all is bounded by the time that an outage may take.
                        task.attempts += u32::from(!permit.is_probe());
                        let is_last = queue.retry.gave_up() || task.attempts >= prewarm.1.attempts;
                        let asked = prewarm
                            .one(&modules, &region, target, is_last, &tally)
                            .await;
                        drop(permit);
                        match asked {
                            Asked::Retry => task.retry(),
                            Asked::Settled { is_new: true } => {
                                changed.lock().insert(target.shown.clone());
                            }
                            Asked::Settled { is_new: false } => {}
                        }
                    }
                });
            }
        }
        while workers.join_next().await.is_some() {}
        let changed = std::mem::take(&mut *changed.lock());
        self.purge(changed).await;
    }

    /// Asks about one SKU. The `last` time what comes of it counts, whatever that is.
    async fn one(
        &self,
        modules: &Modules,
        region: &str,
        target: &Target,
        is_last: bool,
        tally: &Tally,
    ) -> Asked {
        let answers = &self.0.answers;
        let has_failed = Arc::new(AtomicBool::new(false));
        let ask = {
            let (modules, life) = (modules.clone(), answers.life());
            let (region, sku) = (region.to_owned(), target.sku.clone());
            let has_failed = Arc::clone(&has_failed);
            async move || {
                let answer = modules.ask(&region, &sku, life, is_last).await;
                if answer.as_ref().is_err_and(AskError::is_retryable) {
                    has_failed.store(true, Ordering::Relaxed);
                }
                answer
            }
        };
        let made = answers
            .make(region, &target.sku, target.of.as_str(), ask)
            .await;
        // Another process may have asked for this one.
        let is_retryable = has_failed.load(Ordering::Relaxed)
            || made.as_ref().err().is_some_and(|error| {
                error
                    .cause::<AskError>()
                    .is_some_and(AskError::is_retryable)
            });
        if is_retryable && !is_last {
            return Asked::Retry;
        }
        match made {
            Ok(made) => {
                tally.add_answer(made.source, made.answer.stale, made.answer.weight());
                Asked::Settled {
                    is_new: made.changed,
                }
            }
            Err(error) => {
                tracing::debug!(%error, "a SKU has no answer");
                let problem = match &error {
                    LoadError::Failed { cause, .. } => cause.to_string(),
                    error => error.to_string(),
                };
                tally.add_failed(region, &target.sku, problem);
                Asked::Settled { is_new: false }
            }
        }
    }

    /// Pages that show what changed go. When they are many they are shown once more, while new ones
    /// are made.
    async fn purge(&self, changed: BTreeSet<Tag>) {
        let cache = self.0.answers.cache();
        if changed.len() > PURGES {
            cache.purge(&Purge::prefix(self.0.page_keys).soft()).await;
            return;
        }
        for tag in changed {
            cache.purge(&Purge::tag(tag)).await;
        }
    }

    async fn render(&self, mut paths: Vec<String>, tally: &Tally) {
        let Some(pages) = &self.0.pages else {
            return;
        };
        fastrand::shuffle(&mut paths);
        let paths: Arc<[String]> = paths.into();
        let next = Arc::new(AtomicUsize::new(0));
        let mut workers = JoinSet::new();
        for _ in 0..self.0.concurrency.min(paths.len()) {
            let (pages, visitor_requests, tally) = (
                pages.clone(),
                self.0.visitor_requests.clone(),
                tally.clone(),
            );
            let (paths, next) = (Arc::clone(&paths), Arc::clone(&next));
            workers.spawn(async move {
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    visitor_requests.yield_to_visitors().await;
                    match get(pages.clone(), path).await {
                        Ok(bytes) => tally.add_page(bytes),
                        Err(problem) => {
                            tracing::debug!(path, problem, "a page was not rendered");
                            tally.add_failed_page(path, problem);
                        }
                    }
                }
            });
        }
        while workers.join_next().await.is_some() {}
    }
}

impl Queue {
    fn new(targets: usize, region: &str, retry_policy: RetryPolicy) -> Queue {
        let now = Instant::now();
        let waiting = (0..targets).map(|target| Waiting {
            target,
            attempts: 0,
            not_before: now,
        });
        Queue {
            retry: RegionRetry::new(region, retry_policy),
            waiting: Mutex::new(waiting.collect()),
            left: AtomicUsize::new(targets),
        }
    }

    /// The next one that is due; `None` when all are done.
    async fn next(&self) -> Option<Task<'_>> {
        while self.left.load(Ordering::Acquire) > 0 {
            if let Some(waiting) = self.due() {
                return Some(Task {
                    target: waiting.target,
                    attempts: waiting.attempts,
                    queue: self,
                });
            }
            tokio::time::sleep(LOOK).await;
        }
        None
    }

    fn due(&self) -> Option<Waiting> {
        let now = Instant::now();
        let mut waiting = self.waiting.lock();
        let due = waiting.iter().position(|one| one.not_before <= now)?;
        waiting.remove(due)
    }
}

impl Task<'_> {
    /// It is asked for again, a little later.
    fn retry(self) {
        self.queue.left.fetch_add(1, Ordering::Release);
        self.queue.waiting.lock().push_back(Waiting {
            target: self.target,
            attempts: self.attempts,
            not_before: Instant::now() + backoff(self.attempts.max(1)),
        });
    }
}

impl Drop for Task<'_> {
    fn drop(&mut self) {
        self.queue.left.fetch_sub(1, Ordering::Release);
    }
}

/// Asks for a page as browsers do, so that it is kept compressed as they want it; its size, or what
/// came instead.
async fn get(pages: PageService, path: &str) -> Result<usize, String> {
    let request = Request::get(path)
        .header(header::ACCEPT_ENCODING, "br")
        .body(Body::empty())
        .map_err(|error| error.to_string())?;
    let response = match pages.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    if !response.status().is_success() {
        return Err(format!("status {}", response.status().as_u16()));
    }
    let body = response.into_body().collect().await;
    Ok(body.map_err(|error| error.to_string())?.to_bytes().len())
}
