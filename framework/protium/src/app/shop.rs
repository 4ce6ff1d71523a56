//! A running shop: what all requests share.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::extract::FromRef;
use bytes::Bytes;
use http::{Extensions, HeaderMap};
use serde::Serialize;
use tera::Context as TemplateContext;

use crate::app::additions::Additions;
use crate::app::data_files::DataFiles;
use crate::app::edge_module::EdgeModule;
use crate::config::Config;
use crate::http::error::HttpError;
use crate::http::forwarded::{PublicAddress, TrustedProxies};
use crate::prewarm::prewarmer::Warming;
use crate::prewarm::stock::ShopStock;
use crate::release::Release;
use crate::release::build::Sources;
use crate::release::dev::Watched;
use crate::release::previous_assets::PreviousAssets;
use crate::release::releases::Releases;
use crate::request::context::PageContext;
use crate::request::ctx::Ctx;
use crate::request::page::Page;
use crate::request::session::{Session, SessionKey};
use crate::storefront::cart;
use crate::storefront::cart_counts::CartCounts;
use crate::storefront::cart_limits::CartLimits;
use crate::storefront::template_cache::List;
use crate::telemetry::with_causes;
use protium_cache::Cache;
use protium_commerce::sqlite::Store;
use protium_commerce::{Carts, Catalogue, Context, Currency, ProviderError, Recorder};
use protium_page::{HoledPage, PageRequest, Personal, base_url};
use protium_types::Dependencies;
use protium_types::LogQuota;
use protium_types::locale::Locale;
use protium_types::{Market, Markets, Region, Tag, Url};
use protium_wasm::Value;

/// Collections in the navigation.
const NAV: u32 = 6;
/// The time in a page's context is a multiple of this, so that a page stays the same for as long.
const CLOCK: Duration = Duration::from_secs(60);

/// A shop that is ready for requests. Clones share everything.
#[derive(Clone)]
pub struct Shop(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub config: Arc<Config>,
    pub locale: Locale,
    pub store: Store,
    /// What pages are made from: modules, templates, files, and what is derived from them.
    pub releases: Releases,
    /// What releases are built from.
    pub sources: Arc<Sources>,
    /// In development, what was seen of the shop's files.
    pub watched: Option<Watched>,
    /// What is known of SKUs, and of what visitors look at.
    pub stock: Arc<ShopStock>,
    /// Absent when pages are not to be kept.
    pub cache: Option<Cache>,
    /// The shop's name in stores that its nodes share.
    pub shared_name: String,
    /// Absent when nothing is kept, or there is nothing to prewarm with.
    pub warming: Option<Warming>,
    /// Files of earlier builds.
    pub earlier: Arc<PreviousAssets>,
    pub session_key: SessionKey,
    /// Those who are believed what they say of a visitor.
    pub trusted_proxies: TrustedProxies,
    /// Host and port of `shop.url`, in lower case.
    pub own_host: Option<String>,
    pub cart_counts: CartCounts,
    pub cart_limits: CartLimits,
    /// Lines about requests that failed.
    pub failures: LogQuota,
    /// What providers are told in each market, by the market's name; the default one first.
    pub asking: Vec<(String, Context)>,
    /// All markets of the shop.
    pub markets: Markets,
    /// The region of this server's pages.
    pub region: Region,
    /// The shop's directory.
    pub root: PathBuf,
    /// Where products come from.
    pub catalogue: Arc<dyn Catalogue>,
    /// Where carts are kept.
    pub carts: Arc<dyn Carts>,
    /// What the shop's own program adds.
    pub additions: Arc<Additions>,
    /// Data files that handlers read.
    pub data_files: DataFiles,
}

/// A page as it was rendered.
pub struct Rendered<T = Bytes> {
    /// The whole page, or all of it that is the same for everyone.
    pub html: T,
    /// A component failed in it.
    pub failed: bool,
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

