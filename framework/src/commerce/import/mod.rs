//! Shopify's product CSV into a store.
//!
//! The file is read as a stream: a row at a time, a product at a time, checked into a temporary
//! database. Only when all of it is sound does it move into the catalogue, in one transaction;
//! a file with a mistake changes nothing.
//!
//! - `records`: bytes to records.
//! - `row`, `value`: records to values by column.
//! - `product`: rows to products.
//! - [`error`]: what can be wrong, and where.

pub mod error;
pub(super) mod product;
mod records;
mod row;
mod value;

use std::io::{self, Read};

pub use self::error::{ImportError, Problem, RowError};
use self::product::Draft;
use self::records::{MAX_FIELDS, MAX_RECORD, Records, Stop};
use self::row::{Column, Header, Misfit, Row};
use super::money::{self, Currency};
use super::sqlite::Store;
use super::sqlite::stage::{Refusal, Stage};

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct ImportReport {
    /// Products that were not there before.
    pub created: u64,
    /// Products that were there and differ now.
    pub updated: u64,
    /// Products that are as they were.
    pub unchanged: u64,
    /// Collections that were not there before.
    pub collections: u64,
    /// Version of the catalogue after the import; it grew when anything changed.
    pub version: i64,
}

/// Imports a file: products are matched by handle, variants by SKU; what the file does not name
/// stays as it is, and variants that a product of the file does not have any more are no longer
/// sold. `file` is what messages call the file. Takes as long as the file is, so async code calls
/// it on a blocking thread.
pub fn import(
    store: &Store,
    reader: impl Read,
    file: &str,
    currency: Currency,
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
    let stage = read(reader, file, currency)?;
    store
        .take_in(stage, currency)
        .map_err(|refusal| match refusal {
            Refusal::Currency(kept) => wrong_currency(kept),
            Refusal::Stage(error) => ImportError::Stage(error),
            Refusal::Store(error) => ImportError::Store(error),
        })
}

/// Reads and checks the whole file.
fn read(reader: impl Read, file: &str, currency: Currency) -> Result<Stage, ImportError> {
    let place = Place { file };
    let mut records = Records::new(reader).map_err(|source| place.unreadable(1, source))?;
    let header = match records.next().map_err(|stop| place.stopped(stop, None))? {
        Some(record) => Header::read(&record).map_err(|misfit| place.row(misfit))?,
        None => return Err(place.row(Header::missing())),
    };
    let with_collections = header.has(Column::Collection);
    let stage = Stage::new().map_err(ImportError::Stage)?;
    let keep = |draft: Option<Draft>| match draft {
        Some(draft) => stage
            .put(draft.line, &draft.finish())
            .map_err(ImportError::Stage),
        None => Ok(()),
    };
    let mut draft: Option<Draft> = None;
    while let Some(record) = records
        .next()
        .map_err(|stop| place.stopped(stop, Some(&header)))?
    {
        let row = Row::new(&header, record).map_err(|misfit| place.row(misfit))?;
        let Some(row) = row else {
            continue;
        };
        let handle = value::handle(&row).map_err(|misfit| place.row(misfit))?;
        match draft.as_mut().filter(|draft| draft.handle() == handle) {
            Some(draft) => draft.add(&row, currency),
            None => {
                keep(draft.take())?;
                if let Some(first) = stage.line_of(&handle).map_err(ImportError::Stage)? {
                    let problem = Problem::DuplicateHandle { first };
                    return Err(place.row(row.misfit(Column::Handle, problem)));
                }
                Draft::begin(&row, handle, with_collections, currency)
                    .map(|begun| draft = Some(begun))
            }
        }
        .map_err(|misfit| place.row(misfit))?;
    }
    keep(draft)?;
    Ok(stage)
}

/// Puts the file's name to errors.
struct Place<'a> {
    file: &'a str,
}

impl Place<'_> {
    fn row(
        &self,
        Misfit {
            line,
            column,
            problem,
        }: Misfit,
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
            Stop::TooLong { line, field } => self.row(Misfit {
                line,
                column: header.map_or((field + 1).to_string(), |header| header.name_of(field)),
                problem: Problem::RowTooLong { limit: MAX_RECORD },
            }),
            Stop::TooWide { line } => self.row(Misfit {
                line,
                column: (MAX_FIELDS + 1).to_string(),
                problem: Problem::TooManyColumns { limit: MAX_FIELDS },
            }),
        }
    }
}

#[cfg(test)]
mod tests;
