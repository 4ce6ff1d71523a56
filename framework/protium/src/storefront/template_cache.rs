//! What templates show on many pages, as template values made once instead of for each request.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::sync::Cache;
use parking_lot::Mutex;
use serde::Serialize;
use tera::Value;

use crate::config::Config;
use crate::http::assets::Assets;
use crate::storefront::pictures::Pictures;
use protium_commerce::Product;
use protium_types::locale::Locale;
use protium_types::{Dependencies, Market, Region};

/// Products, and lists, whose values are kept. Beyond, what is asked for least goes, one by one.
const KEPT: u64 = 1024;
/// How long a list is shown without a look into the catalogue.
const FRESH: Duration = Duration::from_secs(1);

/// The values. All are cheap to clone.
pub struct TemplateCache {
    /// By the market's name; the default one first.
    shops: Vec<(String, Value)>,
    lists: Cache<Shown, Arc<CachedList>>,
    products: Cache<i64, (Arc<Product>, Value)>,
}

/// A list, in one region where its stock and prices differ, in one market.
pub type Shown = (List, Option<Region>, Market);

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
    /// Of a shop that is shown in these locales, by the names of its markets.
    pub fn new(config: &Config, locales: &[(String, Locale)]) -> TemplateCache {
        let shop = &config.shop;
        let shops = locales.iter().map(|(market, locale)| {
            let value = ShopValue {
                name: &shop.name,
                tagline: &shop.tagline,
                currency: &locale.currency,
                locale: &locale.name,
                dir: &locale.dir,
                announcement: Some(shop.announcement.as_str()).filter(|text| !text.is_empty()),
            };
            (market.clone(), Value::from_serializable(&value))
        });
        TemplateCache {
            shops: shops.collect(),
            lists: Cache::new(KEPT),
            products: Cache::new(KEPT),
        }
    }

    /// `shop`, as it is in a market.
    pub fn shop(&self, market: &Market) -> Value {
        let found = self.shops.iter().find(|(name, _)| *name == market.name);
        let found = found.or_else(|| self.shops.first());
        found.map_or_else(Value::none, |(_, shop)| shop.clone())
    }

    /// A list as it was read last, and whether the caller should read it anew: of many callers one
    /// is told so, and all are when something was purged since (`purges` is how many purges there
    /// were).
    pub fn list(&self, list: &Shown, purges: u64) -> Option<(Value, Arc<Dependencies>, bool)> {
        let kept = self.lists.get(list)?;
        let seen = |is_due| Some((kept.value.clone(), Arc::clone(&kept.depends), is_due));
        if kept.purges != purges {
            return seen(true);
        }
        let mut read_at = kept.read_at.lock();
        let is_due = read_at.elapsed() >= FRESH;
        if is_due {
            *read_at = Instant::now();
        }
        seen(is_due)
    }

    /// Keeps a list that was read just now, after so many purges, with what it depends on.
    pub fn keep(&self, list: Shown, value: Value, depends: Dependencies, purges: u64) {
        let kept = CachedList {
            value,
            depends: Arc::new(depends),
            read_at: Mutex::new(Instant::now()),
            purges,
        };
        self.lists.insert(list, Arc::new(kept));
    }

    /// A product's value. The catalogue hands out the same `Arc` until the product changes.
    pub fn product(&self, product: &Arc<Product>, assets: &Assets) -> Value {
        self.product_value(product, || {
            let mut shown = Product::clone(product);
            shown.hash_pictures(assets);
            Value::from_serializable(&shown)
        })
    }

    fn product_value(&self, product: &Arc<Product>, make: impl FnOnce() -> Value) -> Value {
        if let Some((known, value)) = self.products.get(&product.id)
            && Arc::ptr_eq(&known, product)
        {
            return value;
        }
        let value = make();
        self.products
            .insert(product.id, (Arc::clone(product), value.clone()));
        value
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::Path;

    use super::*;

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

    #[test]
    fn a_product_more_than_fits_displaces_one_and_not_all() {
        let values = TemplateCache::new(&Config::defaults(Path::new("")), &[]);
        for id in 0..2 * KEPT as i64 {
            values.product_value(&product(id), || Value::from(id));
            values.products.run_pending_tasks();
            let kept = values.products.entry_count();
            assert!(kept >= (id as u64 + 1).min(KEPT) - 1, "{kept} after {id}");
            assert!(kept <= KEPT, "{kept}");
        }
    }

    #[test]
    fn a_list_more_than_fits_displaces_one_and_not_all() {
        let values = TemplateCache::new(&Config::defaults(Path::new("")), &[]);
        let list = |id| (List::Related(id), None, market());
        for id in 0..2 * KEPT as i64 {
            values.keep(list(id), Value::from(id), Dependencies::default(), 0);
        }
        values.lists.run_pending_tasks();
        let kept: HashSet<i64> = (0..2 * KEPT as i64)
            .filter(|id| values.list(&list(*id), 0).is_some())
            .collect();
        assert_eq!(kept.len() as u64, KEPT);
    }

    #[test]
    fn of_many_who_find_a_list_old_one_reads_it_anew() {
        let values = TemplateCache::new(&Config::defaults(Path::new("")), &[]);
        let list = (List::Nav, None, market());
        values.keep(list.clone(), Value::from(1), Dependencies::default(), 7);
        let is_due = |purges| values.list(&list, purges).is_some_and(|known| known.2);
        assert!(!is_due(7));
        assert!(is_due(8) && is_due(8), "after a purge everyone does");
        let kept = values.lists.get(&list).expect("it is there");
        *kept.read_at.lock() -= 2 * FRESH;
        assert!(is_due(7));
        assert!(!is_due(7));
    }
}
