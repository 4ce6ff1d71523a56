//! What a page depends on, and the recorder that collects it while the page is rendered.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::tag::Tag;

/// Collects the tags and the shortest freshness of all data that a page used. Clones share one
/// collection.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<Dependencies>>);

/// What a page depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependencies {
    /// Tags such as `product:17`, `collection:3`, `catalogue`. A change of any of them makes the
    /// page stale.
    pub tags: BTreeSet<Tag>,
    /// How long the page is fresh: the shortest freshness of its data. `None` when nothing limits
    /// it.
    pub freshness: Option<Duration>,
}

impl Recorder {
    /// Adds a dependency.
    pub fn tag(&self, tag: Tag) {
        self.0.lock().tags.insert(tag);
    }

    /// Adds many dependencies at once.
    pub fn tags(&self, tags: impl IntoIterator<Item = Tag>) {
        self.0.lock().tags.extend(tags);
    }

    /// Limits the freshness of the page; the shortest limit counts.
    pub fn freshness(&self, limit: Duration) {
        let mut known = self.0.lock();
        known.freshness = Some(
            known
                .freshness
                .map_or(limit, |shortest| shortest.min(limit)),
        );
    }

    /// A copy of what was collected so far.
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
