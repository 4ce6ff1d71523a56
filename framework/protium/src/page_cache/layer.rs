//! Public pages are made once and cached with holes: for a visitor without a cart a page is stored
//! bytes, for one with a cart it is stored bytes and one small call into the components' module,
//! unless that was made for somebody who sees the same.
//!
//! A page that is cached is made from a request without headers and cookies, whose address is
//! written in the one normal way, with the parameters that the page declares and no others. So it
//! cannot depend on a visitor, nor on anything that its key lacks; and a handler that asks for the
//! session nevertheless makes its page private.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::Route;
use futures_util::future::{BoxFuture, Either};
use http::header::{AGE, CACHE_CONTROL};
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode};
use parking_lot::Mutex;
use tower::{Layer, Service};

use crate::app::Shop;
use crate::app::render::Rendered;
use crate::edge_node::api;
use crate::http::error::HttpError;
use crate::http::forwarded::{Forwarded, PublicAddress};
use crate::http::freshness::{Audience, Privacy};
use crate::http::middleware::Next;
use crate::page_cache::cached_page::{CachedPage, Filler, KIND, Stored, policy};
use crate::page_cache::uncached;
use crate::release::Release;
use crate::request::declared_params::{Declared, DeclaredByHandler, DeclaredParams};
use crate::request::info::{self, RequestInfo};
use crate::request::page::Page;
use crate::request::session::Session;
use crate::telemetry::timed;
use protium_cache::http::status::{self, CACHE_STATUS};
use protium_cache::http::{CacheStatus, Refused, key, storable};
use protium_cache::{Cache, Found, Load, LoadError};
use protium_commerce::Recorder;
use protium_types::{Market, Region};

/// The largest map of a request's headers that those of the response are put into. The connection
/// keeps it.
const MOST_ROOM: usize = 64;

/// The stored pages of one release, for one request.
struct PageCache<'a> {
    cache: &'a Cache,
    release: &'a Arc<Release>,
}

/// The layer around the handlers of a route whose pages are cached.
#[derive(Clone)]
pub struct PageCacheLayer {
    pub shop: Shop,
    /// The parameters of its pages.
    pub declared: Arc<Declared>,
}

impl Layer<Route> for PageCacheLayer {
    type Service = PageCacheService;

    fn layer(&self, handlers: Route) -> PageCacheService {
        PageCacheService {
            layer: self.clone(),
            next: Next::new(handlers),
        }
    }
}

/// The service that [`PageCacheLayer`] makes.
#[derive(Clone)]
pub struct PageCacheService {
    layer: PageCacheLayer,
    next: Next,
}

impl Service<Request> for PageCacheService {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response, Infallible>>, BoxFuture<'static, Answered>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        // What it takes to make a page is not even gathered.
        let shop = &self.layer.shop;
        let hit = self.layer.hit(&parts);
        if let Some(hit) = &hit
            && let Some(response) = hit.ready(shop, &mut parts.headers)
        {
            hit.mark_private(&parts.extensions);
            return Either::Left(ready(Ok(response)));
        }
        let PageCacheService { layer, next } = self.clone();
        Either::Right(Box::pin(async move {
            if let Some(hit) = hit {
                let release = layer.shop.release_of(&parts.extensions);
                return Ok(hit.respond(&layer.shop, &release, &parts).await);
            }
            let request = Request::from_parts(parts, body);
            Ok(through(layer, request, next).await)
        }))
    }
}

type Answered = Result<Response, Infallible>;

impl PageCacheLayer {
    /// The page that a request asks for, if it is in memory and fresh.
    fn hit(&self, request: &Parts) -> Option<CachedResponse> {
        let shop = &self.shop;
        let cache = shop.0.cache.as_ref()?;
        // What nodes ask is checked first.
        if request.headers.contains_key(api::REGION) {
            return None;
        }
        let release = shop.release_of(&request.extensions);
        let pages = PageCache {
            cache,
            release: &release,
        };
        let (target, mut key) = asked(shop, &pages, &self.declared, request).ok()?;
        if let Declared::ByPage = &*self.declared
            && let Some(path) = without_query(&target)
        {
            let plain = cache.get::<Stored>(&self::key(shop, &pages, path, request).ok()?)?;
            let declared = plain.value.0.as_ref()?.params();
            key = self::key(shop, &pages, &declared.target(&target), request).ok()?;
        }
        let found = cache.get::<Stored>(&key)?;
        found.value.0.as_ref()?;
        shop.viewed(request);
        Some(CachedResponse::of_request(shop, found, request))
    }
}

/// The response to a request whose page is not cached, for the client that caused it.
type Slot = Arc<Mutex<Option<Response>>>;

