//! Why there is no prewarm.

use crate::prewarm::job::PrewarmError;
use protium_cache::SharedError;
use protium_wasm::functions::EdgeError;

/// Why there is no prewarm.
#[derive(Debug, thiserror::Error)]
pub enum NoPrewarm {
    /// Nothing is configured that could be asked.
    #[error(
        "there is nothing to prewarm with: configure [modules.inventory] or [modules.price] in \
         protium.toml"
    )]
    NoModules,
    /// Nothing is kept.
    #[error("nothing is cached while the cache is off (PROTIUM_CACHE) and in development (--dev)")]
    NoCache,
    /// The modules cannot be used.
    #[error(transparent)]
    Edge(#[from] EdgeError),
    /// The shop's name cannot be a part of keys.
    #[error(transparent)]
    Name(#[from] SharedError),
    /// There is no such collection, or nothing in it.
    #[error("there is no collection `{0}` with a SKU")]
    NoCollection(String),
    /// There is no knowing what to do.
    #[error(transparent)]
    Plan(#[from] PrewarmError),
}
