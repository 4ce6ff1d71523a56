//! The prewarm in a running shop: at start, on schedule, after purges, and so after changes of the catalogue.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::Request;
use http::request::Parts;
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::OnceCell;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

use super::Shop;
use super::causes::with_causes;
use super::stock::{CATALOGUE, ShopStock, product_in};
use super::views::{self, Views};
use crate::cache::{Purge, Scope};
use crate::commerce::sqlite::Store;
use crate::config::Config;
use crate::edge::answers::{self, Answers, Lifetime};
use crate::edge::prewarm::{
    Choice, Live, Modules, Prewarm, PrewarmError, PrewarmSetup, Report, Tally, live,
};
use crate::edge::{BackendStatus, Edge, EdgeError, EdgeSetup};

/// How long purges are gathered: one import brings many.
const GATHER: Duration = Duration::from_millis(5);
/// Tags that are worked on one by one; beyond, everything is looked at.
const TAGS: usize = 2_000;
/// Runs that operators see.
const RUNS: usize = 20;

/// The parts of a shop that its prewarm needs, and what it did.
pub(super) struct Warming {
    pub answers: Answers,
    pub live: Live,
    pub stock: Arc<ShopStock>,
    modules: OnceCell<Modules>,
    status: Mutex<Status>,
}

#[derive(Default)]
struct Status {
    running: usize,
    runs: VecDeque<PastRun>,
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

/// The prewarm of this server, as an operator sees it.
#[derive(Clone, Debug, Serialize)]
pub struct PrewarmStatus {
    /// `starting`, `running`, `idle`, or `off`.
    pub state: &'static str,
    /// The regions that it looks after.
    pub regions: Vec<String>,
    /// The region of this server's pages.
    pub region: String,
    /// The last runs, the youngest first.
    pub runs: Vec<PastRun>,
    /// Services that modules called, and their breakers.
    pub backends: Vec<BackendStatus>,
}

/// Why there is no prewarm.
#[derive(Debug, thiserror::Error)]
pub enum NoPrewarm {
    /// Nothing is configured that could be asked.
    #[error(
        "there is nothing to prewarm with: configure [modules.inventory] or [modules.price] in protium.toml"
    )]
    NoModules,
    /// Nothing is kept.
    #[error("nothing is kept while the cache is off (PROTIUM_CACHE) and in development (--dev)")]
    NoCache,
    /// The modules cannot be used.
    #[error(transparent)]
    Edge(#[from] EdgeError),
    /// There is no such collection, or nothing in it.
    #[error("there is no collection `{0}` with a SKU")]
    NoCollection(String),
    /// There is no knowing what to do.
    #[error(transparent)]
    Plan(#[from] PrewarmError),
}

impl Warming {
    pub fn new(answers: Answers, store: &Store) -> Warming {
        let known = answers.file().map(|file| file.views(views::KEPT));
        let stock = ShopStock {
            store: store.clone(),
            views: Views::new(known.unwrap_or_default()),
        };
        Warming {
            answers,
            live: Live::default(),
            stock: Arc::new(stock),
            modules: OnceCell::new(),
            status: Mutex::default(),
        }
    }
}

/// How long answers live in the shop with this configuration.
pub(super) fn lifetime(config: &Config) -> Lifetime {
    let own = std::env::var(answers::lifetime::TIME_TO_LIVE).ok();
    let own = own.as_deref().and_then(answers::lifetime::duration);
    config.prewarm.lifetime(own)
}

/// Whether there is something to prewarm with.
pub(super) fn is_configured(config: &Config) -> bool {
    Modules::are_among(config.modules.keys())
}

impl Shop {
    /// What edge modules answered; `None` when nothing is kept, or nobody asks them.
    pub(super) fn answers(&self) -> Option<&Answers> {
        self.0.warming.as_ref().map(|warming| &warming.answers)
    }

    /// What the prewarm does, for operators; `None` when there is nothing to prewarm with.
    pub fn prewarm_status(&self) -> Option<PrewarmStatus> {
        let warming = self.0.warming.as_ref()?;
        let edge = &self.config().edge;
        let modules = warming.modules.get();
        let status = warming.status.lock();
        let state = match modules {
            _ if !self.config().prewarm.enabled => "off",
            None => "starting",
            Some(_) if status.running > 0 => "running",
            Some(_) => "idle",
        };
        let backends = modules.map(|modules| modules.edge().backends());
        Some(PrewarmStatus {
            state,
            regions: edge.all_regions(),
            region: edge.own_region().to_owned(),
            runs: status.runs.iter().cloned().collect(),
            backends: backends.unwrap_or_default(),
        })
    }

    /// The prewarm of this shop, with its modules loaded: it works on so many SKUs at one time in each region, and renders `pages` or
    /// not. The first call may take a while: modules are built and compiled once.
    pub async fn prewarm(&self, concurrency: usize, pages: bool) -> Result<Prewarm, NoPrewarm> {
        let Some(warming) = &self.0.warming else {
            return Err(match self.cache() {
                None => NoPrewarm::NoCache,
                Some(_) => NoPrewarm::NoModules,
            });
        };
        let load = || load(self.config(), warming.stock.clone());
        let modules = warming.modules.get_or_try_init(load).await?;
        let router = || {
            self.router().map_request(|mut request: Request| {
                request.extensions_mut().insert(Ahead);
                request
            })
        };
        Ok(Prewarm::new(PrewarmSetup {
            modules: modules.clone(),
            answers: warming.answers.clone(),
            targets: warming.stock.clone(),
            pages: pages.then(|| BoxCloneSyncService::new(router())),
            live: warming.live.clone(),
            concurrency,
        }))
    }

    /// Keeps the shop warm until it is closed: says so once, in a line.
    pub async fn keep_warm(self) {
        if self.0.warming.is_none() || !self.config().prewarm.enabled {
            return;
        }
        let concurrency = self.config().prewarm.concurrency as usize;
        let prewarm = match self.prewarm(concurrency, true).await {
            Ok(prewarm) => prewarm,
            Err(error) => {
                tracing::error!(
                    error = with_causes(&error),
                    "nothing is prewarmed: pages show stock and prices of the database"
                );
                return;
            }
        };
        let Some(cache) = self.cache() else { return };
        let heard = cache.subscribe();
        let config = self.config();
        let keeper = Keeper {
            every: config.prewarm.every(prewarm.answers().life()),
            most: Choice::Most(config.prewarm.most as usize),
            regions: config.edge.all_regions(),
            shop: self.clone(),
            prewarm,
        };
        tokio::join!(keeper.on_schedule(), keeper.on_purge(heard));
    }

    /// Counts a request of a visitor as under way for as long as the result lives.
    pub(super) fn visited(&self, request: &Request) -> Option<live::Request> {
        let warming = self.0.warming.as_ref()?;
        let is_ahead = request.extensions().get::<Ahead>().is_some();
        (!is_ahead).then(|| warming.live.begin())
    }

    /// Counts a look at a product's page, when this request is one.
    pub(super) fn viewed(&self, request: &Parts) {
        if let Some(warming) = &self.0.warming
            && request.extensions.get::<Ahead>().is_none()
            && let Some(handle) = request.uri.path().strip_prefix("/products/")
        {
            warming.stock.views.count(handle);
        }
    }

    fn ran(&self, why: &'static str, report: Report) {
        if let Some(warming) = &self.0.warming {
            let at = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            let at = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
            let mut status = warming.status.lock();
            status.runs.truncate(RUNS - 1);
            status.runs.push_front(PastRun { why, at, report });
        }
    }

    /// Counts a run as under way for as long as the result lives.
    fn running(&self) -> Running {
        if let Some(warming) = &self.0.warming {
            warming.status.lock().running += 1;
        }
        Running(self.clone())
    }
}

struct Running(Shop);

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(warming) = &self.0.0.warming {
            warming.status.lock().running -= 1;
        }
    }
}

