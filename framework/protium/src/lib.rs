//! Protium: a storefront framework. Interface components are written once, in Go, compiled once to
//! WebAssembly; the same module renders HTML on the server and hydrates it in the browser.
//!
//! # A shop
//!
//! A shop is a directory with a `protium.toml`, templates, static files and Go components, and a
//! program that names the directory. What the shop has of its own beside these is added to an
//! [`App`]: here a page with data, a route, a layer, a filter for templates, and state.
//!
//! ```no_run
//! use std::collections::BTreeMap;
//! use std::sync::Arc;
//!
//! use protium::prelude::*;
//! use protium::tera::{self, Kwargs};
//!
//! /// What handlers share: extracted as `State<Posts>`.
//! #[derive(Clone, Default)]
//! struct Posts(Arc<BTreeMap<String, String>>);
//!
//! /// A page: made once for all visitors, until the tag is purged or ten minutes have passed.
//! async fn post(Path(slug): Path<String>, State(posts): State<Posts>) -> Result<Page> {
//!     let text = posts.0.get(&slug).or_not_found()?;
//!     Ok(Page::new("journal.html")
//!         .data("post", text)
//!         .tag(Tag::new("post", &slug))
//!         .fresh_for(minutes(10)))
//! }
//!
//! /// A route: any handler of axum.
//! async fn isbn(Path(isbn): Path<String>) -> String {
//!     isbn.replace('-', "")
//! }
//!
//! /// A filter: `{{ isbn | digits }}`.
//! fn digits(text: &str, _: Kwargs, _: &tera::State) -> String {
//!     text.replace('-', "")
//! }
//!
//! fn main() -> ExitCode {
//!     App::new(env!("CARGO_MANIFEST_DIR"))
//!         .page("/journal/{slug}", post)
//!         .route("/api/isbn/{isbn}", get(isbn))
//!         .layer(SetHeader::response("x-reading-room", "open"))
//!         .filter("digits", digits)
//!         .state(Posts::default())
//!         .run()
//! }
//! ```
//!
//! The program has the framework's commands: `serve`, which is the default, `import`, `build`,
//! `check`, `edge`, `prewarm`, `release`, `add`, `doctor`, and `new`, which makes another shop;
//! [`App::command`] adds others.
//! Tests take [`App::router`], an axum [`Router`](axum::Router), and ask it with tower's `oneshot`.
//!
//! # Features
//!
//! - `mimalloc`, on by default: the program's allocator, with which a page takes a fifth less of
//!   the processor than with glibc's. A program that names a `#[global_allocator]` of its own turns
//!   it off: `protium = { default-features = false, … }`.
//! - `schema`: `config_schema`, the JSON schema of `protium.toml`. New shops have it already.
//! - `wasi`: edge modules that are plain WASI programs. Off, because a first page does not need it,
//!   and it takes the longest to compile.
//!
//! # What handlers take and return
//!
//! | extractor | what it is | the page is then |
//! |---|---|---|
//! | [`Path`](prelude::Path), [`Params`] | parameters of path and query | cached for each value |
//! | [`Catalogue`] | products and collections | purged when what was read changes |
//! | [`Ctx`] | address, market, region, JSON files | purged when a file that was read changes |
//! | [`Market`], [`Region`] | where the shop is shown | cached for each |
//! | [`State`], [`Assets`], [`Shop`] | what the program shares | cached |
//! | [`Visitor`], [`Carts`] | the signed cookie; the cart | private: made for this visitor |
//! | `HeaderMap`, `Request` | the request as it came | uncached: made for each request |
//!
//! A handler of [`App::page`] returns a [`Page`], a [`Result`] of one, or any
//! [`IntoResponse`](prelude::IntoResponse). Any error becomes an [`HttpError`] with `?`, and that
//! the shop's error page.
//!
//! # The map
//!
//! In the order that a request meets it; `framework/docs/architecture.md` has the picture.
//!
//! - [`app`]: the builder, routes, layers, the open shop and its rendering.
//! - [`http`]: connections, limits, origin check, security headers, assets, errors.
//! - [`request`]: extractors, [`Page`], the visitor's session, parameters.
//! - [`page_cache`]: public pages, made once for all visitors, and what purges them.
//! - [`storefront`]: home, product, collection, search, cart.
//! - [`release`]: what pages are made from: modules, templates, files, as one value.
//! - [`prewarm`]: stock, prices and pages, made ready ahead of requests.
//! - [`edge_node`]: a node in front of a shop, near its visitors.
//! - [`operator`]: purge, metrics, status, release.
//! - [`config`], [`telemetry`], `cli`, `kit`: configuration, spans and logs, commands, the Go kit's
//!   sources.
//!
//! Below it, each a crate that knows nothing of this one: `protium-page`, `protium-wasm`,
//! `protium-commerce`, `protium-cache`, `protium-types`.

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod app;
mod cli;
pub mod config;
#[cfg(feature = "schema")]
mod config_schema;
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
#[cfg(feature = "schema")]
pub use config_schema::config_schema;
pub use http::error::HttpError;
pub use http::generated_file::GeneratedFile;
pub use kit::KitError;
pub use request::claims::{Claim, Consent, CustomerSession};
pub use request::ctx::Ctx;
pub use request::page::Page;
pub use request::query::Params;
pub use request::services::{Assets, Carts, Catalogue, FilterFiles, State};
pub use request::visitor::Visitor;

/// Catalogue and carts: the providers' traits, and what a shop sells.
pub use protium_commerce as commerce;
pub use protium_types::{Market, Region, Tag, Url};
/// The catalogue filter: columns, their image, and queries.
pub use protium_wasm::filter;
pub use {async_trait::async_trait, axum, clap, serde, serde_json, tera};

/// What a handler fails with: any error becomes one with `?`.
///
/// ```
/// fn pages(text: &str) -> Result<u32, protium::Error> {
///     Ok(text.parse()?)
/// }
/// assert_eq!(pages("many").map_err(|error| error.status.as_u16()), Err(500));
/// ```
pub type Error = HttpError;
/// What handlers return.
///
/// ```
/// async fn hours() -> protium::Result<&'static str> {
///     Ok("9 to 5")
/// }
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;
