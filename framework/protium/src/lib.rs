//! Protium: a storefront framework. Interface components are written once, in Go, compiled once to
//! WebAssembly; the same module renders HTML on the server and hydrates it in the browser.
//!
//! The map, in the order a request meets it:
//!
//! - [`app`]: a shop opened from its directory: routes, layers, start, graceful stop.
//! - [`request`]: what a handler is told about a request: context, session, parameters.
//! - [`page_cache`]: public pages, made once for all visitors, and what makes them old.
//! - [`storefront`]: home, product, collection, search, cart.
//! - [`prewarm`]: stock, prices and pages, made ready ahead of requests.
//! - [`edge_node`]: a node in front of a shop, near its visitors.
//! - [`operator`]: what operators see and do.
//! - [`release`]: what pages are made from: modules, templates, files, as one value.
//! - `kit`: the Go kit's sources, laid out for a shop's own components.
//! - [`http`]: connections, bounds, origin check, security headers, assets, errors.
//! - [`config`], [`telemetry`], `cli`: what is set, what is logged, the commands.
//!
//! Below it, each a crate that knows nothing of this one: `protium-page`, `protium-wasm`,
//! `protium-commerce`, `protium-cache`, `protium-types`.

mod app;
mod cli;
pub mod config;
mod edge_node;
mod http;
mod kit;
mod operator;
mod page_cache;
// Public for the integration tests and the benches; no part of the API.
#[doc(hidden)]
pub mod prewarm;
mod release;
mod request;
mod storefront;
pub mod telemetry;

pub mod prelude;

pub use app::additions::Setup;
pub use app::data_files::DataFileError;
pub use app::edge_module::{EdgeAnswer, EdgeModule, EdgeModuleError};
pub use app::page_handler::PageHandler;
pub use app::set_header::{SetHeader, SetHeaderService};
pub use app::{App, Shop, StartError};
pub use http::error::HttpError;
pub use kit::KitError;
pub use request::claims::{Claim, Consent, CustomerSession};
pub use request::ctx::Ctx;
pub use request::page::Page;
pub use request::query::Params;
pub use request::services::{Assets, Carts, Catalogue, State};
pub use request::visitor::Visitor;

/// Catalogue and carts: the providers' traits, and what a shop sells.
pub use protium_commerce as commerce;
pub use protium_types::{Market, Region, Tag, Url};
pub use {async_trait::async_trait, axum, clap, serde, serde_json, tera};

/// What a handler fails with: any error becomes one with `?`.
pub type Error = HttpError;
/// What handlers return.
pub type Result<T, E = Error> = std::result::Result<T, E>;
