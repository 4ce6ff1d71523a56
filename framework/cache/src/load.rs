//! What a loader says about its value, and how loading fails.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::found::Found;
use super::name::is_name;

/// The most tags of one entry: a value that depends on more is handed out, and not stored.
pub const MAX_TAGS: usize = 1024;

/// Where a loader notes what its value depends on. Clones note into the same place.
#[derive(Clone, Debug, Default)]
pub struct Load(Arc<Mutex<Noted>>);

/// What a loader noted.
#[derive(Clone, Debug, Default)]
pub(super) struct Noted {
    pub tags: BTreeSet<String>,
    pub freshness: Option<Duration>,
    pub unstored: bool,
}

impl Load {
    /// The value depends on this: a purge of the tag removes it. A tag that is not valid (empty,
    /// longer than [`MAX_NAME`](super::MAX_NAME), with control characters) or one too many keeps
    /// the value from being stored, since it could not be purged.
    pub fn tag(&self, tag: impl Into<String>) {
        let tag = tag.into();
        let mut noted = self.0.lock();
        if !is_name(&tag) || noted.tags.len() >= MAX_TAGS {
            noted.unstored = true;
        } else {
            noted.tags.insert(tag);
        }
    }

    /// The value stays true for this long; the shortest one counts.
    pub fn freshness(&self, limit: Duration) {
        let mut noted = self.0.lock();
        noted.freshness = Some(noted.freshness.map_or(limit, |known| known.min(limit)));
    }

    /// The value is for the one who asked: it is not stored, and whoever waits for it loads their
    /// own.
    pub fn do_not_store(&self) {
        self.0.lock().unstored = true;
    }

    /// The value is made from another one of the cache: it inherits its tags and what is left of
    /// its freshness.
    pub fn uses<T>(&self, found: &Found<T>) {
        match found.entry() {
            Some(entry) => {
                for tag in entry.tags() {
                    self.tag(tag);
                }
                self.freshness(found.fresh_for());
            }
            None => self.do_not_store(),
        }
    }

    pub(super) fn noted(&self) -> Noted {
        self.0.lock().clone()
    }
}

/// Why there is no value. Everyone who waited for the same load gets the same error; none is ever
/// stored.
#[derive(Clone, Debug)]
pub enum LoadError {
    /// The loader said so.
    Failed {
        /// What was to be loaded.
        key: Arc<str>,
        /// What the loader said.
        cause: Arc<dyn Error + Send + Sync>,
    },
    /// The loader panicked, or the process is stopping.
    Abandoned {
        /// What was to be loaded.
        key: Arc<str>,
    },
    /// The loader took longer than this.
    TimedOut {
        /// What was to be loaded.
        key: Arc<str>,
        /// The time a loader has.
        limit: Duration,
    },
}

impl LoadError {
    /// The loader's own error, when it is of this type.
    pub fn cause<E: Error + 'static>(&self) -> Option<&E> {
        match self {
            LoadError::Failed { cause, .. } => cause.downcast_ref(),
            _ => None,
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Failed { key, cause } => write!(f, "{key} could not be loaded: {cause}"),
            LoadError::Abandoned { key } => {
                write!(
                    f,
                    "{key} could not be loaded: its loader ended without an answer"
                )
            }
            LoadError::TimedOut { key, limit } => {
                write!(f, "{key} could not be loaded within {limit:?}")
            }
        }
    }
}

impl Error for LoadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            LoadError::Failed { cause, .. } => cause.source(),
            _ => None,
        }
    }
}
