//! How an import is written. A file is first checked and kept in a temporary database of its own;
//! the products that differ from the catalogue are then written in one transaction on the writer's
//! thread.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use super::failure::failure;
use super::open;
use super::product::put;
use super::search::index;
use super::state;
use super::store::Store;
use super::stored::{self, Known};
use crate::import::ImportReport;
use crate::import::column::Header;
use crate::import::error::CellError;
use crate::import::merge::{Merged, merge};
use crate::import::notes::Notes;
use crate::import::patch::Patch;
use crate::import::progress::{Count, Step, Watch};
use crate::import::records::Record;
use crate::{Currency, ProviderError};

/// A file's products on their way into a catalogue.
pub(crate) struct Stage {
    connection: Connection,
    header: Header,
    /// The rows that came last: those of a product mostly stand together.
    run: RefCell<Run>,
}

/// Neighbouring rows of a product, as they are kept.
#[derive(Default)]
struct Run {
    handle: String,
    line: i64,
    rows: Vec<u8>,
}

/// Bytes of rows from which they are kept.
const RUN: usize = 1 << 20;

/// Memory for the database's pages while an import writes, as SQLite says it: -KiB.
const CACHE: i64 = -(64 << 10);

/// Why nothing was written.
pub(crate) enum StageError {
    /// The file could not be read on from this line.
    Read { line: u64, source: io::Error },
    /// The catalogue is kept in another currency.
    Currency(Currency),
    /// The file says something that cannot be, or does not fit what the catalogue has.
    Row(CellError),
    /// The temporary database failed.
    Stage(rusqlite::Error),
    /// The shop's database failed.
    Store(ProviderError),
}

impl From<CellError> for StageError {
    fn from(error: CellError) -> Self {
        Self::Row(error)
    }
}

impl Stage {
    /// An empty one. SQLite keeps it in memory while it is small, then in an unnamed file.
    pub(crate) fn new(header: Header) -> rusqlite::Result<Self> {
        let connection = Connection::open("")?;
        connection.execute_batch(
            "PRAGMA journal_mode = off;
             PRAGMA synchronous = off;
             CREATE TABLE product (
               id INTEGER PRIMARY KEY,
               handle TEXT NOT NULL UNIQUE,
               line INTEGER NOT NULL
             ) STRICT;
             CREATE TABLE run (
               id INTEGER PRIMARY KEY,
               product INTEGER NOT NULL,
               rows BLOB NOT NULL
             ) STRICT;
             CREATE INDEX run_product ON run (product, id);
             CREATE TABLE patch (
               product INTEGER PRIMARY KEY,
               patch BLOB NOT NULL
             ) STRICT;
             BEGIN;",
        )?;
        Ok(Self {
            connection,
            header,
            run: RefCell::default(),
        })
    }

    /// The file's columns.
    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    /// Keeps a row of a handle.
    pub(crate) fn put_row(&self, handle: &str, record: &Record<'_>) -> rusqlite::Result<()> {
        let mut run = self.run.borrow_mut();
        if run.handle != handle || run.rows.len() >= RUN {
            self.put_run(&run)?;
            run.handle = handle.to_owned();
            run.line = record.line.cast_signed();
            run.rows.clear();
        }
        let rows = std::mem::take(&mut run.rows);
        run.rows = postcard::to_extend(record, rows).map_err(unwritable)?;
        Ok(())
    }

    /// Keeps the last rows.
    pub(crate) fn end_rows(&self) -> rusqlite::Result<()> {
        self.put_run(&self.run.take())
    }

    fn put_run(&self, run: &Run) -> rusqlite::Result<()> {
        if run.rows.is_empty() {
            return Ok(());
        }
        let known = self
            .connection
            .prepare_cached("SELECT id FROM product WHERE handle = ?1")?
            .query_row([&run.handle], |row| row.get::<_, i64>(0))
            .optional()?;
        let product = match known {
            Some(id) => id,
            None => {
                self.connection
                    .prepare_cached("INSERT INTO product (handle, line) VALUES (?1, ?2)")?
                    .execute(params![run.handle, run.line])?;
                self.connection.last_insert_rowid()
            }
        };
        self.connection
            .prepare_cached("INSERT INTO run (product, rows) VALUES (?1, ?2)")?
            .execute(params![product, run.rows])
            .map(drop)
    }

    /// How many products there are.
    pub(crate) fn len(&self) -> rusqlite::Result<u64> {
        let count = "SELECT count(*) FROM product";
        let count: i64 = self.connection.query_row(count, [], |row| row.get(0))?;
        Ok(count.cast_unsigned())
    }

    /// The handle after an id, with the line of its first row, in the file's order.
    pub(crate) fn handle_after(&self, after: i64) -> rusqlite::Result<Option<(i64, String, u64)>> {
        self.connection
            .prepare_cached(
                "SELECT id, handle, line FROM product WHERE id > ?1 ORDER BY id LIMIT 1",
            )?
            .query_row([after], |row| {
                let line: i64 = row.get(2)?;
                Ok((row.get(0)?, row.get(1)?, line.cast_unsigned()))
            })
            .optional()
    }

