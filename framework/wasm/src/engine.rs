//! The WebAssembly runtime of a process: its settings, its pool of instances, and how many of them
//! live at one time.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::{
    Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig, StoreLimits,
    StoreLimitsBuilder,
};

use super::capability::RunLimits;
use super::clock;
use super::config::{Limits, Pool};
use super::error::GuestError;
use super::places::FRAMES;
use super::throttle::Throttle;

/// Entries of an edge module's table: Go has one for each function that is called through a value.
const FUNCTION_TABLE: usize = 20_000;
/// Slots that stay resident for their module while nobody uses them.
const WARM_SLOTS: u32 = 32;
/// Bytes of a slot that stay resident unless `pool.keep_resident_bytes` says otherwise: what a
/// module of the Go toolchain touches in a call. One of TinyGo touches less, and keeps only that.
const KEEP_RESIDENT: usize = 4 << 20;

/// What an [`Engine`] has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineConfig {
    /// Instances of component modules that live at one time, of all releases together.
    pub components: u32,
    /// Instances of edge modules that live at one time, of all modules and releases together.
    pub functions: u32,
    /// The most bytes of linear memory that any module may be allowed.
    pub memory_bytes: usize,
    /// The most entries of any module's table.
    pub table_elements: usize,
    /// Bytes of each slot's memory that stay resident between calls.
    pub keep_resident_bytes: usize,
}

impl EngineConfig {
    /// Room for components with these limits, and for no edge modules.
    pub fn new(limits: &Limits, pool: &Pool) -> EngineConfig {
        EngineConfig {
            components: pool.instances,
            functions: 0,
            memory_bytes: limits.memory_bytes,
            table_elements: limits.table_elements,
            keep_resident_bytes: pool.keep_resident_bytes.unwrap_or(KEEP_RESIDENT),
        }
    }

    /// With room for these edge modules beside what there is.
    #[must_use]
    pub fn with_functions<'a>(
        mut self,
        modules: impl IntoIterator<Item = &'a RunLimits>,
    ) -> EngineConfig {
        for limits in modules {
            self.functions = self.functions.saturating_add(limits.instances);
            self.memory_bytes = self.memory_bytes.max(limits.memory_bytes);
            self.table_elements = self.table_elements.max(FUNCTION_TABLE);
        }
        self
    }
}

/// The WebAssembly runtime of a process. Component hosts and edge modules, of several releases,
/// live side by side on one engine and share its pool of instances. Clones share everything.
///
/// ```
/// use protium_wasm::{Engine, EngineConfig, Limits, Pool, RunLimits};
///
/// let limits = RunLimits { instances: 8, ..RunLimits::default() };
/// let config = EngineConfig::new(&Limits::default(), &Pool::default());
/// let engine = Engine::new(&config.with_functions([&limits]))?;
/// assert_eq!(engine.usage().functions.limit, 8);
/// # Ok::<(), protium_wasm::GuestError>(())
/// ```
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    wasmtime: wasmtime::Engine,
    memory_bytes: usize,
    components: Instances,
    functions: Instances,
}

/// How much of an engine's pool is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineUsage {
    /// By component modules.
    pub components: InstanceUsage,
    /// By edge modules, instances that wait for their next run included.
    pub functions: InstanceUsage,
}

/// Instances of one kind of module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceUsage {
    /// Those that live now.
    pub in_use: u32,
    /// Those that may live at one time.
    pub limit: u32,
}

impl Engine {
    /// An engine with a pool of so many instances. When the system does not give the address space
    /// for one, instances are made on demand, which is slower, and the log says so.
    pub fn new(config: &EngineConfig) -> Result<Engine, GuestError> {
        let mut pooled = serving();
        pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(pooling(config)));
        let wasmtime = match wasmtime::Engine::new(&pooled) {
            Ok(engine) => engine,
            Err(error) => {
                tracing::warn!(
                    error = format!("{error:#}"),
                    components = config.components,
                    functions = config.functions,
                    "the pool of instances cannot be reserved: instances are made on demand, \
                     which is slower; lower pool.instances or allow more address space"
                );
                wasmtime::Engine::new(&serving()).map_err(GuestError::Engine)?
            }
        };
        clock::start(&wasmtime)?;
        Ok(Engine(Arc::new(Inner {
            wasmtime,
            memory_bytes: config.memory_bytes,
            components: Instances::new(config.components.max(1)),
            functions: Instances::new(config.functions),
        })))
    }

    /// How many instances live now, and how many may.
    pub fn usage(&self) -> EngineUsage {
        EngineUsage {
            components: self.0.components.usage(),
            functions: self.0.functions.usage(),
        }
    }

    /// Refuses limits that the pool has no room for.
    pub(crate) fn check(&self, memory_bytes: usize) -> Result<(), GuestError> {
        if memory_bytes > self.0.memory_bytes {
            return Err(GuestError::PoolMemory {
                wanted: memory_bytes,
                limit: self.0.memory_bytes,
            });
        }
        Ok(())
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.0.wasmtime
    }

    pub(crate) fn components(&self) -> &Instances {
        &self.0.components
    }

    pub(crate) fn functions(&self) -> &Instances {
        &self.0.functions
    }
}

/// The right to have instances, so many at one time.
pub(crate) struct Instances {
    free: Arc<Semaphore>,
    limit: u32,
    throttle: Throttle,
}

impl Instances {
    pub fn new(limit: u32) -> Instances {
        Instances {
            free: Arc::new(Semaphore::new(limit as usize)),
            limit,
            throttle: Throttle::new(limit),
        }
    }

    /// The right to have one instance, for as long as the result lives. `None` when none was free
    /// for so long.
    pub async fn acquire(&self, wait: Duration) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Some(permit);
        }
        let permit = Arc::clone(&self.free).acquire_owned();
        tokio::time::timeout(wait, permit).await.ok()?.ok()
    }

    /// How many of them may compute for long.
    pub fn throttle(&self) -> &Throttle {
        &self.throttle
    }

    fn usage(&self) -> InstanceUsage {
        let free = u32::try_from(self.free.available_permits()).unwrap_or(u32::MAX);
        InstanceUsage {
            in_use: self.limit.saturating_sub(free),
            limit: self.limit,
        }
    }
}

/// What all engines have.
fn settings() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .concurrency_support(false)
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false);
    config
}

/// Settings of an engine that serves requests: a trap tells where it was.
fn serving() -> Config {
    let mut config = settings();
    config
        .wasm_backtrace_max_frames(NonZeroUsize::new(FRAMES))
        .generate_address_map(true);
    config
}

/// An engine without a pool, for work that is done once.
pub(super) fn preparing() -> Result<wasmtime::Engine, GuestError> {
    wasmtime::Engine::new(&settings()).map_err(GuestError::Engine)
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

/// What an instance may have.
pub(super) fn store_limits(limits: &Limits) -> StoreLimits {
    StoreLimitsBuilder::new()
        .memory_size(limits.memory_bytes)
        .table_elements(limits.table_elements)
        .instances(1)
        .memories(1)
        .tables(1)
        .build()
}
