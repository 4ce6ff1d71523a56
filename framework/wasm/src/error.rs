//! What can go wrong with a whole module or a whole call.

use std::time::Duration;

use crate::artifacts::error::ArtifactError;
use crate::components::manifest::ManifestError;
use crate::value::ValueError;

/// Why a module cannot be loaded or a batch cannot be rendered at all. What goes wrong with one
/// island is a [`Failed`](super::Failed) instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GuestError {
    /// Every instance is in use: answer 503 with `Retry-After`.
    #[error("all instances are in use; try again in {} s", retry_after.as_secs())]
    Busy {
        /// When it makes sense to try again.
        retry_after: Duration,
    },
    /// More islands than one call may have.
    #[error(
        "the page places {found} components, at most {limit} are rendered in one call \
         (limits.islands)"
    )]
    TooManyIslands {
        /// In the batch.
        found: usize,
        /// By configuration.
        limit: usize,
    },
    /// Context, stores or props cannot be encoded.
    #[error("the input of the components cannot be written")]
    Input(#[from] ValueError),
    /// The module could not be made or loaded from its artifacts.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The module asks for something that it is not given.
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
    /// The module's description is not usable.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A call that is made while starting failed.
    #[error("{call} failed in the module: {message}")]
    Start {
        /// The export.
        call: &'static str,
        /// What the guest or the runtime said, sanitised.
        message: String,
    },
    /// The module is allowed more memory than the pool has for each instance.
    #[error(
        "limits.memory_bytes is {wanted}, but the pool of this process was made for instances of \
         at \
         most {limit} bytes: restart the server to raise the limit"
    )]
    PoolMemory {
        /// Bytes by the module's limits.
        wanted: usize,
        /// Bytes by the engine's configuration.
        limit: usize,
    },
    /// The runtime could not be set up.
    #[error("the WebAssembly runtime cannot be set up")]
    Engine(#[source] wasmtime::Error),
}
