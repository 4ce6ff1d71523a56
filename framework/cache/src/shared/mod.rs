//! The second layer: Redis or Valkey, shared by the nodes of a shop. It only saves work: without it
//! every node uses its own memory.
//!
//! - [`config`]: address and timeouts.
//! - [`keys`]: names of a shop's keys.
//! - `link`: the state of the connection, and what happens when it is lost; `connection_task`: the
//!   task that connects, and applies the purges of other nodes.
//! - `store`: entries, leases and purges; `scripts`, `purge_script`: the Lua scripts, each one
//!   atomic step; `page_bytes`: counts the bytes of pages; `token`: random names.

pub mod config;
mod connection_task;
pub mod keys;
mod link;
mod page_bytes;
mod purge_script;
mod scripts;
mod store;
mod token;

pub use config::{SharedConfig, SharedError};
pub use keys::{Key, ShopKeys};
pub use store::SharedStats;
pub(super) use store::{Asked, Facts, Fetched, Shared, SharedValue, Ticket};
