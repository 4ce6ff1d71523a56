//! How an import moves in. A file is first checked into a database of its own, which lives in
//! temporary files and belongs to nobody else; what differs from the catalogue then moves in one
//! transaction on the writer's thread.

use std::collections::BTreeSet;

use rusqlite::{CachedStatement, Connection, OptionalExtension, TransactionBehavior, params};

use super::catalogue::{self, json};
use super::document::Document;
use super::failure::failure;
use super::{Store, open};
use crate::commerce::import::ImportReport;
use crate::commerce::import::product::{Incoming, IncomingVariant};
use crate::commerce::{CollectionLink, Currency, ProviderError, html, text};

/// Characters of a title that lists are sorted by.
const TITLE_KEY: usize = 100;

/// Characters of a body that searches look into.
const SEARCHED: usize = 4_000;

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

/// Writes a product with all that belongs to it; says how many collections are new.
fn put(
    connection: &Connection,
    known: Option<i64>,
    product: &Incoming,
    touched: &mut BTreeSet<i64>,
) -> rusqlite::Result<u64> {
    let id = put_head(connection, known, product)?;
    put_document(connection, id, product)?;
    put_variants(connection, id, product)?;
    let collections = put_collections(connection, id, product, touched)?;
    Ok(collections)
}

fn put_head(
    connection: &Connection,
    known: Option<i64>,
    product: &Incoming,
) -> rusqlite::Result<i64> {
    let title_key = text::prefix(&product.title.to_lowercase(), TITLE_KEY).to_owned();
    let image = product.document.images.first();
    let cheapest = product.variants.iter().min_by_key(|variant| variant.price);
    let dearest = product.variants.iter().map(|variant| variant.price).max();
    let available = product
        .variants
        .iter()
        .any(|variant| variant.oversell || variant.quantity.is_none_or(|pieces| pieces > 0));
    connection
        .prepare_cached(
            "INSERT INTO product (id, handle, revision, published, available, title, title_key, \
               vendor, image_src, image_alt, price_min, price_max, compare_at, on_sale) \
             VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) \
             ON CONFLICT (id) DO UPDATE SET revision = revision + 1, \
               published = excluded.published, available = excluded.available, \
               title = excluded.title, title_key = excluded.title_key, \
               vendor = excluded.vendor, image_src = excluded.image_src, \
               image_alt = excluded.image_alt, price_min = excluded.price_min, \
               price_max = excluded.price_max, compare_at = excluded.compare_at, \
               on_sale = excluded.on_sale \
             RETURNING id",
        )?
        .query_row(
            params![
                known,
                product.handle,
                product.published,
                available,
                product.title,
                title_key,
                product.vendor,
                image.map(|image| &image.src),
                image.map(|image| &image.alt),
                cheapest.map(|variant| variant.price),
                dearest,
                cheapest.and_then(|variant| variant.compare_at),
                product
                    .variants
                    .iter()
                    .any(|variant| variant.compare_at.is_some()),
            ],
            |row| row.get(0),
        )
}

fn put_document(connection: &Connection, id: i64, product: &Incoming) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO product_document (product_id, body) VALUES (?1, ?2) \
             ON CONFLICT (product_id) DO UPDATE SET body = excluded.body",
        )?
        .execute(params![id, to_json(&product.document)?])
        .map(drop)
}

/// A variant that the catalogue has.
struct Known {
    id: i64,
    sku: String,
    options: Vec<String>,
    used: bool,
}

