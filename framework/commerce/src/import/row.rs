//! A file's rows, whose values are asked for by column.

use super::cell::Cell;
use super::column::{Column, Header};
use super::error::{CellError, Problem};
use super::records::Record;
use crate::text;

/// A record with the names of its fields.
pub(super) struct Row<'a> {
    header: &'a Header,
    record: Record<'a>,
}

impl<'a> Row<'a> {
    /// A row in UTF-8, at most as long as the header; `None` when every field is empty, as in the
    /// rows that spreadsheets leave at the end. Fields that a row does not have are empty.
    pub(super) fn new(header: &'a Header, record: Record<'a>) -> Result<Option<Self>, CellError> {
        let mut used = 0;
        for index in 0..record.len() {
            let bytes = record.field(index).unwrap_or_default();
            if !bytes.trim_ascii().is_empty() {
                used = index + 1;
            }
            if let Err(error) = std::str::from_utf8(bytes) {
                let line = record.line_at(index, error.valid_up_to());
                return Err(header.error_at(line, index, Problem::NotUtf8));
            }
        }
        let expected = header.len();
        if used > expected {
            let found = record.len();
            let problem = Problem::WrongLength { found, expected };
            return Err(header.error_at(record.line, expected, problem));
        }
        Ok((used > 0).then_some(Self { header, record }))
    }

    /// The record.
    pub(super) fn record(&self) -> &Record<'a> {
        &self.record
    }

    /// Where the row begins.
    pub(super) fn line(&self) -> u64 {
        self.record.line
    }

    /// A problem in a column of this row.
    pub(super) fn cell_error(&self, column: Column, problem: Problem) -> CellError {
        match self.place(column) {
            Some(place) => self.cell_error_at(place, problem),
            None => self.header.error(self.record.line, column, problem),
        }
    }

    /// More of something in a column of this row than a product may have.
    pub(super) fn too_many(&self, column: Column, what: &'static str, limit: usize) -> CellError {
        self.cell_error(column, Problem::TooMany { what, limit })
    }

    /// The value of a column as one line of text.
    pub(super) fn text(&self, column: Column) -> Result<Cell<String>, CellError> {
        self.cell(column).map(|cell| cell.map(text::one_line))
    }

    /// The file's columns.
    pub(super) fn header(&self) -> &'a Header {
        self.header
    }

    /// A problem in the column at a place.
    pub(super) fn cell_error_at(&self, place: usize, problem: Problem) -> CellError {
        let line = self.record.line_at(place, 0);
        self.header.error_at(line, place, problem)
    }

    /// Where a column stands.
    pub(super) fn place(&self, column: Column) -> Option<usize> {
        self.header.place(column)
    }

    /// The value of a column as it stands, without space around it.
    pub(super) fn cell(&self, column: Column) -> Result<Cell<&str>, CellError> {
        match self.place(column) {
            Some(place) => self.cell_at(place, column.limit()),
            None => Ok(Cell::Absent),
        }
    }

    /// The value of the column at a place, of at most so many characters.
    pub(super) fn cell_at(&self, place: usize, limit: usize) -> Result<Cell<&str>, CellError> {
        let bytes = self.record.field(place).unwrap_or_default();
        let value = std::str::from_utf8(bytes)
            .map_err(|_| self.cell_error_at(place, Problem::NotUtf8))?
            .trim();
        match value.char_indices().nth(limit) {
            Some(_) => Err(self.cell_error_at(place, Problem::TooLong { limit })),
            None if value.is_empty() => Ok(Cell::Empty),
            None => Ok(Cell::Value(value)),
        }
    }
}
