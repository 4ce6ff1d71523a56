//! What HTTP says about storing responses (RFC 9111), as functions that a layer of the app uses.
//!
//! - [`key`]: which requests are the same.
//! - [`storable`]: which requests may be answered from the store, and which responses may go there.
//! - [`coding`]: which content coding a visitor takes; [`body`]: a body in all of them, each made
//!   once; [`pieces`]: the same for a body with holes.
//! - [`mod@tracking`]: which parameters are in no key.
//! - [`status`]: `Cache-Status` (RFC 9211).

pub mod body;
pub mod coding;
pub mod key;
pub mod pieces;
pub mod status;
pub mod storable;
pub mod tracking;

pub use body::Body;
pub use coding::{Accepted, Coding};
pub use pieces::Pieces;
pub use status::CacheStatus;
pub use storable::Refused;
