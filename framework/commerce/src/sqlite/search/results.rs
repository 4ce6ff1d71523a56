//! What searches have found, while the catalogue stays as it is: a page with facets asks for its
//! results twice, and further pages ask for them again.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::find::Found;

/// Memory for results, in bytes.
const CAPACITY: u64 = 1 << 20;

/// About how many bytes one takes, to reckon the size of the cache's table.
const USUAL: usize = 1024;

/// What a search found.
pub(super) struct Results {
    pub found: Found,
    /// All products, the most relevant first.
    pub ids: Vec<i64>,
    /// How many there are.
    pub total: i64,
}

/// What was searched for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    pub query: String,
    pub locale: Arc<str>,
    pub exact: bool,
}

/// Results, each with how many changes the catalogue had then.
pub(in crate::sqlite) struct ResultCache(Cache<Asked, (i64, Arc<Results>), Bytes>);

#[derive(Clone)]
struct Bytes;

impl Weighter<Asked, (i64, Arc<Results>)> for Bytes {
    fn weight(&self, asked: &Asked, (_, results): &(i64, Arc<Results>)) -> u64 {
        (200 + 4 * asked.query.len() + 8 * results.ids.len()) as u64
    }
}

impl Default for ResultCache {
    fn default() -> Self {
        let usual = CAPACITY as usize / USUAL;
        Self(Cache::with_weighter(usual, CAPACITY, Bytes))
    }
}

impl ResultCache {
    /// What was found when the catalogue had exactly so many changes.
    pub(super) fn get(&self, asked: &Asked, changed: i64) -> Option<Arc<Results>> {
        let (found_at, results) = self.0.get(asked)?;
        (found_at == changed).then_some(results)
    }

    pub(super) fn put(&self, asked: Asked, changed: i64, results: &Arc<Results>) {
        self.0.insert(asked, (changed, Arc::clone(results)));
    }
}
