//! The provider every shop starts with: one SQLite database in the data directory, read by many
//! connections and written by one thread.
//!
//! - [`open`]: the directory, the file, and errors that say what to do.
//! - `schema`: the layout and its versions.
//! - `writer`, `readers`: who may touch the database, and who waits how long; `data_span`: the
//!   span of each such call.
//! - `catalogue`, `listing`, `search`, `cursor`, `cache`: what visitors read.
//! - `price_list`: by which prices.
//! - `sku`: single SKUs, and what changed.
//! - `carts`: what they change.
//! - `document`: the part of a product that is kept as JSON.
//! - `stage`, `stored`, `product`: how an import moves in, what it compares with, and how it is
//!   written.

mod cache;
mod carts;
mod catalogue;
mod cursor;
mod data_span;
pub(super) mod document;
mod failure;
mod listing;
pub mod open;
mod price_list;
mod product;
mod readers;
mod schema;
mod search;
mod sku;
pub(super) mod stage;
pub(super) mod stored;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use iso_currency::Currency;
use rusqlite::Connection;

use self::cache::ProductCache;
use self::failure::failure;
pub use self::open::OpenError;
use self::readers::Readers;
use self::search::Words;
use self::writer::Writer;
use crate::{ProviderError, cart};
use protium_types::private_files;

/// How often carts that nobody touched are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

/// What can be set about a store.
#[derive(Debug, Clone)]
pub struct Options {
    /// Connections that read.
    pub readers: usize,
    /// Changes that may wait for the writer; one more is refused as busy.
    pub write_queue: usize,
    /// How long a cart is kept after its last change.
    pub cart_lifetime: Duration,
    /// How long pages may show this catalogue's data without asking again.
    pub freshness: Duration,
    /// Memory for decoded products, in bytes.
    pub product_cache: usize,
}

impl Default for Options {
    fn default() -> Self {
        let cores = available_parallelism().map_or(2, usize::from);
        Self {
            readers: (2 * cores).max(4),
            write_queue: 256,
            cart_lifetime: cart::LIFETIME,
            freshness: Duration::from_secs(60),
            product_cache: 16 << 20,
        }
    }
}

/// A shop's database. Clones share it; it is closed when the last one is dropped.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    directory: PathBuf,
    writer: Writer,
    readers: Arc<Readers>,
    products: ProductCache,
    words: Arc<Words>,
    options: Options,
}

/// What a store says about its catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CatalogueState {
    /// Grows with every import that changed something; 0 before the first.
    pub version: i64,
    /// The currency of all amounts; `None` before the first import.
    pub currency: Option<Currency>,
    /// How many products visitors can see.
    pub published: i64,
}

impl Store {
    /// Opens the database in a directory; directory and database are made where they are missing.
    pub fn open(directory: impl AsRef<Path>, options: Options) -> Result<Self, OpenError> {
        let directory = directory.as_ref();
        let problem = |problem: open::Problem| match problem {
            // SQLite says it in several ways.
            open::Problem::NotWritable(_) if private_files::is_disk_full(directory) => {
                open::Problem::DiskFull
            }
            problem => problem,
        };
        let prepared = Self::prepare(directory, options).map_err(problem);
        prepared.map_err(|problem| OpenError {
            directory: directory.to_owned(),
            problem,
        })
    }

    fn prepare(directory: &Path, options: Options) -> Result<Self, open::Problem> {
        let writer = open::writer(directory)?;
        let readers = (0..options.readers.max(1))
            .map(|_| open::reader(directory))
            .collect::<Result<_, _>>()?;
        let lifetime = options.cart_lifetime;
        let sweep = move |connection: &mut Connection| carts::sweep(connection, lifetime);
        let writer = Writer::start(writer, options.write_queue.max(1), SWEEP_EVERY, sweep)
            .map_err(open::Problem::System)?;
        Ok(Self(Arc::new(Inner {
            directory: directory.to_owned(),
            writer,
            readers: Arc::new(Readers::new(readers)),
            products: ProductCache::new(options.product_cache),
            words: Arc::new(Words::new(directory.to_owned())),
            options,
        })))
    }

    /// What the catalogue is right now. Does not wait, so it can be asked from anywhere.
    pub fn state(&self) -> Result<CatalogueState, ProviderError> {
        self.0
            .readers
            .immediate(catalogue::state)?
            .map_err(|error| failure("reading the state of the catalogue", error))
    }
}

#[cfg(test)]
mod cart_line_tests;
#[cfg(test)]
mod noticed_tests;
#[cfg(test)]
mod price_and_stock_tests;
#[cfg(test)]
mod tests;
