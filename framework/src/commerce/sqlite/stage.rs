//! How an import moves in. A file is first checked into a database of its own, which lives in
//! temporary files and belongs to nobody else; what differs from the catalogue then moves in one
//! transaction on the writer's thread.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::catalogue::{self, json};
use super::document::{Document, to_json};
use super::failure::failure;
use super::product::{put, put_words};
use super::{Store, open};
use crate::commerce::import::ImportReport;
use crate::commerce::import::product::{Incoming, IncomingVariant};
use crate::commerce::{Currency, ProviderError};

/// A file's products on their way into a catalogue.
pub(in crate::commerce) struct Stage {
    connection: Connection,
}

/// Why nothing moved in.
pub(in crate::commerce) enum Refusal {
    /// The catalogue is kept in another currency.
    Currency(Currency),
    /// The temporary database failed.
    Stage(rusqlite::Error),
    /// The shop's database failed.
    Store(ProviderError),
}

impl Stage {
    /// An empty one. SQLite keeps it in memory while it is small, then in an unnamed file.
    pub(in crate::commerce) fn new() -> rusqlite::Result<Self> {
        let connection = Connection::open("")?;
        connection.execute_batch(
            "PRAGMA journal_mode = off;
             PRAGMA synchronous = off;
             CREATE TABLE staged (
               id INTEGER PRIMARY KEY,
               handle TEXT NOT NULL UNIQUE,
               line INTEGER NOT NULL,
               product TEXT NOT NULL
             ) STRICT;
             BEGIN;",
        )?;
        Ok(Self { connection })
    }

    /// Keeps a product whose handle is not there yet.
    pub(in crate::commerce) fn put(&self, line: u64, product: &Incoming) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("INSERT INTO staged (handle, line, product) VALUES (?1, ?2, ?3)")?
            .execute(params![
                product.handle,
                line.cast_signed(),
                to_json(product)?
            ])
            .map(drop)
    }

    /// Line of the first row of a handle.
    pub(in crate::commerce) fn line_of(&self, handle: &str) -> rusqlite::Result<Option<u64>> {
        self.connection
            .prepare_cached("SELECT line FROM staged WHERE handle = ?1")?
            .query_row([handle], |row| row.get(0).map(i64::cast_unsigned))
            .optional()
    }

    /// The product after an id, in the file's order.
    fn next(&self, after: i64) -> rusqlite::Result<Option<(i64, Incoming)>> {
        self.connection
            .prepare_cached("SELECT id, product FROM staged WHERE id > ?1 ORDER BY id LIMIT 1")?
            .query_row([after], |row| Ok((row.get(0)?, json(row, 1)?)))
            .optional()
    }

    /// Forgets a product that the catalogue has already.
    fn drop_same(&self, id: i64) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("DELETE FROM staged WHERE id = ?1")?
            .execute([id])
            .map(drop)
    }
}

impl Store {
    /// Moves a file's products in. What is as it was is found before the transaction, so that the
    /// transaction is as short as what really changes: about 0.1 ms for each product that is new
    /// or differs. Carts can be read meanwhile; their changes wait for it.
    pub(in crate::commerce) fn take_in(
        &self,
        stage: Stage,
        currency: Currency,
    ) -> Result<ImportReport, Refusal> {
        let reading = |error| Refusal::Store(failure("comparing with the catalogue", error));
        let connection = open::reader(&self.0.directory).map_err(|problem| {
            let doing = "comparing with the catalogue";
            Refusal::Store(ProviderError::Unavailable {
                doing,
                source: problem.into(),
            })
        })?;
        let mut unchanged = 0;
        let mut at = 0;
        while let Some((id, product)) = stage.next(at).map_err(Refusal::Stage)? {
            at = id;
            if is_same(&connection, &product).map_err(reading)? {
                stage.drop_same(id).map_err(Refusal::Stage)?;
                unchanged += 1;
            }
        }
        drop(connection);
        let job = move |connection: &mut Connection| move_in(connection, &stage, currency);
        let mut report = self.0.writer.run_blocking(job).map_err(Refusal::Store)??;
        report.unchanged += unchanged;
        Ok(report)
    }
}

