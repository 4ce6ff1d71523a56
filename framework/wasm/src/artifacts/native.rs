//! Native code of modules.

use std::time::{Duration, Instant};

use wasmtime::{Engine, Module};

use super::cache::{Cache, Key};
use super::error::ArtifactError;

/// How long after it was compiled the native code of a module in development is cached: what a
/// developer waits for comes first.
const LATER: Duration = Duration::from_secs(2);
/// What is added to the niceness of threads that others go before: they get a third of the
/// processor that a usual thread gets.
#[cfg(target_os = "linux")]
const NICE: i32 = 5;

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
    let compiled = compile_behind_others(engine, wasm);
    let module = compiled.map_err(ArtifactError::module("compiling"))?;
    let milliseconds = started.elapsed().as_millis() as u64;
    tracing::debug!(artifact = "native", milliseconds, "made");
    let kept = module.clone();
    cache.keep_later(key, LATER, move || kept.serialize());
    Ok(module)
}

/// Compiles a module on threads of a lower priority: open pages compile the same module at that
/// time, and it is them that the developer looks at.
fn compile_behind_others(engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Module> {
    let threads = rayon::ThreadPoolBuilder::new().start_handler(|_| give_way());
    match threads.build() {
        Ok(threads) => threads.install(|| Module::new(engine, wasm)),
        Err(_) => Module::new(engine, wasm),
    }
}

/// Lowers the priority of this thread; elsewhere that would be the process's.
fn give_way() {
    #[cfg(target_os = "linux")]
    // Without it the compilation is only a competitor.
    let _ = rustix::process::nice(NICE);
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use rustix::process::getpriority_process;

    #[test]
    fn a_thread_that_gives_way_leaves_the_others_as_they_are() {
        let before = getpriority_process(None).expect("a priority");
        let gave_way = std::thread::spawn(|| {
            give_way();
            getpriority_process(None)
        });
        let gave_way = gave_way.join().expect("it ends").expect("a priority");
        assert_eq!(gave_way, (before + NICE).min(19));
        assert_eq!(getpriority_process(None), Ok(before));
    }
}
