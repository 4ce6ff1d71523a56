//! What an instance uses, held against its limits while it runs.

use std::time::Duration;

use wasmtime::{Engine, ResourceLimiter, Store, StoreLimits, StoreLimitsBuilder, Trap};

use super::error::Cause;
use crate::throttle::{self, Budget, Budgeted, Crowded, Throttle};
use crate::{RunLimits, sanitise};

/// The limits of one instance.
pub(super) struct Meter {
    limits: StoreLimits,
    memory_bytes: usize,
    refused: bool,
    budget: Budget,
}

impl Meter {
    /// For one run.
    pub fn new(limits: &RunLimits, throttle: &Throttle) -> Meter {
        Meter {
            limits: StoreLimitsBuilder::new()
                .memory_size(limits.memory_bytes)
                .instances(1)
                .memories(1)
                .tables(1)
                .build(),
            memory_bytes: limits.memory_bytes,
            refused: false,
            budget: Budget::new(limits.cpu(), throttle),
        }
    }

    /// As at first, for another run of the same instance.
    pub fn begin(&mut self) {
        self.budget.begin();
        self.refused = false;
    }

    /// The run ended: what it is known to have computed.
    pub fn end(&mut self) -> Duration {
        self.budget.end()
    }

    /// What this end of a call means. `said` is what the guest wrote before it.
    pub fn cause(&self, error: &wasmtime::Error, said: &[u8]) -> Cause {
        let cause = match (error.downcast_ref::<Cause>(), error.downcast_ref::<Trap>()) {
            (Some(cause), _) => cause.clone(),
            (_, Some(Trap::Interrupt)) => Cause::Cpu,
            _ if error.is::<Crowded>() => Cause::Cpu,
            (_, Some(Trap::StackOverflow)) => Cause::Stack,
            _ => Cause::Trap {
                message: message(said, &error.root_cause().to_string()),
            },
        };
        match cause {
            Cause::Trap { .. } | Cause::Exit { .. } | Cause::Stack if self.refused => Cause::Memory,
            cause => cause,
        }
    }
}

/// What the guest said, else what the runtime says.
pub(super) fn message(said: &[u8], otherwise: &str) -> String {
    let said = sanitise(&String::from_utf8_lossy(said));
    if said.is_empty() {
        sanitise(otherwise)
    } else {
        said
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.refused |= desired > self.memory_bytes;
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
pub(super) trait Metered: Send + 'static {
    fn meter(&mut self) -> &mut Meter;
}

impl<T: Metered> Budgeted for T {
    fn budget(&mut self) -> &mut Budget {
        &mut self.meter().budget
    }
}

/// A store whose guest is held to its limits.
pub(super) fn store<T: Metered>(engine: &Engine, state: T) -> Store<T> {
    let mut store = throttle::store(engine, state);
    store.limiter(|state| state.meter());
    store
}
