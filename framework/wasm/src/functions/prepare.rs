//! Prepares an edge module: found or built, initialised once, checked against its grants, compiled,
//! cached on disk.

use std::path::PathBuf;

use sha2::{Digest, Sha256};
use wasmtime::Module;

use super::initialise::initialised;
use crate::artifacts::{self, ArtifactError, ModuleSource, Wanted};
use crate::capabilities::{self, Capabilities, ImportRefused};
use crate::engine::{Engine, Places, RunLimits};
use crate::error::GuestError;
use crate::variant::LaneChoice;

/// The kind of a module.
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
    /// It cannot be found, built, initialised or compiled.
    #[error(transparent)]
    Guest(#[from] GuestError),
    /// It imports more than it is granted.
    #[error(transparent)]
    Import(#[from] ImportRefused),
    /// It is neither a kit module nor a command.
    #[error(
        "the module exports neither `edge_run` nor `_start`: register it with kit.Serve and build \
         it as a reactor, or \
         build it as a program with a main"
    )]
    NoEntry,
    /// A kit module cannot have directories.
    #[error(
        "a kit module has no files: take `directories` from its manifest, or make it a program \
         with a main"
    )]
    Directories,
    /// Its preparation panicked.
    #[error("preparing the module broke down: {message}")]
    Panicked {
        /// The message.
        message: String,
    },
    /// A command cannot be reused.
    #[error(
        "a program with a main ends with its run: take `reuse` from its manifest, or write it with \
         the kit"
    )]
    Reuse,
}

impl From<ArtifactError> for ModuleError {
    fn from(error: ArtifactError) -> Self {
        ModuleError::Guest(error.into())
    }
}

/// The source of a module, and how to prepare it.
pub(super) struct Preparation {
    pub source: ModuleSource,
    pub lane: LaneChoice,
    /// The directory of its artifacts.
    pub cache: PathBuf,
    /// Whether one instance serves more than one run.
    pub reused: bool,
}

/// A module that can be instantiated.
pub(super) struct Prepared {
    pub module: Module,
    pub kind: ModuleKind,
    pub places: Places,
    /// What it is granted and imports nothing for.
    pub unused_grants: Vec<&'static str>,
    /// SHA-256 of the module as built.
    pub digest: [u8; 32],
}

/// Finds or builds the module and prepares it for this engine. Blocks, within a Tokio runtime.
pub(super) fn prepare(
    engine: &Engine,
    preparation: Preparation,
    grants: &Capabilities,
    limits: &RunLimits,
) -> Result<Prepared, ModuleError> {
    let Preparation { source, lane, .. } = &preparation;
    let wasm = artifacts::find(source, Wanted::of(*lane, false), &preparation.cache)?;
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
    // Before any of its code runs.
    let imports = wasm.imports()?;
    capabilities::check_imports(&imports, grants)?;
    let unused_grants = match kind {
        ModuleKind::Kit => capabilities::unused_grants(&imports, grants),
        // What a program asks WASI for says nothing about what it needs.
        ModuleKind::Command => Vec::new(),
    };
    engine.check(limits.memory_bytes)?;
    let module = match kind {
        ModuleKind::Kit => initialised(&wasm, engine.for_functions(), limits, preparation.reused)?,
        ModuleKind::Command => artifacts::compiled(&wasm, engine.for_functions())?,
    };
    let directory = match preparation.source {
        ModuleSource::Components { directory, .. } => Some(directory),
        ModuleSource::File(_) | ModuleSource::Bytes(_) => None,
    };
    Ok(Prepared {
        module,
        kind,
        unused_grants,
        places: Places::new(directory, wasm.bytes.clone(), wasm.debug.clone()),
        digest: Sha256::digest(&wasm.bytes).into(),
    })
}
