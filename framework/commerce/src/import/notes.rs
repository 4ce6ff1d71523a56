//! What a file has that the shop takes otherwise than it stands there: said, and no reason to
//! refuse the file.

use std::fmt;

/// Names in a message about columns.
const NAMES: usize = 60;

/// A kind of value that is taken otherwise than it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// A handle with spaces or signs that cannot stand in an address.
    HandleMade,
    /// The address of a picture without `https:`.
    PictureByHttp,
    /// A SKU with a line feed.
    SkuLines,
    /// A barcode such as `9.78E+12`.
    BarcodeDigits,
    /// A quantity of a variant whose stock is not tracked.
    QuantityUntracked,
    /// A variant whose stock is tracked, without a quantity.
    QuantityMissing,
}

const KINDS: [Note; 6] = [
    Note::HandleMade,
    Note::PictureByHttp,
    Note::SkuLines,
    Note::BarcodeDigits,
    Note::QuantityUntracked,
    Note::QuantityMissing,
];

/// What is collected while a file is read: of each kind, how many and where the first one is.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    unused: Vec<String>,
    counts: [(u64, u64); KINDS.len()],
}

/// A remark for whoever imports a file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// Columns that change nothing.
    UnusedColumns(Vec<String>),
    /// Values that are taken otherwise than they stand there.
    Values {
        /// Which.
        note: Note,
        /// How many.
        count: u64,
        /// Line of the first.
        line: u64,
    },
}

impl Notes {
    /// Notes about a file with these columns that change nothing.
    pub(super) fn new(unused: Vec<String>) -> Self {
        Self {
            unused,
            ..Self::default()
        }
    }

    /// Notes one more of a kind.
    pub(crate) fn add(&mut self, note: Note, line: u64) {
        let (count, first) = &mut self.counts[note as usize];
        if *count == 0 {
            *first = line;
        }
        *count += 1;
    }

    /// The remarks, one of each kind that occurred.
    pub(crate) fn warnings(self) -> Vec<Warning> {
        let unused = Some(self.unused).filter(|names| !names.is_empty());
        let values = KINDS.into_iter().filter_map(|note| {
            let (count, line) = self.counts[note as usize];
            (count > 0).then_some(Warning::Values { note, count, line })
        });
        unused
            .map(Warning::UnusedColumns)
            .into_iter()
            .chain(values)
            .collect()
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnusedColumns(names) => {
                let shown: Vec<&str> = names.iter().take(NAMES).map(String::as_str).collect();
                write!(formatter, "columns that are not used: {}", shown.join(", "))?;
                match names.len() - shown.len() {
                    0 => Ok(()),
                    more => write!(formatter, ", and {more} more"),
                }
            }
            Self::Values { note, count, line } => {
                let (what, then) = match note {
                    Note::HandleMade => (
                        "handles have spaces or signs that cannot stand in an address",
                        "they are taken with dashes instead",
                    ),
                    Note::PictureByHttp => (
                        "addresses of pictures do not begin with https:",
                        "pages load them by https:",
                    ),
                    Note::SkuLines => ("SKUs have line feeds", "they are kept as spaces"),
                    Note::BarcodeDigits => (
                        "barcodes look like 9.78E+12",
                        "a spreadsheet has cut their digits; format the column as text",
                    ),
                    Note::QuantityUntracked => (
                        "quantities are of variants whose stock is not tracked",
                        "they are not used; a column Variant Inventory Tracker would change that",
                    ),
                    Note::QuantityMissing => (
                        "variants have their stock tracked, but no quantity",
                        "they are sold out until a file has a column Variant Inventory Qty",
                    ),
                };
                write!(
                    formatter,
                    "{count} {what}, the first in line {line}: {then}"
                )
            }
        }
    }
}
