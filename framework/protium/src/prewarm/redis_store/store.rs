//! What is kept in Redis under which key, and for how long.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisError, Script};

use super::batches::Batches;
use protium_cache::ShopKeys;
use protium_wasm::functions::{KeyValue, REMOVED_FOR, RemoteStores, StoreError};

/// Stores a value, unless its key was removed a moment ago. KEYS key, its name among the removed;
/// ARGV value, milliseconds.
static SET: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('EXISTS', KEYS[2]) == 0 then \
         redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end",
    )
});
/// How long a command may take.
const PATIENCE: Duration = Duration::from_millis(250);

/// Stores in Redis, each with the keys of one shop.
pub struct RedisStores {
    keys: ShopKeys,
}

impl RedisStores {
    /// Those of the shop that these keys belong to.
    pub fn new(keys: ShopKeys) -> RedisStores {
        RedisStores { keys }
    }
}

impl RemoteStores for RedisStores {
    fn connect(&self, address: &str) -> Result<Arc<dyn KeyValue>, StoreError> {
        Ok(Arc::new(Redis::new(address, self.keys.clone())?))
    }
}

struct Redis {
    address: String,
    keys: ShopKeys,
    commands: Batches,
}

impl Redis {
    /// The Redis at this host and port. Must be called within a tokio runtime.
    fn new(address: &str, keys: ShopKeys) -> Result<Redis, StoreError> {
        let failed = |error: RedisError| StoreError {
            address: address.to_owned(),
            problem: error.to_string(),
        };
        let client = Client::open(format!("redis://{address}/")).map_err(failed)?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_min_delay(Duration::from_millis(10))
            .set_max_delay(PATIENCE)
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let connection = ConnectionManager::new_lazy_with_config(client, config).map_err(failed)?;
        Ok(Redis {
            address: address.to_owned(),
            keys,
            commands: Batches::new(connection),
        })
    }

    fn failed(&self, error: &RedisError) -> StoreError {
        StoreError {
            address: self.address.clone(),
            problem: error.to_string(),
        }
    }
}

#[async_trait]
impl KeyValue for Redis {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError> {
        redis::cmd("GET")
            .arg(self.keys.edge_value(key))
            .query_async(&mut self.commands.clone())
            .await
            .map_err(|error| self.failed(&error))
    }

    async fn set(&self, key: &str, value: Bytes, time_to_live: Duration) -> Result<(), StoreError> {
        let milliseconds = u64::try_from(time_to_live.as_millis())
            .unwrap_or(u64::MAX)
            .max(1);
        SET.key(self.keys.edge_value(key))
            .key(self.keys.removed_edge_value(key))
            .arg(&*value)
            .arg(milliseconds)
            .invoke_async(&mut self.commands.clone())
            .await
            .map_err(|error| self.failed(&error))
    }

    async fn remove(&self, key: &str) -> Result<(), StoreError> {
        let lifetime = u64::try_from(REMOVED_FOR.as_millis()).unwrap_or(u64::MAX);
        redis::pipe()
            .cmd("SET")
            .arg(self.keys.removed_edge_value(key))
            .arg("")
            .arg("PX")
            .arg(lifetime)
            .ignore()
            .cmd("DEL")
            .arg(self.keys.edge_value(key))
            .ignore()
            .query_async(&mut self.commands.clone())
            .await
            .map_err(|error| self.failed(&error))
    }
}
