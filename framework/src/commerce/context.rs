//! What a request tells the providers about itself, and what they tell its page in return.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::money::Currency;

/// Time a request has when nobody sets a deadline.
pub const DEFAULT_TIME: Duration = Duration::from_secs(5);

/// The request a provider is asked for. Cheap to clone; clones share the recorder.
#[derive(Debug, Clone)]
pub struct Context {
    /// BCP 47 tag of the visitor's language, such as `en` or `de-AT`.
    pub locale: Arc<str>,
    /// The currency prices are asked in.
    pub currency: Currency,
    /// ISO 3166 code of the visitor's region, where it is known.
    pub region: Option<Arc<str>>,
    /// When the answer is of no use any more: providers give up with
    /// [`ProviderError::Busy`](super::ProviderError::Busy) instead of waiting longer.
    pub deadline: Instant,
    /// Where providers note what their answers depend on.
    pub recorder: Recorder,
}

impl Context {
    /// A context of no region, with [`DEFAULT_TIME`] to answer and an empty recorder.
    pub fn new(locale: &str, currency: Currency) -> Self {
        Self {
            locale: locale.into(),
            currency,
            region: None,
            deadline: Instant::now() + DEFAULT_TIME,
            recorder: Recorder::default(),
        }
    }

    /// The same context with another deadline.
    pub fn with_deadline(mut self, deadline: Instant) -> Self {
        self.deadline = deadline;
        self
    }

    /// The same context with a region.
    pub fn with_region(mut self, region: &str) -> Self {
        self.region = Some(region.into());
        self
    }
}

/// Collects the tags and the shortest freshness of all data that a page used. Clones share what
/// they collect.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<Dependencies>>);

/// What a page depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependencies {
    /// Tags such as `product:17`, `collection:3`, `catalogue`: a change of any of them makes the
    /// page old.
    pub tags: BTreeSet<String>,
    /// How long the page may be shown without asking again: the shortest of its data. `None` when
    /// nothing set a limit.
    pub freshness: Option<Duration>,
}

impl Recorder {
    /// Notes a dependency.
    pub fn tag(&self, tag: impl Into<String>) {
        self.0.lock().tags.insert(tag.into());
    }

    /// Notes many dependencies at once.
    pub fn tags(&self, tags: impl IntoIterator<Item = String>) {
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
    fn clones_of_a_context_note_into_one_recorder() {
        let context = Context::new("en", Currency::EUR);
        let clone = context.clone().with_region("DE");
        context.recorder.tag("product:1");
        clone
            .recorder
            .tags(["collection:2".into(), "product:1".into()]);
        let noted = context.recorder.dependencies();
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
