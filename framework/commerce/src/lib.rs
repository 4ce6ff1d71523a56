//! The shop's domain: catalogue, cart, import. Knows nothing of pages, components or HTTP.
//!
//! - [`model`]: what a shop sells, as pages and components see it: products, cards, collections.
//! - [`metafield`]: typed values beyond the fields that all products have.
//! - [`listing`]: how lists are asked for and paged: sort keys, cursors' carriers, page
//!   information.
//! - [`filter`]: lists narrowed by facets.
//! - [`cart`]: the cart and what may go wrong with it.
//! - [`attributes`]: what visitors say of lines of their carts.
//! - [`pricing`]: what a cart comes to, and why.
//! - [`stock`]: single SKUs, and what changed.
//! - [`context`]: what a request says about itself, and the recorder of what its page depends on.
//! - [`provider`]: the traits [`Catalogue`] and [`Carts`] that every source of commerce data
//!   fulfils; [`error`]: why one has no answer.
//! - [`wrapper`]: a catalogue in front of another one.
//! - [`sqlite`]: the provider that every shop starts with.
//! - [`import`]: Shopify's product CSV into a [`sqlite::Store`].

pub mod attributes;
pub mod cart;
pub mod context;
pub mod error;
pub mod filter;
#[cfg(test)]
mod fixtures;
mod html;
pub mod import;
pub mod listing;
pub mod metafield;
pub mod model;
pub mod pricing;
pub mod provider;
pub mod sqlite;
pub mod stock;
mod text;
pub mod wrapper;

pub use attributes::{AttributeChanges, LineAttribute, LineAttributes};
pub use cart::{Cart, CartError, CartId, CartItem, CartKey, CartLine, LineChange, NewLine};
pub use context::Context;
pub use error::ProviderError;
pub use listing::{
    CollectionPage, Direction, PageInfo, PageRequest, SearchPage, Sort, Suggestions,
};
pub use metafield::{Metafield, MetafieldName, Metafields};
pub use model::{
    Card, Collection, CollectionLink, Image, Product, ProductImage, ProductOption, Variant,
    VariantMatch,
};
pub use pricing::{Adjustment, CartRules, LineAdjustment, PriceRule};
pub use protium_types::{Currency, MoneyError, Recorder};
pub use provider::{Carts, Catalogue};
pub use wrapper::CatalogueWrapper;
