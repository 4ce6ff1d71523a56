//! What modules answer about one SKU.

use serde::{Deserialize, Serialize};

/// What `inventory` and `price` answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct SkuAnswer {
    /// The SKU that was asked for.
    pub sku: String,
    /// Pieces; `None` when they are not known or not counted.
    pub stock: Option<i64>,
    /// In minor units of the currency.
    pub price: i64,
    /// ISO 4217.
    pub currency: String,
    /// When it was true, in Unix milliseconds.
    pub ts: i64,
    /// The price is stale: its backend could not be asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stale: bool,
}
