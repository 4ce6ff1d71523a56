//! A cache for data and for whole responses. Knows nothing of HTML, shops or wasm.
//!
//! - [`engine`]: [`Cache`]: look up, load once, revalidate in the background, purge.
//! - [`found`]: a value, and where it came from.
//! - [`policy`]: how long an entry is fresh, and how long it may be shown stale.
//! - [`load`]: what a loader records about its value (tags, freshness, not to be stored), and
//!   errors. `name`: valid tags.
//! - [`value`]: what can be stored.
//! - `entry`, `memory`: entries, and the store in memory, bounded in bytes.
//! - [`purge`]: what a purge removes: a tag, a prefix, or all; [`purges`]: those that happened;
//!   `tags`: generation counters by tag.
//! - `in_flight`: request coalescing.
//! - [`http`]: HTTP's rules for storing responses.
//! - [`shared`]: a second layer, which the nodes of a shop share: Redis or Valkey.
//! - [`stats`]: metrics for operators. `clock`: monotonic time.

mod clock;
pub mod engine;
mod entry;
pub mod found;
pub mod http;
mod in_flight;
pub mod load;
mod memory;
mod name;
pub mod policy;
pub mod purge;
pub mod purges;
pub mod shared;
pub mod stats;
mod tags;
pub mod value;

#[cfg(test)]
mod tests;

pub use engine::{Cache, Config};
pub use found::{Found, How};
pub use load::{Load, LoadError};
pub use name::MAX_NAME;
pub use policy::{Policy, Share};
pub use purge::{Purge, Scope};
pub use shared::{SharedConfig, SharedError, ShopKeys};
pub use stats::Stats;
pub use value::Cached;
