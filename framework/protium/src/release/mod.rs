//! What pages are made from: the components' module, templates, files, and all that is derived from
//! them, as one value that never changes. Everything else belongs to the process and outlives it.
//!
//! - [`build`]: from a shop's directory to a release, or why it cannot be one.
//! - [`components`]: the shop's Go modules, built with the kit.
//! - [`current`]: the release that requests get.
//! - [`context`]: what components of every page see.
//! - [`previous_assets`]: scripts, styles and modules of earlier builds.

pub(crate) mod build;
pub(crate) mod components;
mod context;
pub(crate) mod current;
pub(crate) mod previous_assets;

use std::sync::Arc;

use axum::http::Extensions;

use crate::app::Shop;
use crate::edge_node::api::OriginInfo;
use crate::http::assets::Assets;
use crate::http::csp::SecurityHeaders;
use crate::storefront::template_cache::TemplateCache;
use protium_page::Pages;
use protium_wasm::Value;

/// One build of a shop. A request takes it once, at its beginning, and keeps it to its end.
pub(crate) struct Release {
    /// What its pages are made from, in a word: part of their keys. It changes with BUILD, the
    /// shop's settings, the addresses of its files and this program's version.
    pub generation: String,
    /// Templates, and the components' module.
    pub pages: Pages,
    /// The files beside its pages.
    pub assets: Arc<Assets>,
    /// What templates show on many pages.
    pub values: TemplateCache,
    /// The headers of every page, with the digests of its inline scripts.
    pub security: SecurityHeaders,
    /// What edge nodes are told.
    pub origin_info: OriginInfo,
    /// The entries of a page's context that are the same for every request.
    pub context: Vec<(String, Value)>,
}

/// The release that a request is answered with: the one it has taken, or else the current one.
pub(crate) fn of_request(shop: &Shop, request: &Extensions) -> Arc<Release> {
    match request.get::<Arc<Release>>() {
        Some(release) => Arc::clone(release),
        None => shop.release(),
    }
}
