//! What a file says of a product: the columns it has, and nothing of the others.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::value::is_default;
use crate::CollectionLink;
use crate::sqlite::document::Status;

/// A product as a file describes it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Patch {
    pub handle: String,
    /// Line of its first row.
    pub line: u64,
    pub title: Cell<String>,
    pub vendor: Cell<String>,
    pub product_type: Cell<String>,
    pub category: Cell<String>,
    pub tags: Cell<Vec<String>>,
    pub published: Cell<bool>,
    pub status: Cell<Status>,
    pub body_html: Cell<String>,
    pub seo_title: Cell<String>,
    pub seo_description: Cell<String>,
    /// `None` without the column.
    pub collections: Option<Vec<CollectionLink>>,
    /// `None` without the column.
    pub images: Option<Vec<ImagePatch>>,
    /// Names of the options, each with the line that gives it.
    pub option_names: [Cell<(String, u64)>; 3],
    /// By the file's columns of metafields, in their order.
    pub metafields: Vec<Cell<String>>,
    /// Empty when no row says anything of a variant.
    pub variants: Vec<VariantPatch>,
}

/// A picture as a file describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ImagePatch {
    pub src: String,
    pub alt: Cell<String>,
    pub position: Cell<i64>,
}

/// A variant as a file describes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct VariantPatch {
    /// Line of its first row.
    pub line: u64,
    pub sku: Cell<String>,
    pub barcode: Cell<String>,
    pub options: [Cell<String>; 3],
    pub price: Cell<i64>,
    pub compare_at: Cell<i64>,
    /// A value, always true: stock is tracked. Empty: it is not.
    pub tracked: Cell<bool>,
    pub quantity: Cell<i64>,
    pub oversell: Cell<bool>,
    pub image: Cell<String>,
    /// By location; what a row says of none is not here.
    pub stock: BTreeMap<String, Pieces>,
    /// By the file's price lists, in their order.
    pub prices: Vec<PricePatch>,
    /// By the file's columns of metafields, in their order.
    pub metafields: Vec<Cell<String>>,
}

/// What a file says of a variant's price by a price list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PricePatch {
    pub amount: Cell<i64>,
    pub compare_at: Cell<i64>,
}

/// Pieces at a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Pieces {
    /// That are there.
    OnHand(i64),
    /// That can be sold.
    Available(i64),
}

impl VariantPatch {
    /// What tells the variant from the product's others within a file: the values of the options,
    /// else the SKU.
    pub(super) fn key(&self) -> [Option<&str>; 4] {
        fn text(cell: &Cell<String>) -> Option<&str> {
            cell.value().map(String::as_str)
        }
        let [one, two, three] = &self.options;
        match self.has_options() {
            true => [text(one), text(two), text(three), None],
            false => [None, None, None, text(&self.sku)],
        }
    }

    /// Whether any option has a value that is a choice.
    pub(super) fn has_options(&self) -> bool {
        self.options
            .iter()
            .filter_map(Cell::value)
            .any(|value| !is_default(value))
    }

    /// Whether the file has any column about variants, besides their options.
    pub(super) fn says_anything(&self) -> bool {
        !(self.sku.is_absent()
            && self.barcode.is_absent()
            && self.price.is_absent()
            && self.compare_at.is_absent()
            && self.tracked.is_absent()
            && self.quantity.is_absent()
            && self.oversell.is_absent()
            && self.image.is_absent()
            && self.stock.is_empty()
            && self.prices.is_empty()
            && self.metafields.is_empty())
    }

    /// Takes what a further row says of the same variant; false when it says something else.
    pub(super) fn take(&mut self, further: Self) -> bool {
        let Self {
            line: _,
            sku,
            barcode,
            options,
            price,
            compare_at,
            tracked,
            quantity,
            oversell,
            image,
            stock,
            prices,
            metafields,
        } = further;
        self.sku.take(sku)
            && self.barcode.take(barcode)
            && self
                .options
                .iter_mut()
                .zip(options)
                .all(|(mine, further)| mine.take(further))
            && self.price.take(price)
            && self.compare_at.take(compare_at)
            && self.tracked.take(tracked)
            && self.quantity.take(quantity)
            && self.oversell.take(oversell)
            && self.image.take(image)
            && stock
                .into_iter()
                .all(|(location, pieces)| *self.stock.entry(location).or_insert(pieces) == pieces)
            && self.prices.iter_mut().zip(prices).all(|(mine, further)| {
                mine.amount.take(further.amount) && mine.compare_at.take(further.compare_at)
            })
            && self
                .metafields
                .iter_mut()
                .zip(metafields)
                .all(|(mine, further)| mine.take(further))
    }
}
