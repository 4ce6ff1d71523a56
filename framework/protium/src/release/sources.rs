//! What the releases of a process are built from.

use std::path::PathBuf;
use std::sync::Arc;

use tera::Tera;

use crate::config::Config;
use crate::request::declared_params::Declared;
use crate::request::session::SessionKey;
use protium_wasm::Engine;

/// What the releases of a process are built from.
#[derive(Clone)]
pub(crate) struct Sources {
    /// The shop's directory.
    pub root: PathBuf,
    pub config: Arc<Config>,
    /// The shop's name in stores that its nodes share.
    pub shared_name: String,
    pub session_key: SessionKey,
    /// Filters, functions and tests of the shop's own templates.
    pub templates: Tera,
    /// The routes of pages that an edge node may cache, and the parameters that each declares.
    pub cached_routes: Vec<(String, Declared)>,
    /// The modules of all releases live on it, side by side.
    pub engine: Engine,
}
