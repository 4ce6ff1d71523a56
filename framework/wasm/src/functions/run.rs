//! What goes into a run and what comes out of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;

/// The variable with the region of a run.
pub(super) const REGION: &str = "EDGE_REGION";
/// The variable with host and port of the Redis that is its key-value store.
pub(super) const REDIS: &str = "EDGE_REDIS_ADDR";

/// What one run is given.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Environment variables. The module sees those that its manifest names.
    pub environment: BTreeMap<String, String>,
    /// What Handle is given beside them. A command does not see it.
    pub input: String,
    /// When the module is told that its time is up; unset, and at most: nine tenths of its wall
    /// limit.
    pub deadline: Option<Duration>,
    /// A backend that was called in it had no answer.
    pub(super) backend_failed: Arc<AtomicBool>,
}

impl Run {
    /// A run for one region: with that region's key-value store and backends.
    pub fn in_region(region: impl Into<String>) -> Run {
        Run::default().with(REGION, region)
    }

    /// Whether a backend that a module called in it had no answer, in time or at all: it may have
    /// one later.
    pub fn backend_failed(&self) -> bool {
        self.backend_failed.load(Ordering::Relaxed)
    }

    /// With an environment variable.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Run {
        self.environment.insert(key.into(), value.into());
        self
    }

    pub(super) fn variable(&self, key: &str) -> &str {
        self.environment.get(key).map_or("", String::as_str)
    }
}

/// What a run answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The bytes that the module answered with, or wrote to its standard output.
    pub body: Bytes,
}
