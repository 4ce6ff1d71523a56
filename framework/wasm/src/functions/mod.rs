//! Edge modules: small Go programs that run near the visitors, ahead of their requests, each in a
//! sandbox that gives it what its manifest in `protium.toml` grants.
//!
//! The map:
//!
//! - [`Edge`]: all modules of a node; [`Run`] goes in, an [`Answer`] or a [`RunError`] comes out.
//! - [`EdgeConfig`], [`ModuleConfig`]: what `protium.toml` says of them.
//! - `module`, `instance`, `reuse`: a module that is ready, a fresh instance for each run, and
//!   those that are kept.
//! - `meter`, `state`, `kit`, `wasi`, `command`, `links`: what an instance may ask of the host, by
//!   the kit and by WASI.
//! - `store`: the node's key-value store, embedded or in Redis. `database`: the shop's. `backend`:
//!   named services.

mod backend;
mod command;
mod config;
mod database;
mod error;
mod host;
mod instance;
mod kit;
mod links;
mod meter;
mod module;
mod reuse;
mod run;
mod state;
mod store;
mod wasi;

pub use backend::{BackendStatus, BreakerState};
pub use config::{EdgeConfig, ModuleConfig, RegionConfig};
pub use database::{Stock, StockDatabase};
pub use error::{Cause, EdgeError, RunError};
pub use host::{Edge, EdgeSetup};
pub use run::{Answer, Run};
pub use store::StoreError;
