//! Decoded products, kept in memory for as long as their revision in the database stays the same.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::Product;

/// Two generations: when the young one is full it becomes the old one, and what is asked for again
/// moves back. So a crawl through the whole catalogue displaces nothing for long, and nothing is
/// counted or ordered on the way of a hit.
pub(super) struct ProductCache {
    generations: Mutex<Generations>,
    /// Weight at which a generation is full, in bytes.
    capacity: usize,
}

#[derive(Default)]
struct Generations {
    young: HashMap<Key, Entry>,
    young_weight: usize,
    old: HashMap<Key, Entry>,
}

/// The price list and the product.
type Key = (i64, i64);

struct Entry {
    revision: i64,
    weight: usize,
    product: Arc<Product>,
}

impl ProductCache {
    /// A cache of about `bytes`.
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            generations: Mutex::default(),
            capacity: bytes / 2,
        }
    }

    /// The product of an id by a price list, when it was kept at exactly this revision.
    pub(super) fn get(&self, list: i64, id: i64, revision: i64) -> Option<Arc<Product>> {
        let mut generations = self.generations.lock();
        if let Some(entry) = generations.young.get(&(list, id)) {
            return (entry.revision == revision).then(|| Arc::clone(&entry.product));
        }
        let entry = generations
            .old
            .remove(&(list, id))
            .filter(|entry| entry.revision == revision)?;
        let product = Arc::clone(&entry.product);
        generations.keep((list, id), entry, self.capacity);
        Some(product)
    }

    /// Keeps a product in place of any earlier revision.
    pub(super) fn put(&self, list: i64, revision: i64, product: &Arc<Product>) {
        let entry = Entry {
            revision,
            weight: weight(product),
            product: Arc::clone(product),
        };
        if entry.weight <= self.capacity {
            self.generations
                .lock()
                .keep((list, product.id), entry, self.capacity);
        }
    }
}

impl Generations {
    fn keep(&mut self, key: Key, entry: Entry, capacity: usize) {
        if self.young_weight + entry.weight > capacity {
            self.old = std::mem::take(&mut self.young);
            self.young_weight = 0;
        }
        self.young_weight += entry.weight;
        if let Some(earlier) = self.young.insert(key, entry) {
            self.young_weight -= earlier.weight;
        }
    }
}

/// About how much memory a product takes, in bytes.
fn weight(product: &Product) -> usize {
    let strings = |list: &[String]| list.iter().map(|text| text.len() + 24).sum::<usize>();
    let variant = |one: &crate::Variant| {
        200 + one.title.len() + strings(&one.options) + one.metafields.weight()
    };
    500 + product.body_html.len()
        + product.metafields.weight()
        + strings(&product.tags)
        + product
            .images
            .iter()
            .map(|image| 80 + image.src.len() + image.alt.len())
            .sum::<usize>()
        + product.variants.iter().map(variant).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(id: i64, body: usize) -> Arc<Product> {
        Arc::new(Product {
            id,
            handle: format!("p-{id}"),
            title: String::new(),
            body_html: "x".repeat(body),
            description: String::new(),
            vendor: String::new(),
            product_type: String::new(),
            tags: vec![],
            images: vec![],
            options: vec![],
            variants: vec![],
            price_min: 0,
            price_max: 0,
            compare_at: None,
            available: true,
            seo_title: String::new(),
            seo_description: String::new(),
            collections: vec![],
            metafields: crate::Metafields::default(),
        })
    }

    #[test]
    fn only_the_asked_revision_is_found() {
        let cache = ProductCache::new(100_000);
        cache.put(1, 1, &product(7, 10));
        assert!(cache.get(1, 7, 1).is_some());
        assert!(cache.get(1, 7, 2).is_none());
        cache.put(1, 2, &product(7, 10));
        assert!(cache.get(1, 7, 2).is_some());
        assert!(cache.get(1, 7, 1).is_none());
        assert!(cache.get(2, 7, 2).is_none(), "by another price list");
    }

    #[test]
    fn memory_stays_bounded_and_what_is_asked_for_stays() {
        let cache = ProductCache::new(20_000);
        cache.put(1, 1, &product(1, 500));
        for id in 2..1_000 {
            cache.put(1, 1, &product(id, 500));
            assert!(cache.get(1, 1, 1).is_some(), "lost after {id}");
            let kept = cache.generations.lock();
            assert!(kept.young.len() + kept.old.len() <= 20);
        }
        cache.put(1, 1, &product(2_000, 50_000));
        assert!(cache.get(1, 2_000, 1).is_none());
    }
}
