//! Edge modules: a kit module is initialised once, by `_initialize` and `edge_init`, and what they
//! leave in memory is where every run begins; a plain program is compiled as it is.

use std::time::Duration;

use wasmtime::{
    Engine, Instance, InstancePre, Linker, Module, Store, StoreLimits, StoreLimitsBuilder,
};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::{WasiCtxBuilder, p2::pipe::MemoryOutputPipe};
use wasmtime_wizer::{WasmtimeWizer, Wizer};

use super::super::abi;
use super::super::capability::RunLimits;
use super::super::capability_imports::EDGE;
use super::super::clock;
use super::super::engine;
use super::super::error::GuestError;
use super::super::log::sanitise;
use super::cache::Key;
use super::{ArtifactError, Wasm, merge, native};

const STAGE: &str = "pre-initialising";
/// How long a module may take to initialise.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes that are kept of what a module says meanwhile.
const SAID: usize = 4 << 10;
/// An instance that serves one run collects no garbage.
const ONE_RUN: (&str, &str) = ("GOGC", "off");

struct State {
    wasi: WasiP1Ctx,
    limits: StoreLimits,
    failed: Vec<u8>,
}

/// The module without an initialisation, as native code for this engine. Blocks.
pub(in super::super) fn plain(wasm: &Wasm, engine: &Engine) -> Result<Module, ArtifactError> {
    native::load(&wasm.bytes, engine, &wasm.cache)
}

/// The module initialised, as native code for this engine. Blocks, within a tokio runtime.
pub(in super::super) fn reactor(
    wasm: &Wasm,
    engine: &Engine,
    limits: &RunLimits,
    reused: bool,
) -> Result<Module, GuestError> {
    let key = Key::new("edge", 2)
        .part(&wasm.bytes)
        .part(&limits.memory_bytes.to_le_bytes())
        .part(&[u8::from(reused)])
        .hashed(engine.precompile_compatibility_hash());
    let merged = wasm.cache.get_or_make(key, || {
        // Before as well: a snapshot adds segments to those that are there, and a module has at
        // most 100 000.
        let merged = merge::merge_data(&wasm.bytes)?;
        let snapshot = snapshot(&merged, limits, reused);
        let snapshot = tokio::runtime::Handle::current().block_on(snapshot)?;
        Ok::<_, GuestError>(merge::merge_data(&snapshot)?)
    })?;
    Ok(native::load(&merged, engine, &wasm.cache)?)
}

async fn snapshot(wasm: &[u8], limits: &RunLimits, reused: bool) -> Result<Vec<u8>, GuestError> {
    let wizer = Wizer::new();
    let (context, instrumented) = wizer
        .instrument(wasm)
        .map_err(ArtifactError::module(STAGE))?;
    let engine = engine::preparing()?;
    clock::start(&engine)?;
    let ticks = clock::ticks(PATIENCE);
    let module = Module::new(&engine, instrumented).map_err(ArtifactError::module(STAGE))?;
    let pre = link(&engine, &module).map_err(ArtifactError::module(STAGE))?;

    // Nothing of this process is granted: a snapshot made with its environment or files would hold
    // parts of them.
    let said = MemoryOutputPipe::new(SAID);
    let mut wasi = WasiCtxBuilder::new();
    wasi.stdout(said.clone()).stderr(said.clone());
    if !reused {
        wasi.env(ONE_RUN.0, ONE_RUN.1);
    }
    let limits = StoreLimitsBuilder::new().memory_size(limits.memory_bytes);
    let state = State {
        wasi: wasi.build_p1(),
        limits: limits.build(),
        failed: Vec::new(),
    };
    let mut store = Store::new(&engine, state);
    store.limiter(|state| &mut state.limits);
    store.set_epoch_deadline(ticks);
    let instance = pre.instantiate_async(&mut store).await;
    let instance = instance.map_err(ArtifactError::module("instantiating"))?;
    let initialised = match abi::initialize(&mut store, &instance).await {
        Ok(()) => init(&mut store, &instance).await,
        Err(error) => Err(error),
    };
    if let Err(GuestError::Start { call, message }) = initialised {
        let failed = &store.data().failed;
        let said = if failed.is_empty() {
            &*said.contents()
        } else {
            failed
        };
        let said = sanitise(&String::from_utf8_lossy(said));
        let message = if said.is_empty() { message } else { said };
        return Err(GuestError::Start { call, message });
    }
    initialised?;
    let mut instance = WasmtimeWizer {
        store: &mut store,
        instance,
    };
    let snapshot = wizer.snapshot(&context, &mut instance).await;
    Ok(snapshot.map_err(ArtifactError::module("taking the snapshot"))?)
}

/// While a module initialises it can say why it fails, and nothing else of the kit exists.
fn link(engine: &Engine, module: &Module) -> wasmtime::Result<InstancePre<State>> {
    let mut linker = Linker::new(engine);
    p1::add_to_linker_async(&mut linker, |state: &mut State| &mut state.wasi)?;
    linker.func_wrap(
        EDGE,
        "fail",
        |mut caller: wasmtime::Caller<'_, State>, at: u32, length: u32| {
            let memory = caller
                .get_export("memory")
                .and_then(wasmtime::Extern::into_memory);
            let Some(memory) = memory else { return };
            let (memory, state) = memory.data_and_store_mut(&mut caller);
            let end = (at as usize).saturating_add((length as usize).min(SAID));
            state.failed = memory.get(at as usize..end).unwrap_or_default().to_vec();
        },
    )?;
    linker.define_unknown_imports_as_traps(module)?;
    linker.instantiate_pre(module)
}

async fn init(store: &mut Store<State>, instance: &Instance) -> Result<(), GuestError> {
    const CALL: &str = "edge_init";
    let init = instance
        .get_typed_func::<(), u32>(&mut *store, CALL)
        .map_err(|_| GuestError::Export(CALL))?;
    let message = match init.call_async(store, ()).await {
        Ok(0) => return Ok(()),
        Ok(_) => "without a reason".to_owned(),
        Err(trap) => sanitise(&trap.root_cause().to_string()),
    };
    Err(GuestError::Start {
        call: CALL,
        message,
    })
}
