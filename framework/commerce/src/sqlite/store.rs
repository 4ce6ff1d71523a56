//! The store: its options, and how it is opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use rusqlite::Connection;

use super::cache::ProductCache;
use super::expired_carts;
use super::failure::failure;
use super::open;
use super::open_error::{OpenError, Problem};
use super::readers::Readers;
use super::search::{ResultCache, Words};
use super::state::{self, CatalogueState};
use super::writer::Writer;
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
pub struct Store(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) directory: PathBuf,
    pub(super) writer: Writer,
    pub(super) readers: Arc<Readers>,
    pub(super) products: ProductCache,
    pub(super) words: Arc<Words>,
    pub(super) results: Arc<ResultCache>,
    pub(super) options: Options,
}

impl Store {
    /// Opens the database in a directory; directory and database are made where they are missing.
    pub fn open(directory: impl AsRef<Path>, options: Options) -> Result<Self, OpenError> {
        let directory = directory.as_ref();
        let problem = |problem: Problem| match problem {
            // SQLite says it in several ways.
            Problem::NotWritable(_) if private_files::is_disk_full(directory) => Problem::DiskFull,
            problem => problem,
        };
        let prepared = Self::prepare(directory, options).map_err(problem);
        prepared.map_err(|problem| OpenError {
            directory: directory.to_owned(),
            problem,
        })
    }

    fn prepare(directory: &Path, options: Options) -> Result<Self, Problem> {
        let writer = open::writer(directory)?;
        let readers = (0..options.readers.max(1))
            .map(|_| open::reader(directory))
            .collect::<Result<_, _>>()?;
        let lifetime = options.cart_lifetime;
        let sweep = move |connection: &mut Connection| expired_carts::sweep(connection, lifetime);
        let writer = Writer::start(writer, options.write_queue.max(1), SWEEP_EVERY, sweep)
            .map_err(Problem::System)?;
        Ok(Self(Arc::new(Inner {
            directory: directory.to_owned(),
            writer,
            readers: Arc::new(Readers::new(readers)),
            products: ProductCache::new(options.product_cache),
            words: Arc::new(Words::new(directory.to_owned())),
            results: Arc::default(),
            options,
        })))
    }

    /// What the catalogue is right now. Does not wait, so it can be asked from anywhere.
    pub fn state(&self) -> Result<CatalogueState, ProviderError> {
        self.0
            .readers
            .immediate(state::read)?
            .map_err(|error| failure("reading the state of the catalogue", error))
    }
}
