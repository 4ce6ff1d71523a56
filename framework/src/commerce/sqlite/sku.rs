//! Single SKUs: their stock, where they are shown, and what changed.
//!
//! A SKU that is empty, or that several variants on sale have, names nothing: nobody could say which is meant.

use std::collections::HashMap;
use std::time::Instant;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use super::failure::failure;
use super::{Store, catalogue};
use crate::commerce::ProviderError;
use crate::commerce::stock::{Changes, Offer, Sku, SkuChoice, SkuStock};

/// Ids or names in one statement.
const BATCH: usize = 256;

/// What variants are on sale: a `FROM` with its condition.
const ON_SALE: &str = "variant v JOIN product p ON p.id = v.product_id \
     WHERE v.position IS NOT NULL AND p.published = 1";

impl Store {
    /// What there is of a SKU; `None` when no variant on sale, or more than one, has it.
    pub async fn stock(
        &self,
        deadline: Instant,
        sku: &str,
    ) -> Result<Option<SkuStock>, ProviderError> {
        self.0
            .readers
            .quick(deadline, |connection| stock(connection, sku))
            .await?
            .map_err(|error| failure("reading the stock of a SKU", error))
    }

    /// The chosen SKUs, at most so many of them.
    pub async fn skus(
        &self,
        deadline: Instant,
        choice: SkuChoice,
        most: usize,
    ) -> Result<Vec<Sku>, ProviderError> {
        self.0
            .readers
            .long(deadline, move |connection| skus(connection, &choice, most))
            .await?
            .map_err(|error| failure("reading SKUs", error))
    }

    /// The variants on sale of these products.
    pub async fn offers(
        &self,
        deadline: Instant,
        products: &[i64],
    ) -> Result<Vec<Offer>, ProviderError> {
        self.0
            .readers
            .quick(deadline, |connection| offers(connection, products))
            .await?
            .map_err(|error| failure("reading the variants of products", error))
    }

    /// The collections of these products, as ids and handles; among them, with id 0, the virtual one of everything.
    pub async fn collections_of(
        &self,
        deadline: Instant,
        products: Vec<i64>,
    ) -> Result<Vec<(i64, String)>, ProviderError> {
        self.0
            .readers
            .long(deadline, move |connection| {
                collections_of(connection, &products)
            })
            .await?
            .map_err(|error| failure("reading the collections of products", error))
    }

    /// How many changes of products there were. Does not wait: cheap enough to be asked many times a second.
    pub fn changed(&self) -> Result<i64, ProviderError> {
        self.0
            .readers
            .immediate(changed)?
            .map_err(|error| failure("looking for changes", error))
    }

    /// The products that changed after the first `seen` changes, unless they are more than `most`.
    pub async fn changes(
        &self,
        deadline: Instant,
        seen: i64,
        most: usize,
    ) -> Result<Changes, ProviderError> {
        self.0
            .readers
            .quick(deadline, |connection| changes(connection, seen, most))
            .await?
            .map_err(|error| failure("reading what changed", error))
    }
}

fn stock(connection: &Connection, sku: &str) -> rusqlite::Result<Option<SkuStock>> {
    if sku.is_empty() {
        return Ok(None);
    }
    let snapshot = connection.unchecked_transaction()?;
    let Some(currency) = catalogue::state(&snapshot)?.currency else {
        return Ok(None);
    };
    let mut query = snapshot.prepare_cached(&format!(
        "SELECT v.quantity, v.price FROM {ON_SALE} AND v.sku = ?1 LIMIT 2"
    ))?;
    let mut rows = query.query([sku])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let found = SkuStock {
        pieces: row.get(0)?,
        price: row.get(1)?,
        currency,
    };
    Ok(rows.next()?.is_none().then_some(found))
}

