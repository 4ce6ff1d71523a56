//! The header of Shopify's product CSV, and rows read by it.

use super::error::Problem;
use super::records::Record;
use crate::commerce::text;

/// What a column may hold, in characters.
const LINE: usize = 255;
const ADDRESS: usize = 2_048;
const TAGS: usize = 16_384;
const BODY: usize = 200_000;

/// Names the columns that mean something here; all others are skipped.
macro_rules! columns {
    ($($column:ident = $name:literal, $limit:expr;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Column { $($column),* }

        impl Column {
            const ALL: &[Self] = &[$(Self::$column),*];

            /// The name in the header.
            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$column => $name),* }
            }

            /// Characters a value may have.
            fn limit(self) -> usize {
                match self { $(Self::$column => $limit),* }
            }
        }
    };
}

columns! {
    Handle = "Handle", LINE;
    Title = "Title", LINE;
    Body = "Body (HTML)", BODY;
    Vendor = "Vendor", LINE;
    Type = "Type", LINE;
    Tags = "Tags", TAGS;
    Published = "Published", LINE;
    Status = "Status", LINE;
    Collection = "Collection", LINE;
    Option1Name = "Option1 Name", LINE;
    Option1Value = "Option1 Value", LINE;
    Option2Name = "Option2 Name", LINE;
    Option2Value = "Option2 Value", LINE;
    Option3Name = "Option3 Name", LINE;
    Option3Value = "Option3 Value", LINE;
    Sku = "Variant SKU", LINE;
    Tracker = "Variant Inventory Tracker", LINE;
    Quantity = "Variant Inventory Qty", LINE;
    Policy = "Variant Inventory Policy", LINE;
    Price = "Variant Price", LINE;
    CompareAt = "Variant Compare At Price", LINE;
    VariantImage = "Variant Image", ADDRESS;
    ImageSrc = "Image Src", ADDRESS;
    ImagePosition = "Image Position", LINE;
    ImageAlt = "Image Alt Text", ADDRESS;
    SeoTitle = "SEO Title", LINE;
    SeoDescription = "SEO Description", ADDRESS;
}

/// Names and values of the options, in order.
pub(super) const OPTIONS: [(Column, Column); 3] = [
    (Column::Option1Name, Column::Option1Value),
    (Column::Option2Name, Column::Option2Value),
    (Column::Option3Name, Column::Option3Value),
];

/// Without these no row makes sense.
const NEEDED: [Column; 3] = [Column::Handle, Column::Title, Column::Price];

/// A problem on the way to its place in the file.
#[derive(Debug)]
pub(super) struct Misfit {
    pub line: u64,
    pub column: String,
    pub problem: Problem,
}

/// Where each column stands.
pub(super) struct Header {
    /// Every column's name as the file has it.
    names: Vec<String>,
    /// The place of each of [`Column::ALL`].
    places: Vec<Option<usize>>,
}

impl Header {
    pub(super) fn read(record: &Record<'_>) -> Result<Self, Misfit> {
        let mut names = Vec::with_capacity(record.len());
        for index in 0..record.len() {
            let misfit = |problem| Misfit {
                line: record.line_at(index, 0),
                column: (index + 1).to_string(),
                problem,
            };
            let bytes = record.field(index).unwrap_or_default();
            let name = std::str::from_utf8(bytes).map_err(|_| misfit(Problem::NotUtf8))?;
            names.push(text::one_line(text::prefix(name, LINE)));
        }
        let mut places = Vec::with_capacity(Column::ALL.len());
        for column in Column::ALL {
            let mut found = (0..)
                .zip(&names)
                .filter(|(_, name)| name.eq_ignore_ascii_case(column.name()))
                .map(|(index, _)| index);
            let place = found.next();
            let misfit = |problem| Misfit {
                line: record.line,
                column: column.name().to_owned(),
                problem,
            };
            if found.next().is_some() {
                return Err(misfit(Problem::ColumnTwice));
            }
            if place.is_none() && NEEDED.contains(column) {
                return Err(misfit(Problem::NoColumn));
            }
            places.push(place);
        }
        Ok(Self { names, places })
    }

    /// What is wrong with a file that has no first line.
    pub(super) fn missing() -> Misfit {
        let column = Column::Handle.name().to_owned();
        Misfit {
            line: 1,
            column,
            problem: Problem::NoColumn,
        }
    }

    /// Whether the file has a column.
    pub(super) fn has(&self, column: Column) -> bool {
        self.place(column).is_some()
    }

    /// What to call the column at a place.
    pub(super) fn name_of(&self, index: usize) -> String {
        match self.names.get(index) {
            Some(name) if !name.is_empty() => name.clone(),
            _ => (index + 1).to_string(),
        }
    }

    fn place(&self, column: Column) -> Option<usize> {
        self.places.get(column as usize).copied().flatten()
    }
}

/// A record whose values are asked for by column.
pub(super) struct Row<'a> {
    header: &'a Header,
    record: Record<'a>,
}

impl<'a> Row<'a> {
    /// A row of the header's length in UTF-8; `None` when every field is empty, as in the rows
    /// that spreadsheets leave at the end.
    pub(super) fn new(header: &'a Header, record: Record<'a>) -> Result<Option<Self>, Misfit> {
        let mut empty = true;
        for index in 0..record.len() {
            let bytes = record.field(index).unwrap_or_default();
            empty &= bytes.trim_ascii().is_empty();
            if let Err(error) = std::str::from_utf8(bytes) {
                let line = record.line_at(index, error.valid_up_to());
                let column = header.name_of(index);
                return Err(Misfit {
                    line,
                    column,
                    problem: Problem::NotUtf8,
                });
            }
        }
        if empty {
            return Ok(None);
        }
        let (found, expected) = (record.len(), header.names.len());
        if found != expected {
            return Err(Misfit {
                line: record.line,
                column: header.name_of(found.min(expected)),
                problem: Problem::WrongLength { found, expected },
            });
        }
        Ok(Some(Self { header, record }))
    }

    /// Where the row begins.
    pub(super) fn line(&self) -> u64 {
        self.record.line
    }

    /// A problem in a column of this row.
    pub(super) fn misfit(&self, column: Column, problem: Problem) -> Misfit {
        let line = match self.header.place(column) {
            Some(place) => self.record.line_at(place, 0),
            None => self.record.line,
        };
        Misfit {
            line,
            column: column.name().to_owned(),
            problem,
        }
    }

    /// The value of a column as one line of text; empty when there is none.
    pub(super) fn line_of_text(&self, column: Column) -> Result<String, Misfit> {
        self.raw(column).map(text::one_line)
    }

    /// The value of a column as it stands, without space around it.
    pub(super) fn raw(&self, column: Column) -> Result<&str, Misfit> {
        let bytes = self
            .header
            .place(column)
            .and_then(|place| self.record.field(place));
        let value = std::str::from_utf8(bytes.unwrap_or_default())
            .map_err(|_| self.misfit(column, Problem::NotUtf8))?
            .trim();
        let limit = column.limit();
        match value.char_indices().nth(limit) {
            Some(_) => Err(self.misfit(column, Problem::TooLong { limit })),
            None => Ok(value),
        }
    }

    /// Whether a column has a value.
    pub(super) fn has(&self, column: Column) -> Result<bool, Misfit> {
        self.raw(column).map(|value| !value.is_empty())
    }
}
