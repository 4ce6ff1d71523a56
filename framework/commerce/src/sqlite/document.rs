//! The part of a product that lists do not show, kept as JSON.

use serde::{Deserialize, Serialize};

use crate::{ProductImage, ProductOption};

/// See the fields of the same names in [`Product`](crate::Product).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Document {
    pub body_html: String,
    pub description: String,
    pub product_type: String,
    /// `Home > Kitchen > Mugs`: the place in a tree of categories.
    #[serde(default)]
    pub category: String,
    pub tags: Vec<String>,
    /// The merchant's gallery, without pictures that only variants name.
    pub images: Vec<ProductImage>,
    pub options: Vec<ProductOption>,
    pub seo_title: String,
    pub seo_description: String,
    /// `None` in documents of earlier versions.
    #[serde(default)]
    pub listing: Option<Listing>,
    /// Whether a file named the product's collections; else they are made from type, category or
    /// tags. `None` in documents of earlier versions.
    #[serde(default)]
    pub named_collections: Option<bool>,
}

/// What a file says of whether visitors see a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listing {
    /// The column `Published`.
    pub published: bool,
    /// The column `Status`.
    pub status: Status,
}

/// The merchant's state of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Active,
    Draft,
    Archived,
    Unlisted,
}

/// A value as the text of a column.
pub(super) fn to_json(value: &impl serde::Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}