fn skus(connection: &Connection, choice: &SkuChoice, most: usize) -> rusqlite::Result<Vec<Sku>> {
    let snapshot = connection.unchecked_transaction()?;
    let mut found = Vec::new();
    let mut add = |condition: &str, values: &[Value]| -> rusqlite::Result<()> {
        let left = most.saturating_sub(found.len());
        if left == 0 {
            return Ok(());
        }
        let sql = format!(
            "SELECT v.sku, p.id, p.handle FROM {ON_SALE} AND v.sku <> '' AND {condition} \
             AND NOT EXISTS (SELECT 1 FROM variant o JOIN product q ON q.id = o.product_id \
               WHERE o.sku = v.sku AND o.position IS NOT NULL AND q.published = 1 AND o.id <> v.id) \
             ORDER BY p.id, v.position LIMIT {left}"
        );
        let mut query = snapshot.prepare_cached(&sql)?;
        let rows = query.query_map(params_from_iter(values), |row| {
            Ok(Sku {
                sku: row.get(0)?,
                product: row.get(1)?,
                handle: row.get(2)?,
            })
        })?;
        for row in rows {
            found.push(row?);
        }
        Ok(())
    };
    match choice {
        SkuChoice::All => add("1", &[])?,
        SkuChoice::Collection(handle) if handle == "all" => add("1", &[])?,
        SkuChoice::Collection(handle) => add(
            "p.id IN (SELECT cp.product_id FROM collection_product cp \
             JOIN collection c ON c.id = cp.collection_id WHERE c.handle = ?1)",
            &[handle.clone().into()],
        )?,
        SkuChoice::Handles(handles) => {
            for handle in handles {
                add("p.handle = ?1", &[handle.clone().into()])?;
            }
        }
        SkuChoice::Products(ids) => {
            for id in ids {
                add("p.id = ?1", &[(*id).into()])?;
            }
        }
        SkuChoice::Skus(skus) => {
            for sku in skus {
                add("v.sku = ?1", &[sku.clone().into()])?;
            }
        }
    }
    Ok(found)
}

fn offers(connection: &Connection, products: &[i64]) -> rusqlite::Result<Vec<Offer>> {
    let mut query = connection.prepare_cached(
        "SELECT sku, price, quantity, oversell FROM variant \
         WHERE product_id = ?1 AND position IS NOT NULL ORDER BY position",
    )?;
    let mut found = Vec::new();
    for &product in products {
        let rows = query.query_map([product], |row| {
            Ok(Offer {
                product,
                sku: row.get(0)?,
                price: row.get(1)?,
                quantity: row.get(2)?,
                oversell: row.get(3)?,
            })
        })?;
        for row in rows {
            found.push(row?);
        }
    }
    Ok(found)
}

fn collections_of(
    connection: &Connection,
    products: &[i64],
) -> rusqlite::Result<Vec<(i64, String)>> {
    let mut found = HashMap::from([(0, "all".to_owned())]);
    for ids in products.chunks(BATCH) {
        let places = vec!["?"; ids.len()].join(", ");
        let sql = format!(
            "SELECT DISTINCT c.id, c.handle FROM collection_product cp \
             JOIN collection c ON c.id = cp.collection_id WHERE cp.product_id IN ({places})"
        );
        let mut query = connection.prepare(&sql)?;
        let rows = query.query_map(params_from_iter(ids), |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        })?;
        for row in rows {
            let (id, handle) = row?;
            found.insert(id, handle);
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort();
    Ok(found)
}

fn changed(connection: &Connection) -> rusqlite::Result<i64> {
    let mut query = connection.prepare_cached("SELECT changed FROM catalogue")?;
    let found = query.query_row([], |row| row.get(0)).optional()?;
    Ok(found.unwrap_or(0))
}

fn changes(connection: &Connection, seen: i64, most: usize) -> rusqlite::Result<Changes> {
    let snapshot = connection.unchecked_transaction()?;
    let now = changed(&snapshot)?;
    let limit = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
    let products = snapshot
        .prepare_cached("SELECT id FROM product WHERE changed > ?1 ORDER BY changed LIMIT ?2")?
        .query_map(params![seen, limit], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<i64>>>()?;
    Ok(Changes {
        seen: now,
        products: (products.len() <= most).then_some(products),
    })
}
