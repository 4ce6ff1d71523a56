//! What operators see of a cache.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use super::purges::PastPurge;
use super::shared::SharedStats;

/// Keys that are listed as hottest.
pub(super) const HOTTEST: usize = 20;

/// A look at a cache. All counts are since the start.
#[derive(Clone, Debug, Serialize)]
pub struct Stats {
    /// Answers from a fresh entry.
    pub hits: u64,
    /// Answers from a stale entry: while it was revalidated, or because loading failed.
    pub stale: u64,
    /// Answers that had to be loaded, or waited for.
    pub misses: u64,
    /// Of the misses, those that waited for the load of another request.
    pub joined: u64,
    /// Answers loaded without a look into the cache.
    pub bypassed: u64,
    /// Times a loader ran for the cache.
    pub loads: u64,
    /// Times a loader failed, was too late, or ended without an answer.
    pub failures: u64,
    /// Hits and stale answers, of all that looked into the cache; 0 when none did.
    pub hit_ratio: f64,
    /// Memory in use, in bytes.
    pub bytes: u64,
    /// Bytes at which entries are displaced.
    pub capacity: u64,
    /// Values in memory.
    pub entries: u64,
    /// Loads under way.
    pub loading: usize,
    /// The entries that were asked for most.
    pub hottest: Vec<HotKey>,
    /// The last purges, the youngest first.
    pub purges: Vec<PastPurge>,
    /// The layer that other nodes share, where there is one.
    pub shared: Option<SharedStats>,
}

/// An entry and how often it was asked for.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct HotKey {
    /// The key, as it was asked for.
    pub key: String,
    /// How often it was the answer, with the entries it replaced.
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
