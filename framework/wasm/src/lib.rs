//! Go modules in a sandbox: artifacts, the engine, limits, capabilities. Knows nothing of shops and
//! pages.
//!
//! The map; each folder uses those above it:
//!
//! - [`Value`]: the values that host and guest exchange, and their JSON for the page;
//!   [`keyed_digest`]: of what is remembered by such values.
//! - `engine`: the [`Engine`] of a process with its pool, limits on memory and time, and causes of
//!   failed calls.
//! - `artifacts`: from Go sources to native code, cached on disk; [`GoMod`]: dependencies of the
//!   sources.
//! - `capabilities`: what a module can be granted: backends, key-value store, database.
//! - `components`: interface components. [`Host`] is a module that is ready to render; it renders a
//!   [`Batch`] to [`Rendered`].
//! - [`functions`]: edge modules.
//! - [`filter`]: a catalogue's columns in a module, and queries over them.
//! - [`outbound`]: HTTP calls to other servers.

mod artifacts;
mod capabilities;
mod components;
mod digest;
mod engine;
mod error;
pub mod filter;
pub mod functions;
mod go_mod;
mod json;
pub mod outbound;
mod text;
mod value;
mod variant;

pub use artifacts::{
    ArtifactError, BrowserModule, BuiltModule, Compressed, MissingToolchain, ModuleSource,
    Toolchain, toolchains, write_dist,
};
pub use capabilities::{
    BackendGrant, BreakerSettings, Capabilities, DirectoryGrant, ImportRefused,
};
pub use components::{
    ABI_VERSION, Batch, Cause, Component, Failed, Host, HostConfig, IslandCall, IslandDone,
    IslandOutcome, Manifest, ManifestError, Prop, PropType, Reads, Rendered,
};
pub use digest::keyed_digest;
pub use engine::{Effort, Engine, EngineConfig, Limits, Pool, RunLimits};
pub use error::GuestError;
pub use functions::{ModuleError, ModuleKind};
pub use go_mod::{GoMod, module_and_package};
pub use json::{to_script_json, write_script_json, write_script_record};
pub use text::sanitise;
pub use value::{MAX_DEPTH, MAX_MESSAGE, Shared, Value, ValueError};
pub use variant::{Lane, LaneChoice, Variant};
