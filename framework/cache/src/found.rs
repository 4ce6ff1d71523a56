//! The result of a look-up: a value, and where it came from.

use std::sync::Arc;
use std::time::Duration;

use super::clock::Timestamp;
use super::entry::Entry;

/// A value, and where it came from.
#[derive(Debug)]
pub struct Found<T> {
    /// The value.
    pub value: Arc<T>,
    /// Where it came from.
    pub how: How,
    /// The time since it was loaded.
    pub age: Duration,
    pub(super) entry: Option<Arc<Entry>>,
}

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// A fresh entry.
    Hit,
    /// A stale entry that is revalidated in the background.
    Stale,
    /// A stale entry, because loading failed.
    StaleIfError,
    /// A load by this request; the value is stored.
    Loaded,
    /// A load by another request.
    Joined,
    /// Another node.
    Shared,
    /// A load for this request alone; the value is not stored.
    Unshared,
}

impl<T> Found<T> {
    /// A value that is not stored.
    pub(super) fn unshared(value: Arc<T>) -> Self {
        Self {
            value,
            how: How::Unshared,
            age: Duration::ZERO,
            entry: None,
        }
    }

    /// A stored value, if it has this type.
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

    /// The remaining freshness; zero when it is stale, or not stored.
    pub fn fresh_for(&self) -> Duration {
        self.entry
            .as_ref()
            .filter(|_| !self.is_stale())
            .map_or(Duration::ZERO, |entry| {
                entry.policy.fresh_for.saturating_sub(self.age)
            })
    }

    /// The remaining freshness in seconds; not above zero when it is stale, as after a soft purge.
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
}
