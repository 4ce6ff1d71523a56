//! The columns of Shopify's product CSV that mean something here, by the names that its generations
//! gave them.

use super::error::{CellError, Problem};
use super::named_columns::{NamedColumns, PriceLists};
use super::records::Record;
use crate::text::{self, letters};

/// What a column may hold, in characters.
pub(super) const LINE: usize = 255;
const TEXT: usize = 2_048;
const LIST: usize = 16_384;
const BODY: usize = 200_000;

/// Names the columns: what messages call them, what a value may have, and other names for the same.
/// Letter case, spaces and punctuation of a name do not matter.
macro_rules! columns {
    ($($column:ident = $name:literal $(or $other:literal)*, $limit:expr;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Column { $($column),* }

        impl Column {
            const ALL: &[Self] = &[$(Self::$column),*];

            /// The name in files of the first generation.
            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$column => $name),* }
            }

            fn has_name(self, name: &str) -> bool {
                match self {
                    $(Self::$column => {
                        [$name $(, $other)*].iter().any(|own| letters(own) == name)
                    }),*
                }
            }

            /// Characters a value may have.
            pub(super) fn limit(self) -> usize {
                match self { $(Self::$column => $limit),* }
            }
        }
    };
}

columns! {
    Handle = "Handle" or "URL handle", LINE;
    Title = "Title", LINE;
    Body = "Body (HTML)" or "Description" or "Body", BODY;
    Vendor = "Vendor", LINE;
    Category = "Product Category" or "Standard Product Type" or "Standardized Product Type", LINE;
    Type = "Type" or "Custom Product Type", LINE;
    Tags = "Tags", LIST;
    Published = "Published" or "Published on online store", LINE;
    Status = "Status", LINE;
    Collection = "Collection", LINE;
    Option1Name = "Option1 Name", LINE;
    Option1Value = "Option1 Value", LINE;
    Option2Name = "Option2 Name", LINE;
    Option2Value = "Option2 Value", LINE;
    Option3Name = "Option3 Name", LINE;
    Option3Value = "Option3 Value", LINE;
    Sku = "Variant SKU" or "SKU", LINE;
    Barcode = "Variant Barcode" or "Barcode" or "Barcodes", LINE;
    Tracker = "Variant Inventory Tracker" or "Inventory tracker", LINE;
    Quantity = "Variant Inventory Qty" or "Variant Inventory Quantity" or "Inventory quantity"
        or "Inventory qty", LINE;
    Policy = "Variant Inventory Policy" or "Continue selling when out of stock"
        or "Inventory policy", LINE;
    Location = "Location", LINE;
    OnHand = "On hand" or "On hand (current)", LINE;
    OnHandNew = "On hand (new)", LINE;
    Available = "Available" or "Available (not editable)", LINE;
    Price = "Variant Price" or "Price", LINE;
    CompareAt = "Variant Compare At Price" or "Compare-at price", LINE;
    VariantImage = "Variant Image" or "Variant image URL", LIST;
    ImageSrc = "Image Src" or "Product image URL", LIST;
    ImagePosition = "Image Position", LINE;
    ImageAlt = "Image Alt Text", TEXT;
    SeoTitle = "SEO Title", LINE;
    SeoDescription = "SEO Description", TEXT;
}

/// Names and values of the options, in order.
pub(super) const OPTIONS: [(Column, Column); 3] = [
    (Column::Option1Name, Column::Option1Value),
    (Column::Option2Name, Column::Option2Value),
    (Column::Option3Name, Column::Option3Value),
];

/// Columns that say something only of what another column names.
const DEPENDENT: [(Column, Column); 5] = [
    (Column::OnHand, Column::Location),
    (Column::OnHandNew, Column::Location),
    (Column::Available, Column::Location),
    (Column::ImageAlt, Column::ImageSrc),
    (Column::ImagePosition, Column::ImageSrc),
];

/// Where each column stands in a file.
#[derive(Debug)]
pub(crate) struct Header {
    /// Every column's name as the file has it.
    names: Vec<String>,
    /// The place of each of [`Column::ALL`].
    places: Vec<Option<usize>>,
    /// Columns whose names say what they are about.
    named: NamedColumns,
}

