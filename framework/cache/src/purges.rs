//! Purges that happened: applies them to the counters, notifies subscribers, and remembers the last
//! ones for operators.

use std::collections::VecDeque;
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::broadcast;

use super::purge::Purge;
use super::tags::PurgeMarks;

/// The number of purges that are remembered for operators.
const REMEMBERED: usize = 32;
/// The number of purges that a subscriber may lag behind.
const SUBSCRIBER_LAG: usize = 1024;

/// All purges of a cache, of this node and of others.
#[derive(Debug)]
pub(super) struct Purges {
    pub marks: PurgeMarks,
    last: Mutex<VecDeque<PastPurge>>,
    subscribers: broadcast::Sender<Purge>,
}

/// A purge that happened.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct PastPurge {
    /// `tag`, `prefix` or `all`.
    pub kind: &'static str,
    /// The tag or prefix; empty for all.
    pub name: String,
    /// Whether it was soft: entries became stale instead of being removed.
    pub soft: bool,
    /// Unix time in milliseconds.
    pub at: u64,
}

impl PastPurge {
    /// Whether this is that purge.
    pub fn is(&self, purge: &Purge) -> bool {
        (self.kind, self.name.as_str(), self.soft) == (purge.kind(), purge.name(), purge.soft)
    }
}

impl Default for Purges {
    fn default() -> Self {
        Self {
            marks: PurgeMarks::default(),
            last: Mutex::default(),
            subscribers: broadcast::Sender::new(SUBSCRIBER_LAG),
        }
    }
}

impl Purges {
    pub(super) fn happened(&self, purge: &Purge) {
        self.marks.purge(purge);
        let at = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        {
            let mut last = self.last.lock();
            last.truncate(REMEMBERED - 1);
            last.push_front(PastPurge {
                kind: purge.kind(),
                name: purge.name().to_owned(),
                soft: purge.soft,
                at: u64::try_from(at.as_millis()).unwrap_or(u64::MAX),
            });
        }
        // There may be no subscribers.
        let _ = self.subscribers.send(purge.clone());
    }

    /// The most recent first.
    pub(super) fn last(&self) -> Vec<PastPurge> {
        self.last.lock().iter().cloned().collect()
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<Purge> {
        self.subscribers.subscribe()
    }
}
