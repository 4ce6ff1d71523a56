//! Services that a module calls by name. There are no free addresses: a module names a backend of
//! its manifest and a path on it.

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
