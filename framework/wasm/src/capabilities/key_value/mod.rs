//! The node's key-value store: embedded, or one that several nodes share.

mod embedded;
mod store;
mod stores;

pub use store::{KeyValue, REMOVED_FOR, RemoteStores, StoreError};
pub(crate) use store::{MAX_KEY, MAX_VALUE};
pub(crate) use stores::Stores;
