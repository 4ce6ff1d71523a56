//! What a handler knows about one request, and how it answers with a page.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::app::Shop;
use crate::http::error::HttpError;
use crate::http::forwarded::{Forwarded, PublicAddress};
use crate::http::freshness::{self, Audience, Privacy};
use crate::page_cache::cached_page::ComponentFailed;
use crate::release::{self, Release};
use crate::request::declared_params::DeclaredParams;
use crate::request::page::Page;
use crate::request::params::Params;
use crate::request::session::Session;
use protium_commerce::{Context as Asking, Recorder};
use protium_types::{Market, Region, Url};

/// One visitor's request for a page.
pub struct PageContext {
    /// What the page is made from.
    pub release: Arc<Release>,
    /// Path and query, as asked for.
    pub target: String,
    /// The query's names and values: of a page that is kept, those that it declares.
    pub params: Params,
    /// The headers that decide about freshness.
    pub headers: HeaderMap,
    /// The visitor's session. The badge in the header shows it; handlers that use it call
    /// [`PageContext::private`].
    pub session: Session,
    /// What the page depends on.
    pub recorder: Recorder,
    /// The region whose stock and prices it shows.
    pub region: Region,
    /// The market that it is shown in.
    pub market: Market,
    /// The address that the visitor uses; none when the request names no host.
    pub address: Option<PublicAddress>,
    /// The visitor's address, where it is known.
    pub client: Option<IpAddr>,
    /// Path and query that the page is known by where that is not its path alone.
    pub canonical: Option<Url>,
    privacy: Privacy,
}

impl PageContext {
    /// Of a request with these headers for `target`, which is answered with `release`.
    pub fn new(
        shop: &Shop,
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
            session: shop.session(headers),
            recorder: Recorder::default(),
            region: shop.0.region.clone(),
            market: shop.0.markets.default_market().clone(),
            address: None,
            client: None,
            canonical: None,
            privacy,
        }
    }

    /// The path without its query.
    pub fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(&self.target, |(path, _)| path)
    }

    /// Says which parameters the page has: there are no others from here on.
    pub fn declares(&mut self, declared: &DeclaredParams) {
        self.target = declared.target(&self.target).into_owned();
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        self.params = Params::parse(query.as_bytes());
    }

    /// The session, for a page that shows more of it than the badge: the page becomes private.
    pub fn private(&self) -> &Session {
        self.privacy.mark_private();
        &self.session
    }

    /// What the providers are told about this request.
    pub fn asking(&self, shop: &Shop) -> Asking {
        shop.asking_for(&self.market, &self.recorder)
    }

    /// Renders a page for this visitor: with its status, or 304 when the visitor has the same page
    /// already.
    pub async fn respond(mut self, shop: &Shop, page: Page) -> Result<Response, HttpError> {
        self.take_from(&page);
        let (status, audience) = (page.status, page.audience);
        let sets_cookie = page.headers.contains_key(SET_COOKIE);
        let mut headers = page.headers.clone();
        if status != StatusCode::OK {
            self.headers.clear();
        }
        let rendered = shop.render(&self, page).await?;
        self.privacy.narrow(audience);
        if self.session.cart.is_some() {
            self.privacy.mark_private();
        }
        if sets_cookie {
            self.privacy.narrow(Audience::OneVisitor);
        }
        let private = self.privacy.is_private();
        let mut response = freshness::page(&self.headers, rendered.html, private);
        if status != StatusCode::OK {
            *response.status_mut() = status;
            response.headers_mut().remove(ETAG);
        }
        if private {
            headers.remove(CACHE_CONTROL);
        }
        response.headers_mut().extend(headers);
        if rendered.failed || audience == Audience::OneRequest {
            let nobody = HeaderValue::from_static("private, no-store");
            response.headers_mut().insert(CACHE_CONTROL, nobody);
            if rendered.failed {
                response.extensions_mut().insert(ComponentFailed);
            }
            self.privacy.narrow(Audience::OneRequest);
        }
        Ok(response)
    }

    /// Hears what the page says of itself.
    pub fn take_from(&mut self, page: &Page) {
        if let Some(url) = &page.shown_at {
            self.target = url.as_str().to_owned();
            self.headers.clear();
        }
        if let Some(declared) = &page.declared {
            self.declares(declared);
        }
        if let Some(session) = &page.session {
            self.session = session.clone();
        }
        if page.canonical.is_some() {
            self.canonical = page.canonical.clone();
        }
        self.recorder.tags(page.tags.iter().cloned());
        if let Some(time) = page.fresh_for {
            self.recorder.freshness(time);
        }
    }

    /// Of the request with these parts.
    pub fn of(shop: &Shop, parts: &Parts) -> PageContext {
        let target = parts.uri.path_and_query();
        let target = target.map_or("/", |target| target.as_str());
        let extensions = &parts.extensions;
        let release = release::of_request(shop, extensions);
        let privacy = extensions.get::<Privacy>().cloned().unwrap_or_default();
        let forwarded = extensions.get::<Forwarded>();
        PageContext {
            region: shop.region_of(extensions),
            market: shop.market_of(extensions),
            address: forwarded.and_then(Forwarded::address),
            client: forwarded.and_then(|it| it.client),
            recorder: extensions.get().cloned().unwrap_or_default(),
            ..PageContext::new(shop, release, target, &parts.headers, privacy)
        }
    }
}

/// A page is rendered with the context of its request, and notes what it depends on there.
impl FromRequestParts<Shop> for PageContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, shop: &Shop) -> Result<PageContext, Infallible> {
        // Without one the handler and whoever renders its page would note into different ones.
        parts.extensions.get_or_insert_with(Recorder::default);
        Ok(PageContext::of(shop, parts))
    }
}
