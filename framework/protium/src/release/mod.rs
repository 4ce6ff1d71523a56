//! What pages are made from: the components' module, templates, files, edge modules, and all that
//! is derived from them, as one value that never changes. Everything else belongs to the process
//! and outlives it.
//!
//! - [`build`]: from [`sources`] to a release, or why it cannot be one.
//! - [`browser_runtime`]: what browsers load beside the shop's own files.
//! - [`components`]: the shop's Go modules, built with the kit.
//! - [`deploy`]: builds a release beside the one that serves, checks it, and lets it take over;
//!   [`error`]: why one does not.
//! - [`releases`]: the release that a request gets; previous ones, which can be had back.
//! - [`canary`]: which visitors get a release that is only tried, and when it is taken back.
//! - [`dev`]: development: a release after every change of a file; [`watcher`], [`stamp`]: notice
//!   changes; [`watched`]: what was seen of the files; [`live`]: what open pages are told;
//!   [`dev_error`]: what is wrong with a file.
//! - [`context`]: what components of every page see.
//! - [`previous_assets`]: scripts, styles and modules of previous builds.

mod browser_runtime;
pub(crate) mod build;
pub(crate) mod canary;
pub(crate) mod components;
mod context;
pub(crate) mod deploy;
pub(crate) mod dev;
pub(crate) mod dev_error;
pub(crate) mod error;
pub(crate) mod live;
pub(crate) mod previous_assets;
pub(crate) mod releases;
pub(crate) mod sources;
pub(crate) mod stamp;
pub(crate) mod watched;
pub(crate) mod watcher;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use axum::http::StatusCode;
use axum::response::Response;
use tokio::sync::OnceCell;

use self::browser_runtime::BrowserRuntime;
use crate::edge_node::origin_info::OriginInfo;
use crate::http::assets::Assets;
use crate::http::csp::SecurityHeaders;
use crate::http::messages::ENGLISH;
use crate::page_cache::cached_page::ComponentFailed;
use crate::storefront::template_cache::TemplateCache;
use protium_page::Pages;
use protium_types::Market;
use protium_types::locale::Locale;
use protium_wasm::Value;
use protium_wasm::functions::Edge;

/// One build of a shop. A request takes it once, at its beginning, and keeps it to its end.
pub(crate) struct Release {
    /// Its number in this process: 1 is the one that it started with.
    pub number: u64,
    /// A digest of what its pages are made from: part of their keys. It changes with BUILD, the
    /// shop's settings, the addresses of its files and this program's version.
    pub generation: String,
    /// Templates, and the components' module.
    pub pages: Pages,
    /// The files beside its pages.
    pub assets: Arc<Assets>,
    /// Those of them that are not the shop's own, as pages name them.
    pub runtime: BrowserRuntime,
    /// The edge modules, once they are loaded.
    pub edge: OnceCell<Edge>,
    /// What templates show on many pages.
    pub template_cache: TemplateCache,
    /// The headers of every page, with the digests of its inline scripts.
    pub security: SecurityHeaders,
    /// What edge nodes get to know of it.
    pub origin_info: OriginInfo,
    /// The entries of a page's context that are the same for every request in a market, by its
    /// name; the default one first.
    pub context: Vec<(String, Vec<(String, Value)>)>,
    /// How each market writes numbers, money and times; the default one first.
    pub locales: Vec<(Market, Locale)>,
    /// When it was built.
    pub built_at: SystemTime,
    /// Counts of its responses.
    pub counts: Counts,
}

impl Release {
    /// How a market writes numbers, money and times.
    pub fn locale(&self, market: &Market) -> &Locale {
        let mut locales = self.locales.iter();
        let of_market = locales.find(|(known, _)| known == market);
        let locale = of_market.or_else(|| self.locales.first());
        locale.map_or_else(|| &*ENGLISH, |(_, locale)| locale)
    }
}

/// Counts of a release's responses, those for files left out.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    requests: AtomicU64,
    traps: AtomicU64,
}

impl Counts {
    /// Counts a response. Returns whether it is a failure: a component failed in it, or the status
    /// is 500.
    pub fn add(&self, answer: &Response) -> bool {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let has_failed = answer.status() == StatusCode::INTERNAL_SERVER_ERROR
            || answer.extensions().get::<ComponentFailed>().is_some();
        if has_failed {
            self.traps.fetch_add(1, Ordering::Relaxed);
        }
        has_failed
    }

    /// Requests, and failures among them.
    pub fn read(&self) -> (u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.requests), read(&self.traps))
    }
}
