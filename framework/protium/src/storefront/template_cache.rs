//! What templates show on many pages, as template values made once instead of for each request.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use quick_cache::sync::Cache;
use serde::Serialize;
use tera::Value;

use crate::config::Config;
use crate::http::assets::Assets;
use crate::storefront::pictures::Pictures;
use protium_commerce::Product;
use protium_types::locale::Locale;
use protium_types::{Dependencies, Market, Region};

/// Products, and lists, that are cached. Beyond, the least used are evicted, one by one.
const CAPACITY: usize = 1024;
/// How long a list is shown without a look into the catalogue.
const FRESH: Duration = Duration::from_secs(1);

/// The values. All are cheap to clone.
pub struct TemplateCache {
    /// `shop` and `market`, by the market's name; the default one first.
    markets: Vec<(String, Value, Value)>,
    lists: Cache<ListKey, Arc<CachedList>>,
    /// By the market, whose prices they have, and the product's id.
    products: Cache<(Market, i64), (Arc<Product>, Value)>,
}

/// A list, in one region where its stock and prices differ, in one market.
pub type ListKey = (List, Option<Region>, Market);

/// A list that was read.
struct CachedList {
    value: Value,
    depends: Arc<Dependencies>,
    read_at: Mutex<Instant>,
    /// How many purges there were before it was read.
    purges: u64,
}

/// Lists that many pages show.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum List {
    /// The collections in the navigation.
    Nav,
    /// The cards on the front page.
    Featured,
    /// The collections on the front page.
    Collections,
    /// The cards beside the product with this id.
    Related(i64),
}

/// `shop`, as templates see it.
#[derive(Serialize)]
struct ShopValue<'a> {
    name: &'a str,
    tagline: &'a str,
    currency: &'a str,
    locale: &'a str,
    /// `ltr` or `rtl`.
    dir: &'a str,
    announcement: Option<&'a str>,
}

impl TemplateCache {
    /// Of a shop whose markets are shown in these locales.
    pub fn new(config: &Config, locales: &[(Market, Locale)]) -> TemplateCache {
        let shop = &config.shop;
        let markets = locales.iter().map(|(market, locale)| {
            let value = ShopValue {
                name: &shop.name,
                tagline: &shop.tagline,
                currency: &locale.currency,
                locale: &locale.name,
                dir: &locale.dir,
                announcement: Some(shop.announcement.as_str()).filter(|text| !text.is_empty()),
            };
            let shop = Value::from_serializable(&value);
            (market.name.clone(), shop, Value::from_serializable(market))
        });
        TemplateCache {
            markets: markets.collect(),
            lists: Cache::new(CAPACITY),
            products: Cache::new(CAPACITY),
        }
    }

    /// `shop` and `market`, as they are in a market.
    pub fn market(&self, market: &Market) -> [Value; 2] {
        let found = self.markets.iter().find(|(name, ..)| *name == market.name);
        match found.or_else(|| self.markets.first()) {
            Some((_, shop, market)) => [shop.clone(), market.clone()],
            None => [Value::none(), Value::none()],
        }
    }

    /// A list as it was read last, and whether the caller should read it anew: of many callers one
    /// should, and all should when something was purged since (`purges` counts purges).
    pub fn list(&self, list: &ListKey, purges: u64) -> Option<(Value, Arc<Dependencies>, bool)> {
        let cached = self.lists.get(list)?;
        let seen = |is_due| Some((cached.value.clone(), Arc::clone(&cached.depends), is_due));
        if cached.purges != purges {
            return seen(true);
        }
        let mut read_at = cached.read_at.lock();
        let is_due = read_at.elapsed() >= FRESH;
        if is_due {
            *read_at = Instant::now();
        }
        seen(is_due)
    }

    /// Keeps a list that was read just now, after so many purges, with what it depends on.
    pub fn insert(&self, list: ListKey, value: Value, depends: Dependencies, purges: u64) {
        let cached = CachedList {
            value,
            depends: Arc::new(depends),
            read_at: Mutex::new(Instant::now()),
            purges,
        };
        self.lists.insert(list, Arc::new(cached));
    }