    /// Goes through the rows of a handle, in the file's order.
    pub(crate) fn each_row(
        &self,
        product: i64,
        mut take: impl FnMut(Record<'_>) -> Result<(), StageError>,
    ) -> Result<(), StageError> {
        let stage = StageError::Stage;
        let mut query = self
            .connection
            .prepare_cached("SELECT rows FROM run WHERE product = ?1 ORDER BY id")
            .map_err(stage)?;
        let mut runs = query.query([product]).map_err(stage)?;
        while let Some(run) = runs.next().map_err(stage)? {
            let mut rest = blob(run, 0).map_err(stage)?;
            while !rest.is_empty() {
                let (record, behind) = postcard::take_from_bytes::<Record<'_>>(rest)
                    .map_err(|error| stage(unreadable(0, error)))?;
                take(record)?;
                rest = behind;
            }
        }
        Ok(())
    }

    /// Keeps what the file says of a product, when all its rows are in.
    pub(crate) fn put(&self, id: i64, patch: &Patch) -> rusqlite::Result<()> {
        let patch = postcard::to_allocvec(patch).map_err(unwritable)?;
        self.connection
            .prepare_cached("INSERT INTO patch (product, patch) VALUES (?1, ?2)")?
            .execute(params![id, patch])
            .map(drop)
    }

    /// What the file says of the product after an id, in the file's order.
    fn next(&self, after: i64) -> rusqlite::Result<Option<(i64, Patch)>> {
        self.connection
            .prepare_cached(
                "SELECT product, patch FROM patch WHERE product > ?1 ORDER BY product LIMIT 1",
            )?
            .query_row([after], |row| {
                let patch = postcard::from_bytes(blob(row, 1)?);
                Ok((row.get(0)?, patch.map_err(|error| unreadable(1, error))?))
            })
            .optional()
    }

    /// Forgets a product that the catalogue has already.
    fn drop_same(&self, id: i64) -> rusqlite::Result<()> {
        for delete in [
            "DELETE FROM product WHERE id = ?1",
            "DELETE FROM patch WHERE product = ?1",
        ] {
            self.connection.prepare_cached(delete)?.execute([id])?;
        }
        Ok(())
    }
}

fn blob<'a>(row: &'a Row<'_>, column: usize) -> rusqlite::Result<&'a [u8]> {
    Ok(row.get_ref(column)?.as_blob()?)
}

fn unwritable(error: postcard::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(error.into())
}

fn unreadable(column: usize, error: postcard::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, error.into())
}

impl Store {
    /// Writes a file's products. Those that are unchanged are found before the transaction, which
    /// takes some 0.2 ms for each product that is new or differs. Carts can be read meanwhile;
    /// their changes wait for it.
    pub(crate) fn take_in(
        &self,
        stage: Stage,
        currency: Currency,
        notes: &mut Notes,
        watch: &Watch,
    ) -> Result<ImportReport, StageError> {
        // In an empty catalogue every product is new.
        let is_empty = self.state().map_err(StageError::Store)?.version == 0;
        let unchanged = match is_empty {
            true => 0,
            false => self.drop_unchanged(&stage, notes, watch)?,
        };
        let mut of_new = is_empty.then(|| std::mem::take(notes));
        let watch = Arc::clone(watch);
        let job = move |connection: &mut Connection| {
            let moved = with_large_cache(connection, |connection| {
                move_in(connection, &stage, currency, of_new.as_mut(), &watch)
            });
            Ok::<_, StageError>((moved?, of_new))
        };
        let done = self.0.writer.run_blocking(job).map_err(StageError::Store)?;
        let (mut report, of_new) = done?;
        if let Some(of_new) = of_new {
            *notes = of_new;
        }
        report.unchanged += unchanged;
        Ok(report)
    }

    /// Forgets the products that the catalogue has already; says how many they are.
    fn drop_unchanged(
        &self,
        stage: &Stage,
        notes: &mut Notes,
        watch: &Watch,
    ) -> Result<u64, StageError> {
        let reading = |error| StageError::Store(failure("comparing with the catalogue", error));
        let connection = open::reader(&self.0.directory).map_err(|problem| {
            let doing = "comparing with the catalogue";
            StageError::Store(ProviderError::Unavailable {
                doing,
                source: problem.into(),
            })
        })?;
        let mut unchanged = 0;
        let products = stage.len().map_err(StageError::Stage)?;
        let mut count = Count::new(watch, Step::Compare, products);
        let mut at = 0;
        while let Some((id, patch)) = stage.next(at).map_err(StageError::Stage)? {
            at = id;
            let known = stored::find(&connection, &patch.handle).map_err(reading)?;
            let merged = merge(&patch, known.as_ref(), &stage.header, notes)?;
            if known.is_some_and(|known| is_same(&known, &merged)) {
                stage.drop_same(id).map_err(StageError::Stage)?;
                unchanged += 1;
            }
            count.one();
        }
        Ok(unchanged)
    }
}

