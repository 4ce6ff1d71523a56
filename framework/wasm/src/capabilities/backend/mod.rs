//! Services that a module calls by name. It cannot call arbitrary addresses, only backends of its
//! manifest with a path.

mod breaker;
mod call;
mod request;
mod services;

pub use breaker::BreakerState;
pub(crate) use breaker::RunId;
pub(crate) use call::{BackendFailure, Call};
pub(crate) use request::Request;
pub use services::BackendStatus;
pub(crate) use services::{Backends, client};
