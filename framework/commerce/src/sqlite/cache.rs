//! Decoded products, kept in memory for as long as their revision in the database stays the same.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::Product;

/// Products by price list and id, each with the revision that it was read at.
pub(super) struct ProductCache(Cache<(i64, i64), ProductAtRevision, Bytes>);

/// A product at a revision.
type ProductAtRevision = (i64, Arc<Product>);

/// About how many bytes a product takes, to reckon the size of the cache's table.
const USUAL: usize = 2048;

#[derive(Clone)]
struct Bytes;

impl Weighter<(i64, i64), ProductAtRevision> for Bytes {
    fn weight(&self, _: &(i64, i64), (_, product): &ProductAtRevision) -> u64 {
        weight(product) as u64
    }
}

impl ProductCache {
    /// A cache of about `bytes`.
    pub(super) fn new(bytes: usize) -> Self {
        Self(Cache::with_weighter(bytes / USUAL, bytes as u64, Bytes))
    }

    /// The product of an id by a price list, when it was kept at exactly this revision.
    pub(super) fn get(&self, list: i64, id: i64, revision: i64) -> Option<Arc<Product>> {
        let (kept_at, product) = self.0.get(&(list, id))?;
        (kept_at == revision).then_some(product)
    }

    /// Keeps a product in place of any earlier revision.
    pub(super) fn put(&self, list: i64, revision: i64, product: &Arc<Product>) {
        let kept = (revision, Arc::clone(product));
        self.0.insert((list, product.id), kept);
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
    fn a_cache_without_room_holds_nothing() {
        let cache = ProductCache::new(0);
        cache.put(1, 1, &product(7, 10));
        assert!(cache.get(1, 7, 1).is_none());
    }

    #[test]
    fn products_are_weighed_by_what_they_hold() {
        let cache = ProductCache::new(20_000);
        for id in 0..100 {
            cache.put(1, 1, &product(id, 500));
        }
        cache.put(1, 1, &product(100, 50_000));
        assert!((10_000..=20_000).contains(&cache.0.weight()));
        assert!(cache.get(1, 100, 1).is_none(), "larger than the cache");
    }
}