    /// What pages are made from now. A request takes it once, at its beginning, so that no answer
    /// mixes two builds.
    pub(crate) fn release(&self) -> Arc<Release> {
        self.0.releases.current()
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

    /// The session of a request, with the newest that is known of its cart.
    pub(crate) fn session(&self, headers: &HeaderMap) -> Session {
        let secure = cart::secure(self.config().secure_cookies, headers);
        let counts = &self.0.cart_counts;
        counts.session(headers, &self.0.session_key, secure)
    }

    /// What it sells.
    pub fn catalogue(&self) -> &dyn Catalogue {
        &*self.0.catalogue
    }

    /// What its visitors want to buy.
    pub fn carts(&self) -> &dyn Carts {
        &*self.0.carts
    }

    /// What is kept for more than one request; `None` when nothing is. Purging it reaches all nodes
    /// of the shop.
    pub fn cache(&self) -> Option<&Cache> {
        self.0.cache.as_ref()
    }

    /// What the providers are told where no visitor asks.
    pub(crate) fn asking(&self) -> Context {
        self.asking_for(self.0.markets.default_market(), &Recorder::default())
    }

    /// What the providers are told about one request in a market, for a page that notes what it
    /// depends on.
    pub(crate) fn asking_for(&self, market: &Market, recorder: &Recorder) -> Context {
        let known = self.0.asking.iter().find(|(name, _)| **name == market.name);
        let known = known
            .or_else(|| self.0.asking.first())
            .map(|(_, asking)| asking.clone());
        Context {
            deadline: Instant::now() + protium_commerce::context::DEFAULT_TIME,
            recorder: recorder.clone(),
            ..known.unwrap_or_else(|| Context::new(&market.locale, Currency::EUR))
        }
    }

    /// An edge module, by the name that `protium.toml` gives it (`[modules.NAME]`).
    ///
    /// ```
    /// # use protium::prelude::*;
    /// async fn availability(shop: Shop, Path(sku): Path<String>) -> Result<String> {
    ///     let answer = shop.edge("availability").ask(&sku).await?;
    ///     Ok(answer.text()?.to_owned())
    /// }
    /// ```
    pub fn edge(&self, name: impl Into<String>) -> EdgeModule {
        EdgeModule::new(self.clone(), name.into())
    }

    /// The region that a request is answered for: an edge node's, or this server's own.
    pub(crate) fn region_of(&self, request: &Extensions) -> Region {
        request.get().unwrap_or(&self.0.region).clone()
    }

    /// The market that a request is answered for.
    pub(crate) fn market_of(&self, request: &Extensions) -> Market {
        let market = request.get();
        market
            .unwrap_or_else(|| self.0.markets.default_market())
            .clone()
    }

    /// Renders a page for a visitor: with what is the same on every page, and the badge of this
    /// visitor's cart.
    pub(crate) async fn render(
        &self,
        visit: &PageContext,
        page: Page,
    ) -> Result<Rendered, HttpError> {
        let Page {
            template,
            mut context,
            ..
        } = page;
        let ctx = self.prepare(visit, &mut context).await?;
        let request = PageRequest {
            template: &template,
            context: &context,
            ctx,
            personal: Some(personal(&visit.session, visit.address.as_ref())),
        };
        let page = visit.release.pages.render(request).await?;
        Ok(Rendered {
            html: page.html.into(),
            failed: page.failed,
        })
    }

    /// Renders a page without a visitor, to be kept and filled later. None when it cannot be kept.
    pub(crate) async fn render_with_holes(
        &self,
        visit: &PageContext,
        page: Page,
    ) -> Result<Option<Rendered<HoledPage>>, HttpError> {
        let Page {
            template,
            mut context,
            ..
        } = page;
        visit.recorder.tag(Tag::new("template", &template));
        let ctx = self.prepare(visit, &mut context).await?;
        let request = PageRequest {
            template: &template,
            context: &context,
            ctx,
            personal: None,
        };
        let page = visit.release.pages.render_with_holes(request).await?;
        Ok(page.map(|html| Rendered {
            failed: false,
            html,
        }))
    }

    /// What is the same on every page: for the template into its context, for components as the
    /// result. Shared data gives way to what
    /// the handler gave the same name.
    async fn prepare(
        &self,
        visit: &PageContext,
        context: &mut TemplateContext,
    ) -> Result<Value, HttpError> {
        context.insert_value("shop", visit.release.values.shop(&visit.market));
        context.insert_value("nav", self.nav(visit).await);
        context.insert("path", visit.path());
        context.insert("market", &visit.market);
        let base_url = match self.config().shop.url.trim_end_matches('/') {
            "" => base_url(),
            url => url.to_owned(),
        };
        let canonical = visit.canonical.as_ref().map_or(visit.path(), Url::as_str);
        let prefix = &visit.market.prefix;
        context.insert("canonical", &format!("{base_url}{prefix}{canonical}"));
        context.insert("base_url", &base_url);
        for (name, load) in &self.0.additions.shared {
            if !context.contains_key(name) {
                let value = load(Ctx::of(self, visit)).await?;
                context.insert_value(name.clone(), value);
            }
        }
        let contexts = &visit.release.context;
        let context = contexts.iter().find(|(name, _)| *name == visit.market.name);
        let context = context.or_else(|| contexts.first());
        let mut ctx = context
            .map(|(_, entries)| entries.clone())
            .unwrap_or_default();
        ctx.push(("path".to_owned(), Value::from(visit.target.as_str())));
        ctx.push(("time".to_owned(), Value::Int(clock())));
        Ok(Value::Record(ctx))
    }

    /// A list that many pages of a region show; no region where all are the same. It is
    /// read again now and then; while that fails, the last one stays. The page notes what it
    /// depends on.
    pub(crate) async fn list<T: Serialize>(
        &self,
        visit: &PageContext,
        (list, region): (List, Option<Region>),
        read: impl AsyncFnOnce(Context) -> Result<T, ProviderError>,
    ) -> Result<tera::Value, HttpError> {
        let (recorder, values) = (&visit.recorder, &visit.release.values);
        let note = |depends: &Dependencies| {
            recorder.tags(depends.tags.iter().cloned());
            if let Some(freshness) = depends.freshness {
                recorder.freshness(freshness);
            }
        };
        let list = (list, region, visit.market.clone());
        // A list from before a purge must not get into a page from after it.
        let purges = self.cache().map_or(0, Cache::purges);
        let known = values.list(&list, purges);
        if let Some((value, depends, false)) = known {
            note(&depends);
            return Ok(value);
        }
        let asking = self.asking_for(&visit.market, &Recorder::default());
        let noted = asking.recorder.clone();
        match (read(asking).await, known) {
            (Ok(items), _) => {
                let value = tera::Value::from_serializable(&items);
                let depends = noted.dependencies();
                note(&depends);
                values.keep(list, value.clone(), depends, purges);
                Ok(value)
            }
            (Err(error), Some((value, depends, _))) => {
                tracing::warn!(
                    error = with_causes(&error),
                    "a list could not be read again"
                );
                note(&depends);
                Ok(value)
            }
            (Err(error), None) => Err(error.into()),
        }
    }

    /// The collections in the navigation. A page is better without than not there.
    async fn nav(&self, visit: &PageContext) -> tera::Value {
        let read = async |asking: Context| self.catalogue().collections(&asking, NAV).await;
        self.list(visit, (List::Nav, None), read)
            .await
            .unwrap_or_else(|_| tera::Value::from(Vec::<tera::Value>::new()))
    }
}

/// What is a visitor's in a page: what components see, and the address of links.
pub(crate) fn personal(session: &Session, address: Option<&PublicAddress>) -> Personal {
    let cart = Value::record([
        ("count", Value::Int(session.count)),
        ("version", Value::Int(session.version)),
    ]);
    Personal {
        stores: Value::record([("cart", cart)]),
        base_url: address.map(PublicAddress::url).unwrap_or_default(),
    }
}

impl FromRef<Shop> for SessionKey {
    fn from_ref(shop: &Shop) -> SessionKey {
        shop.0.session_key.clone()
    }
}

/// The time as pages see it, in milliseconds since 1970.
fn clock() -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let step = CLOCK.as_millis() as i64;
    now - now % step
}
