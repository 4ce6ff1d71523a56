//! Native code of modules.

use std::time::{Duration, Instant};

use wasmtime::{Engine, Module};

use super::cache::{Cache, Key};
use super::error::ArtifactError;

/// How long after it was compiled the native code of a module in development is cached: what a
/// developer waits for comes first.
const LATER: Duration = Duration::from_secs(2);

fn key(wasm: &[u8], engine: &Engine) -> Key {
    Key::new("native", 1)
        .part(wasm)
        .hashed(engine.precompile_compatibility_hash())
}

/// The same as [`load`], for development: a module that is not cached is used as soon as it is
/// compiled, and cached later.
pub(super) fn load_at_once(
    wasm: &[u8],
    engine: &Engine,
    cache: &Cache,
) -> Result<Module, ArtifactError> {
    let key = key(wasm, engine);
    let cached = cache.find(key.clone());
    // What does not fit this engine is replaced.
    if let Some(module) = cached.and_then(|code| deserialize(engine, &code).ok()) {
        return Ok(module);
    }
    let started = Instant::now();
    let module = Module::new(engine, wasm).map_err(ArtifactError::module("compiling"))?;
    let milliseconds = started.elapsed().as_millis() as u64;
    tracing::debug!(artifact = "native", milliseconds, "made");
    let kept = module.clone();
    cache.keep_later(key, LATER, move || kept.serialize());
    Ok(module)
}

/// Loads the native code of this module for this engine, and compiles it if it is not cached.
pub(super) fn load(wasm: &[u8], engine: &Engine, cache: &Cache) -> Result<Module, ArtifactError> {
    let key = || key(wasm, engine);
    let make = || {
        engine
            .precompile_module(wasm)
            .map_err(ArtifactError::module("compiling"))
    };
    let code = cache.get_or_make(key(), make)?;
    match deserialize(engine, &code) {
        Ok(module) => Ok(module),
        Err(error) => {
            tracing::warn!(
                %error,
                "the native code of the module does not fit this engine and is compiled again"
            );
            cache.forget(key());
            let code = cache.get_or_make(key(), make)?;
            deserialize(engine, &code).map_err(ArtifactError::module("loading the native code"))
        }
    }
}

#[allow(unsafe_code)]
fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Module> {
    // SAFETY: `code` must be what `Engine::precompile_module` yielded. It was yielded by it a
    // moment ago, or read from the artifact directory, which is checked to belong to this user with
    // no access for others (so whoever can write there can run code as this user anyhow), under a
    // key of the module's bytes and this engine's settings and version, and with its digest
    // verified over these very bytes, so that a damaged or misplaced file does not get here.
    unsafe { Module::deserialize(engine, code) }
}
