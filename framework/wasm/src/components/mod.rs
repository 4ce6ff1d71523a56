//! Interface components: one module of them, and batches that are rendered by it.
//!
//! - [`abi`], [`manifest`]: the calls of a module, and what it says of itself.
//! - [`host`], [`config`], [`prepare`]: a module that is ready, and how it is made so.
//! - [`render`], [`outcome`]: a batch goes in, HTML and failures come out.
//! - [`instance`], [`imports`]: a fresh, bounded instance for each batch, which is given nothing.
//! - [`breakdown`], [`failure_log`]: what a failure is called.
//! - [`registrations`]: where Go sources register a component.

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
pub use outcome::{Batch, Cause, Failed, IslandCall, IslandDone, IslandOutcome, Rendered};
