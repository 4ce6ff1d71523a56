//! HTTP's rules for storing responses (RFC 9111), as functions for the layer that applies them.
//!
//! - [`key`]: which requests are the same.
//! - [`storable`]: which requests may be answered from the cache, and which responses may be
//!   stored.
//! - [`coding`]: content codings that a client accepts; [`body`]: a body in all of them;
//!   [`pieces`]: the same for a body with holes.
//! - [`mod@list`]: headers with several items.
//! - [`mod@tracking`]: query parameters that are left out of keys.
//! - [`status`]: `Cache-Status` (RFC 9211).

pub mod body;
pub mod coding;
pub mod key;
pub mod list;
pub mod pieces;
pub mod status;
pub mod storable;
pub mod tracking;

pub use body::Body;
pub use coding::{Accepted, Coding};
pub use list::list;
pub use pieces::Pieces;
pub use status::CacheStatus;
pub use storable::Refused;
