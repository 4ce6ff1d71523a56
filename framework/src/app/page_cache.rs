//! Public pages are made once and kept with holes: for a visitor without a cart a page is stored bytes, for one with a cart
//! it is stored bytes and one small call into the components' module.
//!
//! A page that is kept is made from a request without headers and cookies, whose address is written in the one normal way.
//! So it cannot depend on a visitor; and a handler that asks for the session nevertheless makes its page private.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{AGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use parking_lot::Mutex;
use tokio::sync::OnceCell;

use super::Shop;
use super::layers::Timing;
use super::shop::Rendered;
use crate::cache::http::status::{self, CACHE_STATUS};
use crate::cache::http::{self as rules, CacheStatus, Coding, Pieces, Refused, key, storable};
use crate::cache::{Cache, Cached, Found, How, Load, LoadError, Policy};
use crate::commerce::Recorder;
use crate::page::{HoledPage, PageError};
use crate::web::freshness::{self, Privacy};
use crate::web::refusal::Refusal;
use crate::web::session::Session;

/// What the keys of pages begin with.
pub const KIND: &str = "page";
/// A page is fresh for as long as its data says, at most for an hour. Then it is shown for ten minutes more while a new one
/// is made: stock and prices of a page that is rarely looked at are not older than that. When the catalogue is away, an old
/// page is better than none for a day.
const POLICY: Policy = Policy {
    fresh_for: Duration::from_secs(3_600),
    stale_while_revalidate: Duration::from_secs(600),
    stale_if_error: Duration::from_secs(86_400),
};
/// Headers of a kept page, those of the layers around it included.
const MOST_HEADERS: usize = 16;

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

/// A page in the store; or nothing, when it was not to be kept.
struct Stored(Option<Kept>);

struct Kept {
    page: HoledPage,
    pieces: Pieces,
    timing: Vec<(&'static str, Duration)>,
    /// The page of everybody who has no cart.
    common: OnceCell<Common>,
}

struct Common {
    body: rules::Body,
    etag: HeaderValue,
}

/// What became of a request for a page that is not kept: the answer, for the one who asked.
type Slot = Arc<Mutex<Option<Response>>>;

/// The handler failed: whoever waits gets this, or an older page.
#[derive(Debug, thiserror::Error)]
#[error("the page could not be made ({0})")]
struct Failed(StatusCode);

impl Cached for Stored {
    const SHARED: bool = true;

    fn weight(&self) -> usize {
        // The text around the holes and the page as everybody gets it; both plain, and compressed in two ways.
        self.0.as_ref().map_or(0, |kept| kept.page.weight() * 7 / 2)
    }

    fn encode(&self) -> Option<Bytes> {
        self.0.as_ref()?.page.encode()
    }

    fn decode(bytes: Bytes) -> Option<Stored> {
        let page = HoledPage::decode(&bytes)?;
        Some(Stored(Some(Kept::new(page, Vec::new()))))
    }
}

impl Kept {
    fn new(page: HoledPage, timing: Vec<(&'static str, Duration)>) -> Kept {
        Kept {
            pieces: Pieces::new(page.texts().to_vec()),
            page,
            timing,
            common: OnceCell::new(),
        }
    }
}

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
    let (parts, body) = request.into_parts();
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
    storable::request(&request.method, &request.headers)?;
    let target = request.uri.path_and_query().map(|target| target.as_str());
    let target = target.and_then(key::normalise).ok_or(Refused::Target)?;
    let (shop, region) = (&shop.config().shop, shop.config().edge.own_region());
    let dimensions = [&shop.locale, &shop.currency, region, &pages.build];
    let key = key::of(KIND, &target, &dimensions);
    Ok((target, key.ok_or(Refused::Target)?))
}

/// Answers without the store.
async fn past(request: Request, next: Next, why: Refused) -> Response {
    let mut response = next.run(request).await;
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
    let asked = &request.headers;
    let session = Session::from_headers(asked, shop.session_key());
    let answer = if session.cart.is_some() {
        if let Some(privacy) = request.extensions.get::<Privacy>() {
            privacy.mark_private();
        }
        Box::pin(own(shop, kept, asked, &session)).await
    } else {
        common(shop, kept, asked).await
    };
    let mut response = match answer {
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

/// The page of a visitor with a cart: the badge is rendered, everything else is compressed already.
async fn own(
    shop: &Shop,
    kept: &Kept,
    asked: &HeaderMap,
    session: &Session,
) -> Result<Response, PageError> {
    let fillings = shop.fill(&kept.page, session).await?;
    let etag = freshness::etag_of(kept.pieces.parts(&fillings));
    if freshness::matches(asked, &etag) {
        return Ok(answer(None, etag, "private, no-cache"));
    }
    let coded = kept.pieces.coded(Coding::wanted(asked), &fillings).await;
    Ok(answer(Some(coded), etag, "private, no-cache"))
}

/// The page as everybody without a cart gets it: filled, compressed and digested once.
async fn common(shop: &Shop, kept: &Kept, asked: &HeaderMap) -> Result<Response, PageError> {
    let make = || {
        Box::pin(async {
            let fillings = shop.fill(&kept.page, &Session::default()).await?;
            let (html, _) = kept.pieces.coded(Coding::Identity, &fillings).await;
            Ok::<_, PageError>(Common {
                etag: freshness::etag(&html),
                body: rules::Body::new(html),
            })
        })
    };
    let common = kept.common.get_or_try_init(make).await?;
    let etag = common.etag.clone();
    if freshness::matches(asked, &etag) {
        return Ok(answer(None, etag, "public, no-cache"));
    }
    let coded = common.body.coded(Coding::wanted(asked)).await;
    Ok(answer(Some(coded), etag, "public, no-cache"))
}

/// 200 with a body, or 304 without.
fn answer(
    body: Option<(Bytes, Coding)>,
    etag: HeaderValue,
    cache_control: &'static str,
) -> Response {
    let mut response = Response::new(Body::empty());
    *response.headers_mut() = HeaderMap::with_capacity(MOST_HEADERS);
    match body {
        None => *response.status_mut() = StatusCode::NOT_MODIFIED,
        Some((bytes, coding)) => {
            *response.body_mut() = Body::from(bytes);
            let headers = response.headers_mut();
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            headers.insert(CONTENT_TYPE, html);
            if let Some(coding) = coding.header() {
                headers.insert(CONTENT_ENCODING, coding);
            }
        }
    }
    let headers = response.headers_mut();
    let cache_control = HeaderValue::from_static(cache_control);
    headers.insert(CACHE_CONTROL, cache_control);
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(ETAG, etag);
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
