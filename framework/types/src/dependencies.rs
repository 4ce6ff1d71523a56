//! What a page depends on, and the recorder that collects it while the page is made.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::tag::Tag;

/// Collects the tags and the shortest freshness of all data that a page used. Clones share what
/// they collect.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<Dependencies>>);

/// What a page depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependencies {
    /// Tags such as `product:17`, `collection:3`, `catalogue`: a change of any of them makes the
    /// page old.
    pub tags: BTreeSet<Tag>,
    /// How long the page may be shown without asking again: the shortest of its data. `None` when
    /// nothing set a limit.
    pub freshness: Option<Duration>,
}

impl Recorder {
    /// Notes a dependency.
    pub fn tag(&self, tag: Tag) {
        self.0.lock().tags.insert(tag);
    }

    /// Notes many dependencies at once.
    pub fn tags(&self, tags: impl IntoIterator<Item = Tag>) {
        self.0.lock().tags.extend(tags);
    }

    /// Notes how long a piece of data stays true; the shortest one counts.
    pub fn freshness(&self, limit: Duration) {
        let mut known = self.0.lock();
        known.freshness = Some(
            known
                .freshness
                .map_or(limit, |shortest| shortest.min(limit)),
        );
    }

    /// A copy of what was noted so far.
    pub fn dependencies(&self) -> Dependencies {
        self.0.lock().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_a_recorder_note_into_one() {
        let recorder = Recorder::default();
        let clone = recorder.clone();
        recorder.tag(Tag::product(1));
        clone.tags([Tag::collection(2), Tag::product(1)]);
        let noted = recorder.dependencies();
        assert_eq!(
            noted.tags.into_iter().collect::<Vec<_>>(),
            ["collection:2", "product:1"]
        );
    }

    #[test]
    fn the_shortest_freshness_counts() {
        let recorder = Recorder::default();
        assert_eq!(recorder.dependencies().freshness, None);
        for seconds in [60, 5, 30] {
            recorder.freshness(Duration::from_secs(seconds));
        }
        assert_eq!(
            recorder.dependencies().freshness,
            Some(Duration::from_secs(5))
        );
    }
}
