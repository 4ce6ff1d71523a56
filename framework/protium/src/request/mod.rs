//! What a handler is told about a request.
//!
//! - [`context`]: session, parameters and dependencies of a page; the answer with a page.
//! - [`session`]: the visitor's signed session. [`cart_key`]: the key of a cart that is yet to be.
//! - [`params`]: names and values of a query or a form; [`declared_params`]: those that a page has.

pub(crate) mod cart_key;
pub(crate) mod context;
pub(crate) mod declared_params;
pub(crate) mod params;
pub(crate) mod session;
