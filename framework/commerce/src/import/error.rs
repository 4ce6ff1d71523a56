//! What can be wrong with a file: always with the place and with what to do about it.

use std::fmt;
use std::io;

use crate::metafield::MetafieldError;
use crate::{Currency, ProviderError};
use protium_types::money::MoneyError;

/// A problem on the way to its place in the file.
#[derive(Debug)]
pub(crate) struct CellError {
    pub line: u64,
    pub column: String,
    pub problem: Problem,
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file says something that cannot be.
    #[error(transparent)]
    Row(#[from] RowError),
    /// The file could not be read on.
    #[error("{file}, line {line}: cannot be read ({source}); check the disk and try again")]
    Read {
        /// The file.
        file: String,
        /// The line reached.
        line: u64,
        /// What the system says.
        source: io::Error,
    },
    /// The catalogue has prices in another currency.
    #[error(
        "the catalogue is in {}, so {file} cannot be imported in {}; \
         import it in {} or use another data directory", .kept.code(), .asked.code(), .kept.code()
    )]
    Currency {
        /// The file.
        file: String,
        /// Currency of the catalogue.
        kept: Currency,
        /// Currency asked for.
        asked: Currency,
    },
    /// No shop can sell in this currency.
    #[error("{0}; choose another currency")]
    Unsellable(MoneyError),
    /// The database refused.
    #[error("the catalogue could not be changed: {0}")]
    Store(#[from] ProviderError),
    /// The space where files are checked before they move in failed.
    #[error("the import's temporary database failed ({0}); check the space for temporary files")]
    Stage(rusqlite::Error),
}

/// A place in a file, and what is wrong there.
#[derive(Debug, thiserror::Error)]
pub struct RowError {
    /// The file, as the caller named it.
    pub file: String,
    /// The physical line, from 1.
    pub line: u64,
    /// The column's name in the header, or its number where it has no name.
    pub column: String,
    /// What is wrong and what to do.
    #[source]
    pub problem: Problem,
}

impl fmt::Display for RowError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            problem,
        } = self;
        write!(formatter, "{file}, line {line}, column {column}: {problem}")
    }
}

/// What is wrong in a place, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Bytes of another encoding.
    #[error("the text is not UTF-8; save the file as \"CSV UTF-8\"")]
    NotUtf8,
    /// A record so long that it is no product's row.
    #[error("the row is longer than {limit} bytes; look for a quotation mark that is never closed")]
    RowTooLong {
        /// Bytes a row may have.
        limit: usize,
    },
    /// A record with more fields than any export has.
    #[error("the row has more than {limit} columns; is this a product CSV?")]
    TooManyColumns {
        /// Columns a row may have.
        limit: usize,
    },
    /// The header lacks a column that is needed.
    #[error(
        "the first line does not name this column; \
         the file has to be Shopify's product CSV, with commas between the columns"
    )]
    NoColumn,
    /// The header names a column twice.
    #[error("the first line names this column again, as \"{again}\"; delete one of them")]
    ColumnTwice {
        /// The name of the second.
        again: String,
    },
    /// A value that only what the catalogue has already can do without.
    #[error("the catalogue does not have this product or variant, and a new one needs this column")]
    NeededForNew,
    /// A row with more fields than the header.
    #[error(
        "the row has {found} columns, the first line has {expected}; \
         look for a comma too many or a quotation mark too few"
    )]
    WrongLength {
        /// Columns in the row.
        found: usize,
        /// Columns in the header.
        expected: usize,
    },
    /// A value that has to be there is not.
    #[error("a value is missing; fill it in")]
    Missing,
    /// A value longer than it may be.
    #[error("the value is longer than {limit} characters; shorten it")]
    TooLong {
        /// Characters it may have.
        limit: usize,
    },
    /// A price that is none.
    #[error("\"{value}\" is {error}")]
    Money {
        /// The beginning of the value.
        value: String,
        /// What is wrong with it.
        error: MoneyError,
    },
    /// Something else than a whole number in its range.
    #[error("\"{value}\" is not a whole number from {min} to {max}")]
    NotANumber {
        /// The beginning of the value.
        value: String,
        /// Smallest number.
        min: i64,
        /// Largest number.
        max: i64,
    },
    /// A word that the column does not know.
    #[error("\"{value}\" is not one of {known}")]
    UnknownWord {
        /// The beginning of the value.
        value: String,
        /// The words it knows.
        known: &'static str,
    },
    /// A metafield that is none.
    #[error("\"{value}\": {error}")]
    Metafield {
        /// The beginning of the value, or of the column's name.
        value: String,
        /// What is wrong with it.
        error: MetafieldError,
    },
    /// A handle that cannot be part of an address.
    #[error(
        "\"{value}\" cannot be a handle; use letters, digits and dashes, such as classic-shirt"
    )]
    BadHandle {
        /// The beginning of the value.
        value: String,
    },
    /// Two rows of a product that say different things of it.
    #[error(
        "line {first} says something else of the same product; \
         make them the same, leave this one empty, or give the second product another handle"
    )]
    Differs {
        /// Line of the first.
        first: u64,
    },
    /// An option's value without the option's name.
    #[error("the product's rows name no option for this value; fill in the option's name")]
    OptionWithoutName,
    /// An option's name differs from the one in the first row.
    #[error("the product's first row calls this option \"{first}\"; call it the same or nothing")]
    OptionRenamed {
        /// The name there.
        first: String,
    },
    /// Two options that nobody could tell apart.
    #[error("the product has another option \"{name}\"; call one of them otherwise")]
    OptionTwice {
        /// The name.
        name: String,
    },
    /// A row of a variant that is not there.
    #[error(
        "the product has no such variant; a new one needs the columns of all the product's options"
    )]
    NoSuchVariant,
    /// A row that could be of several variants.
    #[error(
        "the product has several variants that this could be; \
         add the SKU or the columns of all its options"
    )]
    WhichVariant,
    /// The same choice twice.
    #[error(
        "line {first} has a variant of this product with the same option values, and other values \
         than this one; change one or delete it"
    )]
    DuplicateVariant {
        /// Line of the other.
        first: u64,
    },
    /// More of something than a product may have.
    #[error("a product has at most {limit} {what}; remove some")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// A picture from a place that pages do not load pictures from.
    #[error(
        "\"{value}\" is no address of a picture; use https://… or a path such as /images/a.jpg"
    )]
    BadAddress {
        /// The beginning of the value.
        value: String,
    },
}
