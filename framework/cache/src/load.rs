//! What a loader records about its value, and how loading fails.

use std::collections::BTreeSet;
use std::error::Error;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::name::is_name;

/// The most tags of an entry. A value with more dependencies is returned, but not stored.
pub const MAX_TAGS: usize = 1024;

/// Records the dependencies of a value while it is loaded. Clones share one record.
#[derive(Clone, Debug, Default)]
pub struct Load(Arc<Mutex<Noted>>);

/// What a loader recorded.
#[derive(Clone, Debug, Default)]
pub(super) struct Noted {
    pub tags: BTreeSet<String>,
    pub freshness: Option<Duration>,
    pub unstored: bool,
}

impl Load {
    /// Adds a tag: a purge of it removes the value. With an invalid tag (empty, longer than
    /// [`MAX_NAME`](super::MAX_NAME), with control characters) or too many, the value is not
    /// stored, since it could not be purged.
    pub fn tag(&self, tag: impl Into<String>) {
        let tag = tag.into();
        let mut noted = self.0.lock();
        if !is_name(&tag) || noted.tags.len() >= MAX_TAGS {
            noted.unstored = true;
        } else {
            noted.tags.insert(tag);
        }
    }

    /// Limits the freshness of the value; the shortest limit counts.
    pub fn freshness(&self, limit: Duration) {
        let mut noted = self.0.lock();
        noted.freshness = Some(noted.freshness.map_or(limit, |known| known.min(limit)));
    }

    /// The value is for this request only: it is not stored, and every waiter loads its own.
    pub fn do_not_store(&self) {
        self.0.lock().unstored = true;
    }

    pub(super) fn noted(&self) -> Noted {
        self.0.lock().clone()
    }
}

/// Why there is no value. All waiters of a load get the same error; errors are never stored.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LoadError {
    /// The loader returned an error.
    #[error("{key} could not be loaded: {cause}")]
    Failed {
        /// The key.
        key: Arc<str>,
        /// The loader's error.
        #[source]
        cause: Arc<dyn Error + Send + Sync>,
    },
    /// The loader panicked, or the process is stopping.
    #[error("{key} could not be loaded: its loader ended without an answer")]
    Abandoned {
        /// The key.
        key: Arc<str>,
    },
    /// The loader exceeded its time limit.
    #[error("{key} could not be loaded within {limit:?}")]
    TimedOut {
        /// The key.
        key: Arc<str>,
        /// The time limit.
        limit: Duration,
    },
}

impl LoadError {
    /// The loader's error, if it has this type.
    pub fn cause<E: Error + 'static>(&self) -> Option<&E> {
        match self {
            LoadError::Failed { cause, .. } => cause.downcast_ref(),
            _ => None,
        }
    }
}
