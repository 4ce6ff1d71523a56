//! The interface of a key-value store.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

/// The longest key, in bytes.
pub(crate) const MAX_KEY: usize = 512;
/// The longest value, in bytes.
pub(crate) const MAX_VALUE: usize = 64 << 10;

/// How long nothing is stored under a removed key: runs that began before the removal have outdated
/// data.
pub const REMOVED_FOR: Duration = Duration::from_secs(1);

/// A store that is unavailable.
#[derive(Debug, thiserror::Error)]
#[error("the key-value store {address} cannot be used: {problem}")]
pub struct StoreError {
    /// Its address.
    pub address: String,
    /// The error of the store or the system.
    pub problem: String,
}

/// A store of keys and values that expire.
#[async_trait]
pub trait KeyValue: Send + Sync {
    /// The value under a key; `None` when there is none.
    async fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError>;
    /// Stores a value with a time to live, unless the key was removed less than [`REMOVED_FOR`]
    /// ago.
    async fn set(&self, key: &str, value: Bytes, time_to_live: Duration) -> Result<(), StoreError>;
    /// Removes a key.
    async fn remove(&self, key: &str) -> Result<(), StoreError>;
}

/// Stores that several nodes share.
pub trait RemoteStores: Send + Sync {
    /// The store at this host and port. Called within a Tokio runtime, once per address.
    fn connect(&self, address: &str) -> Result<Arc<dyn KeyValue>, StoreError>;
}