/// The handler failed: all waiting requests get this, or a stale page.
#[derive(Debug, thiserror::Error)]
#[error("the page could not be made ({0})")]
struct Failed(StatusCode);

/// Answers a request whose page is not in memory.
async fn through(layer: PageCacheLayer, request: Request, next: Next) -> Response {
    let PageCacheLayer { shop, declared } = layer;
    let Some(cache) = &shop.0.cache else {
        return uncached::run(&shop, declared_only(&declared, request), &next).await;
    };
    let release = shop.release_of(request.extensions());
    let pages = &PageCache {
        cache,
        release: &release,
    };
    let (mut parts, body) = request.into_parts();
    // Boxed, or else the future of every request would have room for it.
    if parts.headers.contains_key(api::REGION) {
        Box::pin(api::mark(&shop, &mut parts)).await;
    }
    let mut asked = match asked(&shop, pages, &declared, &parts) {
        Ok(asked) => asked,
        Err(why) => return bypass(&shop, Request::from_parts(parts, body), &next, why).await,
    };
    // A page that declares its parameters itself is found in two steps, when the address has some.
    if let Declared::ByPage = &*declared
        && let Some(path) = without_query(&asked.0)
    {
        let found = match key(&shop, pages, path, &parts) {
            Ok(plain) => Box::pin(params_of_page(&shop, pages, path, &plain, &parts, &next)).await,
            Err(_) => None,
        };
        let Some(found) = found else {
            let request = Request::from_parts(parts, body);
            return bypass(&shop, request, &next, Refused::Private).await;
        };
        let target = found.target(&asked.0).into_owned();
        asked = match key(&shop, pages, &target, &parts) {
            Ok(key) => (target, key),
            Err(why) => return bypass(&shop, Request::from_parts(parts, body), &next, why).await,
        };
    }
    let (target, key) = asked;
    let asked = Asked {
        request: Request::from_parts(parts, body),
        target,
        key,
    };
    timed(missed(&shop, pages, asked, &next)).await
}

/// The path of a target with a query; none when it has no query.
fn without_query(target: &str) -> Option<&str> {
    target.split_once('?').map(|(path, _)| path)
}

/// The parameters that the page at a path declares: from the page without any, which is made where
/// it is not there. `None` when there is no page to cache.
async fn params_of_page(
    shop: &Shop,
    pages: &PageCache<'_>,
    path: &str,
    key: &str,
    request: &Parts,
    next: &Next,
) -> Option<DeclaredParams> {
    let params = |found: &Found<Stored>| Some(found.value.0.as_ref()?.params().clone());
    if let Some(found) = pages.cache.get::<Stored>(key) {
        return params(&found);
    }
    if pages.cache.is_unshared(key) {
        return None;
    }
    let load = {
        let (shop, clean, next) = (shop.clone(), clean(request, path), next.clone());
        move |load: Load| make(load, shop, clean, next, Slot::default())
    };
    let policy = policy(&request.extensions);
    let found = pages
        .cache
        .get_or_load::<Stored, _, _, _>(key, policy, load);
    params(&found.await.ok()?)
}

/// The request for a handler while the cache is off: with the parameters that its route
/// declares, as if they were cached.
fn declared_only(declared: &Declared, mut request: Request) -> Request {
    if let Declared::ByRoute(params) = declared
        && let Some(target) = request.uri().path_and_query()
        && let Ok(uri) = params.target(target.as_str()).parse()
    {
        *request.uri_mut() = uri;
    }
    request
}

/// A request for a page that is cached, or is to be.
struct Asked {
    request: Request,
    /// The normal target.
    target: String,
    key: String,
}

/// Makes the page, or waits for the request that makes it.
async fn missed(shop: &Shop, pages: &PageCache<'_>, asked: Asked, next: &Next) -> Response {
    let Asked {
        request,
        target,
        key,
    } = asked;
    if pages.cache.is_unshared(&key) {
        return not_cached(shop, pages, &key, request, next).await;
    }
    let (parts, body) = request.into_parts();
    let slot = Slot::default();
    let load = {
        let (slot, next) = (Arc::clone(&slot), next.clone());
        let (shop, clean) = (shop.clone(), clean(&parts, &target));
        move |load: Load| make(load, shop, clean, next, slot)
    };
    let found = pages
        .cache
        .get_or_load::<Stored, _, _, _>(&key, policy(&parts.extensions), load);
    let mut response = match found.await {
        Ok(found) => match &found.value.0 {
            Some(_) => {
                shop.viewed(&parts);
                CachedResponse::of_request(shop, found, &parts)
                    .respond(shop, pages.release, &parts)
                    .await
            }
            None => {
                let answer = slot.lock().take();
                match answer {
                    Some(response) => response,
                    None => {
                        let request = Request::from_parts(parts, body);
                        return not_cached(shop, pages, &key, request, next).await;
                    }
                }
            }
        },
        Err(error) => slot.lock().take().unwrap_or_else(|| refused(&error)),
    };
    response
        .headers_mut()
        .entry(CACHE_STATUS)
        .or_insert_with(|| {
            let (stored, collapsed) = (false, false);
            CacheStatus::Miss { stored, collapsed }.header()
        });
    response
}

