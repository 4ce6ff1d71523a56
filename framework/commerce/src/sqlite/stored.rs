//! A product as the tables have it: what an import compares with, and what it writes.

use rusqlite::{Connection, OptionalExtension};

use super::catalogue::json;
use super::document::{Document, Listing, Status};
use crate::CollectionLink;

/// A product with its variants on sale, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub title: String,
    pub vendor: String,
    pub published: bool,
    pub document: Document,
    pub variants: Vec<StoredVariant>,
}

/// A variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredVariant {
    /// `None`: not written yet.
    pub id: Option<i64>,
    pub sku: String,
    pub barcode: String,
    pub options: Vec<String>,
    pub price: i64,
    /// What the merchant gave, whether or not it is above the price.
    pub compare_at: Option<i64>,
    /// `None`: stock is not tracked.
    pub quantity: Option<i64>,
    pub oversell: bool,
    pub image: Option<String>,
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
            };
            Ok((row.get(0)?, product))
        })
        .optional()?;
    let Some((id, mut product)) = found else {
        return Ok(None);
    };
    let variants = connection
        .prepare_cached(
            "SELECT id, sku, barcode, options, price, compare_at, quantity, oversell, image, \
                    position IS NOT NULL \
             FROM variant WHERE product_id = ?1 ORDER BY position IS NULL, position, id",
        )?
        .query_map([id], |row| {
            let variant = StoredVariant {
                id: row.get(0)?,
                sku: row.get(1)?,
                barcode: row.get(2)?,
                options: json(row, 3)?,
                price: row.get(4)?,
                compare_at: row.get(5)?,
                quantity: row.get(6)?,
                oversell: row.get(7)?,
                image: row.get(8)?,
            };
            Ok((row.get(9)?, variant))
        })?
        .collect::<rusqlite::Result<Vec<(bool, StoredVariant)>>>()?;
    let mut retired = Vec::new();
    for (on_sale, variant) in variants {
        match on_sale {
            true => product.variants.push(variant),
            false => retired.push(variant),
        }
    }
    let collections = connection
        .prepare_cached(
            "SELECT c.handle, c.title FROM collection_product cp \
             JOIN collection c ON c.id = cp.collection_id WHERE cp.product_id = ?1 ORDER BY c.id",
        )?
        .query_map([id], |row| {
            Ok(CollectionLink {
                handle: row.get(0)?,
                title: row.get(1)?,
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
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
