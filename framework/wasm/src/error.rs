//! Errors of a whole module or a whole call.

use std::time::Duration;

use crate::artifacts::error::ArtifactError;
use crate::components::manifest::ManifestError;
use crate::value::ValueError;

/// Why a module cannot be loaded or a batch cannot be rendered at all. The failure of one island is
/// a [`Failed`](super::Failed) instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GuestError {
    /// All instances are in use: answer 503 with `Retry-After`.
    #[error("all instances are in use; try again in {} s", retry_after.as_secs())]
    Busy {
        /// When to retry.
        retry_after: Duration,
    },
    /// The batch has more islands than one call may have.
    #[error(
        "the page places {found} components, at most {limit} are rendered in one call \
         (limits.islands)"
    )]
    TooManyIslands {
        /// Their number in the batch.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// Context, stores or props cannot be encoded.
    #[error("the input of the components cannot be written")]
    Input(#[from] ValueError),
    /// The module could not be made or loaded from its artifacts.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The module imports something that is not provided.
    #[error(
        "the module imports {module}.{name}, which is not granted: rebuild it without what needs \
         this import"
    )]
    Import {
        /// The import's module.
        module: String,
        /// The import's name.
        name: String,
    },
    /// The module lacks an export of the ABI, or has it with another type.
    #[error(
        "the module has no export {0} of the right type: build it as a reactor with the component \
         kit"
    )]
    Export(&'static str),
    /// The module's description is invalid.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A call at start failed.
    #[error("{call} failed in the module: {message}")]
    Start {
        /// The export.
        call: &'static str,
        /// The message of the guest or the runtime, sanitised.
        message: String,
    },
    /// The module's memory limit exceeds that of the pool.
    #[error(
        "limits.memory_bytes is {wanted}, but the pool of this process was made for instances of \
         at \
         most {limit} bytes: restart the server to raise the limit"
    )]
    PoolMemory {
        /// The module's limit in bytes.
        wanted: usize,
        /// The engine's limit in bytes.
        limit: usize,
    },
    /// The runtime could not be set up.
    #[error("the WebAssembly runtime cannot be set up")]
    Engine(#[source] wasmtime::Error),
}
