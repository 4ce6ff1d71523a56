//! The WebAssembly runtime of a process: its settings and its pool of instances.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::effort::Effort;
use super::epochs;
use super::instances::Instances;
use super::limits::{Limits, Pool, RunLimits};
use super::places::FRAMES;
use crate::error::GuestError;

/// Unused slots that stay resident for their module.
const WARM_SLOTS: u32 = 32;
/// The default of `pool.keep_resident_bytes`: what a module of the Go toolchain touches in a call.
/// A TinyGo module touches less, and keeps only that.
const KEEP_RESIDENT: usize = 4 << 20;

/// The capacity of an [`Engine`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineConfig {
    /// Instances of component modules at a time, of all releases together.
    pub components: u32,
    /// Instances of edge modules at a time, of all modules and releases together.
    pub functions: u32,
    /// The largest linear memory that a module may have, in bytes.
    pub memory_bytes: usize,
    /// The largest table that a module may have.
    pub table_elements: usize,
    /// Bytes of each slot's memory that stay resident between calls.
    pub keep_resident_bytes: usize,
    /// How component modules are compiled. Edge modules are always optimised: they may need what
    /// only the optimising compiler knows.
    pub components_effort: Effort,
}

impl EngineConfig {
    /// Capacity for components with these limits, and for no edge modules.
    pub fn new(limits: &Limits, pool: &Pool) -> EngineConfig {
        EngineConfig {
            components: pool.instances,
            functions: 0,
            memory_bytes: limits.memory_bytes,
            table_elements: limits.table_elements,
            keep_resident_bytes: pool.keep_resident_bytes.unwrap_or(KEEP_RESIDENT),
            components_effort: Effort::Release,
        }
    }

    /// Adds capacity for these edge modules.
    #[must_use]
    pub fn with_functions<'a>(
        mut self,
        modules: impl IntoIterator<Item = &'a RunLimits>,
    ) -> EngineConfig {
        for limits in modules {
            self.functions = self.functions.saturating_add(limits.instances);
            self.memory_bytes = self.memory_bytes.max(limits.memory_bytes);
            self.table_elements = self.table_elements.max(RunLimits::TABLE_ELEMENTS);
        }
        self
    }
}

/// The WebAssembly runtime of a process. Component hosts and edge modules of several releases share
/// one engine and its pool of instances; in development, components have a pool and a compiler of
/// their own. Clones share all of it.
///
/// ```
/// use protium_wasm::{Engine, EngineConfig, Limits, Pool, RunLimits};
///
/// let limits = RunLimits { instances: 8, ..RunLimits::default() };
/// let config = EngineConfig::new(&Limits::default(), &Pool::default());
/// let engine = Engine::new(&config.with_functions([&limits]))?;
/// assert_eq!(engine.instances(), (0, 0));
/// # Ok::<(), protium_wasm::GuestError>(())
/// ```
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    for_components: wasmtime::Engine,
    for_functions: wasmtime::Engine,
    components_effort: Effort,
    memory_bytes: usize,
    components: Instances,
    functions: Instances,
}

impl Engine {
    /// An engine with a pool of this capacity. If the system does not have the address space,
    /// instances are allocated on demand, which is slower and logged.
    pub fn new(config: &EngineConfig) -> Result<Engine, GuestError> {
        let (for_components, for_functions) = match config.components_effort {
            Effort::Release => {
                let engine = runtime(config, Effort::Release)?;
                (engine.clone(), engine)
            }
            Effort::Development => {
                let components = EngineConfig {
                    functions: 0,
                    ..*config
                };
                let functions = EngineConfig {
                    components: 0,
                    ..*config
                };
                let for_components = runtime(&components, Effort::Development)?;
                (for_components, runtime(&functions, Effort::Release)?)
            }
        };
        Ok(Engine(Arc::new(Inner {
            for_components,
            for_functions,
            components_effort: config.components_effort,
            memory_bytes: config.memory_bytes,
            components: Instances::new(config.components.max(1)),
            functions: Instances::new(config.functions),
        })))
    }

    /// How many instances exist: of component modules, and of edge modules with idle ones.
    pub fn instances(&self) -> (u32, u32) {
        (self.0.components.in_use(), self.0.functions.in_use())
    }

    /// Refuses limits that exceed the pool's capacity.
    pub(crate) fn check(&self, memory_bytes: usize) -> Result<(), GuestError> {
        if memory_bytes > self.0.memory_bytes {
            return Err(GuestError::PoolMemory {
                wanted: memory_bytes,
                limit: self.0.memory_bytes,
            });
        }
        Ok(())
    }

    /// The runtime of component modules.
    pub(crate) fn for_components(&self) -> &wasmtime::Engine {
        &self.0.for_components
    }

    /// The runtime of edge modules.
    pub(crate) fn for_functions(&self) -> &wasmtime::Engine {
        &self.0.for_functions
    }

    pub(crate) fn components_effort(&self) -> Effort {
        self.0.components_effort
    }

    pub(crate) fn components(&self) -> &Instances {
        &self.0.components
    }

    pub(crate) fn functions(&self) -> &Instances {
        &self.0.functions
    }
}

/// A runtime with a pool of this capacity, or without one where it cannot be reserved.
fn runtime(config: &EngineConfig, effort: Effort) -> Result<wasmtime::Engine, GuestError> {
    let mut pooled = serving(effort);
    pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(pooling(config)));
    let engine = match wasmtime::Engine::new(&pooled) {
        Ok(engine) => engine,
        Err(error) => {
            tracing::warn!(
                error = format!("{error:#}"),
                components = config.components,
                functions = config.functions,
                "the pool of instances cannot be reserved: instances are made on demand, which is \
                 slower; lower pool.instances or allow more address space"
            );
            wasmtime::Engine::new(&serving(effort)).map_err(GuestError::Engine)?
        }
    };
    epochs::start(&engine)?;
    Ok(engine)
}

/// Settings of all engines.
fn settings(effort: Effort) -> Config {
    let mut config = Config::new();
    effort.choose_compiler(&mut config);
    config
        .epoch_interruption(true)
        .concurrency_support(false)
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false);
    config
}

/// Settings of an engine that serves requests: a trap has a backtrace.
fn serving(effort: Effort) -> Config {
    let mut config = settings(effort);
    config
        .wasm_backtrace_max_frames(NonZeroUsize::new(FRAMES))
        .generate_address_map(true);
    config
}

/// An engine without a pool, and the number of ticks that a call may take.
pub(crate) fn without_pool(limit: Duration) -> Result<(wasmtime::Engine, u64), GuestError> {
    let settings = settings(Effort::Release);
    let engine = wasmtime::Engine::new(&settings).map_err(GuestError::Engine)?;
    epochs::start(&engine)?;
    Ok((engine, epochs::ticks(limit)))
}

fn pooling(config: &EngineConfig) -> PoolingAllocationConfig {
    let instances = config.components.saturating_add(config.functions).max(1);
    let keep_resident = config.keep_resident_bytes;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(instances)
        .total_memories(instances)
        .total_tables(instances)
        .total_stacks(instances)
        .max_memories_per_module(1)
        .max_tables_per_module(1)
        .max_memory_size(config.memory_bytes)
        .table_elements(config.table_elements)
        .max_unused_warm_slots(WARM_SLOTS)
        .linear_memory_keep_resident(keep_resident)
        .table_keep_resident(keep_resident)
        .async_stack_keep_resident(64 << 10);
    if cfg!(target_os = "linux") {
        pool.pagemap_scan(Enabled::Auto);
    }
    pool
}
