//! Polls the shop every second, and loads its new module after a release. Until that is loaded,
//! requests are proxied to the shop.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::{HeaderName, HeaderValue};

use crate::app::start_error::StartError;
use crate::config::Switch;
use crate::edge_node::Node;
use crate::edge_node::origin::OriginError;
use crate::edge_node::origin_info::OriginInfo;
use crate::edge_node::origin_state::OriginState;
use crate::http::csp::SecurityHeaders;
use crate::page_cache::store;
use crate::request::session::SessionKey;
use crate::telemetry::with_causes;
use protium_cache::Cache;
use protium_wasm::{GuestError, Host, HostConfig, LaneChoice, ModuleSource};

/// Between two polls of the shop, and between two that requests caused.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(100);
/// The entries that nodes share are of this format.
const FORMAT: &str = "nodes-2";
/// The most security headers, and addresses of pages.
const MOST: usize = 32;

/// Why the shop as it is cannot be stood in front of.
#[derive(Debug, thiserror::Error)]
enum OriginStateError {
    #[error(transparent)]
    Origin(#[from] OriginError),
    #[error(transparent)]
    Cache(#[from] StartError),
    #[error("the origin's components cannot be used: {0}")]
    Components(#[from] GuestError),
}

impl OriginStateError {
    /// Whether the shop is there nevertheless: then requests are passed on to it.
    fn is_there(&self) -> bool {
        match self {
            OriginStateError::Origin(error) => !error.is_unreachable(),
            OriginStateError::Cache(_) | OriginStateError::Components(_) => true,
        }
    }

    /// What follows for visitors.
    fn consequence(&self, has_met: bool) -> &'static str {
        match (has_met, self.is_there()) {
            (true, _) => "; cached pages are still served",
            (false, true) => "; every request is passed to the origin, and nothing is cached",
            (false, false) => "; visitors get 503 until the origin answers",
        }
    }
}

/// Polls the shop for as long as the node runs.
pub async fn watch(node: Node) {
    let mut last_error = String::new();
    loop {
        match poll(&node).await {
            Ok(()) => {
                node.0.passes_on.store(true, Ordering::Relaxed);
                last_error.clear();
            }
            Err(error) => {
                node.0.passes_on.store(error.is_there(), Ordering::Relaxed);
                let said = with_causes(&error);
                // Said once, not every second.
                if said != last_error {
                    tracing::warn!("{said}{}", error.consequence(node.origin_state().is_some()));
                    last_error = said;
                }
            }
        }
        tokio::time::sleep(PAUSE).await;
        let _ = tokio::time::timeout(POLL_INTERVAL - PAUSE, node.0.changed.notified()).await;
    }
}

async fn poll(node: &Node) -> Result<(), OriginStateError> {
    let shop = node.0.origin.origin_info().await?;
    check(&shop)?;
    let before = node.origin_state();
    let keeps = shop.keeps && node.0.config.cache == Switch::On;
    let is_same = |origin_state: &Arc<OriginState>| {
        origin_state.shop == shop && (origin_state.host.is_some() || !keeps)
    };
    if before.as_ref().is_some_and(is_same) {
        return Ok(());
    }
    let cache = match &before {
        Some(origin_state) if origin_state.shop.shared == shop.shared => origin_state.cache.clone(),
        _ => store::of_node(&node.0.config, &shop.shared, FORMAT)?,
    };
    let is_module =
        |origin_state: &&Arc<OriginState>| origin_state.shop.module_sha256 == shop.module_sha256;
    let mut host = before
        .as_ref()
        .filter(is_module)
        .and_then(|origin_state| origin_state.host.clone());
    if keeps && host.is_none() {
        // Until the new module is here, nothing is filled with the old one.
        set(node, origin_state(node, &shop, &cache, None));
        host = Some(components(node, &shop).await?);
    }
    tracing::info!(build = shop.build, "in front of the origin's pages");
    set(
        node,
        origin_state(node, &shop, &cache, host.filter(|_| keeps)),
    );
    Ok(())
}

fn set(node: &Node, origin_state: OriginState) {
    *node.0.origin_state.write() = Some(Arc::new(origin_state));
}

fn origin_state(node: &Node, shop: &OriginInfo, cache: &Cache, host: Option<Host>) -> OriginState {
    let secret = &node.0.config.secret;
    let previous = node.0.config.previous_secret.as_bytes();
    let sessions = Some(SessionKey::new(secret.as_bytes()).with_previous(previous))
        .filter(|key| !secret.is_empty() && key.fingerprint() == shop.sessions);
    if sessions.is_none() && host.is_some() {
        tracing::warn!(
            "PROTIUM_SECRET or PROTIUM_PREVIOUS_SECRET is not the origin's: pages for visitors \
             with a cart come from the origin"
        );
    }
    let header = |(name, value): &(String, String)| {
        let name = HeaderName::try_from(name.as_str()).ok()?;
        Some((name, HeaderValue::try_from(value.as_str()).ok()?))
    };
    OriginState {
        security: SecurityHeaders::of(shop.headers.iter().filter_map(header)),
        shop: shop.clone(),
        cache: cache.clone(),
        host,
        sessions,
    }
}

async fn components(node: &Node, shop: &OriginInfo) -> Result<Host, OriginStateError> {
    let OriginInfo {
        module,
        module_sha256,
        ..
    } = shop;
    let wasm = node.0.origin.module(module, module_sha256).await?;
    let config = &node.0.config;
    let host = Host::start(HostConfig {
        source: ModuleSource::Bytes(wasm),
        cache: config.data.join("artifacts"),
        lane: LaneChoice::Auto,
        limits: config.limits,
        pool: config.pool,
        dev: false,
    });
    Ok(host.await?)
}

/// What the shop says of itself goes into keys, headers and addresses.
fn check(shop: &OriginInfo) -> Result<(), OriginError> {
    let is_word = |text: &str| {
        let is_plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.');
        (1..=64).contains(&text.len()) && text.bytes().all(is_plain)
    };
    let words = [
        &shop.shared,
        &shop.generation,
        &shop.build,
        &shop.locale,
        &shop.currency,
    ];
    let problem = if !words.iter().all(|word| is_word(word)) {
        "a name is not a word"
    } else if !shop.module.starts_with('/') {
        "the module's address is none"
    } else if shop.headers.len() > MOST || shop.pages.len() > MOST {
        "there are too many headers or addresses"
    } else {
        return Ok(());
    };
    Err(OriginError::Invalid {
        what: "origin info",
        problem: problem.to_owned(),
    })
}
