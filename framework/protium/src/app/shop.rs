//! A running shop: what all requests share.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::extract::FromRef;
use bytes::Bytes;
use http::HeaderMap;
use serde::Serialize;
use tera::Context as TemplateContext;

use crate::config::Config;
use crate::http::error::HttpError;
use crate::http::forwarded::{PublicAddress, TrustedProxies};
use crate::prewarm::overlay::Region;
use crate::prewarm::prewarmer::Warming;
use crate::prewarm::stock::ShopStock;
use crate::release::Release;
use crate::release::build::Sources;
use crate::release::dev::Watched;
use crate::release::previous_assets::PreviousAssets;
use crate::release::releases::Releases;
use crate::request::context::PageContext;
use crate::request::session::{Session, SessionKey};
use crate::storefront::cart;
use crate::storefront::cart_counts::CartCounts;
use crate::storefront::cart_limits::CartLimits;
use crate::storefront::template_cache::List;
use crate::telemetry::with_causes;
use protium_cache::Cache;
use protium_commerce::sqlite::Store;
use protium_commerce::{Carts, Catalogue, Context, ProviderError, Recorder};
use protium_page::{HoledPage, PageError, PageRequest, Personal, base_url};
use protium_types::Dependencies;
use protium_types::LogQuota;
use protium_types::locale::Locale;
use protium_wasm::{GuestError, Value};

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
    pub asking: Context,
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
        &self.0.store
    }

    /// What its visitors want to buy.
    pub fn carts(&self) -> &dyn Carts {
        &self.0.store
    }

    /// What is kept for more than one request; `None` when nothing is. Purging it reaches all nodes
    /// of the shop.
    pub fn cache(&self) -> Option<&Cache> {
        self.0.cache.as_ref()
    }

    /// What the providers are told about one request.
    pub(crate) fn asking(&self) -> Context {
        self.asking_for(&Recorder::default())
    }

    /// The same, for a page that notes what it depends on.
    pub(crate) fn asking_for(&self, recorder: &Recorder) -> Context {
        Context {
            deadline: Instant::now() + protium_commerce::context::DEFAULT_TIME,
            recorder: recorder.clone(),
            ..self.0.asking.clone()
        }
    }

    /// Renders a template for a visitor: with what is the same on every page, and the badge of this
    /// visitor's cart.
    pub(crate) async fn render(
        &self,
        visit: &PageContext,
        template: &str,
        mut context: TemplateContext,
    ) -> Result<Rendered, HttpError> {
        let ctx = self.prepare(visit, &mut context).await;
        let request = PageRequest {
            template,
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

    /// Renders a template without a visitor, to be kept and filled later. None when it cannot be
    /// kept.
    pub(crate) async fn render_with_holes(
        &self,
        visit: &PageContext,
        template: &str,
        mut context: TemplateContext,
    ) -> Result<Option<Rendered<HoledPage>>, HttpError> {
        visit.recorder.tag(format!("template:{template}"));
        let ctx = self.prepare(visit, &mut context).await;
        let request = PageRequest {
            template,
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
    /// result.
    async fn prepare(&self, visit: &PageContext, context: &mut TemplateContext) -> Value {
        context.insert_value("shop", visit.release.values.shop());
        context.insert_value("nav", self.nav(visit).await);
        context.insert("path", visit.path());
        let base_url = match self.config().shop.url.trim_end_matches('/') {
            "" => base_url(),
            url => url.to_owned(),
        };
        let canonical = visit.canonical.as_deref().unwrap_or(visit.path());
        context.insert("canonical", &format!("{base_url}{canonical}"));
        context.insert("base_url", &base_url);
        let mut ctx = visit.release.context.clone();
        ctx.push(("path".to_owned(), Value::from(visit.target.as_str())));
        ctx.push(("time".to_owned(), Value::Int(clock())));
        Value::Record(ctx)
    }

    /// A list that many pages of a region show; the default region where all are the same. It is
    /// read again now and then; while that fails, the last one stays. The page notes what it
    /// depends on.
    pub(crate) async fn list<T: Serialize>(
        &self,
        visit: &PageContext,
        list: (List, Region),
        read: impl AsyncFnOnce(Context) -> Result<T, ProviderError>,
    ) -> Result<tera::Value, HttpError> {
        let (recorder, values) = (&visit.recorder, &visit.release.values);
        let note = |depends: &Dependencies| {
            recorder.tags(depends.tags.iter().cloned());
            if let Some(freshness) = depends.freshness {
                recorder.freshness(freshness);
            }
        };
        // A list from before a purge must not get into a page from after it.
        let purges = self.cache().map_or(0, Cache::purges);
        let known = values.list(&list, purges);
        if let Some((value, depends, false)) = known {
            note(&depends);
            return Ok(value);
        }
        let asking = self.asking();
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
        self.list(visit, (List::Nav, Region::default()), read)
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

impl From<ProviderError> for HttpError {
    fn from(error: ProviderError) -> HttpError {
        use http::StatusCode;
        let status = match &error {
            ProviderError::Busy(_) | ProviderError::Unavailable { .. } => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            ProviderError::DiskFull(_) => StatusCode::INSUFFICIENT_STORAGE,
            ProviderError::Invalid { .. } => StatusCode::BAD_REQUEST,
            ProviderError::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        };
        HttpError::of_status(status).because(with_causes(&error))
    }
}

impl From<PageError> for HttpError {
    fn from(error: PageError) -> HttpError {
        match &error {
            PageError::NotFound(template)
                if template.starts_with(crate::storefront::pages::OWN) =>
            {
                HttpError::not_found().because(format!("no templates/{template}; create it"))
            }
            PageError::Guest(GuestError::Busy { .. }) => {
                HttpError::of_status(http::StatusCode::SERVICE_UNAVAILABLE)
                    .because(with_causes(&error))
            }
            _ => HttpError::internal(with_causes(&error)),
        }
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
