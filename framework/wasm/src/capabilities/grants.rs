//! Grants of an edge module: its manifest in `protium.toml`. It has access to nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The grants of one module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Capabilities {
    /// Names of environment variables that it can read. Unset: the server's standard ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Vec<String>>,
    /// Prefixes of keys that it can read and write in the node's key-value store.
    pub key_value: Vec<String>,
    /// Whether it can query the server's database.
    pub database: bool,
    /// Services that it can call, by name.
    pub backends: BTreeMap<String, BackendGrant>,
    /// Directories that it can access, if it is a WASI command; a kit module has no files.
    pub directories: Vec<DirectoryGrant>,
    /// Whether it has random numbers.
    pub random: bool,
    /// Whether it has the time of day. Otherwise it is always 1 January 1970.
    pub clock: bool,
}

/// A service that a module can call. The module knows only its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BackendGrant {
    /// Its URL: `http://` or `https://`, host, port, and a prefix of all paths.
    pub address: String,
    /// Different URLs in some regions.
    #[serde(default)]
    pub regions: BTreeMap<String, String>,
    /// The allowed methods.
    #[serde(default = "only_get")]
    pub methods: BTreeSet<String>,
    /// The request headers that the module can set, in lower case.
    #[serde(default)]
    pub headers: BTreeSet<String>,
    /// Milliseconds until its whole answer must have arrived.
    #[serde(default = "backend_timeout")]
    pub timeout_ms: u64,
    /// The largest body in bytes, in either direction.
    #[serde(default = "backend_body")]
    pub body_bytes: usize,
    /// Its circuit breaker.
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

/// When a circuit breaker opens, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BreakerSettings {
    /// Consecutive failures after which it opens.
    pub failures: u32,
    /// Milliseconds until one run tries again.
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

/// A directory that a command can access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DirectoryGrant {
    /// The directory on this machine.
    pub host: PathBuf,
    /// Its path for the module.
    pub guest: String,
    /// Whether it is writable.
    #[serde(default)]
    pub write: bool,
}
