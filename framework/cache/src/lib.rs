//! The cache: for data and for whole responses. Knows nothing of HTML, shops or guests.
//!
//! - [`engine`]: [`Cache`]: look up, load once, revalidate in the background, purge.
//! - [`found`]: a value, and how it came.
//! - [`policy`]: how long an entry is fresh, and how long it may be shown stale.
//! - [`load`]: what a loader says about its value: tags, freshness, not to be stored; and how it
//!   fails. `name`: what can be a tag.
//! - [`value`]: what can be stored: bytes, or typed values.
//! - `entry`, `memory`: what is stored, and where, bounded by bytes.
//! - [`purge`]: what is forgotten, by tag, by prefix, or all; [`purges`]: those that happened;
//!   `tags`: the marks they leave.
//! - `in_flight`: one load for many who wait.
//! - [`http`]: what HTTP says about storing responses.
//! - [`shared`]: the second layer, which the nodes of a shop share: Redis or Valkey.
//! - [`stats`]: what operators see. `clock`: time that does not jump.

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
pub use value::{Cached, Json};
