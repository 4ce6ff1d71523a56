//! A running shop: what all requests share.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use arc_swap::ArcSwap;
use axum::extract::FromRef;
use http::{Extensions, HeaderMap};

use crate::app::additions::Additions;
use crate::app::catalogue_filter::CatalogueFilter;
use crate::app::data_files::DataFiles;
use crate::app::profiler::profiles::Profiles;
use crate::config::Config;
use crate::http::forwarded::TrustedProxies;
use crate::page_cache::fillings::Fillings;
use crate::prewarm::state::PrewarmState;
use crate::prewarm::stock::ShopStock;
use crate::release::Release;
use crate::release::previous_assets::PreviousAssets;
use crate::release::releases::Releases;
use crate::release::sources::Sources;
use crate::release::watched::Watched;
use crate::request::info::RequestInfo;
use crate::request::session::{Session, SessionKey};
use crate::storefront::cart_counts::CartCounts;
use crate::storefront::cart_limits::CartLimits;
use protium_cache::Cache;
use protium_commerce::sqlite::Store;
use protium_commerce::{Carts, Catalogue, Context, Currency, Recorder};
use protium_types::LogQuota;
use protium_types::locale::Locale;
use protium_types::{Market, Markets, Region};

/// A shop that is ready for requests. Clones share everything.
///
/// ```no_run
/// # async fn count() -> std::result::Result<(), Box<dyn std::error::Error>> {
/// use protium::prelude::*;
///
/// let shop = App::new(".").open().await?;
/// println!("{} has {:?}", shop.config().shop.name, shop.asset_url("theme.css"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Shop(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub config: Arc<Config>,
    pub locale: Locale,
    pub store: Store,
    /// What pages are made from: modules, templates, files, and what is derived from them.
    pub releases: Releases,
    /// What releases are built from. In development it is replaced with the configuration.
    pub sources: ArcSwap<Sources>,
    /// In development, the last seen state of the shop's files.
    pub watched: Option<Watched>,
    /// Stock and prices of SKUs, and how often products are viewed.
    pub stock: Arc<ShopStock>,
    /// Absent when the cache is off.
    pub cache: Option<Cache>,
    /// The personal parts of cached pages.
    pub fillings: Fillings,
    /// The shop's name in stores that its nodes share.
    pub shared_name: String,
    /// Absent when the cache is off, or no module is configured that the prewarm runs.
    pub prewarm: Option<PrewarmState>,
    /// Files of previous builds.
    pub previous_assets: Arc<PreviousAssets>,
    pub session_key: SessionKey,
    /// Proxies whose `Forwarded` headers are trusted.
    pub trusted_proxies: TrustedProxies,
    /// Host and port of `shop.url`, in lower case.
    pub own_host: Option<String>,
    pub cart_counts: CartCounts,
    pub cart_limits: CartLimits,
    /// Limits the log lines about failed requests.
    pub failures: LogQuota,
    /// The context of providers' calls in each market, by the market's name; the default one first.
    pub provider_contexts: Vec<(String, Context)>,
    /// All markets of the shop.
    pub markets: Markets,
    /// The region of this server's pages.
    pub region: Region,
    /// The shop's directory.
    pub root: PathBuf,
    /// What narrows lists of a large catalogue.
    pub filter: Arc<CatalogueFilter>,
    /// The provider of products.
    pub catalogue: Arc<dyn Catalogue>,
    /// The provider of carts.
    pub carts: Arc<dyn Carts>,
    /// What the shop's own program adds.
    pub additions: Arc<Additions<Shop>>,
    /// In development, the last requests.
    pub profiles: Option<Profiles>,
    /// Data files that handlers read.
    pub data_files: DataFiles,
}

impl Shop {
    /// What the shop was started with.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// How it writes numbers, money and dates.
    pub fn locale(&self) -> &Locale {
        &self.0.locale
    }

    /// The current release. A request takes it once, at its beginning, so that no response mixes
    /// two builds.
    pub(crate) fn release(&self) -> Arc<Release> {
        self.0.releases.current()
    }

    /// What releases are built from now.
    pub(crate) fn sources(&self) -> Arc<Sources> {
        self.0.sources.load_full()
    }

    /// The release that a request is answered with: the one it has taken, or else the current one.
    pub(crate) fn release_of(&self, request: &Extensions) -> Arc<Release> {
        match RequestInfo::of(request) {
            Some(info) => Arc::clone(&info.release),
            None => self.release(),
        }
    }

    /// The address of a file among the shop's static files, as pages name it now: with the hash of
    /// its content. `None`: there is no such file.
    pub fn asset_url(&self, name: &str) -> Option<String> {
        self.release().assets.url(name)
    }

    /// What its cookies are signed with.
    pub fn session_key(&self) -> &SessionKey {
        &self.0.session_key
    }

    /// The session of a request, with the newest known count of its cart.
    pub(crate) fn session(&self, headers: &HeaderMap) -> Session {
        let secure = self.config().secure_cookies.is_secure(headers);
        let counts = &self.0.cart_counts;
        counts.session(headers, &self.0.session_key, secure)
    }

    /// Its products and collections.
    pub fn catalogue(&self) -> &dyn Catalogue {
        &*self.0.catalogue
    }

    /// The carts of its visitors.
    pub fn carts(&self) -> &dyn Carts {
        &*self.0.carts
    }

    /// The cache of pages and of edge modules' answers; `None` when it is off. A purge of it
    /// reaches all nodes of the shop.
    pub fn cache(&self) -> Option<&Cache> {
        self.0.cache.as_ref()
    }

    /// The context of a provider's call in a market, for a page that records what it depends on.
    pub(crate) fn provider_context(&self, market: &Market, recorder: &Recorder) -> Context {
        let contexts = &self.0.provider_contexts;
        let known = contexts.iter().find(|(name, _)| **name == market.name);
        let known = known
            .or_else(|| contexts.first())
            .map(|(_, context)| context.clone());
        Context {
            deadline: Instant::now() + protium_commerce::context::DEFAULT_TIME,
            recorder: recorder.clone(),
            ..known.unwrap_or_else(|| Context::new(&market.locale, Currency::EUR))
        }
    }

    /// The region that a request is answered for: an edge node's, or this server's own.
    pub(crate) fn region_of(&self, request: &Extensions) -> Region {
        request.get().unwrap_or(&self.0.region).clone()
    }

    /// The market that a request is answered for.
    pub(crate) fn market_of(&self, request: &Extensions) -> Market {
        let market = RequestInfo::of(request).map(|info| &info.market);
        market
            .unwrap_or_else(|| self.0.markets.default_market())
            .clone()
    }
}

impl FromRef<Shop> for SessionKey {
    fn from_ref(shop: &Shop) -> SessionKey {
        shop.0.session_key.clone()
    }
}
