//! Edge modules: small Go programs that run near the visitors, ahead of their requests, each in a
//! sandbox with what its manifest in `protium.toml` grants.
//!
//! - [`edge`]: all modules of a node, [`Edge`]: takes an input or a [`Run`], returns an [`Answer`]
//!   or a [`RunError`].
//! - [`config`]: their configuration in `protium.toml`.
//! - [`prepare`], [`initialise`]: from sources to a module that can be instantiated.
//! - [`module`], [`instance`], [`idle`]: a loaded module, a fresh instance for each run, and reused
//!   instances.
//! - [`state`], [`host_functions`]: host state and host functions of kit modules.
//! - [`command`]: plain WASI programs; `command_links`: restrictions on their symbolic links. Both
//!   need the feature `wasi`; `without_command` is in their place.

#[cfg(feature = "wasi")]
mod command;
#[cfg(not(feature = "wasi"))]
#[path = "without_command.rs"]
mod command;
#[cfg(feature = "wasi")]
mod command_links;
mod config;
mod edge;
mod error;
mod host_functions;
mod idle;
mod initialise;
mod instance;
mod module;
mod prepare;
mod run;
mod state;

pub use crate::capabilities::{
    BackendStatus, BreakerState, Database, InvalidBackend, KeyValue, REMOVED_FOR, RemoteStores,
    StoreError,
};
pub use config::{EdgeConfig, ModuleConfig, RegionConfig, within};
pub use edge::{Edge, EdgeSetup};
pub use error::{Cause, EdgeError, RunError};
pub use prepare::{ModuleError, ModuleKind};
pub use run::{Answer, Run};
