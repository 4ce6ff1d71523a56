//! Paths of markets with a prefix: routes know nothing of prefixes. They are asked without them,
//! and where they redirect to an address of the shop, it is in the market of the request.

use std::convert::Infallible;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use http::header::LOCATION;
use http::uri::PathAndQuery;
use http::{HeaderValue, Uri};
use tower::{ServiceExt, service_fn};

use crate::app::Shop;
use crate::http::forwarded::Forwarded;
use crate::http::serve::Connection;
use protium_types::{Market, Url};

/// The router for requests whose paths may begin with the prefix of a market.
pub fn without_prefixes(shop: &Shop, router: Router) -> Router {
    let shop = shop.clone();
    Router::new().fallback_service(service_fn(move |mut request: Request| {
        let market = take_prefix(&shop, &mut request);
        let router = router.clone();
        async move {
            let mut response = router.oneshot(request).await.unwrap_or_else(never);
            stay_in(&market, &mut response);
            Ok::<_, Infallible>(response)
        }
    }))
}

fn never<T>(impossible: Infallible) -> T {
    match impossible {}
}

/// Takes the market's prefix from the path, and notes the market.
fn take_prefix(shop: &Shop, request: &mut Request) -> Market {
    let peer = Connection::peer_of(request.extensions());
    let trusted = &shop.0.trusted_proxies;
    let forwarded = Forwarded::read(trusted, peer, false, request.headers(), request.uri());
    let host = forwarded.host.as_ref().and_then(|host| host.to_str().ok());
    let market = shop.0.markets.choose(host, request.uri().path()).clone();
    if let Some(uri) = within(&market.prefix, request.uri()) {
        *request.uri_mut() = uri;
    }
    request.extensions_mut().insert(market.clone());
    market
}

/// Has a redirect within the shop lead to an address of the market.
fn stay_in(market: &Market, response: &mut Response) {
    if market.prefix.is_empty() {
        return;
    }
    let location = response.headers().get(LOCATION);
    let url = location.and_then(|location| location.to_str().ok()?.parse::<Url>().ok());
    let url = url.map(|url| market.url(&url));
    if let Some(location) = url.and_then(|url| HeaderValue::try_from(url.as_str()).ok()) {
        response.headers_mut().insert(LOCATION, location);
    }
}

fn within(prefix: &str, uri: &Uri) -> Option<Uri> {
    if prefix.is_empty() {
        return None;
    }
    let path = match uri.path().strip_prefix(prefix)? {
        "" => "/",
        rest => rest,
    };
    let target = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    Uri::from_parts(parts).ok()
}
