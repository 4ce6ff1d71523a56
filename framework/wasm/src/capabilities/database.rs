//! Named look-ups that the server answers: what modules see of its database.

use std::error::Error;

use async_trait::async_trait;
use serde_json::Value;

/// Whoever answers the look-ups of modules.
#[async_trait]
pub trait Database: Send + Sync {
    /// What `lookup` has under `key`; `None` when there is nothing under it. An error, which a
    /// module learns of as "unavailable", also when there is no such look-up.
    async fn look_up(
        &self,
        lookup: &str,
        key: &str,
    ) -> Result<Option<Value>, Box<dyn Error + Send + Sync>>;
}
