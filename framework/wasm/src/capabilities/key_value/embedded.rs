//! The embedded store: in memory, bounded in bytes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use moka::Expiry;
use moka::sync::Cache;

use super::store::{KeyValue, REMOVED_FOR, StoreError};

/// Bytes of an entry besides its key and value.
const OVERHEAD: usize = 128;

/// Keys that were removed recently.
const REMOVED: u64 = 100_000;

pub(super) struct Embedded {
    entries: Cache<Arc<str>, Entry>,
    removed: Cache<Arc<str>, ()>,
}

#[derive(Clone)]
struct Entry {
    value: Bytes,
    time_to_live: Duration,
}

struct OwnTime;

impl Expiry<Arc<str>, Entry> for OwnTime {
    fn expire_after_create(&self, _: &Arc<str>, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.time_to_live)
    }

    fn expire_after_update(
        &self,
        _: &Arc<str>,
        entry: &Entry,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.time_to_live)
    }
}

impl Embedded {
    pub fn new(bytes: u64) -> Embedded {
        let weigh = |key: &Arc<str>, entry: &Entry| {
            u32::try_from(key.len() + entry.value.len() + OVERHEAD).unwrap_or(u32::MAX)
        };
        Embedded {
            removed: Cache::builder()
                .max_capacity(REMOVED)
                .time_to_live(REMOVED_FOR)
                .build(),
            entries: Cache::builder()
                .max_capacity(bytes)
                .weigher(weigh)
                .expire_after(OwnTime)
                .build(),
        }
    }
}

#[async_trait]
impl KeyValue for Embedded {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError> {
        Ok(self.entries.get(key).map(|entry| entry.value))
    }

    async fn set(&self, key: &str, value: Bytes, time_to_live: Duration) -> Result<(), StoreError> {
        let entry = Entry {
            value,
            time_to_live,
        };
        if !self.removed.contains_key(key) {
            self.entries.insert(key.into(), entry);
        }
        Ok(())
    }

    async fn remove(&self, key: &str) -> Result<(), StoreError> {
        self.removed.insert(key.into(), ());
        self.entries.invalidate(key);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_entry_lives_as_long_as_it_was_stored_for() {
        let store = Embedded::new(1 << 20);
        let value = Bytes::from_static(b"4");
        let hour = Duration::from_secs(3600);
        store
            .set("short", value.clone(), Duration::from_millis(20))
            .await
            .unwrap();
        store.set("long", value.clone(), hour).await.unwrap();
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert_eq!(store.get("short").await.unwrap(), None);
        assert_eq!(store.get("long").await.unwrap(), Some(value));
    }

    #[tokio::test]
    async fn what_a_run_from_before_brings_is_not_stored_after_a_removal() {
        let store = Embedded::new(1 << 20);
        let (value, hour) = (Bytes::from_static(b"4"), Duration::from_secs(3600));
        store.set("stock", value.clone(), hour).await.unwrap();
        store.remove("stock").await.unwrap();
        store.set("stock", value.clone(), hour).await.unwrap();
        assert_eq!(store.get("stock").await.unwrap(), None);
        tokio::time::sleep(REMOVED_FOR + Duration::from_millis(100)).await;
        store.set("stock", value.clone(), hour).await.unwrap();
        assert_eq!(store.get("stock").await.unwrap(), Some(value));
    }

    #[tokio::test]
    async fn the_store_stays_within_its_bytes() {
        let store = Embedded::new(100_000);
        let value = Bytes::from(vec![0; 1_000]);
        for key in 0..1_000 {
            let key = format!("key-{key}");
            store
                .set(&key, value.clone(), Duration::from_secs(60))
                .await
                .unwrap();
        }
        store.entries.run_pending_tasks();
        assert!(store.entries.weighted_size() <= 100_000);
    }
}
