//! Public pages are made once and kept with holes: for a visitor without a cart a page is stored bytes, for one with a cart
//! it is stored bytes and one small call into the components' module.
//!
//! A page that is kept is made from a request without headers and cookies, whose address is written in the one normal way.
//! So it cannot depend on a visitor; and a handler that asks for the session nevertheless makes its page private.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AGE, CACHE_CONTROL};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use parking_lot::Mutex;

use super::kept::{KIND, Kept, POLICY, Stored};
use super::layers::Timing;
use super::prewarm::overlay::Region;
use super::shop::Rendered;
use super::{Shop, nodes};
use crate::cache::http::status::{self, CACHE_STATUS};
use crate::cache::http::{CacheStatus, Refused, key, storable};
use crate::cache::{Cache, Found, How, Load, LoadError};
use crate::commerce::Recorder;
use crate::page::HoledPage;
use crate::web::forwarded::Forwarded;
use crate::web::freshness::Privacy;
use crate::web::refusal::Refusal;

/// The stored pages of a shop.
pub struct PageCache {
    cache: Cache,
    build: String,
}

/// Lies in the extensions of a request whose page is to be kept.
#[derive(Clone, Default)]
pub struct Making {
    /// What the page depends on.
    pub recorder: Recorder,
    made: Arc<Mutex<Option<Rendered<HoledPage>>>>,
}

/// What became of a request for a page that is not kept: the answer, for the one who asked.
type Slot = Arc<Mutex<Option<Response>>>;

/// The handler failed: whoever waits gets this, or an older page.
#[derive(Debug, thiserror::Error)]
#[error("the page could not be made ({0})")]
struct Failed(StatusCode);

impl Making {
    /// The page was made: an answer that says whether it may be kept.
    pub fn answer(&self, page: Rendered<HoledPage>) -> Response {
        *self.made.lock() = Some(page);
        let public = HeaderValue::from_static("public, no-cache");
        ([(CACHE_CONTROL, public)], Body::empty()).into_response()
    }
}

impl PageCache {
    pub fn new(cache: Cache, build: String) -> PageCache {
        PageCache { cache, build }
    }

    pub fn cache(&self) -> &Cache {
        &self.cache
    }
}

/// Around the handlers of public pages.
pub async fn through(State(shop): State<Shop>, request: Request, next: Next) -> Response {
    let Some(pages) = &shop.0.page_cache else {
        return next.run(request).await;
    };
    let (mut parts, body) = request.into_parts();
    // Boxed, or else the future of every request would have room for it.
    if parts.headers.contains_key(nodes::REGION) {
        Box::pin(nodes::mark(&shop, &mut parts)).await;
    }
    let (target, key) = match asked(&shop, pages, &parts) {
        Ok(asked) => asked,
        Err(why) => return past(Request::from_parts(parts, body), next, why).await,
    };
    // Most requests end here: what it takes to make a page is not even gathered.
    if let Some(found) = pages.cache.get::<Stored>(&key)
        && let Some(kept) = &found.value.0
    {
        shop.viewed(&parts);
        return respond(&shop, kept, &found, &parts).await;
    }
    let asked = Asked {
        request: Request::from_parts(parts, body),
        target,
        key,
    };
    // Boxed, or else the future of every request would have room for it.
    Box::pin(missed(&shop, pages, asked, next)).await
}

/// A request for a page that is kept, or is to be.
struct Asked {
    request: Request,
    /// The normal target.
    target: String,
    key: String,
}

