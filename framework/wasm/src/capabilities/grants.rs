//! What an edge module is granted: the manifest of one module in `protium.toml`. Everything else
//! does not exist for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The grants of one module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Capabilities {
    /// Environment variables that it sees, by name. Unset: the server's standard ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Vec<String>>,
    /// Beginnings of the keys that it reads and writes in the node's key-value store.
    pub key_value: Vec<String>,
    /// It asks the server's database.
    pub database: bool,
    /// Services that it calls, by name.
    pub backends: BTreeMap<String, BackendGrant>,
    /// Directories that it sees, as a WASI command; a kit module has no files.
    pub directories: Vec<DirectoryGrant>,
    /// Randomness of the host.
    pub random: bool,
    /// The time of day. Without it, it is always 1 January 1970.
    pub clock: bool,
}

/// A service that a module may call. It is known to the module by its name alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackendGrant {
    /// Where it is: `http://` or `https://`, host, port, and the beginning of every path.
    pub address: String,
    /// Other addresses in some regions.
    #[serde(default)]
    pub regions: BTreeMap<String, String>,
    /// Methods that may be used.
    #[serde(default = "only_get")]
    pub methods: BTreeSet<String>,
    /// Request headers that may be set, in lower case.
    #[serde(default)]
    pub headers: BTreeSet<String>,
    /// Milliseconds until its whole answer must be there.
    #[serde(default = "backend_timeout")]
    pub timeout_ms: u64,
    /// Bytes of a body, in either direction.
    #[serde(default = "backend_body")]
    pub body_bytes: usize,
    /// When it is given a rest.
    #[serde(default)]
    pub breaker: BreakerSettings,
}

fn only_get() -> BTreeSet<String> {
    BTreeSet::from(["GET".to_owned()])
}

fn backend_timeout() -> u64 {
    1_000
}

fn backend_body() -> usize {
    256 << 10
}

/// When a backend that fails is given a rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerSettings {
    /// Failures without a success between them.
    pub failures: u32,
    /// Milliseconds of rest before one run tries again.
    pub open_ms: u64,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        BreakerSettings {
            failures: 5,
            open_ms: 2_000,
        }
    }
}

/// A directory that a command sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectoryGrant {
    /// The directory on this machine.
    pub host: PathBuf,
    /// Where the module finds it.
    pub guest: String,
    /// It may also be written to.
    #[serde(default)]
    pub write: bool,
}
