//! Edge modules: small Go programs that run near the visitors, ahead of their requests, each in a
//! sandbox that gives it what its manifest in `protium.toml` grants.
//!
//! - [`edge`]: all modules of a node, [`Edge`]: an input or a [`Run`] goes in, an [`Answer`] or a
//!   [`RunError`] comes out.
//! - [`config`]: what `protium.toml` says of them.
//! - [`prepare`], [`initialise`]: from sources to a module that can be instantiated.
//! - [`module`], [`instance`], [`idle`]: a module that is ready, a fresh instance for each run, and
//!   those that wait for their next run.
//! - [`state`], [`host_functions`]: what an instance of a kit module may ask of the host.
//! - [`command`], [`command_links`]: plain WASI programs, and the links that they make.

mod command;
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
    BackendStatus, BreakerState, Database, KeyValue, REMOVED_FOR, RemoteStores, StoreError,
};
pub use config::{EdgeConfig, ModuleConfig, RegionConfig};
pub use edge::{Edge, EdgeSetup};
pub use error::{Cause, EdgeError, RunError};
pub use prepare::{ModuleError, ModuleKind};
pub use run::{Answer, Run};
