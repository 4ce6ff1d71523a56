//! HTTP around the shop: connections, limits, proxies, security headers, assets, errors.
//!
//! - [`serve`], [`connections`], [`client_body`], [`answer_body`], [`client_stream`]: the server
//!   and its limits; [`stop_signal`]: the signals that end it.
//! - [`framing`], [`origin`], [`forwarded`], `addresses`, [`rate_limit`], [`operator_token`]: who
//!   sent a request, and whether it is accepted.
//! - [`csp`], [`freshness`], [`compression`]: headers and encoding of responses.
//! - [`middleware`]: layers from async functions.
//! - [`assets`]: files beside the pages; [`generated_file`]: those that a program makes.
//! - [`error`], `error_from`, [`error_pages`]: a failed request, as a page or as JSON;
//!   [`messages`]: its words while the market is not known.

pub mod addresses;
pub mod answer_body;
pub mod assets;
pub mod client_body;
pub mod client_stream;
pub(crate) mod compression;
pub mod connections;
pub mod csp;
pub mod error;
mod error_from;
pub(crate) mod error_pages;
pub mod forwarded;
pub mod framing;
pub mod freshness;
pub mod generated_file;
pub mod messages;
pub(crate) mod middleware;
pub mod operator_token;
pub mod origin;
pub mod rate_limit;
pub mod serve;
pub(crate) mod stop_signal;
