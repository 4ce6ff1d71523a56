//! Paths of markets with a prefix: routes know nothing of prefixes, and are asked without them.

use std::convert::Infallible;

use axum::Router;
use axum::extract::Request;
use http::Uri;
use http::uri::PathAndQuery;
use tower::{ServiceExt, service_fn};

use crate::app::Shop;
use crate::http::forwarded::Forwarded;
use crate::http::serve::Peer;

/// The router for requests whose paths may begin with the prefix of a market.
pub fn without_prefixes(shop: &Shop, router: Router) -> Router {
    let shop = shop.clone();
    Router::new().fallback_service(service_fn(move |mut request: Request| {
        take_prefix(&shop, &mut request);
        let router = router.clone();
        async move { Ok::<_, Infallible>(router.oneshot(request).await.unwrap_or_else(never)) }
    }))
}

fn never<T>(impossible: Infallible) -> T {
    match impossible {}
}

/// Takes the market's prefix from the path, and notes the market.
fn take_prefix(shop: &Shop, request: &mut Request) {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
    let trusted = &shop.0.trusted_proxies;
    let forwarded = Forwarded::read(trusted, peer, false, request.headers(), request.uri());
    let host = forwarded.host.as_ref().and_then(|host| host.to_str().ok());
    let market = shop.0.markets.choose(host, request.uri().path()).clone();
    if let Some(uri) = within(&market.prefix, request.uri()) {
        *request.uri_mut() = uri;
    }
    request.extensions_mut().insert(market);
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
