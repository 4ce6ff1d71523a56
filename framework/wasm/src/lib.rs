//! Go modules on the server: artifacts, instances, the ABI, limits. Knows nothing of shops.
//!
//! The map:
//!
//! - [`Value`]: what host and guest tell each other; its JSON for the page.
//! - `artifact`: from Go sources to native code, kept on disk.
//! - `engine`, `imports`, `instance`: a fresh, bounded instance for each batch, which is given
//!   nothing; `wasi`: what all modules of the Go toolchain are answered.
//! - `abi`, [`Manifest`]: the calls of a module and what it says of itself.
//! - [`Capabilities`]: what an edge module is granted, and how it is made ready; `edge` runs it.
//! - [`Host`], `render`: a module that is ready, and the batch that goes through it.
//! - `clock`, `throttle`, `circuit`: what computes for long takes turns, and is switched off when
//!   that was for nothing.
//! - `panic`, `places`: what a breakdown is called, and where in the sources it was.

mod abi;
mod artifact;
mod capability;
mod capability_imports;
mod capability_module;
pub mod circuit;
mod clock;
mod config;
mod engine;
mod error;
pub mod functions;
mod host;
mod imports;
mod instance;
mod json;
mod log;
mod manifest;
pub mod outbound;
mod outcome;
mod panic;
mod places;
mod registered;
mod render;
pub mod throttle;
mod value;
pub mod wasi;

pub use artifact::{ArtifactError, BrowserModule};
pub use capability::{
    BackendGrant, BreakerSettings, Capabilities, DirectoryGrant, RunLimits, STANDARD_ENVIRONMENT,
};
pub use capability_imports::ImportRefused;
pub use capability_module::{ModuleError, ModuleKind};
pub use config::{HostConfig, LaneChoice, Limits, ModuleSource, Pool};
pub use engine::{Engine, EngineConfig, EngineUsage, InstanceUsage};
pub use error::GuestError;
pub use host::Host;
pub use json::to_script_json;
pub use manifest::{ABI_VERSION, Component, Lane, Manifest, ManifestError, Prop, PropType};
pub use outcome::{Batch, Cause, Failed, IslandCall, IslandDone, IslandOutcome, Rendered};
pub use value::{MAX_DEPTH, MAX_MESSAGE, Shared, Value, ValueError};

pub(crate) use capability_imports::EDGE;
pub(crate) use capability_module::{Preparation, Prepared, prepare};
pub use log::sanitise;
