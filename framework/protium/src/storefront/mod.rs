//! The pages of a shop, and what they do.
//!
//! - [`pages`]: home, product, collection, search, and the shop's own.
//! - [`cart`]: the cart's page and forms; [`cart_counts`]: what badges show; [`cart_limits`]: how
//!   often one address may change carts.
//! - [`narrowing`]: facets of lists, in addresses and on pages.
//! - [`pictures`]: the shop's own pictures, at addresses that change with them.
//! - [`template_cache`]: what many pages show, as template values made once.

pub(crate) mod cart;
pub(crate) mod cart_counts;
pub(crate) mod cart_limits;
pub(crate) mod narrowing;
pub(crate) mod pages;
pub(crate) mod pictures;
pub(crate) mod template_cache;
