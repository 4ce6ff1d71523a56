//! Reads the rows of a filter's columns, and what changed of them.

use std::sync::Arc;
use std::time::Instant;

use rusqlite::{Connection, OptionalExtension};
use serde::Deserialize;

use super::failure::failure;
use super::rows::{PIECES, json};
use super::sku::{changed, changes};
use super::store::Store;
use crate::filter::columns::{
    Builder, ColumnChange, FilterColumns, FilterIndex, ProductRows, SkuRow,
};
use crate::{ProductOption, ProviderError};

/// Products whose changes are looked at one by one; beyond, the columns are made anew.
const MOST: usize = 5_000;

/// What of a product's document is a facet. Whatever is not readable is not one.
#[derive(Default, Deserialize)]
#[serde(default)]
struct DocumentFacets {
    product_type: String,
    tags: Vec<String>,
    options: Vec<ProductOption>,
}

impl Store {
    /// The columns of the whole catalogue: some 10 µs for each variant, on a blocking thread.
    pub async fn filter_columns(&self, deadline: Instant) -> Result<FilterColumns, ProviderError> {
        self.0
            .readers
            .long(deadline, columns)
            .await?
            .map_err(|error| failure("reading the rows of the filter", error))
    }

    /// What changed since the columns of this index were made, or followed last; `None` when they
    /// have to be made anew.
    pub async fn filter_changes(
        &self,
        deadline: Instant,
        index: &Arc<FilterIndex>,
    ) -> Result<Option<Vec<ColumnChange>>, ProviderError> {
        let index = Arc::clone(index);
        self.0
            .readers
            .long(deadline, move |connection| follow(connection, &index))
            .await?
            .map_err(|error| failure("reading what changed of the filter's rows", error))
    }
}

fn columns(connection: &Connection) -> rusqlite::Result<FilterColumns> {
    let snapshot = connection.unchecked_transaction()?;
    let mut builder = Builder::default();
    let mut ids =
        snapshot.prepare_cached("SELECT id FROM product WHERE published = 1 ORDER BY id")?;
    let mut rows = ids.query([])?;
    while let Some(row) = rows.next()? {
        builder.add(product(&snapshot, row.get(0)?)?);
    }
    Ok(builder.finish(changed(&snapshot)?))
}

fn follow(
    connection: &Connection,
    index: &FilterIndex,
) -> rusqlite::Result<Option<Vec<ColumnChange>>> {
    let found = changes(connection, index.seen(), MOST)?;
    let Some(ids) = found.products else {
        return Ok(None);
    };
    // What changes from here on is seen once more at the next look.
    let snapshot = connection.unchecked_transaction()?;
    let products = ids.into_iter().map(|id| product(&snapshot, id));
    let products = products.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(index.follow(found.seen, &products))
}

/// The rows of a product; none, when visitors cannot see it.
fn product(connection: &Connection, id: i64) -> rusqlite::Result<ProductRows> {
    let found = connection
        .prepare_cached(
            "SELECT p.title_key, p.vendor, d.body FROM product p \
             JOIN product_document d ON d.product_id = p.id WHERE p.id = ?1 AND p.published = 1",
        )?
        .query_row([id], |row| {
            let facets: DocumentFacets = json(row, 2).unwrap_or_default();
            Ok(ProductRows {
                id,
                title_key: row.get(0)?,
                vendor: row.get(1)?,
                product_type: facets.product_type,
                tags: facets.tags,
                options: facets.options.into_iter().map(|one| one.name).collect(),
                ..ProductRows::default()
            })
        })
        .optional()?;
    let Some(mut found) = found else {
        return Ok(ProductRows {
            id,
            ..ProductRows::default()
        });
    };
    let mut prices = connection.prepare_cached(
        "SELECT list_id, amount FROM price WHERE variant_id = ?1 ORDER BY list_id",
    )?;
    found.rows = connection
        .prepare_cached(&format!(
            "SELECT v.id, v.options, v.oversell = 1 OR coalesce({PIECES}, 1) > 0 \
             FROM variant v WHERE v.product_id = ?1 AND v.position IS NOT NULL \
             ORDER BY v.position"
        ))?
        .query_map([id], |row| {
            let prices = prices.query_map([row.get::<_, i64>(0)?], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
            Ok(SkuRow {
                values: json(row, 1).unwrap_or_default(),
                available: row.get(2)?,
                prices: prices.collect::<rusqlite::Result<_>>()?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    found.collections = connection
        .prepare_cached(
            "SELECT collection_id FROM collection_product WHERE product_id = ?1 \
             ORDER BY collection_id",
        )?
        .query_map([id], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(found)
}
