//! Limits of modules.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::meter::Bounds;

/// Limits of one call to [`Host::render`](crate::Host::render), with defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Milliseconds of processor time of one instance.
    pub cpu_ms: u64,
    /// Milliseconds of the whole call, including new instances.
    pub wall_ms: u64,
    /// Bytes of linear memory of one instance.
    pub memory_bytes: usize,
    /// Entries of a module's table.
    pub table_elements: usize,
    /// Bytes of HTML of one call.
    pub html_bytes: usize,
    /// Islands in one call.
    pub islands: usize,
    /// New instances after a failure before the rest is given up.
    pub restarts: u32,
    /// Milliseconds that a call waits for a free instance before it fails as busy.
    pub queue_ms: u64,
    /// Milliseconds that a component is switched off after it exceeded its processor time
    /// repeatedly; it shows its fallback. 0: never.
    pub rest_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            cpu_ms: 50,
            wall_ms: 250,
            memory_bytes: 64 << 20,
            table_elements: 20_000,
            html_bytes: 2 << 20,
            islands: 2_000,
            restarts: 3,
            queue_ms: 100,
            rest_ms: 10_000,
        }
    }
}

/// How much longer calls may take in development: their code is not optimised, and compilers run
/// beside them.
const PATIENCE: u64 = 10;

impl Limits {
    /// With more time, in development.
    pub(crate) fn for_development(self, dev: bool) -> Limits {
        let factor = if dev { PATIENCE } else { 1 };
        Limits {
            cpu_ms: self.cpu_ms.saturating_mul(factor),
            wall_ms: self.wall_ms.saturating_mul(factor),
            queue_ms: self.queue_ms.saturating_mul(factor),
            ..self
        }
    }

    pub(crate) fn bounds(&self) -> Bounds {
        Bounds {
            memory_bytes: self.memory_bytes,
            table_elements: self.table_elements,
            cpu: self.cpu(),
        }
    }

    pub(crate) fn cpu(&self) -> Duration {
        Duration::from_millis(self.cpu_ms)
    }

    pub(crate) fn wall(&self) -> Duration {
        Duration::from_millis(self.wall_ms)
    }

    pub(crate) fn queue(&self) -> Duration {
        Duration::from_millis(self.queue_ms)
    }

    /// In development nothing is switched off: each failure is shown with its own message.
    pub(crate) fn rest(&self, dev: bool) -> Duration {
        Duration::from_millis(if dev { 0 } else { self.rest_ms })
    }
}

/// The pool of instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Pool {
    /// Instances that can exist at a time. Each reserves 4 GiB of address space, but not of memory.
    pub instances: u32,
    /// Bytes of each slot's memory that stay resident between calls; unset: 4 MiB, of which a
    /// module keeps what it has touched.
    pub keep_resident_bytes: Option<usize>,
}

impl Default for Pool {
    fn default() -> Self {
        Pool {
            instances: 64,
            keep_resident_bytes: None,
        }
    }
}

/// Limits of one run of an edge module, with defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RunLimits {
    /// Milliseconds of processor time.
    pub cpu_ms: u64,
    /// Milliseconds from start to end, including waiting.
    pub wall_ms: u64,
    /// Bytes of linear memory.
    pub memory_bytes: usize,
    /// Bytes of the answer.
    pub output_bytes: usize,
    /// Calls of host functions.
    pub host_calls: u32,
    /// Calls of backends.
    pub backend_calls: u32,
    /// Files, directories and timers that a command has open at a time.
    pub files: usize,
    /// Lines in the log.
    pub log_lines: u32,
    /// Instances that exist at a time.
    pub instances: u32,
    /// Milliseconds that a run waits for an instance.
    pub queue_ms: u64,
    /// Milliseconds that the module is not run after it exceeded its processor time repeatedly. 0:
    /// never.
    pub rest_ms: u64,
}

impl Default for RunLimits {
    fn default() -> Self {
        RunLimits {
            cpu_ms: 50,
            wall_ms: 1_000,
            memory_bytes: 64 << 20,
            output_bytes: 64 << 10,
            host_calls: 1_000,
            backend_calls: 32,
            files: 100,
            log_lines: 20,
            instances: 64,
            queue_ms: 1_000,
            rest_ms: 10_000,
        }
    }
}

impl RunLimits {
    /// Entries of a module's table: Go has one for each function that is called indirectly.
    pub(crate) const TABLE_ELEMENTS: usize = 20_000;

    pub(crate) fn bounds(&self) -> Bounds {
        Bounds {
            memory_bytes: self.memory_bytes,
            table_elements: RunLimits::TABLE_ELEMENTS,
            cpu: self.cpu(),
        }
    }

    pub(crate) fn cpu(&self) -> Duration {
        Duration::from_millis(self.cpu_ms)
    }

    pub(crate) fn wall(&self) -> Duration {
        Duration::from_millis(self.wall_ms)
    }

    pub(crate) fn queue(&self) -> Duration {
        Duration::from_millis(self.queue_ms)
    }

    pub(crate) fn rest(&self) -> Duration {
        Duration::from_millis(self.rest_ms)
    }
}
