//! The prewarm in a running shop: at start, on schedule, after purges, and so after changes of the
//! catalogue.
//!
//! - `stock`: what it asks of the database; `views`: what visitors look at; `overlay`: what pages
//!   show of the answers.

use std::io::Write;
use std::sync::Arc;

use axum::extract::Request;
use http::request::Parts;
use serde::Serialize;
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

use crate::app::Shop;
use crate::edge_node::api;
use crate::page_cache::cached_page;
use crate::prewarm::answers::Answers;
use crate::prewarm::edge_setup::edge_setup;
use crate::prewarm::error::NoPrewarm;
use crate::prewarm::job::{
    Modules, PastRun, Prewarm, PrewarmSetup, Report, Scheduler, Totals, visitor_requests,
};
use crate::prewarm::prewarm_request::PrewarmRequest;
use crate::prewarm::state::modules_of_handlers;
use crate::prewarm::stock::ShopStock;
use crate::release::Release;
use crate::telemetry::with_causes;
use protium_wasm::functions::BackendStatus;
use protium_wasm::functions::Edge;

/// The prewarm of this server, as an operator sees it.
#[derive(Clone, Debug, Serialize)]
pub struct PrewarmStatus {
    /// `starting`, `running`, `idle`, or `off`.
    pub state: &'static str,
    /// The regions that it prewarms.
    pub regions: Vec<String>,
    /// The region of this server's pages.
    pub region: String,
    /// All that was done since the start.
    pub since_start: Totals,
    /// The last runs, the youngest first.
    pub runs: Vec<PastRun>,
    /// Services that modules called, and their breakers.
    pub backends: Vec<BackendStatus>,
}

impl Shop {
    /// The answers of edge modules; `None` when the cache is off, or the prewarm runs none.
    pub(crate) fn answers(&self) -> Option<&Answers> {
        self.0.prewarm.as_ref().map(|state| &state.answers)
    }

    /// What the shop knows of its SKUs, and of what visitors look at.
    pub(crate) fn stock(&self) -> Arc<ShopStock> {
        Arc::clone(&self.0.stock)
    }

    /// The edge modules of a release, loaded at the first call: modules are built and compiled
    /// once, which may take a while.
    pub(crate) async fn edge_of(&self, release: &Release) -> Result<Edge, NoPrewarm> {
        let name = &self.0.shared_name;
        let setup = || edge_setup(self.config(), name, Some(self.stock()));
        let load =
            async || Ok::<_, NoPrewarm>(Edge::open_on(&self.sources().engine, setup()?).await?);
        Ok(release.edge.get_or_try_init(load).await?.clone())
    }

    /// Loads the edge modules that handlers ask, so that no visitor waits until they are built.
    pub(crate) async fn load_modules_of_handlers(self) {
        let names: Vec<&str> = modules_of_handlers(self.config())
            .map(String::as_str)
            .collect();
        if names.is_empty() {
            return;
        }
        let modules = names.join(", ");
        match self.edge_of(&self.release()).await {
            Ok(_) => tracing::info!(modules, "handlers can ask their edge modules"),
            Err(error) => tracing::error!(
                modules,
                error = with_causes(&error),
                "edge modules cannot be used: handlers that ask them fail"
            ),
        }
    }

    /// From now on the prewarm runs the edge modules of this release.
    pub(crate) fn ask_modules_of(&self, release: &Release) {
        let modules = self.0.prewarm.as_ref().and_then(|it| it.modules.get());
        if let (Some(modules), Some(edge)) = (modules, release.edge.get()) {
            modules.replace(edge.clone());
        }
    }

