//! Public pages: cached with their holes, and filled here for each visitor.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::HeaderValue;
use http::header::{AGE, COOKIE, VARY};
use http::request::Parts;

use crate::edge_node::Bypass;
use crate::edge_node::Node;
use crate::edge_node::errors;
use crate::edge_node::origin::OriginError;
use crate::edge_node::origin_state::OriginState;
use crate::edge_node::pass::pass;
use crate::http::forwarded::Forwarded;
use crate::page_cache::cached_page::{CachedPage, Filler, KIND, Stored, headers_of, policy};
use crate::request::declared_params::{Declared, DeclaredParams};
use crate::request::session::Session;
use crate::telemetry::with_causes;
use protium_cache::http::status::{self, CACHE_STATUS};
use protium_cache::http::{CacheStatus, Refused, key, storable};
use protium_cache::{Found, Load, LoadError};
use protium_page::PageError;
use protium_wasm::Host;

/// How long a page is fresh without Redis, which would carry purges to this node.
const WITHOUT_PURGES: Duration = Duration::from_secs(10);

/// What a cached page is found and filled with.
struct Asked {
    host: Host,
    session: Session,
    target: String,
    key: String,
}

/// Answers a request for a public page, whose parameters are declared like this.
pub async fn answer(
    node: &Node,
    origin_state: &Arc<OriginState>,
    declared: &Declared,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let asked = match ask(node, origin_state, declared, &parts).await {
        Ok(asked) => asked,
        Err(why) => {
            let request = Request::from_parts(parts, body);
            return Box::pin(pass(node, Some(origin_state), request, why)).await;
        }
    };
    if origin_state.cache.is_unshared(&asked.key) {
        return Box::pin(not_cached(node, origin_state, &asked, parts, body)).await;
    }
    // Most requests end here: what it takes to load a page is not even gathered.
    if let Some(found) = origin_state.cache.get::<Stored>(&asked.key)
        && let Some(cached) = &found.value.0
        && let Ok(response) = filled(node, origin_state, cached, &found, &asked, &parts).await
    {
        return response;
    }
    let request = Request::from_parts(parts, body);
    Box::pin(missed(node, origin_state, asked, request)).await
}

/// Responds with what the shop returns for this visitor: the last page was not to be cached. When
/// the shop fails, a stale page is used if there is one.
async fn not_cached(
    node: &Node,
    origin_state: &Arc<OriginState>,
    asked: &Asked,
    parts: Parts,
    body: Body,
) -> Response {
    let again = parts.clone();
    let request = Request::from_parts(parts, body);
    let why = Bypass::Refused(Refused::Private);
    let response = pass(node, Some(origin_state), request, why).await;
    if response.status().is_server_error()
        && let Some(found) = origin_state.cache.peek::<Stored>(&asked.key)
        && let Some(cached) = &found.value.0
        && let Ok(older) = filled(node, origin_state, cached, &found, asked, &again).await
    {
        return older;
    }
    response
}

/// Takes the page from the shop, or waits for who does.
async fn missed(
    node: &Node,
    origin_state: &Arc<OriginState>,
    asked: Asked,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let found = match load(node, origin_state, &asked.target, &asked.key, &parts).await {
        Ok(found) => found,
        Err(error) => return errors::load_failed(origin_state, &parts, &error),
    };
    let Some(cached) = &found.value.0 else {
        return not_cached(node, origin_state, &asked, parts, body).await;
    };
    match filled(node, origin_state, cached, &found, &asked, &parts).await {
        Ok(response) => response,
        Err(error) => {
            let error = with_causes(&error);
            tracing::warn!(error, "a page could not be filled here");
            let request = Request::from_parts(parts, body);
            let why = Bypass::Refused(Refused::Private);
            pass(node, Some(origin_state), request, why).await
        }
    }
}

/// The page at a normal target, from the cache or from the shop.
async fn load(
    node: &Node,
    origin_state: &Arc<OriginState>,
    target: &str,
    key: &str,
    request: &Parts,
) -> Result<Found<Stored>, LoadError> {
    let (node, state, target) = (node.clone(), Arc::clone(origin_state), target.to_owned());
    let fetch = move |load: Load| fetch(node, state, target, load);
    let cache = &origin_state.cache;
    cache
        .get_or_load(key, policy(&request.extensions), fetch)
        .await
}

