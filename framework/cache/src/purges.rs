//! The purges that happened: the marks they leave, who hears of them, and the last ones for
//! operators.

use std::collections::VecDeque;
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::broadcast;

use super::purge::{Purge, Scope};
use super::tags::PurgeMarks;

/// Purges that are remembered for operators.
const REMEMBERED: usize = 32;
/// Purges that a subscriber may be behind.
const HEARD: usize = 1024;

/// All purges of a cache, its own and those of other nodes.
#[derive(Debug)]
pub(super) struct Purges {
    pub marks: PurgeMarks,
    last: Mutex<VecDeque<PastPurge>>,
    heard: broadcast::Sender<Purge>,
}

/// A purge that happened.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct PastPurge {
    /// `tag`, `prefix` or `all`.
    pub kind: &'static str,
    /// The tag or prefix; empty for all.
    pub name: String,
    /// Entries became stale, and did not go away.
    pub soft: bool,
    /// Unix time in milliseconds.
    pub at: u64,
}

impl PastPurge {
    /// Whether it is this one that happened.
    pub fn is(&self, purge: &Purge) -> bool {
        (self.kind, self.name.as_str(), self.soft) == (kind(purge), name(purge), purge.soft)
    }
}

fn kind(purge: &Purge) -> &'static str {
    match &purge.scope {
        Scope::Tag(_) => "tag",
        Scope::Prefix(_) => "prefix",
        Scope::All => "all",
    }
}

fn name(purge: &Purge) -> &str {
    match &purge.scope {
        Scope::Tag(name) | Scope::Prefix(name) => name,
        Scope::All => "",
    }
}

impl Default for Purges {
    fn default() -> Self {
        Self {
            marks: PurgeMarks::default(),
            last: Mutex::default(),
            heard: broadcast::Sender::new(HEARD),
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
                kind: kind(purge),
                name: name(purge).to_owned(),
                soft: purge.soft,
                at: u64::try_from(at.as_millis()).unwrap_or(u64::MAX),
            });
        }
        // Nobody need listen.
        let _ = self.heard.send(purge.clone());
    }

    /// The youngest first.
    pub(super) fn last(&self) -> Vec<PastPurge> {
        self.last.lock().iter().cloned().collect()
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<Purge> {
        self.heard.subscribe()
    }
}