    /// What the prewarm does, for operators; `None` when there is nothing to prewarm with.
    pub fn prewarm_status(&self) -> Option<PrewarmStatus> {
        let state = self.0.prewarm.as_ref()?;
        let edge = &self.config().edge;
        let modules = state.modules.get();
        let history = &state.history;
        let state = match modules {
            _ if !self.config().prewarm.enabled => "off",
            None => "starting",
            Some(_) if history.is_running() => "running",
            Some(_) => "idle",
        };
        let backends = modules.map(|modules| modules.edge().backends());
        Some(PrewarmStatus {
            state,
            regions: edge.all_regions(),
            region: edge.own_region().to_owned(),
            since_start: history.totals(),
            runs: history.runs(),
            backends: backends.unwrap_or_default(),
        })
    }

    /// The prewarm of this shop, with its modules loaded: it works on so many SKUs at one time in
    /// each region, and renders `pages` or not. The first call may take a while: modules are built
    /// and compiled once.
    pub async fn prewarm(&self, concurrency: usize, pages: bool) -> Result<Prewarm, NoPrewarm> {
        let Some(state) = &self.0.prewarm else {
            return Err(match self.cache() {
                None => NoPrewarm::NoCache,
                Some(_) => NoPrewarm::NoModules,
            });
        };
        let load = async || {
            let edge = self.edge_of(&self.release()).await?;
            Modules::of(edge).ok_or(NoPrewarm::NoModules)
        };
        let modules = state.modules.get_or_try_init(load).await?;
        let router = || {
            self.router().map_request(|mut request: Request| {
                request.extensions_mut().insert(PrewarmRequest);
                request
            })
        };
        Ok(Prewarm::new(PrewarmSetup {
            modules: Some(modules.clone()),
            answers: state.answers.clone(),
            targets: self.stock(),
            pages: pages.then(|| BoxCloneSyncService::new(router())),
            page_keys: cached_page::KIND,
            history: state.history.clone(),
            visitor_requests: state.visitor_requests.clone(),
            concurrency,
        }))
    }

    /// Keeps the shop warm until it is closed: says so once, in a line. Only the first call of an
    /// open shop does.
    pub async fn keep_warm(self) {
        let Some(state) = &self.0.prewarm else {
            return;
        };
        let purges = state.purges.lock().take();
        let (true, Some(purges)) = (self.config().prewarm.enabled, purges) else {
            return;
        };
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
        let config = self.config();
        let regions = config.edge.all_regions();
        let scheduler = Scheduler {
            every: config.prewarm.every(prewarm.answers().life()),
            most: config.prewarm.most as usize,
            regions: regions.clone(),
            prewarm,
        };
        scheduler.keep(purges, |report| say(report, &regions)).await;
    }

    /// Counts a request of a visitor as under way for as long as the result lives.
    pub(crate) fn visited(&self, request: &Parts) -> Option<visitor_requests::VisitorRequest> {
        let state = self.0.prewarm.as_ref()?;
        let is_prewarm = request.extensions.get::<PrewarmRequest>().is_some();
        (!is_prewarm).then(|| state.visitor_requests.begin())
    }

    /// Counts a look at a product's page, when this request is one.
    pub(crate) fn viewed(&self, request: &Parts) {
        if request.extensions.get::<PrewarmRequest>().is_none()
            && !api::is_marked(&request.extensions)
        {
            self.viewed_by_visitor(request.uri.path());
        }
    }

    /// Counts a visitor's look at a product's page, when this is the path of one.
    pub(crate) fn viewed_by_visitor(&self, path: &str) {
        if let Some(handle) = path.strip_prefix("/products/") {
            self.0.stock.views.count(handle);
        }
    }
}

/// Says what was done at start.
pub(crate) fn say(report: &Report, regions: &[String]) {
    println!("{}", sentence(report, regions));
    let _ = std::io::stdout().flush();
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
        text.push_str(&format!("; {} stale", report.stale));
    }
    text
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
        let pages_alone = Report {
            done: 0,
            ..report.clone()
        };
        assert_eq!(
            sentence(&pages_alone, &regions(&["eu-1"])),
            "prewarmed 61 pages in 0.4 s"
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
            "prewarmed 1 SKU in eu-1 and us-1 and 1 page in 1.0 s; 2 without an answer; 1 stale"
        );
    }
}
