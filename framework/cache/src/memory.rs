//! The store in memory: bounded in bytes, and evicted by frequency of use.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::sync::Cache;

use super::entry::Entry;

#[derive(Clone)]
pub(super) struct Memory(Cache<Arc<str>, Arc<Entry>>);

impl Memory {
    /// A store of about `capacity` bytes.
    pub(super) fn new(capacity: u64) -> Self {
        let store = Cache::builder()
            .max_capacity(capacity)
            .weigher(|_, entry: &Arc<Entry>| entry.weight)
            .expire_after(Lifetime)
            .build();
        Self(store)
    }

    pub(super) fn get(&self, key: &str) -> Option<Arc<Entry>> {
        self.0.get(key)
    }

    pub(super) fn put(&self, entry: Arc<Entry>) {
        self.0.insert(Arc::clone(&entry.key), entry);
    }

    /// Removes a key if its entry is still this one.
    pub(super) fn remove(&self, entry: &Arc<Entry>) {
        if self
            .0
            .get(&entry.key)
            .is_some_and(|there| Arc::ptr_eq(&there, entry))
        {
            self.0.invalidate(&entry.key);
        }
    }

    /// Bytes and entries, after pending changes are applied.
    pub(super) fn size(&self) -> (u64, u64) {
        self.0.run_pending_tasks();
        (self.0.weighted_size(), self.0.entry_count())
    }

    /// The most frequently used keys, with their counts.
    pub(super) fn hottest(&self, most: usize) -> Vec<(Arc<str>, u64)> {
        let mut heap = BinaryHeap::with_capacity(most + 1);
        for (key, entry) in &self.0 {
            heap.push(Reverse((entry.hits(), key)));
            if heap.len() > most {
                heap.pop();
            }
        }
        let sorted = heap.into_sorted_vec();
        sorted
            .into_iter()
            .map(|Reverse((hits, key))| ((*key).clone(), hits))
            .collect()
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("entries", &self.0.entry_count())
            .finish()
    }
}

/// Entries expire at the end of their lifetime.
struct Lifetime;

impl Expiry<Arc<str>, Arc<Entry>> for Lifetime {
    fn expire_after_create(
        &self,
        _: &Arc<str>,
        entry: &Arc<Entry>,
        _: Instant,
    ) -> Option<Duration> {
        Some(entry.policy.lifetime())
    }

    fn expire_after_update(
        &self,
        _: &Arc<str>,
        entry: &Arc<Entry>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.policy.lifetime())
    }
}
