//! What a key-value store is.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

/// The longest key, in bytes.
pub(crate) const MAX_KEY: usize = 512;
/// The longest value, in bytes.
pub(crate) const MAX_VALUE: usize = 64 << 10;

/// How long nothing is stored under a key that was removed: runs that began before that know what
/// is out of date.
pub const REMOVED_FOR: Duration = Duration::from_secs(1);

/// A store that cannot be reached.
#[derive(Debug, thiserror::Error)]
#[error("the key-value store {address} cannot be used: {problem}")]
pub struct StoreError {
    /// Where it is.
    pub address: String,
    /// What it or the system says.
    pub problem: String,
}

/// Keys and values that end by themselves.
#[async_trait]
pub trait KeyValue: Send + Sync {
    /// The value under a key; `None` when there is none.
    async fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError>;
    /// Stores a value for so long, unless the key was removed less than [`REMOVED_FOR`] ago.
    async fn set(&self, key: &str, value: Bytes, time_to_live: Duration) -> Result<(), StoreError>;
    /// Removes a key.
    async fn remove(&self, key: &str) -> Result<(), StoreError>;
}

/// Stores that several nodes share.
pub trait RemoteStores: Send + Sync {
    /// The store at this host and port. Called within a tokio runtime, once for each address.
    fn connect(&self, address: &str) -> Result<Arc<dyn KeyValue>, StoreError>;
}
