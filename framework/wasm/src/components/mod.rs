//! Interface components: modules of components, and batches that they render.
//!
//! - [`abi`], [`manifest`]: calls into a module, and its description of itself.
//! - [`host`], [`config`], [`prepare`]: a module that is ready to render, and its preparation.
//! - [`render`], [`outcome`]: renders a batch to HTML and failures.
//! - [`instance`], [`imports`]: a fresh instance with limits for each batch, without access to
//!   anything.
//! - [`breakdown`], [`failure_log`]: messages about failures.
//! - [`registrations`]: finds where Go sources register a component.

mod abi;
mod breakdown;
mod config;
mod failure_log;
mod host;
mod imports;
mod instance;
pub(crate) mod manifest;
mod outcome;
mod prepare;
mod registrations;
mod render;

pub use config::HostConfig;
pub use host::Host;
pub use manifest::{ABI_VERSION, Component, Manifest, ManifestError, Prop, PropType};
pub use outcome::{Batch, Cause, Failed, IslandCall, IslandDone, IslandOutcome, Reads, Rendered};
