//! The node's key-value store: Redis where a run names one, else embedded.

mod embedded;
mod redis;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;

use embedded::Embedded;
use protium_cache::ShopKeys;
use redis::Redis;

/// The longest key, in bytes.
pub(crate) const MAX_KEY: usize = 512;
/// The longest value, in bytes.
pub(crate) const MAX_VALUE: usize = 64 << 10;

/// A store that cannot be reached.
#[derive(Debug, thiserror::Error)]
#[error("the key-value store {address} cannot be used: {problem}")]
pub struct StoreError {
    /// Where it is.
    pub address: String,
    /// What it or the system says.
    pub problem: String,
}

/// How long nothing is stored under a key that was removed: runs that began before that know what
/// is out of date.
const GONE: Duration = Duration::from_secs(1);

/// Keys and values that end by themselves.
#[async_trait]
pub(crate) trait KeyValue: Send + Sync {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError>;
    async fn set(&self, key: &str, value: Bytes, time_to_live: Duration) -> Result<(), StoreError>;
    async fn remove(&self, key: &str) -> Result<(), StoreError>;
}

/// All stores of a node.
pub(crate) struct Stores {
    keys: ShopKeys,
    embedded: Arc<dyn KeyValue>,
    redis: Mutex<HashMap<String, Arc<dyn KeyValue>>>,
}

impl Stores {
    /// With room for so many bytes in the embedded one; in those that others use too, under these
    /// keys.
    pub fn new(bytes: u64, keys: ShopKeys) -> Stores {
        Stores {
            keys,
            embedded: Arc::new(Embedded::new(bytes)),
            redis: Mutex::default(),
        }
    }

    /// The store of a run whose `EDGE_REDIS_ADDR` is this. It is connected to when it is first
    /// used.
    pub fn at(&self, address: &str) -> Result<Arc<dyn KeyValue>, StoreError> {
        if address.is_empty() {
            return Ok(self.embedded.clone());
        }
        let mut redis = self.redis.lock();
        if let Some(store) = redis.get(address) {
            return Ok(store.clone());
        }
        let store: Arc<dyn KeyValue> = Arc::new(Redis::new(address, self.keys.clone())?);
        redis.insert(address.to_owned(), store.clone());
        Ok(store)
    }
}
