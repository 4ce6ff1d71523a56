//! What templates show on many pages, as template values made once instead of for each request.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use serde::Serialize;
use tera::Value;

use crate::commerce::{Collection, Product};
use crate::config::Config;

/// Products whose values are kept.
const PRODUCTS: usize = 1024;

/// The values. All are cheap to clone.
pub struct Values {
    shop: Value,
    nav: RwLock<Option<(i64, Value)>>,
    products: Mutex<HashMap<i64, (Arc<Product>, Value)>>,
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
            nav: RwLock::new(None),
            products: Mutex::new(HashMap::new()),
        }
    }

    pub fn shop(&self) -> Value {
        self.shop.clone()
    }

    /// The navigation of this version of the catalogue, when it is known.
    pub fn nav(&self, version: i64) -> Option<Value> {
        self.nav
            .read()
            .as_ref()
            .filter(|(known, _)| *known == version)
            .map(|(_, value)| value.clone())
    }

    /// Keeps the navigation of a version of the catalogue.
    pub fn set_nav(&self, version: i64, collections: &[Collection]) -> Value {
        let value = Value::from_serializable(collections);
        *self.nav.write() = Some((version, value.clone()));
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
