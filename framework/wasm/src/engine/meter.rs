//! Measures an instance's resources, and enforces its limits.

use std::time::Duration;

use wasmtime::{Engine, ResourceLimiter, Store, StoreLimits, StoreLimitsBuilder};

use super::throttle::{Budget, Throttle};

/// The limits of one instance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub memory_bytes: usize,
    pub table_elements: usize,
    /// The processor time of one call.
    pub cpu: Duration,
}

impl Bounds {
    /// The limits in the runtime's own form.
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

/// The limits of one instance, and its usage.
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

    /// Reset for another call of the same instance.
    pub fn begin(&mut self) {
        self.budget.begin();
        self.memory_refused = false;
    }

    /// The processor time of the call, up to its last interruption.
    pub fn used(&self) -> Duration {
        self.budget.used()
    }

    /// The call ended and its instance may be reused: returns its processor time.
    pub fn end(&mut self) -> Duration {
        self.budget.end()
    }

    /// Whether the guest asked for more memory than allowed.
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

/// Host state that has a meter.
pub(crate) trait Metered: Send + 'static {
    fn meter(&mut self) -> &mut Meter;
}

/// A store that enforces its guest's limits: it is interrupted at each tick of the clock, and ended
/// when its processor time is used up.
pub(crate) fn store<T: Metered>(engine: &Engine, state: T) -> Store<T> {
    let mut store = Store::new(engine, state);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut store| store.data_mut().meter().budget.interrupted());
    store.limiter(|state| state.meter());
    store
}
