//! Purge generations. A purge does not search for entries: it records its number for a tag, a
//! prefix or all, and an entry that is older than the number of one of its tags is invalid. So a
//! purge costs the same whatever is stored, and applies to loads in progress.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};

use super::purge::{Purge, Scope};

/// The most prefix purges that are recorded one by one.
const MAX_PREFIXES: usize = 64;
/// From this many tags on, those that no entry uses are removed.
const SWEEP_FROM: usize = 1024;

/// The number of the last purge of something; 0 for never.
#[derive(Debug, Default)]
struct Marks {
    hard: AtomicU64,
    soft: AtomicU64,
}

impl Marks {
    fn raise(&self, at: u64, soft: bool) {
        let mark = if soft { &self.soft } else { &self.hard };
        mark.fetch_max(at, Ordering::Release);
    }

    fn purge_state(&self, stamp: u64) -> PurgeState {
        if self.hard.load(Ordering::Acquire) > stamp {
            PurgeState::Removed
        } else if self.soft.load(Ordering::Acquire) > stamp {
            PurgeState::Stale
        } else {
            PurgeState::Untouched
        }
    }
}

/// A tag that entries use.
#[derive(Debug)]
pub(super) struct Tag {
    name: Box<str>,
    marks: Marks,
}

impl Tag {
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// What purges left of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PurgeState {
    Untouched,
    Stale,
    Removed,
}

/// All purge numbers of a cache.
#[derive(Debug, Default)]
pub(super) struct PurgeMarks {
    /// The number of purges. Raised after the numbers of tags, so that whoever reads it sees those
    /// too.
    count: AtomicU64,
    all: Marks,
    /// Locked for a whole purge: purges are sequential.
    named: Mutex<Named>,
    /// Prefixes by their last purge, the oldest first.
    prefixes: RwLock<Vec<(Box<str>, Marks)>>,
}

#[derive(Debug, Default)]
struct Named {
    tags: HashMap<Box<str>, Arc<Tag>>,
    sweep_at: usize,
    /// The highest number of the tags that were removed: tags that come back start from it.
    swept_hard: u64,
    swept_soft: u64,
}

impl PurgeMarks {
    /// The number of purges: the stamp of loads that begin now.
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    /// The tags of an entry, registered.
    pub(super) fn tags<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Box<[Arc<Tag>]> {
        let mut named = self.named.lock();
        let tags = names.into_iter().map(|name| named.tag(name)).collect();
        named.sweep();
        tags
    }

    /// Records the number of a purge.
    pub(super) fn purge(&self, purge: &Purge) {
        let mut named = self.named.lock();
        let at = self.count.load(Ordering::Acquire) + 1;
        match &purge.scope {
            Scope::Tag(name) => named.tag(name).marks.raise(at, purge.soft),
            Scope::All => self.all.raise(at, purge.soft),
            Scope::Prefix(prefix) => {
                let forgotten = mark_prefix(&mut self.prefixes.write(), prefix, at, purge.soft);
                if let Some(forgotten) = forgotten {
                    self.all.raise(forgotten, false);
                }
            }
        }
        named.sweep();
        self.count.store(at, Ordering::Release);
    }

    /// What purges since `stamp` left of an entry.
    pub(super) fn purge_state(&self, key: &str, tags: &[Arc<Tag>], stamp: u64) -> PurgeState {
        let by_prefix = {
            let prefixes = self.prefixes.read();
            let reached = prefixes
                .iter()
                .filter(|(prefix, _)| key.starts_with(&**prefix));
            reached.map(|(_, marks)| marks.purge_state(stamp)).max()
        };
        tags.iter()
            .map(|tag| tag.marks.purge_state(stamp))
            .chain(by_prefix)
            .chain([self.all.purge_state(stamp)])
            .max()
            .unwrap_or(PurgeState::Untouched)
    }
}

impl Named {
    fn tag(&mut self, name: &str) -> Arc<Tag> {
        if let Some(tag) = self.tags.get(name) {
            return Arc::clone(tag);
        }
        let marks = Marks {
            hard: self.swept_hard.into(),
            soft: self.swept_soft.into(),
        };
        let tag = Arc::new(Tag {
            name: name.into(),
            marks,
        });
        self.tags.insert(name.into(), Arc::clone(&tag));
        tag
    }

