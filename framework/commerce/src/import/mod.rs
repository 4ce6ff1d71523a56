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
    let imported = match store.state()?.currency {
        Some(kept) if kept != currency => Err(StageError::Currency(kept)),
        _ => {
            let lists = store.price_lists()?;
            read(reader, currency, &lists, watch).and_then(|(stage, mut notes)| {
                let mut report = store.take_in(stage, currency, &mut notes, watch)?;
                report.warnings = notes.warnings();
                Ok(report)
            })
        }
    };
    let asked = currency;
    let file = file.to_owned();
    imported.map_err(|error| match error {
        StageError::Read { line, source } => ImportError::Read { file, line, source },
        StageError::Currency(kept) => ImportError::Currency { file, kept, asked },
        StageError::Row(CellError {
            line,
            column,
            problem,
        }) => ImportError::Row(RowError {
            file,
            line,
            column,
            problem,
        }),
        StageError::Stage(error) => ImportError::Stage(error),
        StageError::Store(error) => ImportError::Store(error),
    })
}

/// Reads and checks the whole file.
fn read(
    reader: impl Read,
    currency: Currency,
    lists: &PriceLists,
    watch: &Watch,
) -> Result<(Stage, Notes), StageError> {
    let reader = WatchedReader {
        reader,
        watch,
        done: 0,
    };
    let unreadable = |source| StageError::Read { line: 1, source };
    let mut records = Records::new(reader).map_err(unreadable)?;
    let header = match records.next().map_err(|stop| stopped(stop, None))? {
        Some(record) => Header::read(&record, lists)?,
        None => return Err(Header::missing(1).into()),
    };
    let mut notes = Notes::new(header.unused());
    let stage = Stage::new(header).map_err(StageError::Stage)?;
    let header = stage.header();
    while let Some(record) = records.next().map_err(|stop| stopped(stop, Some(header)))? {
        if let Some(row) = Row::new(header, record)? {
            let handle = value::handle(&row, &mut notes)?;
            stage
                .put_row(&handle, row.record())
                .map_err(StageError::Stage)?;
        }
    }
    stage.end_rows().map_err(StageError::Stage)?;
    // The rows of a product may stand apart, as in a spreadsheet sorted by SKU.
    let products = stage.len().map_err(StageError::Stage)?;
    let mut count = Count::new(watch, Step::Check, products);
    let mut at = 0;
    while let Some((id, handle, line)) = stage.handle_after(at).map_err(StageError::Stage)? {
        at = id;
        let mut draft = Draft::new(handle, line);
        stage.each_row(id, |record| {
            if let Some(row) = Row::new(header, record)? {
                draft.add(&row, currency, &mut notes)?;
            }
            Ok(())
        })?;
        stage.put(id, &draft.finish()).map_err(StageError::Stage)?;
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

fn stopped(stop: Stop, header: Option<&Header>) -> StageError {
    let (line, field, problem) = match stop {
        Stop::Read { line, source } => return StageError::Read { line, source },
        Stop::TooLong { line, field } => (line, field, Problem::RowTooLong { limit: MAX_RECORD }),
        Stop::TooWide { line } => {
            let problem = Problem::TooManyColumns { limit: MAX_FIELDS };
            return StageError::Row(CellError {
                line,
                column: (MAX_FIELDS + 1).to_string(),
                problem,
            });
        }
    };
    match header {
        Some(header) => header.error_at(line, field, problem).into(),
        None => StageError::Row(CellError {
            line,
            column: (field + 1).to_string(),
            problem,
        }),
    }
}

#[cfg(test)]
mod tests;
