//! Instances of kit modules, and runs in them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::{Engine, Instance, InstancePre, Linker, Module, ModuleExport, Store, TypedFunc};

use super::error::{Cause, Failure};
use super::host_functions;
use super::state::{Current, Services, State};
use crate::engine::{self, Meter, Throttle};
use crate::text::sanitise;

/// A kit module that can be instantiated.
pub(super) struct KitModule {
    pre: InstancePre<State>,
    memory: ModuleExport,
    alloc: ModuleExport,
    run: ModuleExport,
}

/// An instance, with its exports.
pub(super) struct KitInstance {
    store: Store<State>,
    alloc: TypedFunc<u32, u32>,
    run: TypedFunc<(), ()>,
    /// How many runs it has served.
    pub served: u32,
    /// Its permit of the engine's pool, released after the store is dropped.
    _room: OwnedSemaphorePermit,
}

impl KitModule {
    pub fn new(engine: &Engine, module: &Module) -> wasmtime::Result<KitModule> {
        let mut linker = Linker::new(engine);
        host_functions::link(&mut linker)?;
        engine::link_wasi(&mut linker, module)?;
        let export = |name| {
            let problem = || wasmtime::Error::msg(format!("the module has no export `{name}`"));
            module.get_export_index(name).ok_or_else(problem)
        };
        Ok(KitModule {
            pre: linker.instantiate_pre(module)?,
            memory: export("memory")?,
            alloc: export("edge_alloc")?,
            run: export("edge_run")?,
        })
    }

    pub async fn instantiate(
        &self,
        state: State,
        room: OwnedSemaphorePermit,
    ) -> Result<KitInstance, Cause> {
        const ALLOC: &str = "edge_alloc is not a function from a length to an address";
        const RUN: &str = "edge_run is not a function without arguments";
        const MEMORY: &str = "memory is not a memory";
        let mut store = engine::store(self.pre.module().engine(), state);
        let instance: Instance = match self.pre.instantiate_async(&mut store).await {
            Ok(instance) => instance,
            Err(error) => {
                let message = sanitise(&error.root_cause().to_string());
                return Err(Cause::Runtime { message });
            }
        };
        let invalid = |problem| Cause::InvalidCall { problem };
        let memory = instance.get_module_export(&mut store, &self.memory);
        let memory = memory.and_then(wasmtime::Extern::into_memory);
        store.data_mut().memory = Some(memory.ok_or_else(|| invalid(MEMORY))?);
        let mut function = |export| {
            let export = instance.get_module_export(&mut store, export);
            export.and_then(wasmtime::Extern::into_func)
        };
        let (alloc, run) = (function(&self.alloc), function(&self.run));
        Ok(KitInstance {
            alloc: alloc
                .and_then(|alloc| alloc.typed(&store).ok())
                .ok_or_else(|| invalid(ALLOC))?,
            run: run
                .and_then(|run| run.typed(&store).ok())
                .ok_or_else(|| invalid(RUN))?,
            store,
            served: 0,
            _room: room,
        })
    }
}

impl KitInstance {
    /// Prepares a used instance for another run.
    pub fn begin(&mut self, run: Current) {
        let state = self.store.data_mut();
        state.run = run;
        state.meter.begin();
    }

    /// One run, which ends after this time at the latest.
    pub async fn run(&mut self, input: &[u8], wall: Duration) -> Result<Bytes, Failure> {
        self.served = self.served.saturating_add(1);
        let end = tokio::time::timeout(wall, self.call(input)).await;
        let state = self.store.data_mut();
        // Calls in flight end with the run.
        state.run.calls.clear();
        let computed = state.meter.end();
        let failed = |cause| Failure { cause, computed };
        match end {
            Err(_) => return Err(failed(Cause::Wall)),
            Ok(Err(error)) => {
                let places = &state.services.places;
                let cause = Cause::of(&error, &state.meter, &state.run.written, places);
                return Err(failed(cause));
            }
            Ok(Ok(())) => {}
        }
        match (state.run.failed.take(), state.run.answer.take()) {
            (Some(message), _) => Err(failed(Cause::Failed { message })),
            (None, Some(answer)) => Ok(answer),
            (None, None) => Err(failed(Cause::Silent)),
        }
    }

    async fn call(&mut self, input: &[u8]) -> wasmtime::Result<()> {
        let problem = "the input is too long";
        let length = u32::try_from(input.len()).map_err(|_| Cause::InvalidCall { problem })?;
        let at = self.alloc.call_async(&mut self.store, length).await?;
        let problem = "edge_alloc answered with an address outside of memory";
        if let Some(memory) = self.store.data().memory {
            memory
                .write(&mut self.store, at as usize, input)
                .map_err(|_| Cause::InvalidCall { problem })?;
        }
        self.run.call_async(&mut self.store, ()).await
    }
}

/// The host state of a new instance.
pub(super) fn state(services: &Arc<Services>, run: Current, throttle: &Throttle) -> State {
    State {
        meter: Meter::new(services.limits.bounds(), throttle),
        memory: None,
        services: services.clone(),
        run,
    }
}