/// Writes the variants. One with the SKU of a known one takes its id, since carts name it by that;
/// among several of one SKU the option values decide. Variants that are not named any more stay,
/// without a position.
fn put_variants(connection: &Connection, id: i64, product: &Incoming) -> rusqlite::Result<()> {
    let mut known = connection
        .prepare_cached(
            "SELECT id, sku, options FROM variant WHERE product_id = ?1 \
             ORDER BY position IS NULL, position, id",
        )?
        .query_map([id], |row| {
            Ok(Known {
                id: row.get(0)?,
                sku: row.get(1)?,
                options: json(row, 2)?,
                used: false,
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let mut ids: Vec<Option<i64>> = vec![None; product.variants.len()];
    for exactly in [true, false] {
        for (slot, variant) in ids.iter_mut().zip(&product.variants) {
            let fits = |one: &&mut Known| {
                !one.used && one.sku == variant.sku && (!exactly || one.options == variant.options)
            };
            if slot.is_none()
                && let Some(one) = known.iter_mut().find(fits)
            {
                one.used = true;
                *slot = Some(one.id);
            }
        }
    }
    let mut retire: CachedStatement<'_> =
        connection.prepare_cached("UPDATE variant SET position = NULL WHERE id = ?1")?;
    for one in known.iter().filter(|one| !one.used) {
        retire.execute([one.id])?;
    }
    let mut write = connection.prepare_cached(
        "INSERT INTO variant (id, product_id, position, sku, title, options, price, compare_at, \
           quantity, oversell, image) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
         ON CONFLICT (id) DO UPDATE SET position = excluded.position, sku = excluded.sku, \
           title = excluded.title, options = excluded.options, price = excluded.price, \
           compare_at = excluded.compare_at, quantity = excluded.quantity, \
           oversell = excluded.oversell, image = excluded.image \
         RETURNING id",
    )?;
    let mut last = None;
    for (position, (known, variant)) in (0_i64..).zip(ids.iter().zip(&product.variants)) {
        let written: i64 = write.query_row(
            params![
                known,
                id,
                position,
                variant.sku,
                variant.options.join(" / "),
                to_json(&variant.options)?,
                variant.price,
                variant.compare_at,
                variant.quantity,
                variant.oversell,
                variant.image,
            ],
            |row| row.get(0),
        )?;
        last = Some(written);
    }
    let single = last.filter(|_| product.variants.len() == 1);
    connection
        .prepare_cached("UPDATE product SET single_variant = ?2 WHERE id = ?1")?
        .execute(params![id, single])
        .map(drop)
}

/// Puts the product into the collections the file names and into no others, where it names any;
/// says how many are new.
fn put_collections(
    connection: &Connection,
    id: i64,
    product: &Incoming,
    touched: &mut BTreeSet<i64>,
) -> rusqlite::Result<u64> {
    let before = connection
        .prepare_cached("SELECT collection_id FROM collection_product WHERE product_id = ?1")?
        .query_map([id], |row| row.get(0))?
        .collect::<rusqlite::Result<BTreeSet<i64>>>()?;
    touched.extend(&before);
    let Some(wanted) = &product.collections else {
        return Ok(0);
    };
    let mut new = 0;
    let mut after = BTreeSet::new();
    for CollectionLink { handle, title } in wanted {
        new += connection
            .prepare_cached(
                "INSERT INTO collection (handle, title, title_key, description, product_count) \
                 VALUES (?1, ?2, ?3, '', 0) ON CONFLICT (handle) DO NOTHING",
            )?
            .execute(params![handle, title, title.to_lowercase()])? as u64;
        let collection: i64 = connection
            .prepare_cached("SELECT id FROM collection WHERE handle = ?1")?
            .query_row([handle], |row| row.get(0))?;
        after.insert(collection);
    }
    for collection in before.difference(&after) {
        connection
            .prepare_cached(
                "DELETE FROM collection_product WHERE collection_id = ?1 AND product_id = ?2",
            )?
            .execute(params![collection, id])?;
    }
    for collection in after.difference(&before) {
        connection
            .prepare_cached(
                "INSERT INTO collection_product (collection_id, product_id) VALUES (?1, ?2)",
            )?
            .execute(params![collection, id])?;
    }
    touched.extend(&after);
    Ok(new)
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

/// Writes the words that searches find the product by.
fn put_words(
    connection: &Connection,
    id: i64,
    is_known: bool,
    product: &Incoming,
) -> rusqlite::Result<()> {
    if is_known {
        connection
            .prepare_cached("DELETE FROM search WHERE rowid = ?1")?
            .execute([id])?;
    }
    if !product.published {
        return Ok(());
    }
    let document = &product.document;
    let mut keywords = vec![product.vendor.as_str(), document.product_type.as_str()];
    keywords.extend(document.tags.iter().map(String::as_str));
    keywords.extend(
        document
            .options
            .iter()
            .flat_map(|option| &option.values)
            .map(String::as_str),
    );
    keywords.extend(product.variants.iter().map(|variant| variant.sku.as_str()));
    let body = html::plain_text(&document.body_html, SEARCHED);
    connection
        .prepare_cached(
            "INSERT INTO search (rowid, title, keywords, body) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![id, product.title, keywords.join(" "), body])
        .map(drop)
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

fn to_json(value: &impl serde::Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}
