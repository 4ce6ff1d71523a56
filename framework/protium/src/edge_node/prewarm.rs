//! The prewarm of a node: its modules fetch stock and prices of its region, near to where these are
//! known, and it loads the pages that show them from the shop. Answers reach the shop, which shows
//! them on pages of this region, through Redis; without Redis only pages are loaded.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::extract::{FromRef, Request};
use http::header::HOST;
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

use crate::edge_node::Node;
use crate::edge_node::api;
use crate::edge_node::node::Inner;
use crate::edge_node::origin_state::OriginState;
use crate::edge_node::service;
use crate::operator::OperatorState;
use crate::page_cache::cached_page;
use crate::page_cache::store;
use crate::prewarm::answers::Answers;
use crate::prewarm::edge_setup;
use crate::prewarm::error::NoPrewarm;
use crate::prewarm::job::{
    Choice, Modules, Plan, Prewarm, PrewarmSetup, PurgeImpact, Scheduler, Targets,
};
use crate::prewarm::prewarm_request::PrewarmRequest;
use crate::prewarm::prewarmer::{self, PrewarmStatus};
use crate::prewarm::sku::Stock;
use crate::prewarm::sku::StockDatabase;
use crate::prewarm::state as prewarm_state;
use crate::prewarm::stock;
use crate::telemetry::with_causes;

/// How soon a node begins again after the shop's pages changed.
const LOOK: Duration = Duration::from_millis(500);
/// How long it waits after it could not begin.
const PAUSE: Duration = Duration::from_secs(30);

/// The shop, as the modules and the prewarm of a node ask it.
struct FromOrigin(Node);

#[async_trait]
impl StockDatabase for FromOrigin {
    async fn stock(&self, sku: &str) -> Result<Option<Stock>, Box<dyn Error + Send + Sync>> {
        Ok(self.0.0.origin.stock(sku).await?)
    }
}

#[async_trait]
impl Targets for FromOrigin {
    async fn plan(&self, choice: &Choice) -> Result<Plan, Box<dyn Error + Send + Sync>> {
        Ok(self.0.0.origin.plan(choice).await?)
    }

    fn purge_impact(&self, tag: &str) -> PurgeImpact {
        stock::purge_impact(tag)
    }
}

impl FromRef<Node> for OperatorState {
    fn from_ref(node: &Node) -> OperatorState {
        let Inner {
            config,
            region,
            history,
            modules,
            ..
        } = &*node.0;
        let origin_state = node.origin_state();
        let state = match &origin_state {
            _ if !config.prewarm.enabled => "off",
            Some(_) if history.is_running() => "running",
            Some(_) if !history.runs().is_empty() => "idle",
            _ => "starting",
        };
        let modules = modules.read();
        let backends = modules
            .as_ref()
            .map(|(_, modules)| modules.edge().backends());
        OperatorState {
            cache: origin_state.map(|origin_state| origin_state.cache.clone()),
            prewarm: Some(PrewarmStatus {
                state,
                regions: vec![region.clone()],
                region: region.clone(),
                since_start: history.totals(),
                runs: history.runs(),
                backends: backends.unwrap_or_default(),
            }),
        }
    }
}

/// Keeps the node warm for as long as it runs. It begins again when the shop's pages are made of
/// something else.
pub async fn keep_warm(node: Node) {
    if !node.0.config.prewarm.enabled {
        return;
    }
    loop {
        let Some(origin_state) = node
            .origin_state()
            .filter(|origin_state| origin_state.host.is_some())
        else {
            tokio::time::sleep(LOOK).await;
            continue;
        };
        let regions = [node.0.region.clone()];
        let purges = origin_state.cache.subscribe();
        match scheduler(&node, &origin_state).await {
            Ok(scheduler) => tokio::select! {
                () = scheduler.keep(purges, |report| prewarmer::say(report, &regions)) => {}
                () = is_another(&node, &origin_state) => {}
            },
            Err(error) => {
                tracing::error!(error = with_causes(&*error), "nothing is done ahead");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Resolves when the shop is not as it was.
async fn is_another(node: &Node, before: &OriginState) {
    let is_same =
        |origin_state: Arc<OriginState>| origin_state.shop.generation == before.shop.generation;
    while node.origin_state().is_some_and(is_same) {
        tokio::time::sleep(LOOK).await;
    }
}

/// The modules, which keep values of the shop with this name: loaded once.
async fn modules(node: &Node, shop: &str) -> Result<Modules, NoPrewarm> {
    let loaded = node.0.modules.read().clone();
    if let Some((of, modules)) = loaded
        && of == shop
    {
        return Ok(modules);
    }
    let origin = Arc::new(FromOrigin(node.clone()));
    let modules = edge_setup::load(&node.0.config, shop, origin).await?;
    *node.0.modules.write() = Some((shop.to_owned(), modules.clone()));
    Ok(modules)
}

/// An error says why the node prewarms nothing.
async fn scheduler(
    node: &Node,
    origin_state: &OriginState,
) -> Result<Scheduler, Box<dyn Error + Send + Sync>> {
    let config = &node.0.config;
    let shop = &origin_state.shop;
    let origin = || Arc::new(FromOrigin(node.clone()));
    let asks = prewarm_state::is_configured(config) && !config.redis_url.is_empty();
    let (modules, cache) = match asks {
        true => {
            let modules = modules(node, &shop.shared);
            // Under the names that the shop itself looks answers up by.
            let answers = store::of_node(config, &shop.shared, store::FORMAT)?;
            (Some(modules.await?), answers)
        }
        false => (None, origin_state.cache.clone()),
    };
    let answers = Answers::open(cache, &config.data, prewarm_state::lifetime(config));
    let host = node.0.origin.authority().clone();
    let pages = service::service(node.clone()).map_request(move |mut request: Request| {
        request.headers_mut().insert(HOST, host.clone());
        request.extensions_mut().insert(PrewarmRequest);
        request
    });
    let most = (config.prewarm.most as usize).min(api::MOST_PLANNED);
    Ok(Scheduler {
        every: config.prewarm.every(answers.life()),
        most,
        regions: vec![node.0.region.clone()],
        prewarm: Prewarm::new(PrewarmSetup {
            modules,
            answers,
            targets: origin(),
            pages: Some(BoxCloneSyncService::new(pages)),
            page_keys: cached_page::KIND,
            history: node.0.history.clone(),
            visitor_requests: node.0.visitor_requests.clone(),
            concurrency: config.prewarm.concurrency as usize,
        }),
    })
}
