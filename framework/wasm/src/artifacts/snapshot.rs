//! Snapshots: a module that was initialised once. The memory and globals that `_initialize` and
//! later calls leave become the module's initial state, so that a fresh instance is ready at once.

use std::time::{Duration, Instant};

use wasmtime::{Engine, Instance, InstancePre, Linker, Module, Store, StoreLimits, Val};
use wasmtime_wizer::{InstanceState, ModuleContext, SnapshotVal, ValType, Wizer};

use super::error::ArtifactError;
use super::image::Image;
use crate::engine::{self, Bounds, Wasi, WasiAccess};
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
    limits: StoreLimits,
    environment: &'static [(&'static str, &'static str)],
    started: Instant,
    written: Vec<u8>,
    /// The error that the module reported.
    pub failed: Vec<u8>,
}

impl Wasi for Initialising {
    fn clock(&self) -> WasiAccess {
        WasiAccess::Granted
    }

    fn random(&self) -> WasiAccess {
        WasiAccess::Granted
    }

    fn environment(&self) -> &[(&str, &str)] {
        self.environment
    }

    /// The time since the beginning: what the snapshot remembers must be past when it is used.
    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }

    fn wait(&self, time: Duration) -> bool {
        std::thread::sleep(time.min(LIMIT));
        true
    }

    fn written(&mut self) -> &mut Vec<u8> {
        &mut self.written
    }
}

impl Initialising {
    /// The module's message before it failed, or empty.
    pub fn said(&self) -> String {
        let said = match self.failed.as_slice() {
            [] => self.written.as_slice(),
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
        let (engine, ticks) = engine::without_pool(LIMIT)?;
        let compile = |instrumented: &[u8]| {
            Module::new(&engine, instrumented).map_err(ArtifactError::module(STAGE))
        };
        Initialiser::with(wasm, (&engine, ticks), compile, options, link)
    }

    /// On an engine that serves requests, for an image: `compile` gives the native code of the
    /// instrumented module.
    pub fn on(
        engine: &Engine,
        wasm: &'a [u8],
        compile: impl FnOnce(&[u8]) -> Result<Module, ArtifactError>,
        options: Options,
        link: impl FnOnce(&mut Linker<Initialising>, &Module) -> Result<(), GuestError>,
    ) -> Result<Self, GuestError> {
        let ticks = engine::ticks(LIMIT);
        Initialiser::with(wasm, (engine, ticks), compile, options, link)
    }

    fn with(
        wasm: &'a [u8],
        (engine, ticks): (&Engine, u64),
        compile: impl FnOnce(&[u8]) -> Result<Module, ArtifactError>,
        options: Options,
        link: impl FnOnce(&mut Linker<Initialising>, &Module) -> Result<(), GuestError>,
    ) -> Result<Self, GuestError> {
        let wizer = Wizer::new();
        let (context, instrumented) = wizer
            .instrument(wasm)
            .map_err(ArtifactError::module(STAGE))?;
        let module = compile(&instrumented)?;
        let mut linker = Linker::new(engine);
        engine::link_wasi(&mut linker, &module).map_err(GuestError::Engine)?;
        link(&mut linker, &module)?;
        let pre = linker
            .instantiate_pre(&module)
            .map_err(ArtifactError::module(STAGE))?;
        Ok(Initialiser {
            wizer,
            context,
            engine: engine.clone(),
            pre,
            options,
            ticks,
        })
    }

    /// The instrumented module.
    pub fn module(&self) -> &Module {
        self.pre.module()
    }

    /// A new instance that has run `_initialize`.
    pub async fn instance(&self) -> Result<(Store<Initialising>, Instance), GuestError> {
        let (mut store, instance) = self.new_instance().await?;
        initialise(&mut store, &instance).await?;
        Ok((store, instance))
    }

    /// The image of this instance.
    pub async fn image(
        &self,
        mut store: Store<Initialising>,
        initialised: Instance,
    ) -> Result<Image, GuestError> {
        let (mut new_store, new) = self.new_instance().await?;
        let initialised = (&mut store, &initialised);
        let image = Image::of(self.module(), initialised, (&mut new_store, &new));
        image.ok_or(GuestError::Export("memory"))
    }

    async fn new_instance(&self) -> Result<(Store<Initialising>, Instance), GuestError> {
        let state = Initialising {
            limits: self.options.bounds.store_limits(),
            environment: self.options.environment,
            started: Instant::now(),
            written: Vec::new(),
            failed: Vec::new(),
        };
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.limits);
        store.set_epoch_deadline(self.ticks);
        let instance = self.pre.instantiate_async(&mut store).await;
        let instance = instance.map_err(ArtifactError::module("instantiating"))?;
        Ok((store, instance))
    }

    /// The module with the memory of this instance.
    pub async fn snapshot(
        self,
        store: Store<Initialising>,
        instance: Instance,
    ) -> Result<Vec<u8>, GuestError> {
        let mut initialised = Initialised { store, instance };
        let snapshot = self.wizer.snapshot(&self.context, &mut initialised).await;
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

/// An instance whose state becomes the snapshot.
struct Initialised {
    store: Store<Initialising>,
    instance: Instance,
}

// Wizer itself exports what it asks for.
impl InstanceState for Initialised {
    async fn global_get(&mut self, name: &str, _: ValType) -> SnapshotVal {
        let global = self.instance.get_global(&mut self.store, name);
        match global.expect("a global of this name").get(&mut self.store) {
            Val::I32(value) => SnapshotVal::I32(value),
            Val::I64(value) => SnapshotVal::I64(value),
            Val::F32(bits) => SnapshotVal::F32(bits),
            Val::F64(bits) => SnapshotVal::F64(bits),
            Val::V128(value) => SnapshotVal::V128(value.as_u128()),
            other => panic!("a global of the type {other:?}"),
        }
    }

    async fn memory_contents(&mut self, name: &str, contents: impl FnOnce(&[u8]) + Send) {
        let memory = self.instance.get_memory(&mut self.store, name);
        contents(memory.expect("a memory of this name").data(&self.store));
    }
}