/// Makes the page, or waits for who makes it.
async fn missed(shop: &Shop, pages: &PageCache, asked: Asked, next: Next) -> Response {
    let Asked {
        request,
        target,
        key,
    } = asked;
    if pages.cache.is_unshared(&key) {
        return past(request, next, Refused::Private).await;
    }
    let (parts, body) = request.into_parts();
    let slot = Slot::default();
    let load = {
        let (slot, next) = (Arc::clone(&slot), next.clone());
        let clean = clean(&parts, &target);
        move |load: Load| make(load, clean, next, slot)
    };
    let found = pages
        .cache
        .get_or_load::<Stored, _, _, _>(&key, POLICY, load);
    let mut response = match found.await {
        Ok(found) => match &found.value.0 {
            Some(kept) => {
                shop.viewed(&parts);
                respond(shop, kept, &found, &parts).await
            }
            None => {
                let answer = slot.lock().take();
                match answer {
                    Some(response) => response,
                    None => {
                        let request = Request::from_parts(parts, body);
                        return past(request, next, Refused::Private).await;
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

/// The normal target of a request, and its key.
fn asked(shop: &Shop, pages: &PageCache, request: &Parts) -> Result<(String, String), Refused> {
    storable::request(&request.method)?;
    let target = request.uri.path_and_query().map(|target| target.as_str());
    let target = target.and_then(key::normalise).ok_or(Refused::Target)?;
    let config = shop.config();
    let region = request.extensions.get::<Region>();
    let region = region.and_then(|region| region.0.as_deref());
    let region = region.unwrap_or_else(|| config.edge.own_region());
    let shop = &config.shop;
    let dimensions = [&shop.locale, &shop.currency, region, &pages.build];
    let key = key::of(KIND, &target, &dimensions);
    Ok((target, key.ok_or(Refused::Target)?))
}

/// Answers without the store.
async fn past(request: Request, next: Next, why: Refused) -> Response {
    if nodes::is_marked(request.extensions()) {
        return nodes::not_kept();
    }
    let mut response = match why {
        // There is no page whose address is written like this: nothing is looked up for it.
        Refused::Target => Refusal::not_found().into_response(),
        _ => next.run(request).await,
    };
    let status = CacheStatus::Bypass(why).header();
    response.headers_mut().insert(CACHE_STATUS, status);
    response
}

/// The request for a page that is kept: nothing of the visitor, and the normal target.
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

async fn make(load: Load, mut request: Request, next: Next, slot: Slot) -> Result<Stored, Failed> {
    let (privacy, making) = (Privacy::default(), Making::default());
    request.extensions_mut().insert(privacy.clone());
    request.extensions_mut().insert(making.clone());
    let response = next.run(request).await;
    let status = response.status();
    let page = making.made.lock().take();
    if privacy.is_private() {
        load.do_not_store();
        return Ok(Stored(None));
    }
    let Some(page) = page else {
        load.do_not_store();
        *slot.lock() = Some(response);
        return match status.is_server_error() {
            true => Err(Failed(status)),
            false => Ok(Stored(None)),
        };
    };
    let Rendered { html: page, timing } = page;
    if storable::response(status, response.headers(), page.weight()).is_err() {
        load.do_not_store();
        return Ok(Stored(None));
    }
    let depends = making.recorder.dependencies();
    for tag in depends.tags {
        load.tag(tag);
    }
    if let Some(freshness) = depends.freshness {
        load.freshness(freshness);
    }
    Ok(Stored(Some(Kept::new(page, timing))))
}

/// A kept page for one visitor.
async fn respond(shop: &Shop, kept: &Kept, found: &Found<Stored>, request: &Parts) -> Response {
    if nodes::is_marked(&request.extensions) {
        return nodes::page(shop, kept, found);
    }
    let asked = &request.headers;
    let session = shop.session(asked);
    if session.cart.is_some()
        && let Some(privacy) = request.extensions.get::<Privacy>()
    {
        privacy.mark_private();
    }
    let address = request.extensions.get().and_then(Forwarded::address);
    let answer = kept.answer(shop.0.pages.host(), asked, &session, address);
    let mut response = match answer.await {
        Ok(response) => response,
        Err(error) => return Refusal::from(error).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(AGE, status::age(found.age));
    headers.insert(CACHE_STATUS, CacheStatus::of(found).header());
    if found.how == How::Loaded {
        response
            .extensions_mut()
            .insert(Timing(kept.timing.clone()));
    }
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
    Refusal::of_status(status).because(error).into_response()
}
