//! Every address of a shop: the framework's, and what the shop's program adds or replaces.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{Redirect, Response};
use axum::routing::{MethodRouter, get, post};

use crate::app::Shop;
use crate::app::additions::{Additions, PageLayer};
use crate::app::dev;
use crate::app::layers;
use crate::app::market_paths;
use crate::app::profiler;
use crate::http::assets;
use crate::http::error::HttpError;
use crate::http::freshness::Audience;
use crate::http::middleware::from_fn;
use crate::operator;
use crate::page_cache::layer::PageCacheLayer;
use crate::page_cache::uncached;
use crate::request::declared_params::{Declared, DeclaredParams};
use crate::storefront::cart;
use crate::storefront::pages;

/// The framework's pages that are cached, and the parameters that each declares. Searches are not
/// cached: they have as many addresses as visitors have words.
fn framework_pages() -> [(&'static str, MethodRouter<Shop>, Declared); 4] {
    let none = || Declared::ByRoute(DeclaredParams::default());
    let lists = Declared::ByRoute(pages::list_params());
    [
        ("/", get(pages::home), none()),
        ("/products/{handle}", get(pages::product), Declared::ByPage),
        ("/collections/{handle}", get(pages::collection), lists),
        ("/pages/{name}", get(pages::own), none()),
    ]
}

/// The framework's pages that are made for every request.
fn framework_forms() -> [(&'static str, MethodRouter<Shop>); 5] {
    [
        ("/search", get(pages::search)),
        ("/cart", get(cart::show)),
        ("/cart/add", post(cart::add).get(to_cart)),
        ("/cart/update", post(cart::update).get(to_cart)),
        ("/cart/remove", post(cart::remove).get(to_cart)),
    ]
}

/// The framework's routes that never answer with a page.
fn framework_routes() -> [(&'static str, MethodRouter<Shop>); 4] {
    [
        ("/search/suggest", get(pages::suggest)),
        ("/cart/key", get(cart::key)),
        ("/healthz", get(|| async { "ok\n" })),
        ("/static/{*path}", get(asset)),
    ]
}

/// Paths that are the framework's alone.
const RESERVED: &str = "/_protium/";

/// What tells a route from others: its path without the names of its parameters.
fn shape(path: &str) -> String {
    let segment = |segment: &str| match segment {
        wild if wild.starts_with("{*") => "{*}".to_owned(),
        param if param.starts_with('{') && param.ends_with('}') => "{}".to_owned(),
        plain => plain.to_owned(),
    };
    let shapes: Vec<String> = path.split('/').map(segment).collect();
    shapes.join("/")
}

/// A path that the shop's program gave and that cannot be a route.
pub fn problem<S>(additions: &Additions<S>) -> Option<String> {
    let mut pages = BTreeMap::new();
    let paths = additions.pages.iter().map(|page| &page.path);
    for path in paths.chain(additions.routes.iter().map(|(path, _)| path)) {
        if !path.starts_with('/') {
            return Some(format!("the route `{path}` does not begin with a slash"));
        }
        if path.starts_with(RESERVED) {
            return Some(format!(
                "the route `{path}` is within {RESERVED}, the framework's own"
            ));
        }
        let first = pages.entry(shape(path)).or_insert(path);
        if *first != path {
            return Some(format!(
                "the routes `{first}` and `{path}` are for the same requests"
            ));
        }
    }
    let twice = additions.pages.iter().enumerate().find(|(at, page)| {
        let later = additions.pages.iter().skip(at + 1);
        later.map(|page| &page.path).any(|path| *path == page.path)
    });
    twice.map(|(_, page)| format!("the page `{}` is there twice", page.path))
}

/// The routes of pages that an edge node may cache, and the parameters that each declares: none
/// where the shop has a layer around every request, or markets by host.
pub fn cached<S>(additions: &Additions<S>, has_hosts: bool) -> Vec<(String, Declared)> {
    if has_hosts || !additions.layers.is_empty() {
        return Vec::new();
    }
    let own = additions.pages.iter();
    let own = own.filter(|page| page.audience == Audience::Everybody);
    let own = own.map(|page| (page.path.clone(), Declared::ByPage));
    let framework = framework_pages().into_iter();
    let framework = framework.filter(|(path, ..)| !additions.replaces(path));
    own.chain(framework.map(|(path, _, declared)| (path.to_owned(), declared)))
        .collect()
}

impl<S> Additions<S> {
    /// Whether the shop has a route of its own where the framework has this one.
    fn replaces(&self, path: &str) -> bool {
        let shape_here = shape(path);
        let pages = self.pages.iter().map(|page| &page.path);
        let routes = self.routes.iter().map(|(path, _)| path);
        pages.chain(routes).any(|path| shape(path) == shape_here)
    }
}

impl Shop {
    /// The shop as a service: routes and everything around them.
    pub fn router(&self) -> Router {
        let additions = &self.0.additions;
        let mut router = Router::new();
        for (path, handlers, declared) in framework_pages() {
            if !additions.replaces(path) {
                router = router.route(path, self.cached_page(handlers, declared));
            }
        }
        for page in &additions.pages {
            let handlers = page.handler.clone();
            let handlers = match page.audience {
                Audience::Everybody => self.cached_page(handlers, Declared::ByPage),
                narrower => self
                    .page(handlers)
                    .route_layer(from_fn(narrower, layers::narrow)),
            };
            router = router.route(&page.path, handlers);
        }
        for (path, handlers) in framework_forms() {
            if !additions.replaces(path) {
                router = router.route(path, self.page(handlers));
            }
        }
        for (path, handlers) in framework_routes() {
            if !additions.replaces(path) {
                router = router.route(path, handlers);
            }
        }
        for (path, handlers) in &additions.routes {
            let in_full = from_fn(self.clone(), uncached::in_full);
            router = router.route(path, handlers.clone().route_layer(in_full));
        }
        let mut router = router
            .merge(operator::of_shop(self))
            .route("/_protium/dev/breakdown", post(dev::breakdown))
            .route(dev::EVENTS, get(dev::events))
            .route(profiler::LIST, get(profiler::list))
            .route(profiler::REQUEST, get(profiler::request))
            .route(profiler::STYLE, get(profiler::style))
            .route("/_protium/{*path}", get(asset))
            .fallback(|| async { HttpError::not_found() });
        for layer in &additions.layers {
            router = layer(router);
        }
        let router = router.layer(from_fn(self.clone(), layers::around));
        let router = match self.0.profiles {
            Some(_) => router.layer(from_fn(self.clone(), profiler::keep)),
            None => router,
        };
        let router = router.with_state(self.clone());
        match self.0.markets.have_prefixes() {
            true => market_paths::without_prefixes(self, router),
            false => router,
        }
    }

    /// Handlers whose pages are cached.
    fn cached_page(&self, handlers: MethodRouter<Shop>, declared: Declared) -> MethodRouter<Shop> {
        let cached = PageCacheLayer {
            shop: self.clone(),
            declared: Arc::new(declared),
        };
        self.with_page_layers(handlers).route_layer(cached)
    }

    /// Handlers of pages that are rendered for each request.
    fn page(&self, handlers: MethodRouter<Shop>) -> MethodRouter<Shop> {
        self.with_page_layers(handlers)
            .route_layer(from_fn(self.clone(), uncached::in_full))
    }

    fn with_page_layers(&self, handlers: MethodRouter<Shop>) -> MethodRouter<Shop> {
        let layers = self.0.additions.page_layers.iter();
        layers.fold(handlers, |handlers, layer: &PageLayer<Shop>| {
            layer(handlers)
        })
    }
}

/// Where a form was refused, its address stays in the browser: opened again, it leads to the cart.
async fn to_cart() -> Redirect {
    Redirect::to("/cart")
}

async fn asset(State(shop): State<Shop>, request: Request) -> Result<Response, HttpError> {
    let path = request.uri().path();
    let release = shop.release_of(request.extensions());
    if let Some(response) = release.assets.respond(path, request.headers()).await {
        return Ok(response);
    }
    let state = shop.0.releases.state();
    if let Some(asset) = state.all().find_map(|release| release.assets.hashed(path)) {
        return Ok(assets::respond(asset, true, request.headers()).await);
    }
    let watched = shop.0.watched.as_ref();
    if let Some(asset) = watched.and_then(|watched| watched.module_ahead(path)) {
        return Ok(assets::respond(asset, true, request.headers()).await);
    }
    if let Some(asset) = shop.0.previous_assets.find(path).await {
        return Ok(assets::respond(asset, true, request.headers()).await);
    }
    let current = release
        .assets
        .respond_with_current_picture(path, request.headers());
    current.await.ok_or_else(HttpError::not_found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::page::Page;

    async fn page() -> Page {
        Page::new("a.html")
    }

    #[test]
    fn routes_that_cannot_be_are_named() {
        let said = |app: crate::App| problem(app.additions());
        let app = || crate::App::new(".");
        assert_eq!(
            said(app().page("/a/{b}", page).route("/a", get(page))),
            None
        );
        for (app, name) in [
            (app().page("a", page), "`a`"),
            (app().route("/_protium/a", get(page)), "`/_protium/a`"),
            (
                app().page("/a/{b}", page).route("/a/{c}", get(page)),
                "`/a/{c}`",
            ),
            (app().page("/a", page).page("/a", page), "`/a`"),
        ] {
            let said = said(app).unwrap_or_default();
            assert!(said.contains(name), "{said}");
        }
    }

    #[test]
    fn a_shop_replaces_a_route_whatever_its_parameters_are_called() {
        let app = crate::App::new(".").page("/products/{slug}", page);
        assert!(app.additions().replaces("/products/{handle}"));
        assert!(!app.additions().replaces("/collections/{handle}"));
        let cached = cached(app.additions(), false);
        let paths: Vec<&str> = cached.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "/products/{slug}",
                "/",
                "/collections/{handle}",
                "/pages/{name}"
            ]
        );
    }
}
