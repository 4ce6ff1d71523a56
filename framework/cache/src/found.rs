//! A value of the cache, and how it came.

use std::sync::Arc;
use std::time::Duration;

use super::clock::Timestamp;
use super::entry::Entry;

/// A value, and how it came.
#[derive(Debug)]
pub struct Found<T> {
    /// What it is.
    pub value: Arc<T>,
    /// Where it came from.
    pub how: How,
    /// How long ago it was loaded.
    pub age: Duration,
    pub(super) entry: Option<Arc<Entry>>,
}

/// How a value came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// From a fresh entry.
    Hit,
    /// From a stale entry that is revalidated in the background.
    Stale,
    /// From a stale entry, because loading failed.
    StaleIfError,
    /// It was loaded, and is stored.
    Loaded,
    /// Another request loaded it.
    Joined,
    /// Another node had it.
    Shared,
    /// It was loaded for this request alone, and is not stored.
    Unshared,
}

impl<T> Found<T> {
    /// What is not stored.
    pub(super) fn unshared(value: Arc<T>) -> Self {
        Self {
            value,
            how: How::Unshared,
            age: Duration::ZERO,
            entry: None,
        }
    }

    /// What is stored; none when it is of another type.
    pub(super) fn of(entry: &Arc<Entry>, how: How, now: Timestamp) -> Option<Self>
    where
        T: Send + Sync + 'static,
    {
        Some(Self {
            value: Arc::clone(&entry.value).downcast().ok()?,
            how,
            age: entry.age(now),
            entry: Some(Arc::clone(entry)),
        })
    }

    /// The tags it was stored with.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.entry.iter().flat_map(|entry| entry.tags())
    }

    /// How much longer it is fresh; zero when it is stale, or not stored.
    pub fn fresh_for(&self) -> Duration {
        self.entry
            .as_ref()
            .filter(|_| !self.is_stale())
            .map_or(Duration::ZERO, |entry| {
                entry.policy.fresh_for.saturating_sub(self.age)
            })
    }

    /// How much longer it is fresh, in seconds; not above zero when it is stale, as after a soft
    /// purge.
    pub fn ttl(&self) -> i64 {
        let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        let left = self.entry.as_ref().map_or(0, |entry| {
            seconds(entry.policy.fresh_for).saturating_sub(seconds(self.age))
        });
        match self.is_stale() {
            true => left.min(0),
            false => left,
        }
    }

    fn is_stale(&self) -> bool {
        matches!(self.how, How::Stale | How::StaleIfError)
    }

    pub(super) fn entry(&self) -> Option<&Arc<Entry>> {
        self.entry.as_ref()
    }
}

impl<T> Clone for Found<T> {
    fn clone(&self) -> Self {
        Self {
            value: Arc::clone(&self.value),
            entry: self.entry.clone(),
            ..*self
        }
    }
}
