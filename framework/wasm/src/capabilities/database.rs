//! Named look-ups of the server's database.

use std::error::Error;

use async_trait::async_trait;
use serde_json::Value;

/// Answers the look-ups of modules.
#[async_trait]
pub trait Database: Send + Sync {
    /// The value of `lookup` under `key`; `None` if there is none. An error, also for an unknown
    /// look-up, reaches the module as "unavailable".
    async fn look_up(
        &self,
        lookup: &str,
        key: &str,
    ) -> Result<Option<Value>, Box<dyn Error + Send + Sync>>;
}