/// Responds with what the handler returns for this visitor: the last page was not to be cached.
/// When the handler fails, a stale page is used if there is one.
async fn not_cached(
    shop: &Shop,
    pages: &PageCache<'_>,
    key: &str,
    request: Request,
    next: &Next,
) -> Response {
    let Some(older) = pages.cache.peek::<Stored>(key) else {
        return bypass(shop, request, next, Refused::Private).await;
    };
    let (parts, body) = request.into_parts();
    let again = parts.clone();
    let response = bypass(
        shop,
        Request::from_parts(parts, body),
        next,
        Refused::Private,
    )
    .await;
    match &older.value.0 {
        Some(_) if response.status().is_server_error() => {
            CachedResponse::of_request(shop, older, &again)
                .respond(shop, pages.release, &again)
                .await
        }
        _ => response,
    }
}

/// The normal target of a request, with what its route declares, and its key.
fn asked(
    shop: &Shop,
    pages: &PageCache<'_>,
    declared: &Declared,
    request: &Parts,
) -> Result<(String, String), Refused> {
    storable::request(&request.method)?;
    let mut target = key::target_of(&request.uri).ok_or(Refused::Target)?;
    if let Declared::ByRoute(params) = declared {
        target = params.target(&target).into_owned();
    }
    let key = key(shop, pages, &target, request)?;
    Ok((target, key))
}

/// In which format a page is cached.
const FORMAT: &str = "html";

/// The key of the page at a normal target, for a request.
fn key(
    shop: &Shop,
    pages: &PageCache<'_>,
    target: &str,
    request: &Parts,
) -> Result<String, Refused> {
    let region = request.extensions.get::<Region>().unwrap_or(&shop.0.region);
    let market = RequestInfo::of(&request.extensions).map(|info| &info.market);
    let market = market.unwrap_or_else(|| shop.0.markets.default_market());
    key_in(market, region, pages.release, target).ok_or(Refused::Target)
}

/// The key of the page at a normal target: market, region, format and build.
pub fn key_in(market: &Market, region: &Region, release: &Release, target: &str) -> Option<String> {
    let dimensions = [
        market.name.as_str(),
        region.as_str(),
        FORMAT,
        release.generation.as_str(),
    ];
    key::of(KIND, target, &dimensions)
}

/// Responds without the cache.
async fn bypass(shop: &Shop, request: Request, next: &Next, why: Refused) -> Response {
    if api::is_marked(request.extensions()) {
        return api::not_cached();
    }
    let mut response = match why {
        // There is no page whose address is written like this: nothing is looked up for it.
        Refused::Target => HttpError::not_found().into_response(),
        _ => uncached::run(shop, request, next).await,
    };
    let status = CacheStatus::Bypass(why).header();
    response.headers_mut().insert(CACHE_STATUS, status);
    response
}

/// The request for a page that is cached: nothing of the visitor, and the normal target.
fn clean(request: &Parts, target: &str) -> Request {
    let mut clean = Request::new(Body::empty());
    *clean.method_mut() = Method::GET;
    if let Ok(uri) = target.parse() {
        *clean.uri_mut() = uri;
    }
    // The router's parameters are there. They say the same as the normal path does.
    *clean.extensions_mut() = request.extensions.clone();
    clean
}

async fn make(
    load: Load,
    shop: Shop,
    request: Request,
    next: Next,
    slot: Slot,
) -> Result<Stored, Failed> {
    let made = Box::pin(made(&load, &shop, request, next)).await;
    if !matches!(made, Ok(Some(_))) {
        load.do_not_store();
    }
    match made {
        Ok(page) => Ok(Stored(page)),
        Err(response) => {
            let status = response.status();
            *slot.lock() = Some(response);
            match status.is_server_error() {
                true => Err(Failed(status)),
                false => Ok(Stored(None)),
            }
        }
    }
}

