//! The runtime: its settings, and the pool of instances.

use std::num::NonZeroUsize;

use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, StoreLimits,
    StoreLimitsBuilder,
};

use super::config::{Limits, Pool};
use super::error::GuestError;
use super::manifest::Lane;
use super::places::FRAMES;

/// Slots that stay resident for their module while nobody uses them.
const WARM_SLOTS: u32 = 16;

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

/// The engine that renders: instances come from a pool, or, when the system does not give the
/// address space for one, are made on demand.
pub(super) fn rendering(limits: &Limits, pool: &Pool, lane: Lane) -> Result<Engine, GuestError> {
    let mut config = serving();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pooling(
        limits, pool, lane,
    )));
    match Engine::new(&config) {
        Ok(engine) => Ok(engine),
        Err(error) => {
            tracing::warn!(
                error = format!("{error:#}"),
                instances = pool.instances,
                "the pool of instances cannot be reserved: instances are made on demand, which is slower; \
                 lower pool.instances or allow more address space"
            );
            Engine::new(&serving()).map_err(GuestError::Engine)
        }
    }
}

/// An engine without a pool, for work that is done once.
pub(super) fn preparing() -> Result<Engine, GuestError> {
    Engine::new(&settings()).map_err(GuestError::Engine)
}

fn pooling(limits: &Limits, pool: &Pool, lane: Lane) -> PoolingAllocationConfig {
    let keep_resident = pool.keep_resident(lane);
    let mut config = PoolingAllocationConfig::new();
    config
        .total_core_instances(pool.instances)
        .total_memories(pool.instances)
        .total_tables(pool.instances)
        .total_stacks(pool.instances)
        .max_memories_per_module(1)
        .max_tables_per_module(1)
        .max_memory_size(limits.memory_bytes)
        .table_elements(limits.table_elements)
        .max_unused_warm_slots(WARM_SLOTS)
        .linear_memory_keep_resident(keep_resident)
        .table_keep_resident(keep_resident)
        .async_stack_keep_resident(64 << 10);
    if cfg!(target_os = "linux") {
        config.pagemap_scan(Enabled::Auto);
    }
    config
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
