//! Entries: values with their lifetime and dependencies.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use super::clock::Timestamp;
use super::policy::{Policy, Use};
use super::shared::Ticket;
use super::tags::{PurgeMarks, PurgeState, Tag};

/// The memory an entry takes besides its value, key and tags: this struct, its allocations, and the
/// bookkeeping of the store.
const OVERHEAD: usize = 320;

/// A value with its lifetime and its dependencies. It is immutable; a new entry replaces it.
#[derive(Debug)]
pub(super) struct Entry {
    pub key: Arc<str>,
    pub value: Arc<dyn Any + Send + Sync>,
    /// In bytes.
    pub weight: u32,
    pub tags: Box<[Arc<Tag>]>,
    /// The policy, with the freshness that the loader left of it.
    pub policy: Policy,
    /// When the value was loaded.
    pub stored: Timestamp,
    /// The number of purges when loading began.
    stamp: u64,
    /// The number of purges when `purge_state` was last computed, times two; plus one if stale.
    checked: AtomicU64,
    hits: AtomicU64,
    /// Not revalidated before this moment, in milliseconds of the clock.
    retry_at: AtomicU64,
    /// Set while it should be sent to other nodes when it is asked for again; read without the
    /// lock.
    is_waiting: AtomicBool,
    ticket: Mutex<Option<Ticket>>,
}

/// What an entry is made of.
pub(super) struct Parts {
    pub key: Arc<str>,
    pub value: Arc<dyn Any + Send + Sync>,
    /// The size of the value alone, in bytes.
    pub weight: usize,
    pub tags: Box<[Arc<Tag>]>,
    pub policy: Policy,
    pub stored: Timestamp,
    pub stamp: u64,
    /// How often the entry it replaces was asked for.
    pub hits: u64,
    /// Sends it to other nodes when it is asked for again.
    pub ticket: Option<Ticket>,
}

impl Entry {
    pub(super) fn new(parts: Parts) -> Self {
        let weight =
            parts.weight + parts.key.len() + parts.tags.len() * size_of::<Arc<Tag>>() + OVERHEAD;
        Self {
            weight: u32::try_from(weight).unwrap_or(u32::MAX),
            key: parts.key,
            value: parts.value,
            tags: parts.tags,
            policy: parts.policy,
            stored: parts.stored,
            stamp: parts.stamp,
            checked: u64::MAX.into(),
            hits: parts.hits.into(),
            retry_at: 0.into(),
            is_waiting: parts.ticket.is_some().into(),
            ticket: Mutex::new(parts.ticket),
        }
    }

    pub(super) fn tags(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().map(|tag| tag.name())
    }

    pub(super) fn age(&self, now: Timestamp) -> Duration {
        now.since(self.stored)
    }

    /// What purges left of it. Costs two atomic loads unless something was purged since the last
    /// call.
    pub(super) fn purge_state(&self, marks: &PurgeMarks) -> PurgeState {
        let count = marks.count();
        let checked = self.checked.load(Ordering::Relaxed);
        if checked >> 1 == count {
            return match checked & 1 {
                0 => PurgeState::Untouched,
                _ => PurgeState::Stale,
            };
        }
        let purge_state = marks.purge_state(&self.key, &self.tags, self.stamp);
        if purge_state != PurgeState::Removed {
            let softened = u64::from(purge_state == PurgeState::Stale);
            self.checked
                .store((count << 1) | softened, Ordering::Relaxed);
        }
        purge_state
    }

    /// Whether a purge after the first `count` ones removed it.
    pub(super) fn is_older_than(&self, count: u64) -> bool {
        self.stamp < count
    }

    /// Whether it is usable now.
    pub(super) fn usable(&self, now: Timestamp, marks: &PurgeMarks) -> Use {
        match self.purge_state(marks) {
            PurgeState::Removed => Use::Nothing,
            purge_state => self
                .policy
                .at(self.age(now), purge_state == PurgeState::Stale),
        }
    }

    pub(super) fn count_hit(&self) {
        self.hits.fetch_add(1, Ordering::Relaxed);
    }

    /// What sends it to other nodes; given once, to the first caller.
    pub(super) fn take_ticket(&self) -> Option<Ticket> {
        match self.is_waiting.load(Ordering::Relaxed) {
            true => {
                self.is_waiting.store(false, Ordering::Relaxed);
                self.ticket.lock().take()
            }
            false => None,
        }
    }

    pub(super) fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        now.millis() >= self.retry_at.load(Ordering::Relaxed)
    }

    /// Postpones its next revalidation.
    pub(super) fn retry_in(&self, now: Timestamp, pause: Duration) {
        let pause = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        self.retry_at
            .store(now.millis().saturating_add(pause), Ordering::Relaxed);
    }
}
