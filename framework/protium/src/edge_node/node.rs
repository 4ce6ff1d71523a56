//! What the requests of a node share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::HeaderValue;
use parking_lot::RwLock;
use tokio::sync::Notify;

use super::origin::Origin;
use super::origin_state::OriginState;
use crate::app::start_error::StartError;
use crate::config::Config;
use crate::http::forwarded::TrustedProxies;
use crate::page_cache::fillings::Fillings;
use crate::prewarm::job::{History, Modules, VisitorRequests};
use crate::storefront::cart_counts::CartCounts;
use protium_cache::http::CacheStatus;

/// What an edge node stands in front of, and where.
#[derive(Clone, Debug)]
pub struct NodeOptions {
    /// Where the shop is, for example `https://origin.shop.example`.
    pub origin: String,
    /// The region: lower-case letters, digits and dashes.
    pub region: String,
}

/// A running node. Clones share everything.
#[derive(Clone)]
pub(super) struct Node(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub config: Config,
    pub region: String,
    /// What the node calls itself in `Cache-Status` and `Via`.
    pub name: String,
    pub origin: Origin,
    /// Proxies whose `Forwarded` headers are trusted.
    pub trusted_proxies: TrustedProxies,
    /// Absent until the shop has answered for the first time.
    pub origin_state: RwLock<Option<Arc<OriginState>>>,
    /// Whether the shop, which has no use for this node, or this node for it, is there at least:
    /// then all goes to it.
    pub passes_on: AtomicBool,
    /// What was done ahead, and with what.
    pub history: History,
    /// The newest known counts of visitors' carts.
    pub cart_counts: CartCounts,
    /// The personal parts of cached pages.
    pub fillings: Fillings,
    /// The modules, and the name of the shop whose values they keep.
    pub modules: RwLock<Option<(String, Modules)>>,
    /// Visitors, who come before what is done ahead.
    pub visitor_requests: VisitorRequests,
    /// Notified when the shop's answers show another release.
    pub changed: Notify,
}

impl Node {
    pub(super) fn new(config: Config, options: NodeOptions) -> Result<Node, StartError> {
        let NodeOptions { origin, region } = options;
        if !protium_types::is_region(&region) {
            return Err(StartError::Region { given: region });
        }
        if config.operator_token.is_empty() {
            return Err(StartError::NoOperatorToken);
        }
        let origin =
            Origin::new(&origin, &config.operator_token).map_err(|problem| StartError::Origin {
                given: origin,
                problem,
            })?;
        Ok(Node(Arc::new(Inner {
            trusted_proxies: TrustedProxies::parse(&config.trusted_proxies).unwrap_or_default(),
            config,
            name: format!("Protium-{region}"),
            region,
            origin,
            origin_state: RwLock::new(None),
            passes_on: AtomicBool::new(false),
            history: History::default(),
            cart_counts: CartCounts::default(),
            fillings: Fillings::default(),
            modules: RwLock::new(None),
            visitor_requests: VisitorRequests::default(),
            changed: Notify::new(),
        })))
    }

    pub(super) fn origin_state(&self) -> Option<Arc<OriginState>> {
        self.0.origin_state.read().clone()
    }

    /// Whether the shop can be reached, though this node caches nothing of it.
    pub(super) fn passes_on(&self) -> bool {
        self.0.passes_on.load(Ordering::Relaxed)
    }

    /// `Cache-Status` of a request that the cache did something with.
    pub(super) fn status(&self, status: CacheStatus) -> HeaderValue {
        status.header_by(&self.0.name)
    }

    /// `Cache-Status` of a request that went to the shop.
    pub(super) fn past(&self, why: Bypass) -> HeaderValue {
        let name = &self.0.name;
        let text = match why {
            Bypass::Refused(why) => return self.status(CacheStatus::Bypass(why)),
            Bypass::Components => format!("{name}; fwd=bypass; detail=components"),
            Bypass::NotTrusted => format!("{name}; fwd=bypass; detail=stranger"),
        };
        HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("Protium"))
    }
}

/// Why a request went to the shop.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bypass {
    /// The cache may not answer it, or not store the response.
    Refused(protium_cache::http::Refused),
    /// The node has not yet what the shop's pages are made with now.
    Components,
    /// The shop does not take this node for one of its own, or the node cannot stand in front of
    /// it: the log says why.
    NotTrusted,
}
