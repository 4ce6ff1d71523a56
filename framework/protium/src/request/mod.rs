//! What handlers extract from a request, and the page that they return.
//!
//! - [`page`]: the answer: a template and its data.
//! - [`ctx`], [`services`], [`visitor`], [`query`]: what handlers extract.
//! - [`info`]: what the layers found out about a request.
//! - [`context`]: all that a page is rendered with; [`extract`]: how it is made from a request.
//! - [`personal`]: what a page shows of its visitor.
//! - [`session`]: the visitor's signed session; [`claims`]: what it holds beside the cart.
//!   [`cart_key`]: the cookie that names a cart before it exists. [`cookies`]: all of a request's.
//! - [`params`]: names and values of a query or a form; [`declared_params`]: those that a page has.

pub(crate) mod cart_key;
pub(crate) mod claims;
pub(crate) mod context;
pub(crate) mod cookies;
pub(crate) mod ctx;
pub(crate) mod declared_params;
pub(crate) mod extract;
pub(crate) mod info;
pub(crate) mod page;
pub(crate) mod params;
pub(crate) mod personal;
pub(crate) mod query;
pub(crate) mod services;
pub(crate) mod session;
pub(crate) mod visitor;
