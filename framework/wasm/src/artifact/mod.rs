//! From Go sources to native code, each stage kept on disk and skipped when nothing that matters
//! has changed: source → wasm ([`source`], [`build`]) → without debug information ([`strip`]) →
//! snapshot ([`snapshot`]) → merged segments ([`merge`]) → native code ([`native`]). Browsers get
//! the module from before the snapshot ([`browser`]).

mod browser;
mod build;
mod cache;
mod merge;
mod native;
mod reactor;
mod snapshot;
mod source;
mod strip;

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use wasmparser::Import;
use wasmtime::{Engine, Module};

use super::config::{HostConfig, Limits};
use super::error::GuestError;
pub use browser::BrowserModule;
use cache::Cache;
pub(super) use reactor::{plain, reactor};

/// Why a module cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArtifactError {
    /// The directory of artifacts cannot be used.
    #[error("the artifact directory {} cannot be used", path.display())]
    Cache {
        /// The directory or a file in it.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Others can write to or read from the directory of artifacts.
    #[error(
        "the artifact directory {} {problem}: native code is loaded from it, so it must belong to the user who runs \
         the server and to nobody else (chown it and chmod 700, or set another directory)", path.display()
    )]
    CacheNotPrivate {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Sources or a built module cannot be read.
    #[error("{} cannot be read", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// dist/manifest.json is not what it should be.
    #[error("{} is not a manifest of built modules: {problem}", path.display())]
    DistManifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// There is no built module and nothing to build it from.
    #[error("there is neither a built module nor a Go package for `{name}` in {}", directory.display())]
    NothingThere {
        /// The module.
        name: String,
        /// The folder of Go components.
        directory: PathBuf,
    },
    /// A build is needed and there is nothing to build with.
    #[error(
        "the module `{name}` must be built, because {reason}, and {missing}: install {install}, or restore the \
         module in dist/ that belongs to the sources"
    )]
    NoToolchain {
        /// The module.
        name: String,
        /// Why the module in dist/ does not do.
        reason: String,
        /// What was not found on PATH.
        missing: String,
        /// What would do.
        install: &'static str,
    },
    /// The toolchain refused the sources.
    #[error("`{command}` in {} failed ({status}):\n{output}", directory.display())]
    Build {
        /// What was run.
        command: String,
        /// Where.
        directory: PathBuf,
        /// How it ended.
        status: String,
        /// The end of what it wrote.
        output: String,
    },
    /// The module is not WebAssembly that can be used.
    #[error("{stage} of the module failed: {message}")]
    Module {
        /// The stage.
        stage: &'static str,
        /// Why.
        message: String,
    },
}

impl ArtifactError {
    fn module(stage: &'static str) -> impl FnOnce(wasmtime::Error) -> ArtifactError {
        move |error| ArtifactError::Module {
            stage,
            message: format!("{error:#}"),
        }
    }
}

/// The module as the sources yield it, before anything is done to it.
pub(super) struct Wasm {
    /// The bytes, without debug information.
    pub bytes: Bytes,
    /// The same with it, when the module was built so.
    pub debug: Option<Bytes>,
    cache: Cache,
}

impl Wasm {
    /// What the module imports.
    pub fn imports(&self) -> Result<Vec<Import<'_>>, ArtifactError> {
        let mut all = Vec::new();
        for payload in wasmparser::Parser::new(0).parse_all(&self.bytes) {
            if let wasmparser::Payload::ImportSection(imports) = payload.map_err(unreadable)? {
                for import in imports.into_imports() {
                    all.push(import.map_err(unreadable)?);
                }
            }
        }
        Ok(all)
    }

    /// Whether the module has an export of this name.
    pub fn exports(&self, name: &str) -> Result<bool, ArtifactError> {
        for payload in wasmparser::Parser::new(0).parse_all(&self.bytes) {
            if let wasmparser::Payload::ExportSection(exports) = payload.map_err(unreadable)? {
                for export in exports {
                    if export.map_err(unreadable)?.name == name {
                        return Ok(true);
                    }
                }
            }
        }
        Ok(false)
    }
}

fn unreadable(error: wasmparser::BinaryReaderError) -> ArtifactError {
    ArtifactError::Module {
        stage: "reading",
        message: error.to_string(),
    }
}

/// Finds or builds the module. Blocks.
pub(super) fn wasm(config: &HostConfig) -> Result<Wasm, ArtifactError> {
    let cache = Cache::open(&config.cache)?;
    let built = Bytes::from(source::wasm(&config.source, config.lane, &cache)?);
    let (bytes, debug) = match strip::without_debug(&built)? {
        Some(stripped) => (stripped.into(), Some(built)),
        None => (built, None),
    };
    Ok(Wasm {
        bytes,
        debug,
        cache,
    })
}

/// The module as browsers get it. Blocks.
pub(super) fn browser(wasm: &Wasm) -> Result<BrowserModule, ArtifactError> {
    browser::variants(wasm.bytes.clone(), &wasm.cache)
}

/// The module pre-initialised, as native code for this engine. Blocks, within a tokio runtime.
pub(super) fn native(wasm: &Wasm, engine: &Engine, limits: &Limits) -> Result<Module, GuestError> {
    let merged = wasm
        .cache
        .get_or_make(snapshot::key(&wasm.bytes, engine, limits), || {
            // Before as well: a snapshot adds segments to those that are there, and a module has at
            // most 100 000.
            let snapshot = snapshot::take(&merge::merge_data(&wasm.bytes)?, limits)?;
            Ok::<_, GuestError>(merge::merge_data(&snapshot)?)
        })?;
    Ok(native::load(&merged, engine, &wasm.cache)?)
}

fn read(path: &Path) -> Result<Vec<u8>, ArtifactError> {
    std::fs::read(path).map_err(|source| ArtifactError::Read {
        path: path.to_owned(),
        source,
    })
}
