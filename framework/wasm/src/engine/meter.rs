//! What an instance uses, held against its limits while it runs.

use std::time::Duration;

use wasmtime::{Engine, ResourceLimiter, Store, StoreLimits, StoreLimitsBuilder};

use super::throttle::{Budget, Throttle};

/// What one instance may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub memory_bytes: usize,
    pub table_elements: usize,
    /// Computing of one call.
    pub cpu: Duration,
}

impl Bounds {
    /// The same as the runtime's own limits.
    pub fn store_limits(&self) -> StoreLimits {
        StoreLimitsBuilder::new()
            .memory_size(self.memory_bytes)
            .table_elements(self.table_elements)
            .instances(1)
            .memories(1)
            .tables(1)
            .build()
    }
}

/// What one instance may use, and what it has used.
pub(crate) struct Meter {
    limits: StoreLimits,
    memory_bytes: usize,
    memory_refused: bool,
    budget: Budget,
}

impl Meter {
    /// For one call.
    pub fn new(bounds: Bounds, throttle: &Throttle) -> Meter {
        Meter {
            limits: bounds.store_limits(),
            memory_bytes: bounds.memory_bytes,
            memory_refused: false,
            budget: Budget::new(bounds.cpu, throttle),
        }
    }

    /// As at first, for another call of the same instance.
    pub fn begin(&mut self) {
        self.budget.begin();
        self.memory_refused = false;
    }

    /// What the call is known to have computed until its last interruption.
    pub fn used(&self) -> Duration {
        self.budget.used()
    }

    /// The call ended, its instance may be kept: what it is known to have computed.
    pub fn end(&mut self) -> Duration {
        self.budget.end()
    }

    /// Whether the guest wanted more memory than it may have.
    pub fn is_memory_refused(&self) -> bool {
        self.memory_refused
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.memory_refused |= desired > self.memory_bytes;
        self.limits.memory_growing(current, desired, maximum)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.limits.table_growing(current, desired, maximum)
    }

    fn instances(&self) -> usize {
        self.limits.instances()
    }

    fn tables(&self) -> usize {
        self.limits.tables()
    }

    fn memories(&self) -> usize {
        self.limits.memories()
    }
}

/// What has a meter.
pub(crate) trait Metered: Send + 'static {
    fn meter(&mut self) -> &mut Meter;
}

/// A store whose guest is held to its limits: it is interrupted at each tick of the clock, and
/// ended when it has computed for long enough.
pub(crate) fn store<T: Metered>(engine: &Engine, state: T) -> Store<T> {
    let mut store = Store::new(engine, state);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut store| store.data_mut().meter().budget.interrupted());
    store.limiter(|state| state.meter());
    store
}
