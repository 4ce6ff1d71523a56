//! The part of a product that only its page shows, kept as JSON.

use serde::{Deserialize, Serialize};

use crate::commerce::{ProductImage, ProductOption};

/// See the fields of the same names in [`Product`](crate::commerce::Product).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::commerce) struct Document {
    pub body_html: String,
    pub description: String,
    pub product_type: String,
    pub tags: Vec<String>,
    pub images: Vec<ProductImage>,
    pub options: Vec<ProductOption>,
    pub seo_title: String,
    pub seo_description: String,
}

/// A value as the text of a column.
pub(super) fn to_json(value: &impl serde::Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}
