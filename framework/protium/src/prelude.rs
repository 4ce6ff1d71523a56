//! What the program of a shop uses.
//!
//! ```
//! use protium::prelude::*;
//! ```

use std::time::Duration;

pub use axum::Json;
pub use axum::extract::{Form, Path};
pub use axum::response::{Html, IntoResponse, Redirect, Response};
pub use axum::routing::{any, delete, get, post, put};
pub use http::{HeaderMap, StatusCode};
pub use std::process::ExitCode;

pub use crate::app::additions::Setup;
pub use crate::app::set_header::SetHeader;
pub use crate::app::{App, Shop};
pub use crate::http::error::HttpError;
pub use crate::request::ctx::Ctx;
pub use crate::request::page::Page;
pub use crate::request::query::Params;
pub use crate::request::services::{Assets, Carts, Catalogue, State};
pub use crate::request::visitor::Visitor;
pub use crate::{Error, Result};
pub use protium_commerce::{CartRules, LineAdjustment, LineAttribute};
pub use protium_types::{Market, Region, Tag, Url};

/// What is not there is an answer: 404.
///
/// ```
/// use protium::prelude::*;
///
/// fn first(books: &[&'static str]) -> Result<&'static str> {
///     books.first().copied().or_not_found()
/// }
/// assert_eq!(first(&[]).map_err(|error| error.status), Err(StatusCode::NOT_FOUND));
/// ```
pub trait OrNotFound<T> {
    /// The value, or the error that the request is answered with: 404, and the shop's `404.html`.
    ///
    /// # Errors
    ///
    /// There is no value.
    fn or_not_found(self) -> Result<T>;
}

impl<T> OrNotFound<T> for Option<T> {
    fn or_not_found(self) -> Result<T> {
        self.ok_or_else(HttpError::not_found)
    }
}

/// So many seconds.
///
/// ```
/// assert_eq!(protium::prelude::seconds(90).as_secs(), 90);
/// ```
pub const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// So many minutes.
///
/// ```
/// assert_eq!(protium::prelude::minutes(2).as_secs(), 120);
/// ```
pub const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count.saturating_mul(60))
}

/// So many hours.
///
/// ```
/// assert_eq!(protium::prelude::hours(1).as_secs(), 3_600);
/// ```
pub const fn hours(count: u64) -> Duration {
    Duration::from_secs(count.saturating_mul(3_600))
}
