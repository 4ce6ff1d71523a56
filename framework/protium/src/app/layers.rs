//! Middleware around every handler: limits, origin check, error pages, security headers, timing,
//! compression.

use std::future::poll_fn;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_TYPE, COOKIE, RETRY_AFTER, SET_COOKIE, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use hyper::body::Body as _;

use crate::app::Shop;
use crate::app::dev_script;
use crate::edge_node::api;
use crate::http::assets;
use crate::http::compression;
use crate::http::error::{HttpError, wants_json};
use crate::http::error_pages;
use crate::http::forwarded::Forwarded;
use crate::http::freshness::{Audience, Privacy};
use crate::http::middleware::Next;
use crate::http::serve::Connection;
use crate::http::{framing, origin};
use crate::prewarm::prewarm_request::PrewarmRequest;
use crate::release::{Release, canary};
use crate::request::info::{self, RequestInfo};
use crate::telemetry::request_span;
use protium_cache::http::status::CACHE_STATUS;
use protium_cache::http::{Accepted, CacheStatus, Refused};
use protium_types::Market;

/// The longest address, in bytes.
const URI: usize = 8 * 1024;
/// The most bytes in all header names and values together.
const HEADERS: usize = 32 * 1024;
/// The time a request has, its body included.
const TIME: Duration = Duration::from_secs(30);
/// The largest form that is read, in bytes.
const FORM: usize = 64 * 1024;

/// Around all handlers.
// Every request pays for the size of this future: what has a large one is boxed, and functions that
// only pass a future on are not `async`, since theirs would have room for it twice.
pub fn around(
    shop: Shop,
    request: Request,
    next: Next,
) -> impl Future<Output = Response> + Send + 'static {
    let handling = request_span::around(request, |request| {
        let (parts, body) = request.into_parts();
        inside(shop, parts, body, next)
    });
    without_panic(handling)
}

/// Turns a panic into an error response. tower-http's layer does it too, but boxes the body of each
/// response once more, which page cache hits feel.
fn without_panic(handling: impl Future<Output = Response>) -> impl Future<Output = Response> {
    let handling = AssertUnwindSafe(handling).catch_unwind();
    handling.map(|response| response.unwrap_or_else(error_pages::of_panic))
}

/// What a future resolves to; `None` when it takes longer than this. There is no timer unless it
/// has to wait.
async fn within<F: Future>(limit: Duration, mut future: Pin<&mut F>) -> Option<F::Output> {
    let at_once = poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await;
    match at_once {
        Poll::Ready(output) => Some(output),
        Poll::Pending => Box::pin(tokio::time::timeout(limit, future)).await.ok(),
    }
}

async fn inside(shop: Shop, mut parts: Parts, body: Body, next: Next) -> Response {
    let _under_way = shop.visited(&parts);
    let is_file = assets::is_file(parts.uri.path());
    let (release, new_bucket) = chosen(&shop, &parts, is_file).await;
    let new_bucket = new_bucket.map(|bucket| {
        let secure = shop.config().secure_cookies.is_secure(&parts.headers);
        canary::to_header(bucket, secure)
    });
    let mut error_context = error_pages::FailedRequest::of(&parts, Arc::clone(&release));
    let is_read = matches!(parts.method, Method::GET | Method::HEAD);
    let connection = parts.extensions.get::<Connection>().cloned();
    let is_counted = !is_file && parts.extensions.get::<PrewarmRequest>().is_none();
    let privacy = Privacy::default();
    let accepted = accept(&shop, &mut parts, &mut error_context.market).await;
    let refused = match accepted {
        Ok((market, forwarded)) => {
            parts.extensions.insert(RequestInfo {
                release: Arc::clone(&release),
                market,
                privacy: privacy.clone(),
                forwarded,
            });
            build_failure(&shop, &parts, is_file)
        }
        Err(refusal) => Some(refusal),
    };
    let mut response = match refused {
        Some(refusal) => refusal.into_response(),
        None => {
            let mut request = Request::from_parts(parts, body);
            if !request.body().is_end_stream() {
                DefaultBodyLimit::max(FORM).apply(&mut request);
            }
            let handling = pin!(without_panic(next.run(request)));
            within(TIME, handling).await.unwrap_or_else(|| {
                HttpError::of_status(StatusCode::GATEWAY_TIMEOUT).into_response()
            })
        }
    };
    if is_counted {
        shop.count(&release, &response);
    }
    if response.status() == StatusCode::NOT_FOUND
        && is_read
        && let Some(moved) = error_context.moved()
    {
        response = moved;
    }
    if response.status().is_client_error() || response.status().is_server_error() {
        if connection.is_some_and(|connection| connection.owes_body()) {
            response = body_is_late();
        }
        // Boxed, like what compresses: the future of every request would have room for it.
        response = Box::pin(error_pages::with_error_body(
            &shop,
            &error_context,
            response,
        ))
        .await;
    }
    if shop.config().dev && !is_file && is_html(response.headers()) {
        response = Box::pin(dev_script::added(&release, response)).await;
    }
    let status = response.status();
    let headers = response.headers_mut();
    release.security.apply(status, headers);
    if let Some(bucket) = new_bucket.filter(|_| is_html(headers)) {
        headers.append(SET_COOKIE, bucket);
        privacy.mark_private();
    }
    narrow_headers(headers, privacy.audience());
    headers.entry(CACHE_STATUS).or_insert_with(|| {
        let why = match shop.cache() {
            None => Refused::Off,
            Some(_) if is_read => Refused::Address,
            Some(_) => Refused::Method,
        };
        CacheStatus::Bypass(why).header()
    });
    let retry_after = match status {
        StatusCode::SERVICE_UNAVAILABLE => Some("1"),
        StatusCode::TOO_MANY_REQUESTS => Some("10"),
        _ => None,
    };
    if let Some(seconds) = retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from_static(seconds));
    }
    match compression::is_wanted(response.headers()) {
        true => Box::pin(compression::compressed(&error_context.headers(), response)).await,
        false => response,
    }
}

