//! The personal parts of cached pages, as they were made for visitors before.
//!
//! A personal component sees its properties, the page's context and what [`PersonalData`] has: it
//! has no clock, no randomness and no files. So its bytes are the same for every visitor of whom
//! that is equal, apart from the cart's version in the snapshot, and are remembered. What failed is
//! not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::request::personal::PersonalData;
use protium_page::Filling;

/// The most bytes that are remembered.
const MOST_BYTES: u64 = 16 * 1024 * 1024;
/// About how many bytes an entry takes besides the fillings.
const ENTRY: usize = 256;

/// Remembers the fillings of cached pages.
pub struct Fillings(Cache<Key, Arc<Filling>, Bytes>);

#[derive(Clone)]
struct Bytes;

impl Weighter<Key, Arc<Filling>> for Bytes {
    fn weight(&self, _: &Key, filling: &Arc<Filling>) -> u64 {
        (ENTRY + filling.weight()) as u64
    }
}

/// Equal keys have equal fillings: there are no digests that could collide.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    page: PageNumber,
    visitor: PersonalData,
}

/// Tells a cached page from all others of this process, earlier ones of the same address included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageNumber(u64);

impl PageNumber {
    /// A number that no page has.
    pub fn next() -> PageNumber {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        PageNumber(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl Default for Fillings {
    fn default() -> Fillings {
        Fillings(Cache::with_weighter(4096, MOST_BYTES, Bytes))
    }
}

impl Fillings {
    /// What was made for such a visitor.
    pub fn get(&self, page: PageNumber, visitor: &PersonalData) -> Option<Arc<Filling>> {
        let visitor = visitor.rendered();
        self.0.get(&Key { page, visitor })
    }

    /// Remembers what was made for a visitor.
    pub fn insert(&self, page: PageNumber, visitor: &PersonalData, filling: Arc<Filling>) {
        let visitor = visitor.rendered();
        self.0.insert(Key { page, visitor }, filling);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::session::Session;

    fn visitor(count: i64, version: i64) -> PersonalData {
        let session = Session {
            count,
            version,
            ..Session::default()
        };
        PersonalData::of(&session, None)
    }

    #[test]
    fn a_filling_is_for_one_page_and_all_visitors_who_see_the_same() {
        let fillings = Fillings::default();
        let (page, other) = (PageNumber::next(), PageNumber::next());
        fillings.insert(page, &visitor(1, 1), Arc::default());
        assert!(fillings.get(page, &visitor(1, 1)).is_some());
        assert!(fillings.get(page, &visitor(2, 1)).is_none());
        assert!(fillings.get(page, &visitor(1, 7)).is_some());
        assert!(fillings.get(other, &visitor(1, 1)).is_none());
    }
}
