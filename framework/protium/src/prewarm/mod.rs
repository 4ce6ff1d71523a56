//! Stock, prices and pages, made ready before anybody asks.
//!
//! - [`prewarmer`]: the prewarm in a running shop: at start, on schedule, after purges and changes.
//! - [`job`]: one run: modules are asked about SKUs, then pages are rendered.
//! - [`answers`]: what modules answered about SKUs; [`overlay`]: what pages show of it.
//! - [`stock`]: what it asks of the database; [`views`]: what visitors look at.

pub(crate) mod ahead_of_visitors;
pub mod answers;
pub mod job;
pub(crate) mod overlay;
pub mod prewarmer;
pub(crate) mod stock;
pub(crate) mod views;
