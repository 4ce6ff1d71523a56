//! Answers from memory, in front of the router. Most requests of visitors end here: for a page that
//! is stored and complete there is nothing to route, and nothing to wait for.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::future::RouteFuture;
use futures_util::future::Either;
use http::Method;
use http::request::Parts;
use tower::Service;

use crate::app::{Shop, layers};
use crate::edge_node::api;
use crate::http::assets;
use crate::http::forwarded::Forwarded;
use crate::http::serve::{Arrived, Connection};
use crate::page_cache::layer::{CachedResponse, key_in};
use crate::telemetry::request_span::RequestSpan;
use protium_cache::http::key;

/// A shop's router behind the pages that are in memory.
#[derive(Clone)]
pub struct Front {
    shop: Shop,
    router: Router,
}

impl Front {
    /// `router` is the shop's own.
    pub fn new(shop: Shop, router: Router) -> Front {
        Front { shop, router }
    }
}

impl Service<Arrived> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response, Infallible>>, RouteFuture<Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, arrived: Arrived) -> Self::Future {
        let Arrived {
            connection,
            request,
        } = arrived;
        let (mut parts, body) = request.into_parts();
        if is_plain(&self.shop, &parts) {
            // The span of a request has its route.
            match RequestSpan::begin(&parts) {
                Some(span) => drop(parts.extensions.insert(span)),
                None => {
                    if let Some(response) = hit(&self.shop, &connection, &mut parts) {
                        return Either::Left(ready(Ok(response)));
                    }
                }
            }
        }
        let request = Request::from_parts(parts, body);
        let arrived = Arrived {
            connection,
            request,
        };
        Either::Right(self.router.call(arrived.into_request()))
    }
}

/// Whether nothing but the path, and who asks, decides what a request is answered with: it is not a
/// node's, its query declares nothing, no layer of the shop's program is around every request, and
/// no build of changed files can have failed.
fn is_plain(shop: &Shop, request: &Parts) -> bool {
    let (uri, headers) = (&request.uri, &request.headers);
    request.method == Method::GET
        && uri.query().is_none()
        && shop.0.additions.layers.is_empty()
        && shop.0.watched.is_none()
        && !assets::is_file(uri.path())
        && !headers.contains_key(api::TOKEN)
        && !headers.contains_key(api::REGION)
}

/// What the layers and the router answer to a plain request, if they need nothing but a page in
/// memory. Whatever is wrong with a request, they say so.
fn hit(shop: &Shop, connection: &Connection, request: &mut Parts) -> Option<Response> {
    let cache = shop.cache()?;
    let _under_way = shop.visited(request);
    let (uri, headers) = (&request.uri, &request.headers);
    let peer = Some(connection.peer());
    layers::check(request, peer).ok()?;
    let (release, None) = shop.0.releases.choose(headers) else {
        return None;
    };
    let forwarded = Forwarded::read(&shop.0.trusted_proxies, peer, false, headers, uri);
    let market = layers::market(shop, &forwarded, uri);
    let path = market.within(uri.path())?;
    // Written otherwise, it may have no route.
    let target = key::normalise(path).filter(|target| target == path)?;
    let key = key_in(market, &shop.0.region, &release, &target)?;
    let hit = CachedResponse::new(shop, cache.get(&key)?, headers, Some(&forwarded));
    let mut response = hit.ready(shop, &mut request.headers)?;
    shop.viewed_by_visitor(path);
    shop.count(&release, &response);
    let status = response.status();
    let headers = response.headers_mut();
    release.security.apply(status, headers);
    layers::narrow_headers(headers, hit.audience());
    Some(response)
}
