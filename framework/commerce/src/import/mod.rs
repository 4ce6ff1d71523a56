//! Shopify's product CSV into a store, by the column names of both of its generations.
//!
//! The file is read as a stream: rows are checked into a temporary database, there grouped to
//! products, and compared with the catalogue. Only when all of it is sound does it move into the
//! catalogue, in one transaction; a file with a mistake changes nothing. A column that the file
//! does not have leaves what it is about as it is; an empty value empties it.
//!
//! - `records`: bytes to records.
//! - `column`, `named_columns`, `row`, `cell`, `value`: records to values by column.
//! - `draft`, `patch`: rows to what the file says of a product.
//! - `merge`, `variants`, `metafields`, `collections`: what the product is after that.
//! - [`progress`]: how far an import is; `report`: what it did.
//! - [`notes`]: what is taken otherwise than it stands in the file.
//! - [`error`]: what can be wrong, and where.

pub(super) mod cell;
pub(super) mod collections;
pub(super) mod column;
mod draft;
pub mod error;
pub(super) mod merge;
mod metafields;
pub(super) mod named_columns;
pub mod notes;
pub(super) mod patch;
pub mod progress;
pub(super) mod records;
mod report;
pub(super) mod row;
mod value;
mod variants;

use std::io::{self, Read};
use std::sync::Arc;

use self::column::Header;
use self::draft::Draft;
use self::error::CellError;
pub use self::error::{ImportError, Problem, RowError};
use self::named_columns::PriceLists;
use self::notes::Notes;
pub use self::notes::{Note, Warning};
use self::progress::{Count, Progress, Step, Watch};
use self::records::{MAX_FIELDS, MAX_RECORD, Records, Stop};
pub use self::report::ImportReport;
use self::row::Row;
use super::sqlite::Store;
use super::sqlite::stage::{Stage, StageError};
use protium_types::money::{self, Currency};

/// Imports a file: products are matched by handle, variants by SKU or options. What the file has no
/// column for stays as it is. Variants that a product of the file does not have any more are no
/// longer sold, where the file has columns for all of the product's options. `file` is what
/// messages call the file. Takes as long as the file is, so async code calls it on a blocking
/// thread.
pub fn import(
    store: &Store,
    reader: impl Read,
    file: &str,
    currency: Currency,
) -> Result<ImportReport, ImportError> {
    let nobody: Watch = Arc::new(|_| {});
    import_watched(store, reader, file, currency, &nobody)
}

/// The same, while somebody hears how far it is.
pub fn import_watched(
    store: &Store,
    reader: impl Read,
    file: &str,
    currency: Currency,
    watch: &Watch,
) -> Result<ImportReport, ImportError> {
    money::digits(currency).map_err(ImportError::Unsellable)?;
    let wrong_currency = |kept| ImportError::Currency {
        file: file.to_owned(),
        kept,
        asked: currency,
    };
    let kept = store.state()?.currency;
    if let Some(kept) = kept.filter(|kept| *kept != currency) {
        return Err(wrong_currency(kept));
    }
    let place = Place { file };
    let lists = store.price_lists()?;
    let (stage, mut notes) = read(reader, &place, currency, &lists, watch)?;
    let report = store.take_in(stage, currency, &mut notes, watch);
    let mut report = report.map_err(|error| match error {
        StageError::Currency(kept) => wrong_currency(kept),
        StageError::Row(cell_error) => place.row(cell_error),
        StageError::Stage(error) => ImportError::Stage(error),
        StageError::Store(error) => ImportError::Store(error),
    })?;
    report.warnings = notes.warnings();
    Ok(report)
}

/// Reads and checks the whole file.
fn read(
    reader: impl Read,
    place: &Place<'_>,
    currency: Currency,
    lists: &PriceLists,
    watch: &Watch,
) -> Result<(Stage, Notes), ImportError> {
    let reader = WatchedReader {
        reader,
        watch,
        done: 0,
    };
    let mut records = Records::new(reader).map_err(|source| place.unreadable(1, source))?;
    let header = match records.next().map_err(|stop| place.stopped(stop, None))? {
        Some(record) => Header::read(&record, lists).map_err(|cell_error| place.row(cell_error))?,
        None => return Err(place.row(Header::missing(1))),
    };
    let mut notes = Notes::new(header.unused());
    let stage = Stage::new(header).map_err(ImportError::Stage)?;
    while let Some(record) = records
        .next()
        .map_err(|stop| place.stopped(stop, Some(stage.header())))?
    {
        let row = Row::new(stage.header(), record).map_err(|cell_error| place.row(cell_error))?;
        let Some(row) = row else {
            continue;
        };
        let handle = value::handle(&row, &mut notes).map_err(|cell_error| place.row(cell_error))?;
        stage
            .put_row(&handle, row.record())
            .map_err(ImportError::Stage)?;
    }
    // The rows of a product may stand apart, as in a spreadsheet sorted by SKU.
    let products = stage.len().map_err(ImportError::Stage)?;
    let mut count = Count::new(watch, Step::Check, products);
    let mut at = 0;
    while let Some((id, handle, line)) = stage.handle_after(at).map_err(ImportError::Stage)? {
        at = id;
        let mut draft = Draft::new(handle, line);
        stage.each_row(id, |record| {
            let row =
                Row::new(stage.header(), record).map_err(|cell_error| place.row(cell_error))?;
            let Some(row) = row else {
                return Ok(());
            };
            draft
                .add(&row, currency, &mut notes)
                .map_err(|cell_error| place.row(cell_error))
        })?;
        stage.put(id, &draft.finish()).map_err(ImportError::Stage)?;
        count.one();
    }
    Ok((stage, notes))
}

/// Says how many bytes were read.
struct WatchedReader<'a, R> {
    reader: R,
    watch: &'a Watch,
    done: u64,
}

impl<R: Read> Read for WatchedReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.done += read as u64;
        (self.watch)(Progress {
            step: Step::Read,
            done: self.done,
            of: None,
        });
        Ok(read)
    }
}

/// Puts the file's name to errors.
struct Place<'a> {
    file: &'a str,
}

impl Place<'_> {
    fn row(
        &self,
        CellError {
            line,
            column,
            problem,
        }: CellError,
    ) -> ImportError {
        RowError {
            file: self.file.to_owned(),
            line,
            column,
            problem,
        }
        .into()
    }

    fn unreadable(&self, line: u64, source: io::Error) -> ImportError {
        ImportError::Read {
            file: self.file.to_owned(),
            line,
            source,
        }
    }

    fn stopped(&self, stop: Stop, header: Option<&Header>) -> ImportError {
        match stop {
            Stop::Read { line, source } => self.unreadable(line, source),
            Stop::TooLong { line, field } => self.row(CellError {
                line,
                column: header.map_or((field + 1).to_string(), |header| header.name_at(field)),
                problem: Problem::RowTooLong { limit: MAX_RECORD },
            }),
            Stop::TooWide { line } => self.row(CellError {
                line,
                column: (MAX_FIELDS + 1).to_string(),
                problem: Problem::TooManyColumns { limit: MAX_FIELDS },
            }),
        }
    }
}

#[cfg(test)]
mod tests;
