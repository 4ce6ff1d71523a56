//! What templates show on many pages, as template values made once instead of for each request.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Mutex, RwLock};
use serde::Serialize;
use tera::Value;

use crate::commerce::{Collection, Product};
use crate::config::Config;

/// Products whose values are kept.
const PRODUCTS: usize = 1024;
/// How long the navigation is shown without a look into the catalogue.
const NAV_FRESH: Duration = Duration::from_secs(1);

/// The values. All are cheap to clone.
pub struct Values {
    shop: Value,
    nav: RwLock<Nav>,
    products: Mutex<HashMap<i64, (Arc<Product>, Value)>>,
}

/// The navigation and when it was read; never, before the first page.
struct Nav {
    value: Value,
    read_at: Option<Instant>,
}

/// `shop`, as templates see it.
#[derive(Serialize)]
struct ShopValue<'a> {
    name: &'a str,
    tagline: &'a str,
    currency: &'a str,
    locale: &'a str,
    announcement: Option<&'a str>,
}

impl Values {
    pub fn new(config: &Config) -> Values {
        let shop = &config.shop;
        Values {
            shop: Value::from_serializable(&ShopValue {
                name: &shop.name,
                tagline: &shop.tagline,
                currency: &shop.currency,
                locale: &shop.locale,
                announcement: Some(shop.announcement.as_str()).filter(|text| !text.is_empty()),
            }),
            nav: RwLock::new(Nav {
                value: Value::from(Vec::<Value>::new()),
                read_at: None,
            }),
            products: Mutex::new(HashMap::new()),
        }
    }

    pub fn shop(&self) -> Value {
        self.shop.clone()
    }

    /// The navigation, and whether the caller should read it anew: one of many callers is told so.
    pub fn nav(&self) -> (Value, bool) {
        let nav = self.nav.read();
        if nav.read_at.is_some_and(|at| at.elapsed() < NAV_FRESH) {
            return (nav.value.clone(), false);
        }
        drop(nav);
        let mut nav = self.nav.write();
        let is_due = nav.read_at.is_none_or(|at| at.elapsed() >= NAV_FRESH);
        if nav.read_at.is_some() {
            nav.read_at = Some(Instant::now());
        }
        (nav.value.clone(), is_due)
    }

    /// Keeps the navigation.
    pub fn set_nav(&self, collections: &[Collection]) -> Value {
        let value = Value::from_serializable(collections);
        *self.nav.write() = Nav {
            value: value.clone(),
            read_at: Some(Instant::now()),
        };
        value
    }

    /// A product's value. The catalogue hands out the same `Arc` until the product changes.
    pub fn product(&self, product: &Arc<Product>) -> Value {
        let mut products = self.products.lock();
        if let Some((known, value)) = products.get(&product.id) {
            if Arc::ptr_eq(known, product) {
                return value.clone();
            }
        }
        if products.len() >= PRODUCTS {
            products.clear();
        }
        let value = Value::from_serializable(&**product);
        products.insert(product.id, (Arc::clone(product), value.clone()));
        value
    }
}
