//! The second layer: Redis or Valkey, shared by the nodes of a shop. It makes things faster and is
//! never needed: without it every node goes on with its own memory.
//!
//! - [`config`]: where it is, and how long anyone waits for it.
//! - [`keys`]: the names of what a shop has there.
//! - `link`: the connection, and what happens when it is lost; `keeper`: the task that keeps it,
//!   and hears of purges.
//! - `store`: entries, leases and purges there; `scripts`, `purge_script`: each of them in one
//!   step; `tidy`: counts what pages take there; `token`: random names.

pub mod config;
mod keeper;
pub mod keys;
mod link;
mod purge_script;
mod scripts;
mod store;
mod tidy;
mod token;

pub use config::{SharedConfig, SharedError};
pub use keys::{Key, ShopKeys};
pub use store::SharedStats;
pub(super) use store::{Asked, Fetched, Shared, SharedEntry, SharedValue, Ticket};
