//! Metrics of a cache for operators.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use super::purges::PastPurge;
use super::shared::SharedStats;

/// The number of hottest keys that are listed.
pub(super) const HOTTEST: usize = 20;

/// The state of a cache. All counts are since the start.
#[derive(Clone, Debug, Serialize)]
pub struct Stats {
    /// Responses from fresh entries.
    pub hits: u64,
    /// Responses from stale entries: during revalidation, or because loading failed.
    pub stale: u64,
    /// Look-ups that loaded, or waited for a load.
    pub misses: u64,
    /// Of the misses, those that waited for another request's load.
    pub joined: u64,
    /// Loads that did not look into the cache.
    pub bypassed: u64,
    /// How often a loader ran for the cache.
    pub loads: u64,
    /// How often a loader failed, timed out, or ended without a value.
    pub failures: u64,
    /// Hits and stale responses, as a share of all look-ups; 0 without any.
    pub hit_ratio: f64,
    /// Memory in use, in bytes.
    pub bytes: u64,
    /// Bytes above which entries are evicted.
    pub capacity: u64,
    /// Values in memory.
    pub entries: u64,
    /// Loads in progress.
    pub loading: usize,
    /// The most frequently used entries.
    pub hottest: Vec<HotKey>,
    /// The last purges, the most recent first.
    pub purges: Vec<PastPurge>,
    /// The shared layer, if there is one.
    pub shared: Option<SharedStats>,
}

/// An entry and how often it was asked for.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct HotKey {
    /// The key, as in the look-up.
    pub key: String,
    /// How often it was the response, including the entries it replaced.
    pub hits: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub hits: Counter,
    pub stale: Counter,
    pub misses: Counter,
    pub joined: Counter,
    pub bypassed: Counter,
    pub loads: Counter,
    pub failures: Counter,
}

#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    pub(super) fn hit_ratio(&self) -> f64 {
        let served = self.hits.get() + self.stale.get();
        let all = served + self.misses.get();
        if all == 0 {
            0.0
        } else {
            served as f64 / all as f64
        }
    }
}
