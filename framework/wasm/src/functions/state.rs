//! What the host knows of one run of a kit module: its grants, its services, and what it has used
//! of them.

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
    /// Names of the environment variables that it sees.
    pub variables: Vec<String>,
    pub grants: Capabilities,
    pub limits: RunLimits,
    pub backends: Backends,
    pub stores: Arc<Stores>,
    pub places: Places,
    pub database: Option<Arc<dyn Database>>,
    /// Lines that all runs of the module may write to the log.
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
    /// Known once there is an instance.
    pub memory: Option<Memory>,
    pub services: Arc<Services>,
    pub run: Current,
}

impl Metered for State {
    fn meter(&mut self) -> &mut Meter {
        &mut self.meter
    }
}

/// The parts of WASI that a kit module of the standard Go toolchain imports for its runtime.
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

/// The run under way.
pub(super) struct Current {
    pub id: RunId,
    /// The node's store; `None` when it cannot be had.
    pub store: Option<Arc<dyn KeyValue>>,
    pub region: String,
    /// When the module is told that its time is up.
    pub deadline: Instant,
    /// What the module may take.
    pub ready: Bytes,
    pub answer: Option<Bytes>,
    pub failed: Option<String>,
    /// The beginning of what it wrote to its outputs.
    pub written: Vec<u8>,
    /// Calls of backends by handle; `None` once they were waited for.
    pub calls: Vec<Option<Call>>,
    /// One of them had no answer.
    pub backend_failed: Arc<AtomicBool>,
    pub lines: u32,
    host_calls: u32,
}

impl Current {
    /// A run that has not done anything yet.
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

    /// The time that is left.
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

    /// Puts a call of a backend where the module finds it.
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

    /// The key, if it is one that the module is granted.
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
