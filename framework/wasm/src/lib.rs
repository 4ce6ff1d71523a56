//! Go modules in a sandbox: artifacts, the engine, limits, capabilities. Knows nothing of shops and
//! pages.
//!
//! The map; each folder uses those above it:
//!
//! - [`Value`]: what host and guest tell each other; its JSON for the page.
//! - `engine`: the [`Engine`] of a process with its pool, limits on memory, computing and time, and
//!   what a call's end means.
//! - `artifacts`: from Go sources to native code, kept on disk; [`GoMod`]: what they are built
//!   with.
//! - `capabilities`: what a module may be given: backends, key-value store, database.
//! - `components`: interface components. [`Host`] is a module that is ready, [`Batch`] goes in,
//!   [`Rendered`] comes out.
//! - [`functions`]: edge modules.
//! - [`outbound`]: calls of other servers.

mod artifacts;
mod capabilities;
mod components;
mod engine;
mod error;
pub mod functions;
mod go_mod;
mod json;
pub mod outbound;
mod text;
mod value;
mod variant;

pub use artifacts::{ArtifactError, BrowserModule, BuiltModule, ModuleSource, write_dist};
pub use capabilities::{
    BackendGrant, BreakerSettings, Capabilities, DirectoryGrant, ImportRefused,
};
pub use components::{
    ABI_VERSION, Batch, Cause, Component, Failed, Host, HostConfig, IslandCall, IslandDone,
    IslandOutcome, Manifest, ManifestError, Prop, PropType, Rendered,
};
pub use engine::{Engine, EngineConfig, EngineUsage, InstanceUsage, Limits, Pool, RunLimits};
pub use error::GuestError;
pub use functions::{ModuleError, ModuleKind};
pub use go_mod::{GoMod, module_and_package};
pub use json::to_script_json;
pub use text::sanitise;
pub use value::{MAX_DEPTH, MAX_MESSAGE, Shared, Value, ValueError};
pub use variant::{Lane, LaneChoice, Variant};