fn move_in(
    connection: &mut Connection,
    stage: &Stage,
    currency: Currency,
) -> Result<ImportReport, Refusal> {
    let writing = |error| Refusal::Store(failure("importing into the catalogue", error));
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(writing)?;
    let state = catalogue::state(&transaction).map_err(writing)?;
    if let Some(kept) = state.currency.filter(|kept| *kept != currency) {
        return Err(Refusal::Currency(kept));
    }
    let mut report = ImportReport {
        version: state.version,
        ..ImportReport::default()
    };
    let newest: Option<i64> = transaction
        .query_row("SELECT max(id) FROM product", [], |row| row.get(0))
        .map_err(writing)?;
    let mut touched = BTreeSet::new();
    let mut at = 0;
    while let Some((id, product)) = stage.next(at).map_err(Refusal::Stage)? {
        at = id;
        let known = find(&transaction, &product.handle).map_err(writing)?;
        match known {
            None => report.created += 1,
            // Somebody else has brought the same in the meantime.
            Some(_) if is_same(&transaction, &product).map_err(writing)? => {
                report.unchanged += 1;
                continue;
            }
            Some(_) => report.updated += 1,
        }
        let new = put(&transaction, known, &product, &mut touched).map_err(writing)?;
        report.collections += new;
    }
    if report.created + report.updated > 0 {
        put_all_words(&transaction, stage, newest)?;
        summarise(&transaction, &touched, currency).map_err(writing)?;
        report.version += 1;
    }
    transaction.commit().map_err(writing)?;
    Ok(report)
}

fn find(connection: &Connection, handle: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM product WHERE handle = ?1")?
        .query_row([handle], |row| row.get(0))
        .optional()
}

/// Whether the catalogue has exactly this already, stock included.
fn is_same(connection: &Connection, product: &Incoming) -> rusqlite::Result<bool> {
    let known = connection
        .prepare_cached(
            "SELECT p.id, p.title, p.vendor, p.published, d.body \
             FROM product p JOIN product_document d ON d.product_id = p.id WHERE p.handle = ?1",
        )?
        .query_row([&product.handle], |row| {
            let head: (String, String, bool) = (row.get(1)?, row.get(2)?, row.get(3)?);
            Ok((row.get::<_, i64>(0)?, head, json::<Document>(row, 4)?))
        })
        .optional()?;
    let Some((id, (title, vendor, published), document)) = known else {
        return Ok(false);
    };
    if title != product.title
        || vendor != product.vendor
        || published != product.published
        || document != product.document
    {
        return Ok(false);
    }
    let variants = connection
        .prepare_cached(
            "SELECT sku, options, price, compare_at, quantity, oversell, image \
             FROM variant WHERE product_id = ?1 AND position IS NOT NULL ORDER BY position",
        )?
        .query_map([id], |row| {
            Ok(IncomingVariant {
                sku: row.get(0)?,
                options: json(row, 1)?,
                price: row.get(2)?,
                compare_at: row.get(3)?,
                quantity: row.get(4)?,
                oversell: row.get(5)?,
                image: row.get(6)?,
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    if variants != product.variants {
        return Ok(false);
    }
    let Some(wanted) = &product.collections else {
        return Ok(true);
    };
    let handles = connection
        .prepare_cached(
            "SELECT c.handle FROM collection_product cp \
             JOIN collection c ON c.id = cp.collection_id WHERE cp.product_id = ?1",
        )?
        .query_map([id], |row| row.get::<_, String>(0))?
        .collect::<rusqlite::Result<BTreeSet<_>>>()?;
    Ok(handles.len() == wanted.len() && wanted.iter().all(|one| handles.contains(&one.handle)))
}

/// Writes the words of all products that moved in, after everything else: the index gathers new
/// words in memory, and writes them out whenever another statement with several steps comes in
/// between. `newest` is the last product from before.
fn put_all_words(
    connection: &Connection,
    stage: &Stage,
    newest: Option<i64>,
) -> Result<(), Refusal> {
    let writing = |error| Refusal::Store(failure("importing into the catalogue", error));
    let mut at = 0;
    while let Some((staged, product)) = stage.next(at).map_err(Refusal::Stage)? {
        at = staged;
        if let Some(id) = find(connection, &product.handle).map_err(writing)? {
            let is_known = newest.is_some_and(|newest| id <= newest);
            put_words(connection, id, is_known, &product).map_err(writing)?;
        }
    }
    Ok(())
}

/// Brings up to date what is derived from many products at once.
fn summarise(
    connection: &Connection,
    touched: &BTreeSet<i64>,
    currency: Currency,
) -> rusqlite::Result<()> {
    let mut summary = connection.prepare_cached(
        "UPDATE collection SET \
           product_count = (\
             SELECT count(*) FROM collection_product cp JOIN product p ON p.id = cp.product_id \
             WHERE cp.collection_id = ?1 AND p.published = 1), \
           (image_src, image_alt) = (\
             SELECT p.image_src, p.image_alt \
             FROM collection_product cp JOIN product p ON p.id = cp.product_id \
             WHERE cp.collection_id = ?1 AND p.published = 1 AND p.image_src IS NOT NULL \
             ORDER BY cp.product_id LIMIT 1) \
         WHERE id = ?1",
    )?;
    for collection in touched {
        summary.execute([collection])?;
    }
    connection.execute(
        "UPDATE catalogue SET version = version + 1, currency = ?1, \
           published = (SELECT count(*) FROM product WHERE published = 1)",
        [currency.code()],
    )?;
    Ok(())
}
