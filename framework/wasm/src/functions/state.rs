//! Host state of a kit module's run: its grants and services, and its usage of them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use bytes::Bytes;
use wasmtime::Memory;

use super::error::Cause;
use crate::capabilities::{Backends, Call, Capabilities, Database, KeyValue, RunId, Stores};
use crate::engine::{Meter, Metered, Places, RunLimits, Wasi, WasiAccess};
use crate::text::sanitise;
use protium_types::LogQuota;

/// What all runs of a module share.
pub(super) struct Services {
    /// The module's name.
    pub module: String,
    /// Names of its environment variables.
    pub variables: Vec<String>,
    pub grants: Capabilities,
    pub limits: RunLimits,
    pub backends: Backends,
    pub stores: Arc<Stores>,
    pub places: Places,
    pub database: Option<Arc<dyn Database>>,
    /// Limits the log lines of all runs of the module.
    pub lines: LogQuota,
}

impl Services {
    fn access(is_granted: bool) -> WasiAccess {
        if is_granted {
            WasiAccess::Granted
        } else {
            WasiAccess::Withheld
        }
    }
}

/// The state of a kit module's instance.
pub(super) struct State {
    pub meter: Meter,
    /// Set once there is an instance.
    pub memory: Option<Memory>,
    pub services: Arc<Services>,
    pub run: Current,
}

impl Metered for State {
    fn meter(&mut self) -> &mut Meter {
        &mut self.meter
    }
}

/// The parts of WASI that the runtime of the standard Go toolchain imports.
impl Wasi for State {
    fn clock(&self) -> WasiAccess {
        Services::access(self.services.grants.clock)
    }

    fn random(&self) -> WasiAccess {
        Services::access(self.services.grants.random)
    }

    fn written(&mut self) -> &mut Vec<u8> {
        &mut self.run.written
    }
}

/// The current run.
pub(super) struct Current {
    pub id: RunId,
    /// The node's store; `None` if it is unavailable.
    pub store: Option<Arc<dyn KeyValue>>,
    pub region: String,
    /// The deadline that the module sees.
    pub deadline: Instant,
    /// The result for `take`.
    pub ready: Bytes,
    pub answer: Option<Bytes>,
    pub failed: Option<String>,
    /// The beginning of its output.
    pub written: Vec<u8>,
    /// Calls of backends by handle; `None` after they were awaited.
    pub calls: Vec<Option<Call>>,
    /// Set when one of them was not answered.
    pub backend_failed: Arc<AtomicBool>,
    pub lines: u32,
    host_calls: u32,
}

impl Current {
    /// The state at the beginning of a run.
    pub fn new(
        store: Option<Arc<dyn KeyValue>>,
        region: String,
        deadline: Instant,
        backend_failed: Arc<AtomicBool>,
    ) -> Current {
        Current {
            id: RunId::new(),
            store,
            region,
            deadline,
            ready: Bytes::new(),
            answer: None,
            failed: None,
            written: Vec::new(),
            calls: Vec::new(),
            backend_failed,
            lines: 0,
            host_calls: 0,
        }
    }

    /// The remaining time.
    pub fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

impl State {
    /// Counts a call of the host.
    pub fn count(&mut self) -> Result<(), Cause> {
        self.run.host_calls = self.run.host_calls.saturating_add(1);
        if self.run.host_calls > self.services.limits.host_calls {
            return Err(Cause::Calls {
                what: "the host (limits.host_calls)",
            });
        }
        Ok(())
    }

    /// Stores a call of a backend, and returns its handle.
    pub fn keep(&mut self, call: Call) -> Result<i32, Cause> {
        if self.run.calls.len() >= self.services.limits.backend_calls as usize {
            return Err(Cause::Calls {
                what: "backends (limits.backend_calls)",
            });
        }
        let handle = i32::try_from(self.run.calls.len()).unwrap_or(i32::MAX);
        self.run.calls.push(Some(call));
        Ok(handle)
    }

    /// The key, if the module is granted it.
    pub fn granted_key(&self, key: String) -> Result<String, Cause> {
        let prefixes = &self.services.grants.key_value;
        if prefixes.iter().any(|prefix| key.starts_with(prefix))
            && !key.chars().any(char::is_control)
        {
            return Ok(key);
        }
        Err(Cause::NotGranted {
            what: format!("the key `{}`", sanitise(&key)),
        })
    }
}
