//! Extractors of what every handler may need of its request, and the context that its page is
//! rendered with.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use http::HeaderMap;
use http::header::IF_NONE_MATCH;
use http::request::Parts;

use crate::app::Shop;
use crate::http::forwarded::Forwarded;
use crate::http::freshness::Privacy;
use crate::release::Release;
use crate::request::context::PageContext;
use crate::request::info;
use crate::request::params::Params;
use crate::request::session::{Session, SessionKey};
use protium_commerce::{Context as ProviderContext, Recorder};
use protium_types::{Market, Region};

impl FromRequestParts<Shop> for Shop {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, shop: &Shop) -> Result<Shop, Infallible> {
        Ok(shop.clone())
    }
}

/// The market of a request: by its host and path alone.
impl FromRequestParts<Shop> for Market {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, shop: &Shop) -> Result<Market, Infallible> {
        Ok(shop.market_of(&parts.extensions))
    }
}

/// The region whose stock and prices are shown.
impl FromRequestParts<Shop> for Region {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, shop: &Shop) -> Result<Region, Infallible> {
        Ok(shop.region_of(&parts.extensions))
    }
}

/// A page is rendered with the context of its request, and records what it depends on there.
impl FromRequestParts<Shop> for PageContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, shop: &Shop) -> Result<PageContext, Infallible> {
        // Without one the handler and whoever renders its page would record into different ones.
        parts.extensions.get_or_insert_with(Recorder::default);
        Ok(shop.page_context(parts))
    }
}

/// Reading the session makes the response private.
impl<S> FromRequestParts<S> for Session
where
    SessionKey: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Session, Infallible> {
        if let Some(privacy) = info::privacy(&parts.extensions) {
            privacy.mark_private();
        }
        Ok(Session::from_headers(
            &parts.headers,
            &SessionKey::from_ref(state),
        ))
    }
}

impl Shop {
    /// The context of the page that a request with these parts asks for.
    pub(crate) fn page_context(&self, parts: &Parts) -> PageContext {
        let target = parts.uri.path_and_query();
        let target = target.map_or("/", |target| target.as_str());
        let extensions = &parts.extensions;
        let release = self.release_of(extensions);
        let privacy = info::privacy(extensions).cloned().unwrap_or_default();
        let forwarded = info::forwarded(extensions);
        PageContext {
            region: self.region_of(extensions),
            market: self.market_of(extensions),
            address: forwarded.and_then(Forwarded::address),
            client: forwarded.and_then(|it| it.client),
            recorder: extensions.get().cloned().unwrap_or_default(),
            ..self.default_page_context(release, target, &parts.headers, privacy)
        }
    }

    /// The context of the page at `target` in the default market and this server's region, which
    /// `release` renders for a request with these headers.
    pub(crate) fn default_page_context(
        &self,
        release: Arc<Release>,
        target: &str,
        headers: &HeaderMap,
        privacy: Privacy,
    ) -> PageContext {
        let query = target.split_once('?').map_or("", |(_, query)| query);
        PageContext {
            release,
            params: Params::parse(query.as_bytes()),
            target: target.to_owned(),
            headers: headers
                .get_all(IF_NONE_MATCH)
                .iter()
                .map(|value| (IF_NONE_MATCH, value.clone()))
                .collect(),
            session: self.session(headers),
            recorder: Recorder::default(),
            region: self.0.region.clone(),
            market: self.0.markets.default_market().clone(),
            address: None,
            client: None,
            canonical: None,
            privacy,
        }
    }

    /// The context of a provider's call for a page.
    pub(crate) fn provider_context_of(&self, page: &PageContext) -> ProviderContext {
        self.provider_context(&page.market, &page.recorder)
    }
}
