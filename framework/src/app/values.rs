//! What templates show on many pages, as template values made once instead of for each request.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Mutex, RwLock};
use serde::Serialize;
use tera::Value;

use super::pictures::Pictures;
use super::prewarm::overlay::Region;
use crate::commerce::Product;
use crate::commerce::context::Dependencies;
use crate::config::Config;
use crate::web::assets::Assets;

/// Products, and lists, whose values are kept.
const KEPT: usize = 1024;
/// How long a list is shown without a look into the catalogue.
const FRESH: Duration = Duration::from_secs(1);

/// The values. All are cheap to clone.
pub struct Values {
    shop: Value,
    lists: RwLock<HashMap<(List, Region), Kept>>,
    products: Mutex<HashMap<i64, (Arc<Product>, Value)>>,
}

/// A list that was read.
struct Kept {
    value: Value,
    depends: Arc<Dependencies>,
    read_at: Instant,
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

impl Values {
    pub fn new(config: &Config, dir: &str) -> Values {
        let shop = &config.shop;
        Values {
            shop: Value::from_serializable(&ShopValue {
                name: &shop.name,
                tagline: &shop.tagline,
                currency: &shop.currency,
                locale: &shop.locale,
                dir,
                announcement: Some(shop.announcement.as_str()).filter(|text| !text.is_empty()),
            }),
            lists: RwLock::new(HashMap::new()),
            products: Mutex::new(HashMap::new()),
        }
    }

    pub fn shop(&self) -> Value {
        self.shop.clone()
    }

    /// A list as it was read last, and whether the caller should read it anew: of many callers one is told so, and all are when
    /// something was purged since (`purges` is how many purges there were).
    pub fn list(
        &self,
        list: &(List, Region),
        purges: u64,
    ) -> Option<(Value, Arc<Dependencies>, bool)> {
        let is_fresh = |kept: &Kept| kept.read_at.elapsed() < FRESH;
        let seen = |kept: &Kept| (kept.value.clone(), Arc::clone(&kept.depends));
        if let Some(kept) = self.lists.read().get(list)
            && (is_fresh(kept) || kept.purges != purges)
        {
            let (value, depends) = seen(kept);
            return Some((value, depends, kept.purges != purges));
        }
        let mut lists = self.lists.write();
        let kept = lists.get_mut(list)?;
        let is_due = !is_fresh(kept) || kept.purges != purges;
        kept.read_at = Instant::now();
        let (value, depends) = seen(kept);
        Some((value, depends, is_due))
    }

    /// Keeps a list that was read just now, after so many purges, with what it depends on.
    pub fn keep(&self, list: (List, Region), value: Value, depends: Dependencies, purges: u64) {
        let mut lists = self.lists.write();
        if lists.len() >= KEPT {
            lists.clear();
        }
        let kept = Kept {
            value,
            depends: Arc::new(depends),
            read_at: Instant::now(),
            purges,
        };
        lists.insert(list, kept);
    }

    /// A product's value. The catalogue hands out the same `Arc` until the product changes.
    pub fn product(&self, product: &Arc<Product>, assets: &Assets) -> Value {
        let mut products = self.products.lock();
        if let Some((known, value)) = products.get(&product.id)
            && Arc::ptr_eq(known, product)
        {
            return value.clone();
        }
        if products.len() >= KEPT {
            products.clear();
        }
        let mut shown = Product::clone(product);
        shown.hash_pictures(assets);
        let value = Value::from_serializable(&shown);
        products.insert(product.id, (Arc::clone(product), value.clone()));
        value
    }
}
