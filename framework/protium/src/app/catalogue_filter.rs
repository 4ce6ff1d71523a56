//! The filter of a large catalogue: lists are narrowed by a module that has the catalogue's columns
//! in its memory, in place of SQL. It is made off the path of requests and follows the catalogue;
//! until it is there, and while it has no answer, SQL answers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::RwLock;
use tokio::sync::Mutex;

use crate::app::filter_query;
use crate::telemetry::with_causes;
use protium_commerce::ProviderError;
use protium_commerce::filter::columns::FilterIndex;
use protium_commerce::sqlite::{CatalogueState, Store};
use protium_types::LogQuota;
use protium_wasm::filter::{Answer, Filter, FilterError, FilterSetup, Image, ImageError, Query};

/// The time that reading all columns has.
const BUILD_TIME: Duration = Duration::from_secs(600);
/// The time that reading what changed has.
const FOLLOW_TIME: Duration = Duration::from_secs(10);

/// The filter of a shop's catalogue, where the catalogue is large enough.
pub(crate) struct CatalogueFilter {
    setup: FilterSetup,
    /// Products from which there is one.
    from: i64,
    current: RwLock<Option<Arc<Current>>>,
    /// One change at a time.
    changing: Mutex<()>,
    failures: LogQuota,
}

/// A filter, and what its numbers mean.
pub(crate) struct Current {
    pub filter: Filter,
    pub index: Arc<FilterIndex>,
}

impl Current {
    /// The answer to a query, if there is one.
    pub async fn answer(&self, query: Option<Query>) -> Result<Option<Answer>, FilterError> {
        match query {
            Some(query) => self.filter.query(query).await.map(Some),
            None => Ok(None),
        }
    }
}

/// Why there is no filter.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error(transparent)]
    Catalogue(#[from] ProviderError),
    #[error("the catalogue's columns are not what the filter takes")]
    Image(#[from] ImageError),
    #[error("the filter's thread")]
    Filter(#[from] FilterError),
    #[error("the catalogue's columns were not encoded")]
    Task(#[from] tokio::task::JoinError),
}

/// What came of a look at the catalogue.
pub(crate) enum Followed {
    /// The filter is as the catalogue is.
    UpToDate,
    /// The columns have to be made anew.
    Outdated,
}

impl CatalogueFilter {
    /// For catalogues of `from` products and more.
    pub fn new(setup: FilterSetup, from: u32) -> CatalogueFilter {
        CatalogueFilter {
            setup,
            from: from.into(),
            current: RwLock::new(None),
            changing: Mutex::new(()),
            failures: LogQuota::default(),
        }
    }

    pub fn current(&self) -> Option<Arc<Current>> {
        self.current.read().clone()
    }

    /// Makes the filter follow small changes of the catalogue, whose state this is: of stock and
    /// of prices.
    pub async fn follow(&self, store: &Store, now: &CatalogueState) -> Result<Followed, Problem> {
        let _one = self.changing.lock().await;
        let is_large = now.published >= self.from;
        let Some(current) = self.current().filter(|_| is_large) else {
            *self.current.write() = None;
            return Ok(if is_large {
                Followed::Outdated
            } else {
                Followed::UpToDate
            });
        };
        if now.changed == current.index.seen() {
            return Ok(Followed::UpToDate);
        }
        let until = Instant::now() + FOLLOW_TIME;
        let Some(changes) = store.filter_changes(until, &current.index).await? else {
            return Ok(Followed::Outdated);
        };
        if changes.is_empty() {
            return Ok(Followed::UpToDate);
        }
        let changes = changes.into_iter().map(filter_query::change).collect();
        let applied = current.filter.apply(changes).await;
        if applied.is_err() {
            // It is not known what it has: SQL answers until there is another.
            *self.current.write() = None;
        }
        Ok(applied.map(|()| Followed::UpToDate)?)
    }

    /// Makes the filter from the catalogue as it is now, beside the one that answers.
    pub async fn build(&self, store: &Store) -> Result<(), Problem> {
        let began = Instant::now();
        let columns = store.filter_columns(began + BUILD_TIME).await?;
        let encode = move || {
            let (columns, index) = filter_query::columns(columns);
            let image = Image::new(&columns)?;
            Ok::<_, Problem>((Arc::new(image), index))
        };
        let (image, index) = tokio::task::spawn_blocking(encode).await??;
        let bytes = image.bytes().len();
        let filter = Filter::open(self.setup.clone(), image).await?;
        tracing::info!(
            products = index.products.len(),
            bytes,
            variant = filter.variant().name(),
            seconds = began.elapsed().as_secs_f64(),
            "the catalogue's filter is ready"
        );
        let index = Arc::new(index);
        let _one = self.changing.lock().await;
        *self.current.write() = Some(Arc::new(Current { filter, index }));
        Ok(())
    }

    pub fn failed(&self, problem: &Problem) {
        // All connections are in use: the next look is soon.
        if matches!(problem, Problem::Catalogue(ProviderError::Busy(_))) {
            return;
        }
        if self.failures.admit(Instant::now()).is_some() {
            tracing::warn!(
                error = with_causes(problem),
                "the catalogue's filter does not follow; SQL narrows lists"
            );
        }
    }
}
