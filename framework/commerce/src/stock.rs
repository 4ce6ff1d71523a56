//! Stock and prices by SKU, as those ask who look at single SKUs ahead of visitors, and what
//! changed since they looked.

use protium_types::money::Currency;

/// What there is of a SKU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkuStock {
    /// Pieces; `None` when they are not counted.
    pub pieces: Option<i64>,
    /// The list price in minor units.
    pub price: i64,
    /// What it is in.
    pub currency: Currency,
}

/// A SKU and the product that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sku {
    /// The merchant's number: not empty, and of one variant alone.
    pub sku: String,
    /// The product's id.
    pub product: i64,
    /// The name in the product's address.
    pub handle: String,
}

/// Which SKUs are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SkuChoice {
    /// Those that visitors can see, in the order of the catalogue.
    All,
    /// Of the collection with this handle; `all` is everything.
    Collection(String),
    /// Of the products with these handles, in this order.
    Handles(Vec<String>),
    /// Of the products with these ids.
    Products(Vec<i64>),
    /// These themselves.
    Skus(Vec<String>),
}

/// A variant as lists know it: what decides about a product's prices and whether it can be bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The product's id.
    pub product: i64,
    /// May be empty.
    pub sku: String,
    /// What it costs.
    pub price: i64,
    /// Pieces; `None` when they are not counted.
    pub quantity: Option<i64>,
    /// Sold on when stock is used up.
    pub oversell: bool,
}

/// What changed in a catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// How many changes there were up to now.
    pub seen: i64,
    /// The products; `None` when they are more than was asked for.
    pub products: Option<Vec<i64>>,
}
