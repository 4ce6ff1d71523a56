//! An edge module as native code: found or built, initialised once, checked against its grants,
//! compiled, kept on disk.

use std::path::PathBuf;

use wasmtime::Module;

use super::artifact::{self, ArtifactError};
use super::capability::{Capabilities, RunLimits};
use super::capability_imports::{self, ImportRefused};
use super::config::{HostConfig, LaneChoice, ModuleSource};
use super::engine::Engine;
use super::error::GuestError;

/// What a module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModuleKind {
    /// Written with the kit: it has a Handle.
    Kit,
    /// A plain program: it has a `main`, and its standard output is its answer.
    Command,
}

/// Why an edge module cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModuleError {
    /// It could not be found, built, initialised or compiled.
    #[error(transparent)]
    Guest(#[from] GuestError),
    /// It imports more than it is granted.
    #[error(transparent)]
    Import(#[from] ImportRefused),
    /// It is neither a kit module nor a command.
    #[error(
        "the module exports neither `edge_run` nor `_start`: register it with kit.Serve and build it as a reactor, or \
         build it as a program with a main"
    )]
    NoEntry,
    /// A kit module with directories.
    #[error(
        "a kit module has no files: take `directories` from its manifest, or make it a program with a main"
    )]
    Directories,
    /// Its preparation broke down.
    #[error("preparing the module broke down: {message}")]
    Panicked {
        /// What it says.
        message: String,
    },
    /// A command that is to be reused.
    #[error(
        "a program with a main ends with its run: take `reuse` from its manifest, or write it with the kit"
    )]
    Reuse,
}

impl From<ArtifactError> for ModuleError {
    fn from(error: ArtifactError) -> Self {
        ModuleError::Guest(error.into())
    }
}

/// Where a module comes from and what becomes of it.
pub(crate) struct Preparation {
    pub source: ModuleSource,
    pub lane: LaneChoice,
    /// The directory of its artifacts.
    pub cache: PathBuf,
    /// One instance serves more than one run.
    pub reused: bool,
}

/// A module that can be instantiated.
pub(crate) struct Prepared {
    pub module: Module,
    pub kind: ModuleKind,
}

/// Finds or builds the module and prepares it for this engine. Blocks, within a tokio runtime.
pub(crate) fn prepare(
    engine: &Engine,
    preparation: Preparation,
    grants: &Capabilities,
    limits: &RunLimits,
) -> Result<Prepared, ModuleError> {
    let mut config = HostConfig::new("", "", preparation.cache);
    config.source = preparation.source;
    config.lane = preparation.lane;
    let wasm = artifact::wasm(&config)?;
    let kind = if wasm.exports("edge_run")? {
        ModuleKind::Kit
    } else if wasm.exports("_start")? {
        ModuleKind::Command
    } else {
        return Err(ModuleError::NoEntry);
    };
    match kind {
        ModuleKind::Kit if !grants.directories.is_empty() => return Err(ModuleError::Directories),
        ModuleKind::Command if preparation.reused => return Err(ModuleError::Reuse),
        _ => {}
    }
    // Before anything of it runs.
    capability_imports::check(&wasm.imports()?, grants)?;
    engine.check(limits.memory_bytes)?;
    let module = match kind {
        ModuleKind::Kit => artifact::reactor(&wasm, engine.wasmtime(), limits, preparation.reused)?,
        ModuleKind::Command => artifact::plain(&wasm, engine.wasmtime())?,
    };
    Ok(Prepared { module, kind })
}