    /// A product's value in a market. The catalogue hands out the same `Arc` until the product
    /// changes.
    pub fn product(&self, market: &Market, product: &Arc<Product>, assets: &Assets) -> Value {
        self.product_value(market, product, || {
            let mut shown = Product::clone(product);
            shown.hash_pictures(assets);
            Value::from_serializable(&shown)
        })
    }

    fn product_value(
        &self,
        market: &Market,
        product: &Arc<Product>,
        make: impl FnOnce() -> Value,
    ) -> Value {
        let key = (market.clone(), product.id);
        if let Some((known, value)) = self.products.get(&key)
            && Arc::ptr_eq(&known, product)
        {
            return value;
        }
        let value = make();
        let shown = (Arc::clone(product), value.clone());
        self.products.insert(key, shown);
        value
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use protium_types::MarketData;

    fn market() -> Market {
        let markets = Config::defaults(Path::new("")).markets();
        markets.expect("one market").default_market().clone()
    }

    fn product(id: i64) -> Arc<Product> {
        Arc::new(Product {
            id,
            handle: format!("p-{id}"),
            title: format!("Product {id}"),
            body_html: String::new(),
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
            metafields: protium_commerce::Metafields::default(),
        })
    }

    /// Puts twice as much into a cache as it holds: each addition displaces one entry, not all.
    fn displaces_one_at_a_time<K, V>(cache: &Cache<K, V>, put: impl Fn(i64))
    where
        K: std::hash::Hash + Eq,
        V: Clone,
    {
        let mut before = 0;
        for id in 0..2 * CAPACITY {
            put(id as i64);
            let cached = cache.len();
            assert!(cached + 1 >= before, "{cached} after {before}");
            // The entries are spread over parts, of which some are full before others.
            assert!(cached >= (id + 1).min(CAPACITY) * 3 / 4, "{cached} of {id}");
            assert!(cached <= CAPACITY, "{cached}");
            before = cached;
        }
    }

    #[test]
    fn more_than_fits_displaces_one_and_not_all() {
        let cache = TemplateCache::new(&Config::defaults(Path::new("")), &[]);
        let market = market();
        displaces_one_at_a_time(&cache.products, |id| {
            cache.product_value(&market, &product(id), || Value::from(id));
        });
        displaces_one_at_a_time(&cache.lists, |id| {
            let list = (List::Related(id), None, market.clone());
            cache.insert(list, Value::from(id), Dependencies::default(), 0);
        });
    }

    #[test]
    fn a_product_has_a_value_in_each_market() {
        let cache = TemplateCache::new(&Config::defaults(Path::new("")), &[]);
        let here = market();
        let mut there = MarketData::clone(&here);
        there.price_list = "export".to_owned();
        let there = Market::from(there);
        let (one, other) = (product(7), product(7));
        let value =
            |market, product, made: i64| cache.product_value(market, product, || Value::from(made));
        for _ in 0..2 {
            assert_eq!(value(&here, &one, 1), Value::from(1));
            assert_eq!(value(&there, &other, 2), Value::from(2));
        }
        assert_eq!(value(&here, &one, 3), Value::from(1), "it is still there");
    }

    #[test]
    fn of_many_who_find_a_list_old_one_reads_it_anew() {
        let cache = TemplateCache::new(&Config::defaults(Path::new("")), &[]);
        let list = (List::Nav, None, market());
        cache.insert(list.clone(), Value::from(1), Dependencies::default(), 7);
        let is_due = |purges| cache.list(&list, purges).is_some_and(|known| known.2);
        assert!(!is_due(7));
        assert!(is_due(8) && is_due(8), "after a purge everyone does");
        let cached = cache.lists.get(&list).expect("it is there");
        *cached.read_at.lock() -= 2 * FRESH;
        assert!(is_due(7));
        assert!(!is_due(7));
    }
}