/// Why a request is not answered from the cache, or what it is answered with.
async fn ask(
    node: &Node,
    origin_state: &Arc<OriginState>,
    declared: &Declared,
    request: &Parts,
) -> Result<Asked, Bypass> {
    storable::request(&request.method).map_err(Bypass::Refused)?;
    let host = origin_state.host.clone().ok_or(Bypass::Components)?;
    let session = match &origin_state.sessions {
        Some(key) => {
            let secure = node.0.config.secure_cookies.is_secure(&request.headers);
            let counts = &node.0.cart_counts;
            counts.session(&request.headers, key, secure)
        }
        None if Session::is_claimed(&request.headers) => {
            return Err(Bypass::Refused(Refused::Private));
        }
        None => Session::default(),
    };
    let target = key::target_of(&request.uri);
    let mut target = target.ok_or(Bypass::Refused(Refused::Target))?;
    match declared {
        Declared::ByRoute(params) => target = params.target(&target).into_owned(),
        Declared::ByPage => {
            if let Some((path, _)) = target.split_once('?') {
                let params = Box::pin(params_of_page(node, origin_state, path, request)).await;
                let params = params.ok_or(Bypass::Refused(Refused::Private))?;
                target = params.target(&target).into_owned();
            }
        }
    }
    let key = key(node, origin_state, &target)?;
    Ok(Asked {
        host,
        session,
        target,
        key,
    })
}

/// The key of the page at a normal target.
fn key(node: &Node, origin_state: &OriginState, target: &str) -> Result<String, Bypass> {
    let shop = &origin_state.shop;
    let dimensions = [
        &shop.locale,
        &shop.currency,
        &shop.generation,
        &node.0.region,
    ];
    let key = key::of(KIND, target, &dimensions.map(String::as_str));
    key.ok_or(Bypass::Refused(Refused::Target))
}

/// The parameters that the page at a path declares: from the page without any, which is taken from
/// the shop where it is not here. `None` when there is no page to cache.
async fn params_of_page(
    node: &Node,
    origin_state: &Arc<OriginState>,
    path: &str,
    request: &Parts,
) -> Option<DeclaredParams> {
    let key = key(node, origin_state, path).ok()?;
    let params = |found: &Found<Stored>| Some(found.value.0.as_ref()?.params().clone());
    if let Some(found) = origin_state.cache.get::<Stored>(&key) {
        return params(&found);
    }
    if origin_state.cache.is_unshared(&key) {
        return None;
    }
    params(&load(node, origin_state, path, &key, request).await.ok()?)
}

/// Takes a page from the shop.
async fn fetch(
    node: Node,
    origin_state: Arc<OriginState>,
    target: String,
    load: Load,
) -> Result<Stored, OriginError> {
    let Some((facts, page)) = node.0.origin.page(&target, &node.0.region).await? else {
        load.do_not_store();
        return Ok(Stored(None));
    };
    if facts.generation != origin_state.shop.generation || page.build != origin_state.shop.build {
        node.0.changed.notify_one();
        load.do_not_store();
        return Ok(Stored(None));
    }
    for tag in facts.tags {
        load.tag(tag);
    }
    let fresh_for = Duration::from_millis(facts.fresh_for);
    load.freshness(match node.0.config.redis_url.is_empty() {
        true => fresh_for.min(WITHOUT_PURGES),
        false => fresh_for,
    });
    let headers = headers_of(facts.headers).unwrap_or_default();
    let mut cached = CachedPage::new(page, facts.params).with_headers(headers);
    cached.came_at = Duration::from_millis(facts.age);
    Ok(Stored(Some(cached)))
}

async fn filled(
    node: &Node,
    origin_state: &OriginState,
    cached: &CachedPage,
    found: &Found<Stored>,
    asked: &Asked,
    request: &Parts,
) -> Result<Response, PageError> {
    let Asked { host, session, .. } = asked;
    let address = request.extensions.get().and_then(Forwarded::address);
    let filler = Filler {
        host,
        fillings: &node.0.fillings,
    };
    let answer = cached.answer(filler, &request.headers, session, address);
    let mut response = answer.await?;
    let status = response.status();
    let headers = response.headers_mut();
    origin_state.security.apply(status, headers);
    if session.cart.is_some() {
        headers.append(VARY, HeaderValue::from(COOKIE));
    }
    headers.insert(AGE, status::age(found.age + cached.came_at));
    headers.insert(CACHE_STATUS, node.status(CacheStatus::of(found)));
    Ok(response)
}
