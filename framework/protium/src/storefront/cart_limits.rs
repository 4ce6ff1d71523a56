//! How often one address may change carts. A cart is kept for weeks, so a client that
//! makes many would fill the database.

use std::net::IpAddr;

use http::StatusCode;

use crate::config;
use crate::http::error::HttpError;
use crate::http::rate_limit::{RateLimit, is_private};
use crate::request::context::PageContext;

/// The limits of a shop.
pub struct CartLimits {
    new: Option<RateLimit>,
    changes: Option<RateLimit>,
}

impl CartLimits {
    /// As they are configured.
    pub fn new(config: &config::CartLimits) -> CartLimits {
        CartLimits {
            new: RateLimit::per_minute(config.new_per_minute),
            changes: RateLimit::per_minute(config.changes_per_minute),
        }
    }

    /// Counts a change of a cart; refuses it when there were too many from this address.
    ///
    /// A private address is a proxy's that did not say whom it asks for: all its visitors would
    /// share one limit.
    pub fn check(&self, page_context: &PageContext) -> Result<(), HttpError> {
        let Some(address) = page_context.client.filter(|address| !is_private(*address)) else {
            return Ok(());
        };
        let makes_one = page_context.session.cart.is_none();
        check(&self.changes, address)?;
        match makes_one {
            true => check(&self.new, address),
            false => Ok(()),
        }
    }
}

fn check(limit: &Option<RateLimit>, address: IpAddr) -> Result<(), HttpError> {
    let Some(limit) = limit else { return Ok(()) };
    limit.check(address).map_err(|wait| {
        HttpError::of_message(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_changes",
            "error.too_many_changes",
            [],
        )
        .because(format!(
            "too many changes of carts from {address}, for {} s more",
            wait.as_secs() + 1
        ))
    })
}