    /// Removes tags that no entry has. An entry that is being loaded meanwhile with one of them may
    /// be invalidated too.
    fn sweep(&mut self) {
        if self.tags.len() < self.sweep_at.max(SWEEP_FROM) {
            return;
        }
        let (mut hard, mut soft) = (self.swept_hard, self.swept_soft);
        self.tags.retain(|_, tag| {
            let is_used = Arc::strong_count(tag) > 1;
            if !is_used {
                hard = hard.max(tag.marks.hard.load(Ordering::Acquire));
                soft = soft.max(tag.marks.soft.load(Ordering::Acquire));
            }
            is_used
        });
        (self.swept_hard, self.swept_soft) = (hard, soft);
        self.sweep_at = self.tags.len() * 2;
    }
}

/// Records a prefix. If there are too many, the oldest is removed, and its number returned.
fn mark_prefix(
    prefixes: &mut Vec<(Box<str>, Marks)>,
    prefix: &str,
    at: u64,
    soft: bool,
) -> Option<u64> {
    let known = prefixes.iter().position(|(known, _)| **known == *prefix);
    let marks = match known {
        Some(index) => prefixes.remove(index).1,
        None => Marks::default(),
    };
    marks.raise(at, soft);
    prefixes.push((prefix.into(), marks));
    if prefixes.len() <= MAX_PREFIXES {
        return None;
    }
    let (_, marks) = prefixes.remove(0);
    Some(marks.hard.into_inner().max(marks.soft.into_inner()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purge_state(marks: &PurgeMarks, tags: &[&str], stamp: u64) -> PurgeState {
        let tags = marks.tags(tags.iter().copied());
        marks.purge_state("page/a", &tags, stamp)
    }

    #[test]
    fn a_purge_reaches_what_was_loaded_before_it_and_nothing_else() {
        let marks = PurgeMarks::default();
        let before = marks.count();
        marks.purge(&Purge::tag("product:1"));
        let after = marks.count();
        assert_eq!(
            purge_state(&marks, &["product:1"], before),
            PurgeState::Removed
        );
        assert_eq!(
            purge_state(&marks, &["product:1"], after),
            PurgeState::Untouched
        );
        assert_eq!(
            purge_state(&marks, &["product:2"], before),
            PurgeState::Untouched
        );
        marks.purge(&Purge::tag("product:2").soft());
        assert_eq!(
            purge_state(&marks, &["product:2"], after),
            PurgeState::Stale
        );
    }

    #[test]
    fn a_prefix_reaches_keys_and_the_forgotten_one_reaches_all() {
        let marks = PurgeMarks::default();
        marks.purge(&Purge::prefix("page/"));
        assert_eq!(purge_state(&marks, &[], 0), PurgeState::Removed);
        let stamp = marks.count();
        for n in 0..=MAX_PREFIXES {
            assert_eq!(purge_state(&marks, &[], stamp), PurgeState::Untouched);
            marks.purge(&Purge::prefix(format!("other/{n}")));
        }
        marks.purge(&Purge::prefix("one more"));
        assert_eq!(purge_state(&marks, &[], stamp), PurgeState::Removed);
        assert_eq!(
            purge_state(&marks, &[], marks.count()),
            PurgeState::Untouched
        );
    }

    #[test]
    fn sweeping_forgets_no_purge() {
        let marks = PurgeMarks::default();
        let stamp = marks.count();
        for n in 0..SWEEP_FROM * 3 {
            marks.purge(&Purge::tag(format!("product:{n}")));
        }
        assert!(marks.named.lock().tags.len() <= SWEEP_FROM + 1);
        assert_eq!(
            purge_state(&marks, &["product:7"], stamp),
            PurgeState::Removed
        );
        assert_eq!(
            purge_state(&marks, &["product:7"], marks.count()),
            PurgeState::Untouched
        );
    }
}
