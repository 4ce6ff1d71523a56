//! Every address of a shop.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::Shop;
use crate::app::dev;
use crate::app::layers;
use crate::http::assets;
use crate::http::error::HttpError;
use crate::http::error_pages;
use crate::operator;
use crate::page_cache::layer;
use crate::page_cache::layer::Route;
use crate::release;
use crate::request::declared_params::{Declared, DeclaredParams};
use crate::storefront::cart;
use crate::storefront::pages;

const HOME: &str = "/";
const PRODUCT: &str = "/products/{handle}";
const COLLECTION: &str = "/collections/{handle}";
const OWN: &str = "/pages/{name}";

/// The addresses of pages that are kept, and the parameters that each declares. Searches are not
/// kept: they have as many addresses as visitors have words.
pub fn kept() -> [(&'static str, Declared); 4] {
    let none = || Declared::ByRoute(DeclaredParams::default());
    [
        (HOME, none()),
        (PRODUCT, Declared::ByPage),
        (COLLECTION, Declared::ByRoute(pages::list_params())),
        (OWN, none()),
    ]
}

/// The largest form that is read, in bytes.
const FORM: usize = 64 * 1024;

impl Shop {
    /// The shop as a service: routes and everything around them.
    pub fn router(&self) -> Router {
        let kept = kept().into_iter();
        let kept = kept.fold(Router::new(), |router, (path, declared)| {
            let handler = match path {
                HOME => get(pages::home),
                PRODUCT => get(pages::product),
                COLLECTION => get(pages::collection),
                _ => get(pages::own),
            };
            let route = Route {
                shop: self.clone(),
                declared: Arc::new(declared),
            };
            let through = from_fn_with_state(route, layer::through);
            router.route(path, handler.route_layer(through))
        });
        Router::new()
            .merge(kept)
            .merge(operator::of_shop(self))
            .route("/search", get(pages::search))
            .route("/search/suggest", get(pages::suggest))
            .route("/cart", get(cart::show))
            .route("/cart/key", get(cart::key))
            .route("/cart/add", post(cart::add).get(to_cart))
            .route("/cart/update", post(cart::update).get(to_cart))
            .route("/cart/remove", post(cart::remove).get(to_cart))
            .route("/healthz", get(|| async { "ok\n" }))
            .route("/static/{*path}", get(asset))
            .route("/_protium/dev/breakdown", post(dev::breakdown))
            .route("/_protium/{*path}", get(asset))
            .fallback(|| async { HttpError::not_found() })
            .layer(
                ServiceBuilder::new()
                    .layer(CatchPanicLayer::new())
                    .layer(from_fn_with_state(self.clone(), layers::around))
                    .layer(CatchPanicLayer::custom(error_pages::of_panic))
                    .layer(DefaultBodyLimit::max(FORM)),
            )
            .with_state(self.clone())
    }
}

/// Where a form was refused, its address stays in the browser: opened again, it leads to the cart.
async fn to_cart() -> Redirect {
    Redirect::to("/cart")
}

async fn asset(State(shop): State<Shop>, request: Request) -> Result<Response, HttpError> {
    let path = request.uri().path();
    let release = release::of_request(&shop, request.extensions());
    if let Some(response) = release.assets.respond(path, request.headers()).await {
        return Ok(response);
    }
    let state = shop.0.releases.state();
    if let Some(asset) = state.all().find_map(|release| release.assets.hashed(path)) {
        return Ok(assets::respond(asset, true, request.headers()).await);
    }
    if let Some(asset) = shop.0.earlier.find(path).await {
        return Ok(assets::respond(asset, true, request.headers()).await);
    }
    let current = release
        .assets
        .respond_with_current_picture(path, request.headers());
    current.await.ok_or_else(HttpError::not_found)
}
