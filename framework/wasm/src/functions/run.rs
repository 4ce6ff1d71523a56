//! Input and output of a run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;

/// The variable with the region of a run.
pub(super) const REGION: &str = "EDGE_REGION";
/// The variable with host and port of the Redis that is its key-value store.
pub(super) const REDIS: &str = "EDGE_REDIS_ADDR";

/// The input of one run.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Environment variables. The module sees those that its manifest names.
    pub environment: BTreeMap<String, String>,
    /// The input of Handle. A command does not get it.
    pub input: String,
    /// The deadline that the module sees; at most, and by default, nine tenths of its wall limit.
    pub deadline: Option<Duration>,
    /// Set when a backend that it called did not answer.
    pub(super) backend_failed: Arc<AtomicBool>,
}

impl Run {
    /// A run for one region: with that region's key-value store and backends.
    pub fn in_region(region: impl Into<String>) -> Run {
        Run::default().with(REGION, region)
    }

    /// Whether a backend that a module called did not answer in time or at all: a later run may
    /// succeed.
    pub fn backend_failed(&self) -> bool {
        self.backend_failed.load(Ordering::Relaxed)
    }

    /// Adds an environment variable.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Run {
        self.environment.insert(key.into(), value.into());
        self
    }

    pub(super) fn variable(&self, key: &str) -> &str {
        self.environment.get(key).map_or("", String::as_str)
    }
}

/// The answer of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The module's answer, or its standard output.
    pub body: Bytes,
}
