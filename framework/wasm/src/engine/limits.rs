//! Every limit on what modules use.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::meter::Bounds;

/// Limits on one call to [`Host::render`](crate::Host::render). All of them hold by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Milliseconds that one instance may compute.
    pub cpu_ms: u64,
    /// Milliseconds that the whole call may take, restarts included.
    pub wall_ms: u64,
    /// Bytes of linear memory of one instance.
    pub memory_bytes: usize,
    /// Entries of a module's table.
    pub table_elements: usize,
    /// Bytes of HTML that one call may yield.
    pub html_bytes: usize,
    /// Islands in one call.
    pub islands: usize,
    /// New instances after a failure before the rest is given up.
    pub restarts: u32,
    /// Milliseconds that a call waits for a free instance before it is answered with "busy".
    pub queue_ms: u64,
    /// Milliseconds that a component is switched off, after it used up its limit on computing again
    /// and again: it shows its fallback meanwhile. 0: never.
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

impl Limits {
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

/// Room for instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pool {
    /// Instances that can live at one time. Each reserves 4 GiB of address space, not of memory.
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

/// What one run of an edge module may use. All of it holds by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunLimits {
    /// Milliseconds of computing.
    pub cpu_ms: u64,
    /// Milliseconds from beginning to end, waiting included.
    pub wall_ms: u64,
    /// Bytes of linear memory.
    pub memory_bytes: usize,
    /// Bytes of the answer.
    pub output_bytes: usize,
    /// Calls of the host.
    pub host_calls: u32,
    /// Calls of backends.
    pub backend_calls: u32,
    /// Files, directories and timers that a command has open at one time.
    pub files: usize,
    /// Lines in the log.
    pub log_lines: u32,
    /// Instances that live at one time.
    pub instances: u32,
    /// Milliseconds that a run waits for an instance.
    pub queue_ms: u64,
    /// Milliseconds that the module is not run, after it used up its limit on computing again and
    /// again. 0: never.
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
    /// Entries of a module's table: Go has one for each function that is called through a value.
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
