//! The module pre-initialised: what `_initialize` and `go_warm` make of memory and globals becomes
//! the module's initial state, so that a fresh instance can render at once.

use std::time::Duration;

use wasmtime::{Engine, InstancePre, Linker, Module, Store, StoreLimits};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::{WasiCtxBuilder, p2::pipe::MemoryOutputPipe};
use wasmtime_wizer::{WasmtimeWizer, Wizer};

use super::super::abi::{self, Starting};
use super::super::clock;
use super::super::config::Limits;
use super::super::engine;
use super::super::error::GuestError;
use super::super::imports;
use super::super::log::sanitise;
use super::ArtifactError;
use super::cache::Key;

/// How long the module may take to initialise and to record its shapes.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes that are kept of what the module writes meanwhile.
const SAID: usize = 4 << 10;

/// What a module of the standard Go toolchain finds in its environment: an instance lives for one
/// call, so nothing is collected, and Go's collector does not read the wall clock, which rendering
/// denies.
const ENVIRONMENT: [(&str, &str); 1] = [("GOGC", "off")];

struct State {
    wasi: WasiP1Ctx,
    limits: StoreLimits,
}

/// The snapshot's key. The engine stands for the version of wasmtime, which wizer shares.
pub(super) fn key(wasm: &[u8], engine: &Engine, limits: &Limits) -> Key {
    Key::new("snapshot", 3)
        .part(wasm)
        .part(&limits.memory_bytes.to_le_bytes())
        .part(format!("{ENVIRONMENT:?}").as_bytes())
        .hashed(engine.precompile_compatibility_hash())
}

/// Takes the snapshot. Blocks, within a tokio runtime.
pub(super) fn take(wasm: &[u8], limits: &Limits) -> Result<Vec<u8>, GuestError> {
    tokio::runtime::Handle::current().block_on(Laboratory::new(wasm, *limits)?.snapshot())
}

/// Where instances are initialised.
struct Laboratory<'a> {
    wizer: Wizer,
    context: wasmtime_wizer::ModuleContext<'a>,
    engine: Engine,
    pre: InstancePre<State>,
    limits: Limits,
    ticks: u64,
}

impl<'a> Laboratory<'a> {
    fn new(wasm: &'a [u8], limits: Limits) -> Result<Self, GuestError> {
        const STAGE: &str = "pre-initialising";
        let wizer = Wizer::new();
        let (context, instrumented) = wizer
            .instrument(wasm)
            .map_err(ArtifactError::module(STAGE))?;
        let engine = engine::preparing()?;
        clock::start(&engine)?;
        let ticks = clock::ticks(PATIENCE);
        let module = Module::new(&engine, instrumented).map_err(ArtifactError::module(STAGE))?;
        imports::check(&module)?;
        let mut linker = Linker::new(&engine);
        p1::add_to_linker_async(&mut linker, |state: &mut State| &mut state.wasi)
            .map_err(GuestError::Engine)?;
        let pre = linker
            .instantiate_pre(&module)
            .map_err(ArtifactError::module(STAGE))?;
        Ok(Laboratory {
            wizer,
            context,
            engine,
            pre,
            limits,
            ticks,
        })
    }

    /// A new instance that has run `_initialize`.
    async fn instance(&self) -> Result<(Store<State>, wasmtime::Instance), GuestError> {
        // Nothing of this process is granted: a snapshot made with its environment or files would
        // hold parts of them.
        let said = MemoryOutputPipe::new(SAID);
        let wasi = WasiCtxBuilder::new()
            .stdout(said.clone())
            .stderr(said.clone())
            .envs(&ENVIRONMENT)
            .build_p1();
        let mut store = Store::new(
            &self.engine,
            State {
                wasi,
                limits: engine::store_limits(&self.limits),
            },
        );
        store.limiter(|state| &mut state.limits);
        store.set_epoch_deadline(self.ticks);
        let instance = self.pre.instantiate_async(&mut store).await;
        let instance = instance.map_err(ArtifactError::module("instantiating"))?;
        match abi::initialize(&mut store, &instance).await {
            Err(GuestError::Start { call, message }) => {
                let said = sanitise(&String::from_utf8_lossy(&said.contents()));
                let message = if said.is_empty() {
                    message
                } else {
                    format!("{said} ({message})")
                };
                Err(GuestError::Start { call, message })
            }
            Err(error) => Err(error),
            Ok(()) => Ok((store, instance)),
        }
    }

    /// An instance that has recorded the shapes of these components.
    async fn warm(
        &self,
        components: &[&str],
    ) -> Result<(Store<State>, wasmtime::Instance), GuestError> {
        let (mut store, instance) = self.instance().await?;
        let starting = Starting::new(&mut store, instance).await?;
        if !components.is_empty() {
            starting.warm(&mut store, components).await?;
        }
        Ok((store, instance))
    }

    async fn snapshot(self) -> Result<Vec<u8>, GuestError> {
        let (mut store, instance) = self.instance().await?;
        let manifest = Starting::new(&mut store, instance)
            .await?
            .describe(&mut store)
            .await?;
        drop(store);
        let all: Vec<&str> = manifest
            .components
            .iter()
            .map(|component| component.name.as_str())
            .collect();
        let (mut store, instance) = match self.warm(&all).await {
            Ok(warmed) => warmed,
            Err(GuestError::Start { .. }) => self.warm(&self.warmable(&all).await).await?,
            Err(error) => return Err(error),
        };
        let mut instance = WasmtimeWizer {
            store: &mut store,
            instance,
        };
        let snapshot = self.wizer.snapshot(&self.context, &mut instance).await;
        Ok(snapshot.map_err(ArtifactError::module("taking the snapshot"))?)
    }

    /// The components that can be rendered from zero props, each tried by itself. One that cannot
    /// records its shape in each request instead.
    async fn warmable<'n>(&self, components: &[&'n str]) -> Vec<&'n str> {
        let mut warmable = Vec::new();
        for component in components {
            match self.warm(&[component]).await {
                Ok(_) => warmable.push(*component),
                Err(error) => tracing::warn!(
                    component,
                    %error,
                    "the component cannot be rendered from zero props: its shapes are recorded in each request, which is slower"
                ),
            }
        }
        warmable
    }
}
