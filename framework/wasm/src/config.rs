//! What can be set: where modules come from, where artifacts are kept, and every limit.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// How a module is found, kept and run.
#[derive(Clone, Debug)]
pub struct HostConfig {
    /// Where the module comes from.
    pub source: ModuleSource,
    /// The directory of compiled artifacts. Made with mode 0700 when it is missing; refused when
    /// others can write to it, because native code is loaded from it.
    pub cache: PathBuf,
    /// The toolchain to take the module from.
    pub lane: LaneChoice,
    /// Limits on calls.
    pub limits: Limits,
    /// Room for instances, on an engine of the host's own.
    pub pool: Pool,
    /// Development: everything is rendered twice with different seeds, and islands whose bytes
    /// differ are reported.
    pub dev: bool,
}

impl HostConfig {
    /// The module of the package `name` in the directory of Go components, with default limits.
    pub fn new(
        components: impl Into<PathBuf>,
        name: impl Into<String>,
        cache: impl Into<PathBuf>,
    ) -> HostConfig {
        HostConfig {
            source: ModuleSource::Components {
                directory: components.into(),
                name: name.into(),
            },
            cache: cache.into(),
            lane: LaneChoice::default(),
            limits: Limits::default(),
            pool: Pool::default(),
            dev: false,
        }
    }
}

/// Where a module comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModuleSource {
    /// A Go module with the package `name` (a folder of that name, package main) and its built
    /// modules in `dist/`.
    Components {
        /// The folder with go.mod and dist/.
        directory: PathBuf,
        /// The package, and the name in dist/manifest.json.
        name: String,
    },
    /// A module that was built elsewhere.
    File(PathBuf),
    /// The module itself.
    Bytes(Bytes),
}

/// Which toolchain's module is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LaneChoice {
    /// The module in dist/ when it belongs to the sources, else TinyGo, else Go.
    #[default]
    Auto,
    /// The module in dist/ when it belongs to the sources, else TinyGo.
    TinyGo,
    /// The standard Go toolchain.
    Go,
}

/// Limits on one call to [`Host::render`](super::Host::render). All of them hold by default.
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
    pub(super) fn cpu(&self) -> Duration {
        Duration::from_millis(self.cpu_ms)
    }

    pub(super) fn wall(&self) -> Duration {
        Duration::from_millis(self.wall_ms)
    }

    pub(super) fn queue(&self) -> Duration {
        Duration::from_millis(self.queue_ms)
    }

    /// In development nothing is switched off: each failure is shown with its own message.
    pub(super) fn rest(&self, dev: bool) -> Duration {
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