/// The page; `None` when it is made for each visitor, an error when there is another answer for
/// all who wait.
async fn made(
    load: &Load,
    shop: &Shop,
    mut request: Request,
    next: Next,
) -> Result<Option<CachedPage>, Response> {
    let (privacy, recorder) = (Privacy::default(), Recorder::default());
    let declared = DeclaredByHandler::default();
    if let Some(info) = request.extensions_mut().get_mut::<RequestInfo>() {
        info.privacy = privacy.clone();
    }
    request.extensions_mut().insert(recorder.clone());
    request.extensions_mut().insert(declared.clone());
    let (parts, body) = request.into_parts();
    let mut context = shop.page_context(&parts);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let Some(mut page) = Page::take(&mut response) else {
        return match privacy.is_private() {
            true => Ok(None),
            false => Err(response),
        };
    };
    context.take_from(&page);
    let params = page.declared.take().unwrap_or_else(|| declared.take());
    let headers = std::mem::take(&mut page.headers);
    let is_everybodys = !privacy.is_private()
        && page.audience == Audience::Everybody
        && page.session.is_none()
        && storable::response(page.status, &with_public(&headers)).is_ok();
    if !is_everybodys {
        return Ok(None);
    }
    let rendered = shop.render_with_holes(&context, page).await;
    let rendered = rendered.map_err(IntoResponse::into_response)?;
    let page = rendered.map(|Rendered { html, .. }| html);
    let Some(page) = page.filter(|page| page.weight() <= storable::LARGEST) else {
        return Ok(None);
    };
    let depends = recorder.dependencies();
    for tag in depends.tags {
        load.tag(tag);
    }
    if let Some(freshness) = depends.freshness {
        load.freshness(freshness);
    }
    Ok(Some(CachedPage::new(page, params).with_headers(headers)))
}

/// The headers of a page as they are sent: a page is public where it says nothing else.
fn with_public(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("public, no-cache"));
    headers
}

/// The response with a cached page, for one visitor.
pub struct CachedResponse {
    found: Found<Stored>,
    session: Session,
    /// What the visitor calls the shop.
    address: Option<PublicAddress>,
}

impl CachedResponse {
    /// That to a request with these headers.
    pub fn new(
        shop: &Shop,
        found: Found<Stored>,
        headers: &HeaderMap,
        forwarded: Option<&Forwarded>,
    ) -> CachedResponse {
        CachedResponse {
            found,
            session: shop.session(headers),
            address: forwarded.and_then(Forwarded::address),
        }
    }

    fn of_request(shop: &Shop, found: Found<Stored>, request: &Parts) -> CachedResponse {
        let forwarded = info::forwarded(&request.extensions);
        CachedResponse::new(shop, found, &request.headers, forwarded)
    }

    /// The response, when it has nothing that was not made before. Its headers take the place of
    /// the request's.
    pub fn ready(&self, shop: &Shop, headers: &mut HeaderMap) -> Option<Response> {
        let cached = self.found.value.0.as_ref()?;
        let (session, address) = (&self.session, self.address.as_ref());
        let answer = cached.ready(&shop.0.fillings, headers, session, address)?;
        let mut headers = match headers.capacity() {
            ..=MOST_ROOM => mem::take(headers),
            _ => HeaderMap::new(),
        };
        headers.clear();
        Some(self.with_status(cached.response(answer, headers)))
    }

    /// The response, when what it lacks is made.
    async fn respond(self, shop: &Shop, release: &Release, request: &Parts) -> Response {
        let Some(cached) = &self.found.value.0 else {
            return HttpError::internal("this page is not to be cached").into_response();
        };
        if api::is_marked(&request.extensions) {
            return api::page(release, cached, &self.found);
        }
        self.mark_private(&request.extensions);
        let (session, address) = (&self.session, self.address.clone());
        let filler = Filler {
            host: release.pages.host(),
            fillings: &shop.0.fillings,
        };
        let answer = cached.answer(filler, &request.headers, session, address);
        match answer.await {
            Ok(response) => self.with_status(response),
            Err(error) => HttpError::from(error).into_response(),
        }
    }

    /// A page with a cart in it is for one visitor.
    pub fn audience(&self) -> Audience {
        match self.session.cart {
            Some(_) => Audience::OneVisitor,
            None => Audience::Everybody,
        }
    }

    fn mark_private(&self, request: &Extensions) {
        if let Some(privacy) = info::privacy(request) {
            privacy.narrow(self.audience());
        }
    }

    fn with_status(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        headers.insert(AGE, status::age(self.found.age));
        headers.insert(CACHE_STATUS, CacheStatus::of(&self.found).header());
        response
    }
}

fn refused(error: &LoadError) -> Response {
    let status = match error {
        LoadError::Failed { .. } => error
            .cause::<Failed>()
            .map_or(StatusCode::INTERNAL_SERVER_ERROR, |failed| failed.0),
        LoadError::TimedOut { .. } => StatusCode::GATEWAY_TIMEOUT,
        LoadError::Abandoned { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    };
    HttpError::of_status(status).because(error).into_response()
}