/// Loads the modules of a shop.
async fn load(config: &Config, database: Arc<ShopStock>) -> Result<Modules, NoPrewarm> {
    let components = config.components.parent();
    let edge = Edge::open(EdgeSetup {
        edge: config.edge.clone(),
        modules: config.modules.clone(),
        components: components.map(Path::to_owned).unwrap_or_default(),
        artifacts: config.data.join("artifacts").join("edge"),
        lane: config.lane,
        environment: environment(),
        database: Some(database),
    });
    Modules::of(edge.await?).ok_or(NoPrewarm::NoModules)
}

/// Lies in the extensions of a request that nobody waits for.
#[derive(Clone, Copy)]
pub(super) struct Ahead;

/// What keeps a shop warm.
struct Keeper {
    shop: Shop,
    prewarm: Prewarm,
    every: Duration,
    most: Choice,
    regions: Vec<String>,
}

impl Keeper {
    async fn on_schedule(&self) {
        let tally = Tally::default();
        self.run("start", &self.most, false, &tally).await;
        println!("{}", sentence(&tally.report(), &self.regions));
        let _ = std::io::stdout().flush();
        loop {
            tokio::time::sleep(jittered(self.every)).await;
            if let Some(warming) = &self.shop.0.warming
                && let Some(file) = warming.answers.file()
            {
                file.put_views(warming.stock.views.all());
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
        let _running = self.shop.running();
        if let Err(error) = self.prewarm.run_pages(&choice, &tally).await {
            tracing::warn!(error = with_causes(&error), "pages are not rendered ahead");
        }
    }

    async fn run(&self, why: &'static str, choice: &Choice, anew: bool, tally: &Tally) {
        let _running = self.shop.running();
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
        self.shop.ran(why, tally.report());
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
                self.pages |= reaches(super::kept::KIND);
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
    let mut text = format!(
        "prewarmed {}{regions_named} and {} in {}.{} s",
        count(report.done - report.failed, "SKU", "SKUs"),
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

/// The server's own environment, of which modules see what their manifest names.
fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
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
