//! Stock, prices and pages, made ready before anybody asks.
//!
//! - [`prewarmer`]: the prewarm in a running shop: at start, on schedule, after purges and changes;
//!   [`state`]: what the shop keeps for it.
//! - [`job`]: one run: modules are asked about SKUs, then pages are rendered.
//! - [`answers`]: what modules answered about SKUs; [`overlay`]: what pages show of it.
//! - [`sku`]: what edge modules are asked about a SKU and may ask of the shop; [`redis_store`]: the
//!   key-value store that they share; [`edge_setup`]: what modules are loaded with.
//! - [`stock`]: what the prewarm asks of the database; [`views`]: what visitors look at.

pub mod answers;
pub(crate) mod edge_setup;
pub(crate) mod error;
pub mod job;
pub(crate) mod overlay;
pub(crate) mod prewarm_request;
pub mod prewarmer;
pub mod redis_store;
pub mod sku;
pub(crate) mod state;
pub(crate) mod stock;
pub(crate) mod views;
