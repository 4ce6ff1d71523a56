//! A module, and the stages applied to it.

use std::path::Path;

use bytes::Bytes;
use wasmparser::Import;
use wasmtime::{Engine, Module};

use super::browser::{self, BrowserModule};
use super::build::Built;
use super::cache::{Cache, Key};
use super::error::ArtifactError;
use super::source::{self, ModuleSource, Wanted};
use super::{merge, native, strip};
use crate::error::GuestError;
use crate::variant::Variant;

/// The module as built, before any other stage.
pub(crate) struct Wasm {
    /// The bytes, without debug information.
    pub bytes: Bytes,
    /// The bytes with debug information, if it was built with it.
    pub debug: Option<Bytes>,
    /// Its toolchain and instructions; `None` if it was built elsewhere.
    pub variant: Option<Variant>,
    cache: Cache,
}

impl Wasm {
    /// The module's imports.
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
pub(crate) fn find(
    source: &ModuleSource,
    wanted: Wanted,
    directory: &Path,
) -> Result<Wasm, ArtifactError> {
    let cache = Cache::open(directory)?;
    let Built { wasm, variant } = source::wasm(source, wanted, &cache)?;
    let built = Bytes::from(wasm);
    let (bytes, debug) = match strip::without_debug(&built)? {
        Some(stripped) => (stripped.into(), Some(built)),
        None => (built, None),
    };
    Ok(Wasm {
        bytes,
        debug,
        variant,
        cache,
    })
}

/// The module for browsers, compressed unless for development. Blocks.
pub(crate) fn browser(wasm: &Wasm, dev: bool) -> Result<BrowserModule, ArtifactError> {
    match dev {
        true => Ok(BrowserModule::uncompressed(wasm.bytes.clone())),
        false => browser::variants(wasm.bytes.clone(), &wasm.cache),
    }
}

/// The module without snapshot, as native code for this engine. Blocks.
pub(crate) fn compiled(wasm: &Wasm, engine: &Engine) -> Result<Module, ArtifactError> {
    native::load(&wasm.bytes, engine, &wasm.cache)
}

/// The native code of a module that was made of this one, for this engine, in development. Blocks.
pub(crate) fn native_code_at_once(
    wasm: &Wasm,
    made: &[u8],
    engine: &Engine,
) -> Result<Module, ArtifactError> {
    native::load_at_once(made, engine, &wasm.cache)
}

/// The module with the memory that `initialise` leaves, as native code for this engine.
/// `initialise` receives the module and returns its snapshot, which is cached under `key`, extended
/// by the module and the engine. Blocks.
pub(crate) fn initialised(
    wasm: &Wasm,
    engine: &Engine,
    key: Key,
    initialise: impl FnOnce(&[u8]) -> Result<Vec<u8>, GuestError>,
) -> Result<Module, GuestError> {
    // The engine's key includes the version of wasmtime, which wizer shares.
    let key = key
        .part(&wasm.bytes)
        .hashed(engine.precompile_compatibility_hash());
    let merged = wasm.cache.get_or_make(key, || {
        // Merged before too: a snapshot adds segments to the existing ones, and a module has at
        // most 100 000.
        let snapshot = initialise(&merge::merge_data(&wasm.bytes)?)?;
        Ok::<_, GuestError>(merge::merge_data(&snapshot)?)
    })?;
    Ok(native::load(&merged, engine, &wasm.cache)?)
}
