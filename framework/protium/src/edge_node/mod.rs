//! An edge node: keeps the public pages of an origin shop, fills their holes for its visitors, and
//! passes everything else on. It shares nothing with the shop but Redis, where there is one.
//!
//! - `origin`: the shop behind this node, over HTTP.
//! - `front`: what is known of that shop, and how that is kept true; `service`: what becomes of a
//!   request.
//! - `pages`: public pages, kept with holes; `files`: files that may be kept.
//! - `pass`: everything else goes to the shop and back; `headers`: what is said on that way, and
//!   what is not.
//! - `ahead`: what is done before a visitor asks.
//! - `trouble`: what a visitor sees when there is no answer.

mod ahead;
pub(crate) mod api;
mod files;
mod front;
mod headers;
mod origin;
mod pages;
mod pass;
mod service;
mod trouble;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::HeaderValue;
use parking_lot::RwLock;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::app::start::{self, StartError};
use crate::config::Config;
use crate::http::connections::Capacity;
use crate::http::forwarded::TrustedProxies;
use crate::prewarm::job::{History, Live, Modules};
use crate::storefront::cart_counts::CartCounts;
use front::Front;
use origin::Origin;
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
struct Node(Arc<Inner>);

struct Inner {
    config: Config,
    region: String,
    /// What the node calls itself in `Cache-Status` and `Via`.
    name: String,
    origin: Origin,
    /// Those who are believed what they say of a visitor.
    trusted_proxies: TrustedProxies,
    /// Absent until the shop has answered for the first time.
    front: RwLock<Option<Arc<Front>>>,
    /// Whether the shop, which has no use for this node, or this node for it, is there at least:
    /// then all goes to it.
    passes_on: AtomicBool,
    /// What was done ahead, and with what.
    history: History,
    /// What the shop's answers said of visitors' carts.
    cart_counts: CartCounts,
    /// The modules, and the name of the shop whose values they keep.
    modules: RwLock<Option<(String, Modules)>>,
    /// Visitors, who come before what is done ahead.
    live: Live,
    /// Somebody saw that the shop is not as it was.
    changed: Notify,
}

impl Node {
    fn new(config: Config, options: NodeOptions) -> Result<Node, StartError> {
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
            front: RwLock::new(None),
            passes_on: AtomicBool::new(false),
            history: History::default(),
            cart_counts: CartCounts::default(),
            modules: RwLock::new(None),
            live: Live::default(),
            changed: Notify::new(),
        })))
    }

    fn front(&self) -> Option<Arc<Front>> {
        self.0.front.read().clone()
    }

    /// Whether the shop is there, though this node keeps nothing of it.
    fn passes_on(&self) -> bool {
        self.0.passes_on.load(Ordering::Relaxed)
    }

    /// `Cache-Status` of a request that the cache did something with.
    fn status(&self, status: CacheStatus) -> HeaderValue {
        status.header_by(&self.0.name)
    }

    /// `Cache-Status` of a request that went to the shop.
    fn past(&self, why: Past) -> HeaderValue {
        let name = &self.0.name;
        let text = match why {
            Past::Refused(why) => return self.status(CacheStatus::Bypass(why)),
            Past::Components => format!("{name}; fwd=bypass; detail=components"),
            Past::Stranger => format!("{name}; fwd=bypass; detail=stranger"),
        };
        HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("Protium"))
    }
}

/// Why a request went to the shop.
#[derive(Clone, Copy, Debug)]
enum Past {
    /// The cache may not answer it, or not keep the answer.
    Refused(protium_cache::http::Refused),
    /// The node has not yet what the shop's pages are made with now.
    Components,
    /// The shop does not take this node for one of its own, or the node cannot stand in front of
    /// it: the log says why.
    Stranger,
}

/// Serves as an edge node until the process is told to stop. The shop need not be there yet.
pub async fn serve(config: Config, options: NodeOptions) -> Result<(), StartError> {
    let address = config.listen;
    let listening = |source| StartError::Listen { address, source };
    start::prepare_data(&config.data)?;
    let node = Node::new(config, options)?;
    let listener = TcpListener::bind(address).await.map_err(listening)?;
    let address = listener.local_addr().map_err(listening)?;
    let watch = tokio::spawn(front::watch(node.clone()));
    let ahead = tokio::spawn(ahead::keep_warm(node.clone()));
    println!("edge node {} is open at http://{address}", node.0.region);
    let _ = std::io::stdout().flush();
    // What is passed on takes a connection to the shop too.
    let capacity = Capacity::of_this_process(2, node.0.trusted_proxies.clone());
    let stop = start::told_to_stop();
    crate::http::serve::serve(listener, service::service(node), capacity, stop).await;
    watch.abort();
    ahead.abort();
    Ok(())
}