impl Header {
    pub(super) fn read(record: &Record<'_>, lists: &PriceLists) -> Result<Self, CellError> {
        let mut names = Vec::with_capacity(record.len());
        for index in 0..record.len() {
            let cell_error = |problem| CellError {
                line: record.line_at(index, 0),
                column: (index + 1).to_string(),
                problem,
            };
            let bytes = record.field(index).unwrap_or_default();
            let name = std::str::from_utf8(bytes).map_err(|_| cell_error(Problem::NotUtf8))?;
            names.push(text::one_line(text::prefix(name, LINE)));
        }
        let keys: Vec<String> = names.iter().map(|name| letters(name)).collect();
        let mut places = Vec::with_capacity(Column::ALL.len());
        for column in Column::ALL {
            let mut found = (0..)
                .zip(&keys)
                .filter(|(_, key)| column.has_name(key))
                .map(|(index, _)| index);
            let place: Option<usize> = found.next();
            let name = |place: usize| names.get(place).cloned().unwrap_or_default();
            if let (Some(place), Some(again)) = (place, found.next()) {
                return Err(CellError {
                    line: record.line,
                    column: name(place),
                    problem: Problem::ColumnTwice { again: name(again) },
                });
            }
            if place.is_none() && *column == Column::Handle {
                return Err(Self::missing(record.line));
            }
            places.push(place);
        }
        let mut named = NamedColumns::default();
        for (place, name) in names.iter().enumerate() {
            named
                .take(place, name, lists)
                .map_err(|problem| CellError {
                    line: record.line,
                    column: name.clone(),
                    problem,
                })?;
        }
        Ok(Self {
            names,
            places,
            named,
        })
    }

    /// What is wrong with a file whose first line does not name the handle.
    pub(super) fn missing(line: u64) -> CellError {
        CellError {
            line,
            column: Column::Handle.name().to_owned(),
            problem: Problem::NoColumn,
        }
    }

    /// A problem in a line and column.
    pub(super) fn error(&self, line: u64, column: Column, problem: Problem) -> CellError {
        CellError {
            line,
            column: self.name_of(column),
            problem,
        }
    }

    /// A problem in a line, in the column at a place.
    pub(super) fn error_at(&self, line: u64, place: usize, problem: Problem) -> CellError {
        CellError {
            line,
            column: self.name_at(place),
            problem,
        }
    }

    /// Whether the file has a column.
    pub(super) fn has(&self, column: Column) -> bool {
        self.place(column).is_some()
    }

    /// The columns whose names say what they are about.
    pub(super) fn named(&self) -> &NamedColumns {
        &self.named
    }

    /// Whether the file is about stock by location, and names only variants that have some.
    pub(super) fn is_inventory(&self) -> bool {
        self.has(Column::Location)
    }

    /// Columns the file has.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// What to call the column at a place.
    fn name_at(&self, index: usize) -> String {
        match self.names.get(index) {
            Some(name) if !name.is_empty() => name.clone(),
            _ => (index + 1).to_string(),
        }
    }

    /// What to call a column, whether or not the file has it.
    fn name_of(&self, column: Column) -> String {
        match self.place(column) {
            Some(place) => self.name_at(place),
            None => column.name().to_owned(),
        }
    }

    pub(super) fn place(&self, column: Column) -> Option<usize> {
        self.places.get(column as usize).copied().flatten()
    }

    /// Names of the columns that change nothing.
    pub(super) fn unused(&self) -> Vec<String> {
        let is_used = |index: usize| {
            Column::ALL.iter().any(|column| {
                self.place(*column) == Some(index)
                    && !DEPENDENT
                        .iter()
                        .any(|(of, on)| of == column && !self.has(*on))
            }) || self.named.places().any(|place| place == index)
        };
        self.names
            .iter()
            .enumerate()
            .filter(|(index, name)| !name.is_empty() && !is_used(*index))
            .map(|(_, name)| name.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_names_every_column() {
        let document = include_str!("../../../docs/import.md");
        let (document, _) = document
            .split_once("These carry a name")
            .expect("two tables");
        let names: Vec<String> = document
            .lines()
            .filter(|line| line.starts_with("| `"))
            .flat_map(|line| line.split('|').take(3).collect::<Vec<_>>())
            .flat_map(|cell| cell.split('`').skip(1).step_by(2))
            .map(letters)
            .collect();
        assert!(names.len() > 2 * 20, "{names:?}");
        for name in &names {
            assert!(
                Column::ALL.iter().any(|column| column.has_name(name)),
                "{name}"
            );
        }
        for column in Column::ALL {
            let name = column.name().replace(['2', '3'], "1");
            assert!(names.contains(&letters(&name)), "{name}");
        }
    }
}
