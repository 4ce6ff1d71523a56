//! What visitors look at: how often each product's page was shown, for a bounded number of
//! products.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::RwLock;

/// Products that are counted. When there are more, all counts are halved, and those that nobody
/// looks at any more go.
pub(crate) const KEPT: usize = 10_000;

/// Counts by handle.
#[derive(Default)]
pub(crate) struct Views {
    counts: RwLock<HashMap<Box<str>, AtomicU64>>,
    /// Something was counted since this was asked last.
    has_news: AtomicBool,
}

impl Views {
    /// Goes on from counts of before.
    pub fn new(counts: Vec<(String, u64)>) -> Views {
        let counts = counts.into_iter().take(KEPT);
        let counts = counts.map(|(handle, count)| (handle.into_boxed_str(), count.into()));
        Views {
            counts: RwLock::new(counts.collect()),
            has_news: AtomicBool::new(false),
        }
    }

    /// A product's page was shown.
    pub fn count(&self, handle: &str) {
        self.has_news.store(true, Ordering::Relaxed);
        if let Some(count) = self.counts.read().get(handle) {
            count.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let mut counts = self.counts.write();
        while counts.len() >= KEPT {
            counts.retain(|_, count| {
                *count.get_mut() /= 2;
                *count.get_mut() > 0
            });
        }
        counts
            .entry(handle.into())
            .or_default()
            .fetch_add(1, Ordering::Relaxed);
    }

    /// All counts, when there are other ones than at the last call.
    pub fn news(&self) -> Option<Vec<(String, u64)>> {
        let has_news = self.has_news.swap(false, Ordering::Relaxed);
        has_news.then(|| self.all())
    }

    /// The handles of so many products, those that were shown most first.
    pub fn most(&self, products: usize) -> Vec<String> {
        let all = self.all().into_iter().take(products);
        all.map(|(handle, _)| handle).collect()
    }

    /// All counts, the highest first.
    fn all(&self) -> Vec<(String, u64)> {
        let counts = self.counts.read();
        let mut all: Vec<(String, u64)> = counts
            .iter()
            .map(|(handle, count)| (handle.to_string(), count.load(Ordering::Relaxed)))
            .collect();
        drop(counts);
        all.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_at_most_comes_first() {
        let views = Views::new(vec![("can".into(), 3), ("pot".into(), 1)]);
        for _ in 0..4 {
            views.count("fork");
        }
        views.count("pot");
        assert_eq!(views.most(2), ["fork", "can"]);
        assert_eq!(views.all().last(), Some(&("pot".to_owned(), 2)));
        assert_eq!(views.news().map(|all| all.len()), Some(3));
        assert_eq!(views.news(), None);
    }

    #[test]
    fn whoever_asks_for_many_products_displaces_none_that_is_looked_at() {
        let views = Views::default();
        for _ in 0..1_000 {
            views.count("fork");
        }
        for other in 0..3 * KEPT {
            views.count(&other.to_string());
        }
        assert!(views.all().len() <= KEPT);
        assert_eq!(views.most(1), ["fork"]);
    }
}
