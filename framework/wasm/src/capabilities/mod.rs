//! Capabilities of modules, each only if the manifest grants it.
//!
//! - [`grants`]: the manifest of a module; [`imports`] checks the module's imports against it.
//! - [`backend`]: services that it calls by name.
//! - [`key_value`]: the node's store. [`database`]: look-ups that the server answers.

mod backend;
mod database;
mod error;
mod grants;
mod imports;
mod key_value;

pub(crate) use backend::{BackendFailure, Backends, Call, Request, RunId, client};
pub use backend::{BackendStatus, BreakerState};
pub use database::Database;
pub use error::InvalidBackend;
pub(crate) use error::NotGranted;
pub use grants::{BackendGrant, BreakerSettings, Capabilities, DirectoryGrant};
pub use imports::ImportRefused;
pub(crate) use imports::{EDGE, check as check_imports, unused as unused_grants};
pub use key_value::{KeyValue, REMOVED_FOR, RemoteStores, StoreError};
pub(crate) use key_value::{MAX_KEY, MAX_VALUE, Stores};
