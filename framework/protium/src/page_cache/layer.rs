//! Public pages are made once and cached with holes: for a visitor without a cart a page is stored
//! bytes, for one with a cart it is stored bytes and one small call into the components' module.
//!
//! A page that is cached is made from a request without headers and cookies, whose address is
//! written in the one normal way, with the parameters that the page declares and no others. So it
//! cannot depend on a visitor, nor on anything that its key lacks; and a handler that asks for the
//! session nevertheless makes its page private.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AGE, CACHE_CONTROL};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use parking_lot::Mutex;

use crate::app::Shop;
use crate::app::render::Rendered;
use crate::edge_node::api;
use crate::http::error::HttpError;
use crate::http::forwarded::Forwarded;
use crate::http::freshness::{Audience, Privacy};
use crate::page_cache::cached_page::{CachedPage, KIND, Stored, policy};
use crate::page_cache::uncached;
use crate::release::Release;
use crate::request::declared_params::{Declared, DeclaredByHandler, DeclaredParams};
use crate::request::page::Page;
use crate::telemetry::timed;
use protium_cache::http::status::{self, CACHE_STATUS};
use protium_cache::http::{CacheStatus, Refused, key, storable};
use protium_cache::{Cache, Found, Load, LoadError};
use protium_commerce::Recorder;
use protium_types::{Market, Region};

/// The stored pages of one release, for one request.
struct PageCache<'a> {
    cache: &'a Cache,
    release: &'a Arc<Release>,
}

/// A route of pages that are cached.
#[derive(Clone)]
pub struct Route {
    pub shop: Shop,
    /// The parameters of its pages.
    pub declared: Arc<Declared>,
}

/// The response to a request whose page is not cached, for the client that caused it.
type Slot = Arc<Mutex<Option<Response>>>;

/// The handler failed: all waiting requests get this, or a stale page.
#[derive(Debug, thiserror::Error)]
#[error("the page could not be made ({0})")]
struct Failed(StatusCode);

