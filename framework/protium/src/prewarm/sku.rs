//! Edge modules that know of SKUs: what a run about one is given, and what the modules may ask the
//! shop's database.

use std::error::Error;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use protium_wasm::functions::{Database, Run};

/// The variables of a run that a module reads unless its manifest says otherwise.
pub const STANDARD_ENVIRONMENT: [&str; 5] = [
    SKU,
    "EDGE_REGION",
    "EDGE_REDIS_ADDR",
    "AGG_TIMEOUT_MS",
    "WASM_CACHE_TTL",
];
/// The variable with the SKU of a run.
const SKU: &str = "SKU_ID";
/// The look-up of stock and list price by SKU.
const STOCK: &str = "stock";

/// A run about one SKU in one region.
pub fn run(sku: impl Into<String>, region: impl Into<String>) -> Run {
    Run::in_region(region).with(SKU, sku)
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

/// Knows the shop's stock.
#[async_trait]
pub trait StockDatabase: Send + Sync {
    /// What there is of a SKU; `None` when the shop does not have it.
    async fn stock(&self, sku: &str) -> Result<Option<Stock>, Box<dyn Error + Send + Sync>>;
}

/// The look-ups that a shop answers its modules.
pub struct ShopDatabase<D>(pub D);

#[async_trait]
impl<D: std::ops::Deref<Target: StockDatabase> + Send + Sync> Database for ShopDatabase<D> {
    async fn look_up(
        &self,
        lookup: &str,
        key: &str,
    ) -> Result<Option<Value>, Box<dyn Error + Send + Sync>> {
        match lookup {
            STOCK => Ok(self
                .0
                .stock(key)
                .await?
                .map(serde_json::to_value)
                .transpose()?),
            _ => Err(format!("there is no look-up `{lookup}`, only `{STOCK}`").into()),
        }
    }
}
