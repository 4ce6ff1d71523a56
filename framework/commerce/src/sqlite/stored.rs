//! A product as the tables have it: what an import compares with, and what it writes.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension};

use super::document::{Document, Listing, Status};
use super::rows::{self, json};
use crate::{CollectionLink, Metafields};

/// The name of the shop's default location.
pub(crate) const DEFAULT_LOCATION: &str = "default";

/// A product with its variants on sale, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub title: String,
    pub vendor: String,
    pub published: bool,
    pub document: Document,
    pub variants: Vec<StoredVariant>,
    pub metafields: Metafields,
}

/// A variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredVariant {
    /// `None`: not written yet.
    pub id: Option<i64>,
    pub sku: String,
    pub barcode: String,
    pub options: Vec<String>,
    /// By the default price list.
    pub price: Price,
    /// By the names of the other price lists.
    pub prices: BTreeMap<String, Price>,
    /// Whether pieces are counted.
    pub tracked: bool,
    /// By the names of the locations. What stands here counts while [`tracked`](Self::tracked).
    pub stock: BTreeMap<String, Stock>,
    pub oversell: bool,
    pub image: Option<String>,
    pub metafields: Metafields,
}

/// What a variant costs, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Price {
    pub amount: i64,
    /// What the merchant gave, whether or not it is above the price.
    pub compare_at: Option<i64>,
}

/// The stock of a variant at a location, in pieces.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stock {
    pub on_hand: i64,
    pub committed: i64,
}

/// A product that the catalogue has.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub id: i64,
    pub product: Stored,
    /// Variants that are not sold any more.
    pub retired: Vec<StoredVariant>,
    pub collections: Vec<CollectionLink>,
}

/// Reads the product of a handle, whether or not visitors can see it.
pub(super) fn find(connection: &Connection, handle: &str) -> rusqlite::Result<Option<Known>> {
    let found = connection
        .prepare_cached(
            "SELECT p.id, p.title, p.vendor, p.published, d.body \
             FROM product p JOIN product_document d ON d.product_id = p.id WHERE p.handle = ?1",
        )?
        .query_row([handle], |row| {
            let product = Stored {
                title: row.get(1)?,
                vendor: row.get(2)?,
                published: row.get(3)?,
                document: json(row, 4)?,
                variants: Vec::new(),
                metafields: Metafields::default(),
            };
            Ok((row.get(0)?, product))
        })
        .optional()?;
    let Some((id, mut product)) = found else {
        return Ok(None);
    };
    let variants = connection
        .prepare_cached(
            "SELECT v.id, v.sku, v.barcode, v.options, c.amount, c.compare_at, v.tracked, \
                    v.oversell, v.image, v.position IS NOT NULL \
             FROM variant v LEFT JOIN price c ON c.variant_id = v.id AND c.list_id = 1 \
             WHERE v.product_id = ?1 ORDER BY v.position IS NULL, v.position, v.id",
        )?
        .query_map([id], |row| {
            let variant = StoredVariant {
                id: row.get(0)?,
                sku: row.get(1)?,
                barcode: row.get(2)?,
                options: json(row, 3)?,
                price: Price {
                    amount: row.get::<_, Option<i64>>(4)?.unwrap_or(0),
                    compare_at: row.get(5)?,
                },
                prices: BTreeMap::new(),
                tracked: row.get(6)?,
                stock: BTreeMap::new(),
                oversell: row.get(7)?,
                image: row.get(8)?,
                metafields: Metafields::default(),
            };
            Ok((row.get(9)?, variant))
        })?
        .collect::<rusqlite::Result<Vec<(bool, StoredVariant)>>>()?;
    let mut retired = Vec::new();
    let mut of_variants: BTreeMap<i64, Metafields> = BTreeMap::new();
    // One that is not of its type stays in the table until a file names it.
    rows::metafields(connection, id, |variant, name, field| {
        let of = match variant {
            0 => &mut product.metafields,
            variant => of_variants.entry(variant).or_default(),
        };
        of.insert(name, field);
    })?;
    for (on_sale, mut variant) in variants {
        if let Some(id) = variant.id {
            variant.prices = prices(connection, id)?;
            variant.stock = stock(connection, id)?;
            variant.metafields = of_variants.remove(&id).unwrap_or_default();
        }
        match on_sale {
            true => product.variants.push(variant),
            false => retired.push(variant),
        }
    }
    let collections = rows::collections_of(connection, id)?;
    let document = &mut product.document;
    document.listing.get_or_insert(Listing {
        published: product.published,
        status: Status::Active,
    });
    document
        .named_collections
        .get_or_insert(!collections.is_empty());
    Ok(Some(Known {
        id,
        product,
        retired,
        collections,
    }))
}

/// The prices of a variant by the lists other than the default one.
fn prices(connection: &Connection, variant: i64) -> rusqlite::Result<BTreeMap<String, Price>> {
    connection
        .prepare_cached(
            "SELECT l.name, c.amount, c.compare_at FROM price c JOIN price_list l \
             ON l.id = c.list_id WHERE c.variant_id = ?1 AND c.list_id <> 1",
        )?
        .query_map([variant], |row| {
            let (amount, compare_at) = (row.get(1)?, row.get(2)?);
            Ok((row.get(0)?, Price { amount, compare_at }))
        })?
        .collect()
}

fn stock(connection: &Connection, variant: i64) -> rusqlite::Result<BTreeMap<String, Stock>> {
    connection
        .prepare_cached(
            "SELECT l.name, s.on_hand, s.committed FROM stock s JOIN location l \
             ON l.id = s.location_id WHERE s.variant_id = ?1",
        )?
        .query_map([variant], |row| {
            let (on_hand, committed) = (row.get(1)?, row.get(2)?);
            Ok((row.get(0)?, Stock { on_hand, committed }))
        })?
        .collect()
}