/// Has a response say who it is for.
pub fn narrow_headers(headers: &mut HeaderMap, audience: Audience) {
    let cache_control = match audience {
        Audience::Everybody => return,
        Audience::OneVisitor => "private, no-cache",
        Audience::OneRequest => "private, no-store",
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control));
    headers.append(VARY, HeaderValue::from(COOKIE));
}

/// The release that a request is answered with: the one that it was made for, or the one that its
/// visitor gets now; and the visitor's group where that is new. Edge nodes get the current one, and
/// so do requests for files, which are looked for in all releases.
async fn chosen(shop: &Shop, request: &Parts, is_file: bool) -> (Arc<Release>, Option<u16>) {
    if let Some(release) = request.extensions.get::<Arc<Release>>() {
        return (Arc::clone(release), None);
    }
    if shop.config().dev {
        Box::pin(shop.reload_changed_files()).await;
    }
    let headers = &request.headers;
    if is_file || headers.contains_key(api::TOKEN) || headers.contains_key(api::REGION) {
        return (shop.release(), None);
    }
    shop.0.releases.choose(headers)
}

/// In development, why no page can be shown now.
fn build_failure(shop: &Shop, request: &Parts, is_file: bool) -> Option<HttpError> {
    let watched = shop.0.watched.as_ref()?;
    let is_page = !is_file && request.method == Method::GET && !wants_json(&request.headers);
    watched.failure().filter(|_| is_page)
}

fn is_html(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// The client did not send all of its request in time. The connection is closed, so that the rest
/// of the body is not read as another request.
fn body_is_late() -> Response {
    let mut response = HttpError::of_status(StatusCode::REQUEST_TIMEOUT).into_response();
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    response
}

/// Reads the headers of proxies, and refuses a request that is too long, could be parsed in two
/// ways, or comes from another site. Says for which market it is, and what is known of its client.
async fn accept(
    shop: &Shop,
    request: &mut Parts,
    known_market: &mut Option<Market>,
) -> Result<(Market, Forwarded), HttpError> {
    let peer = Connection::peer_of(&request.extensions);
    check(request, peer)?;
    // Boxed, or else the future of every request would have room for it.
    let is_node = request.headers.contains_key(api::TOKEN)
        && Box::pin(api::is_node(shop, &mut request.headers, peer)).await;
    let trusted = &shop.0.trusted_proxies;
    let forwarded = Forwarded::read(trusted, peer, is_node, &request.headers, &request.uri);
    let by_prefix = request.extensions.get::<Market>();
    let market = by_prefix.unwrap_or_else(|| market(shop, &forwarded, &request.uri));
    let market = market.clone();
    *known_market = Some(market.clone());
    if !origin::accepts(request, &forwarded, shop.0.own_host.as_deref()) {
        let (status, key) = (StatusCode::FORBIDDEN, "error.cross_site");
        let why = format!(
            "a {} request from another site is not accepted",
            request.method
        );
        return Err(HttpError::of_message(status, "cross_site", key, []).because(why));
    }
    Ok((market, forwarded))
}

/// Whether a request from this peer is short enough, and can be parsed in one way only. (`None`:
/// from within the process.)
pub fn check(request: &Parts, peer: Option<IpAddr>) -> Result<(), HttpError> {
    bounds(&request.uri, &request.headers)?;
    codings(&request.method, &request.headers)?;
    match peer {
        Some(_) => framing::check(request),
        None => Ok(()),
    }
}

/// The market that an address is in.
pub fn market<'a>(shop: &'a Shop, forwarded: &Forwarded, uri: &Uri) -> &'a Market {
    let host = forwarded.host.as_ref().and_then(|host| host.to_str().ok());
    shop.0.markets.choose(host, uri.path())
}

/// Middleware around handlers whose extractors make their responses private or uncached.
pub async fn narrow(audience: Audience, request: Request, next: Next) -> Response {
    if let Some(privacy) = info::privacy(request.extensions()) {
        privacy.narrow(audience);
    }
    next.run(request).await
}

/// Whether an address and headers are short enough.
pub fn bounds(uri: &Uri, headers: &HeaderMap) -> Result<(), HttpError> {
    let address = uri.path().len() + uri.query().map_or(0, str::len);
    if address > URI {
        return Err(HttpError::of_status(StatusCode::URI_TOO_LONG));
    }
    let bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if bytes > HEADERS {
        return Err(HttpError::of_status(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        ));
    }
    Ok(())
}

/// Whether the client accepts any content coding that the shop has.
pub fn codings(method: &Method, headers: &HeaderMap) -> Result<(), HttpError> {
    let is_read = matches!(*method, Method::GET | Method::HEAD);
    match is_read && Accepted::of(headers).best().is_none() {
        true => Err(HttpError::of_status(StatusCode::NOT_ACCEPTABLE)),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_takes_too_long_is_given_up() {
        let short = Duration::from_millis(20);
        let endless = pin!(std::future::pending::<()>());
        assert_eq!(within(short, endless).await, None);
        let waiting = pin!(async {
            tokio::task::yield_now().await;
            7
        });
        assert_eq!(within(TIME, waiting).await, Some(7));
        assert_eq!(within(TIME, pin!(std::future::ready(8))).await, Some(8));
    }
}
