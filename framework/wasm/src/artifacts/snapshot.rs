//! Snapshots: a module that was initialised once. The memory and globals that `_initialize` and
//! later calls leave become the module's initial state, so that a fresh instance is ready at once.

use std::time::Duration;

use wasmtime::{Engine, Instance, InstancePre, Linker, Module, Store, StoreLimits};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::{WasiCtxBuilder, p2::pipe::MemoryOutputPipe};
use wasmtime_wizer::{ModuleContext, WasmtimeWizer, Wizer};

use super::error::ArtifactError;
use crate::engine::{self, Bounds, WRITTEN};
use crate::error::GuestError;
use crate::text::sanitise;

const STAGE: &str = "initialising";
/// The time limit of initialisation.
const LIMIT: Duration = Duration::from_secs(30);

/// Host state while a module is initialised.
#[derive(Clone, Copy)]
pub(crate) struct Options {
    pub bounds: Bounds,
    /// No access to this process: a snapshot that was made with its environment or files would
    /// contain parts of them.
    pub environment: &'static [(&'static str, &'static str)],
}

/// Host state of an instance that is initialised.
pub(crate) struct Initialising {
    wasi: WasiP1Ctx,
    limits: StoreLimits,
    written: MemoryOutputPipe,
    /// The error that the module reported.
    pub failed: Vec<u8>,
}

impl Initialising {
    /// The module's message before it failed, or empty.
    pub fn said(&self) -> String {
        let written = self.written.contents();
        let said = match self.failed.as_slice() {
            [] => &*written,
            failed => failed,
        };
        sanitise(&String::from_utf8_lossy(said))
    }
}

/// Creates instances of a module, and a snapshot of one of them.
pub(crate) struct Initialiser<'a> {
    wizer: Wizer,
    context: ModuleContext<'a>,
    engine: Engine,
    pre: InstancePre<Initialising>,
    options: Options,
    ticks: u64,
}

impl<'a> Initialiser<'a> {
    /// `link` adds the module's imports other than WASI, or refuses them.
    pub fn new(
        wasm: &'a [u8],
        options: Options,
        link: impl FnOnce(&mut Linker<Initialising>, &Module) -> Result<(), GuestError>,
    ) -> Result<Self, GuestError> {
        let wizer = Wizer::new();
        let (context, instrumented) = wizer
            .instrument(wasm)
            .map_err(ArtifactError::module(STAGE))?;
        let (engine, ticks) = engine::for_one_call(LIMIT)?;
        let module = Module::new(&engine, instrumented).map_err(ArtifactError::module(STAGE))?;
        let mut linker = Linker::new(&engine);
        p1::add_to_linker_async(&mut linker, |state: &mut Initialising| &mut state.wasi)
            .map_err(GuestError::Engine)?;
        link(&mut linker, &module)?;
        let pre = linker
            .instantiate_pre(&module)
            .map_err(ArtifactError::module(STAGE))?;
        Ok(Initialiser {
            wizer,
            context,
            engine,
            pre,
            options,
            ticks,
        })
    }

    /// A new instance that has run `_initialize`.
    pub async fn instance(&self) -> Result<(Store<Initialising>, Instance), GuestError> {
        let written = MemoryOutputPipe::new(WRITTEN);
        let wasi = WasiCtxBuilder::new()
            .stdout(written.clone())
            .stderr(written.clone())
            .envs(self.options.environment)
            .build_p1();
        let state = Initialising {
            wasi,
            limits: self.options.bounds.store_limits(),
            written,
            failed: Vec::new(),
        };
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.limits);
        store.set_epoch_deadline(self.ticks);
        let instance = self.pre.instantiate_async(&mut store).await;
        let instance = instance.map_err(ArtifactError::module("instantiating"))?;
        initialise(&mut store, &instance).await?;
        Ok((store, instance))
    }

    /// The module with the memory of this instance.
    pub async fn snapshot(
        self,
        mut store: Store<Initialising>,
        instance: Instance,
    ) -> Result<Vec<u8>, GuestError> {
        let mut instance = WasmtimeWizer {
            store: &mut store,
            instance,
        };
        let snapshot = self.wizer.snapshot(&self.context, &mut instance).await;
        Ok(snapshot.map_err(ArtifactError::module("taking the snapshot"))?)
    }
}

/// Calls the module's own initialisation, if it has one.
async fn initialise(
    store: &mut Store<Initialising>,
    instance: &Instance,
) -> Result<(), GuestError> {
    const CALL: &str = "_initialize";
    let Some(initialise) = instance.get_func(&mut *store, CALL) else {
        return Ok(());
    };
    let initialise = initialise
        .typed::<(), ()>(&*store)
        .map_err(|_| GuestError::Export(CALL))?;
    initialise
        .call_async(&mut *store, ())
        .await
        .map_err(|trap| {
            let reason = sanitise(&trap.root_cause().to_string());
            let said = store.data().said();
            GuestError::Start {
                call: CALL,
                message: match said.as_str() {
                    "" => reason,
                    said => format!("{said} ({reason})"),
                },
            }
        })
}