/// Around the handlers of public pages.
pub async fn through(State(route): State<Route>, request: Request, next: Next) -> Response {
    let Route { shop, declared } = route;
    let Some(cache) = &shop.0.cache else {
        return uncached::run(&shop, declared_only(&declared, request), next).await;
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
        Err(why) => return bypass(&shop, Request::from_parts(parts, body), next, why).await,
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
            return bypass(&shop, request, next, Refused::Private).await;
        };
        let target = found.target(&asked.0).into_owned();
        asked = match key(&shop, pages, &target, &parts) {
            Ok(key) => (target, key),
            Err(why) => return bypass(&shop, Request::from_parts(parts, body), next, why).await,
        };
    }
    let (target, key) = asked;
    // Most requests end here: what it takes to make a page is not even gathered.
    if let Some(found) = pages.cache.get::<Stored>(&key)
        && let Some(cached) = &found.value.0
    {
        shop.viewed(&parts);
        return respond(&shop, &release, cached, &found, &parts).await;
    }
    let asked = Asked {
        request: Request::from_parts(parts, body),
        target,
        key,
    };
    // Boxed, or else the future of every request would have room for it.
    Box::pin(timed(missed(&shop, pages, asked, next))).await
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
async fn missed(shop: &Shop, pages: &PageCache<'_>, asked: Asked, next: Next) -> Response {
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
            Some(cached) => {
                shop.viewed(&parts);
                respond(shop, pages.release, cached, &found, &parts).await
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
    next: Next,
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
        Some(cached) if response.status().is_server_error() => {
            respond(shop, pages.release, cached, &older, &again).await
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
    let target = request
        .uri
        .path_and_query()
        .map(http::uri::PathAndQuery::as_str);
    let mut target = target.and_then(key::normalise).ok_or(Refused::Target)?;
    if let Declared::ByRoute(params) = declared {
        target = params.target(&target).into_owned();
    }
    let key = key(shop, pages, &target, request)?;
    Ok((target, key))
}

/// In which format a page is cached.
const FORMAT: &str = "html";

/// The key of the page at a normal target: market, region, format and build.
fn key(
    shop: &Shop,
    pages: &PageCache<'_>,
    target: &str,
    request: &Parts,
) -> Result<String, Refused> {
    let region = request.extensions.get::<Region>().unwrap_or(&shop.0.region);
    let market = request.extensions.get::<Market>();
    let market = market.unwrap_or_else(|| shop.0.markets.default_market());
    let dimensions = [
        market.name.as_str(),
        region.as_str(),
        FORMAT,
        pages.release.generation.as_str(),
    ];
    key::of(KIND, target, &dimensions).ok_or(Refused::Target)
}

/// Responds without the cache.
async fn bypass(shop: &Shop, request: Request, next: Next, why: Refused) -> Response {
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
    mut request: Request,
    next: Next,
    slot: Slot,
) -> Result<Stored, Failed> {
    let (privacy, recorder) = (Privacy::default(), Recorder::default());
    let declared = DeclaredByHandler::default();
    request.extensions_mut().insert(privacy.clone());
    request.extensions_mut().insert(recorder.clone());
    request.extensions_mut().insert(declared.clone());
    let (parts, body) = request.into_parts();
    let mut context = shop.page_context(&parts);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let Some(mut page) = Page::take(&mut response) else {
        load.do_not_store();
        if privacy.is_private() {
            return Ok(Stored(None));
        }
        let status = response.status();
        *slot.lock() = Some(response);
        return match status.is_server_error() {
            true => Err(Failed(status)),
            false => Ok(Stored(None)),
        };
    };
    context.take_from(&page);
    let params = page.declared.take().unwrap_or_else(|| declared.take());
    let headers = std::mem::take(&mut page.headers);
    let is_everybodys = !privacy.is_private()
        && page.audience == Audience::Everybody
        && page.session.is_none()
        && storable::response(page.status, &with_public(&headers), 0).is_ok();
    if !is_everybodys {
        load.do_not_store();
        return Ok(Stored(None));
    }
    let rendered = match shop.render_with_holes(&context, page).await {
        Ok(Some(rendered)) => rendered,
        Ok(None) => {
            load.do_not_store();
            return Ok(Stored(None));
        }
        Err(error) => {
            load.do_not_store();
            let status = error.status;
            *slot.lock() = Some(error.into_response());
            return match status.is_server_error() {
                true => Err(Failed(status)),
                false => Ok(Stored(None)),
            };
        }
    };
    let Rendered { html: page, .. } = rendered;
    if page.weight() > storable::LARGEST {
        load.do_not_store();
        return Ok(Stored(None));
    }
    let depends = recorder.dependencies();
    for tag in depends.tags {
        load.tag(tag);
    }
    if let Some(freshness) = depends.freshness {
        load.freshness(freshness);
    }
    let page = CachedPage::new(page, params).with_headers(headers);
    Ok(Stored(Some(page)))
}

/// The headers of a page as they are sent: a page is public where it says nothing else.
fn with_public(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("public, no-cache"));
    headers
}

/// A cached page for one visitor.
async fn respond(
    shop: &Shop,
    release: &Release,
    cached: &CachedPage,
    found: &Found<Stored>,
    request: &Parts,
) -> Response {
    if api::is_marked(&request.extensions) {
        return api::page(release, cached, found);
    }
    let asked = &request.headers;
    let session = shop.session(asked);
    if session.cart.is_some()
        && let Some(privacy) = request.extensions.get::<Privacy>()
    {
        privacy.mark_private();
    }
    let address = request.extensions.get().and_then(Forwarded::address);
    let answer = cached.answer(release.pages.host(), asked, &session, address);
    let mut response = match answer.await {
        Ok(response) => response,
        Err(error) => return HttpError::from(error).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(AGE, status::age(found.age));
    headers.insert(CACHE_STATUS, CacheStatus::of(found).header());
    response
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