/// Does something while the connection has memory for [`CACHE`] of the database's pages: what an
/// import writes into the middle of indexes would else be read again and again.
fn with_large_cache<T>(
    connection: &mut Connection,
    work: impl FnOnce(&mut Connection) -> Result<T, StageError>,
) -> Result<T, StageError> {
    let writing = |error| StageError::Store(failure("importing into the catalogue", error));
    let usual: i64 = connection
        .pragma_query_value(None, "cache_size", |row| row.get(0))
        .map_err(writing)?;
    let set = |connection: &Connection, size: i64| {
        let set = connection.pragma_update(None, "cache_size", size);
        set.map_err(writing)
    };
    set(connection, CACHE)?;
    let done = work(connection);
    set(connection, usual)?;
    done
}

/// Writes the products that are left. `notes` are taken here where they were not before.
fn move_in(
    connection: &mut Connection,
    stage: &Stage,
    currency: Currency,
    mut notes: Option<&mut Notes>,
    watch: &Watch,
) -> Result<ImportReport, StageError> {
    let writing = |error| StageError::Store(failure("importing into the catalogue", error));
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(writing)?;
    let state = state::read(&transaction).map_err(writing)?;
    if let Some(kept) = state.currency.filter(|kept| *kept != currency) {
        return Err(StageError::Currency(kept));
    }
    let mut report = ImportReport {
        version: state.version,
        ..ImportReport::default()
    };
    // While this is set, triggers skip what the import derives itself, see `schema_5.sql`.
    let set_importing = |on: bool| {
        transaction
            .execute("UPDATE catalogue SET importing = ?1", [on])
            .map_err(writing)
    };
    set_importing(true)?;
    let newest: Option<i64> = transaction
        .query_row("SELECT max(id) FROM product", [], |row| row.get(0))
        .map_err(writing)?;
    let mut touched = BTreeSet::new();
    let products = stage.len().map_err(StageError::Stage)?;
    let mut count = Count::new(watch, Step::Write, products);
    let mut at = 0;
    while let Some((id, patch)) = stage.next(at).map_err(StageError::Stage)? {
        at = id;
        count.one();
        let known = stored::find(&transaction, &patch.handle).map_err(writing)?;
        let mut noted = Notes::default();
        let notes = notes.as_deref_mut().unwrap_or(&mut noted);
        let merged = merge(&patch, known.as_ref(), &stage.header, notes)?;
        match &known {
            None => report.created += 1,
            // Another import has written the same in the meantime.
            Some(known) if is_same(known, &merged) => {
                report.unchanged += 1;
                continue;
            }
            Some(_) => report.updated += 1,
        }
        let done = put(
            &transaction,
            &patch.handle,
            known.as_ref(),
            &merged,
            &mut touched,
        )
        .map_err(writing)?;
        report.collections += done.collections;
        report.retired += done.retired;
    }
    if report.created + report.updated > 0 {
        put_all_words(
            &transaction,
            stage,
            newest,
            Count::new(watch, Step::Index, products),
        )?;
        summarise(&transaction, &touched, currency).map_err(writing)?;
        report.version += 1;
    }
    set_importing(false)?;
    transaction.commit().map_err(writing)?;
    Ok(report)
}

/// Whether the catalogue has exactly this already, stock included.
fn is_same(known: &Known, merged: &Merged) -> bool {
    let Some(wanted) = &merged.collections else {
        return known.product == merged.product;
    };
    let handles: BTreeSet<_> = known.collections.iter().map(|one| &one.handle).collect();
    known.product == merged.product
        && handles.len() == wanted.links.len()
        && wanted.links.iter().all(|one| handles.contains(&one.handle))
}

/// Indexes the words of all products that were written, after everything else: the index buffers
/// new words in memory, and flushes them whenever another statement with several steps runs in
/// between. `newest` is the last product from before.
fn put_all_words(
    connection: &Connection,
    stage: &Stage,
    newest: Option<i64>,
    mut count: Count<'_>,
) -> Result<(), StageError> {
    let writing = |error| StageError::Store(failure("importing into the catalogue", error));
    let mut at = 0;
    while let Some((staged, handle, _)) = stage.handle_after(at).map_err(StageError::Stage)? {
        at = staged;
        count.one();
        let id = connection
            .prepare_cached("SELECT id FROM product WHERE handle = ?1")
            .and_then(|mut find| find.query_row([&handle], |row| row.get(0)).optional())
            .map_err(writing)?;
        if let Some(id) = id {
            let is_known = newest.is_some_and(|newest| id <= newest);
            index::put(connection, id, is_known).map_err(writing)?;
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
