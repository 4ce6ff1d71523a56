//! Protium: a storefront framework. Interface components are written once, in Go, compiled once to
//! WebAssembly; the same module renders HTML on the server and hydrates it in the browser.
//!
//! The map, in the order a request meets it:
//!
//! - [`commerce`]: the shop's domain: catalogue, cart, import. Knows nothing of HTML.
//! - [`guest`]: Go modules on the server: artifacts, instances, the ABI, limits. Knows nothing of
//!   shops.
//! - [`edge`]: small Go modules that run ahead of requests, each with its own grants. Knows nothing
//!   of pages.
//! - [`page`]: templates, the splice, the snapshot, the document head.
//! - [`cache`]: data and responses, loaded once, purged by tag. Knows nothing of pages or shops.
//! - [`web`]: session, origin check, security headers, locale, assets, refusals, connections.
//! - [`app`]: joins them: routes and handlers, start, graceful stop. [`config`], [`telemetry`]:
//!   what is set, and what is logged.

#![warn(missing_docs)]

pub mod app;
pub mod cache;
mod cli;
pub mod commerce;
pub mod config;
pub mod edge;
pub mod guest;
mod hex;
mod outbound;
pub mod page;
mod private_files;
pub mod telemetry;
pub mod web;

pub use app::{App, Shop, StartError};
