//! From Go sources to native code. Each stage is cached on disk, and skipped when its inputs have
//! not changed: source → wasm ([`source`], [`build`]) → without debug information ([`strip`]) →
//! snapshot ([`snapshot`]) → merged segments ([`merge`]) → native code ([`native`]). Browsers get
//! the module without the snapshot ([`browser`]). In development there is an [`image`] instead of
//! a snapshot, and no segments are merged. [`dist`] writes the built modules that are
//! distributed with the sources.

mod browser;
mod build;
mod cache;
mod dist;
pub(crate) mod error;
mod files;
mod image;
mod merge;
mod module;
mod native;
mod snapshot;
mod source;
mod strip;
mod toolchains;

pub use browser::{BrowserModule, Compressed};
pub(crate) use cache::Key;
pub use dist::{BuiltModule, write_dist};
pub use error::ArtifactError;
pub(crate) use image::Image;
pub(crate) use module::{Wasm, browser, compiled, find, initialised, native_code_at_once};
pub(crate) use snapshot::{Initialiser, Initialising, Options};
pub use source::ModuleSource;
pub(crate) use source::{Wanted, module_with};
pub use toolchains::{MissingToolchain, Toolchain, toolchains};
