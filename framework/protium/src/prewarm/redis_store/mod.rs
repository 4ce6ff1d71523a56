//! The key-value store of edge modules in Redis or Valkey, shared by the nodes of a region, and
//! with other shops. While it cannot be reached, calls fail at once.
//!
//! - `store`: what is kept under which key. `batches`: commands of concurrent runs in few round
//!   trips.

mod batches;
mod store;

pub use store::RedisStores;
