//! The shop's database, as edge modules ask it.

use std::error::Error;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// Whoever knows the shop's stock.
#[async_trait]
pub trait StockDatabase: Send + Sync {
    /// What there is of a SKU; `None` when the shop does not have it.
    async fn stock(&self, sku: &str) -> Result<Option<Stock>, Box<dyn Error + Send + Sync>>;
}

/// What there is of a SKU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// Pieces; `None` when they are not counted.
    pub pieces: Option<i64>,
    /// The list price in minor units of the currency.
    pub price: i64,
    /// ISO 4217.
    pub currency: String,
}
