//! From Go sources to native code, each stage kept on disk and skipped when nothing that matters
//! has changed: source → wasm ([`source`], [`build`]) → without debug information ([`strip`]) →
//! snapshot ([`snapshot`]) → merged segments ([`merge`]) → native code ([`native`]). Browsers get
//! the module from before the snapshot ([`browser`]). [`dist`] makes the built modules that travel
//! with the sources.

mod browser;
mod build;
mod cache;
mod dist;
pub(crate) mod error;
mod files;
mod merge;
mod module;
mod native;
mod snapshot;
mod source;
mod strip;

pub use browser::BrowserModule;
pub(crate) use cache::Key;
pub use dist::{BuiltModule, write_dist};
pub use error::ArtifactError;
pub(crate) use module::{Wasm, browser, compiled, find, initialised};
pub(crate) use snapshot::{Initialiser, Initialising, Options};
pub use source::ModuleSource;
