//! Single SKUs: their stock, where they are shown, and what changed.
//!
//! A SKU that is empty, or that several variants on sale have, is ambiguous and finds nothing.

use std::collections::HashMap;
use std::time::Instant;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use super::asked_list::AskedList;
use super::failure::failure;
use super::rows::PIECES;
use super::state;
use super::store::Store;
use crate::stock::{Changes, Offer, Sku, SkuChoice, SkuStock};
use crate::{Context, ProviderError};

/// Ids or names in one statement.
const BATCH: usize = 256;

/// What variants are on sale by the default price list: a `FROM` with its condition.
const ON_SALE: &str = "variant v JOIN product p ON p.id = v.product_id \
     JOIN price c ON c.variant_id = v.id AND c.list_id = 1 \
     WHERE v.position IS NOT NULL AND p.published = 1";

impl Store {
    /// What there is of a SKU; `None` when no variant on sale, or more than one, has it.
    pub async fn stock(
        &self,
        deadline: Instant,
        sku: &str,
    ) -> Result<Option<SkuStock>, ProviderError> {
        self.0
            .readers
            .quick(deadline, |connection| stock(connection, sku))
            .await?
            .map_err(|error| failure("reading the stock of a SKU", error))
    }

    /// The chosen SKUs, at most so many of them.
    pub async fn skus(
        &self,
        deadline: Instant,
        choice: SkuChoice,
        most: usize,
    ) -> Result<Vec<Sku>, ProviderError> {
        self.0
            .readers
            .long(deadline, move |connection| skus(connection, &choice, most))
            .await?
            .map_err(|error| failure("reading SKUs", error))
    }

    /// The variants on sale of these products, at the prices of the context's list.
    pub async fn offers(
        &self,
        context: &Context,
        products: &[i64],
    ) -> Result<Vec<Offer>, ProviderError> {
        let asked = AskedList::of(context);
        let read = |connection: &Connection| {
            let list = asked.id(connection)?;
            offers(connection, list, products)
                .map_err(|error| failure("reading the variants of products", error))
        };
        self.0.readers.quick(context.deadline, read).await?
    }

    /// The collections of these products, as ids and handles; among them, with id 0, the virtual
    /// one of everything.
    pub async fn collections_of(
        &self,
        deadline: Instant,
        products: Vec<i64>,
    ) -> Result<Vec<(i64, String)>, ProviderError> {
        self.0
            .readers
            .long(deadline, move |connection| {
                collections_of(connection, &products)
            })
            .await?
            .map_err(|error| failure("reading the collections of products", error))
    }

    /// The products that changed after the first `seen` changes, unless they are more than `most`.
    pub async fn changes(
        &self,
        deadline: Instant,
        seen: i64,
        most: usize,
    ) -> Result<Changes, ProviderError> {
        self.0
            .readers
            .quick(deadline, |connection| changes(connection, seen, most))
            .await?
            .map_err(|error| failure("reading what changed", error))
    }
}

fn stock(connection: &Connection, sku: &str) -> rusqlite::Result<Option<SkuStock>> {
    if sku.is_empty() {
        return Ok(None);
    }
    let snapshot = connection.unchecked_transaction()?;
    let Some(currency) = state::read(&snapshot)?.currency else {
        return Ok(None);
    };
    let mut query = snapshot.prepare_cached(&format!(
        "SELECT {PIECES}, c.amount FROM {ON_SALE} AND v.sku = ?1 LIMIT 2"
    ))?;
    let mut rows = query.query([sku])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let found = SkuStock {
        pieces: row.get(0)?,
        price: row.get(1)?,
        currency,
    };
    Ok(rows.next()?.is_none().then_some(found))
}

fn skus(connection: &Connection, choice: &SkuChoice, most: usize) -> rusqlite::Result<Vec<Sku>> {
    let snapshot = connection.unchecked_transaction()?;
    let mut found = Vec::new();
    let mut add = |condition: &str, values: &[Value]| -> rusqlite::Result<()> {
        let left = most.saturating_sub(found.len());
        if left == 0 {
            return Ok(());
        }
        let sql = format!(
            "SELECT v.sku, p.id, p.handle FROM {ON_SALE} AND v.sku <> '' AND {condition} \
             AND NOT EXISTS (SELECT 1 FROM variant o JOIN product q ON q.id = o.product_id \
               WHERE o.sku = v.sku AND o.position IS NOT NULL AND q.published = 1 AND o.id <> \
               v.id) \
             ORDER BY p.id, v.position LIMIT {left}"
        );
        let mut query = snapshot.prepare_cached(&sql)?;
        let rows = query.query_map(params_from_iter(values), |row| {
            Ok(Sku {
                sku: row.get(0)?,
                product: row.get(1)?,
                handle: row.get(2)?,
            })
        })?;
        for row in rows {
            found.push(row?);
        }
        Ok(())
    };
    match choice {
        SkuChoice::All => add("1", &[])?,
        SkuChoice::Collection(handle) if handle == "all" => add("1", &[])?,
        SkuChoice::Collection(handle) => add(
            "p.id IN (SELECT cp.product_id FROM collection_product cp \
             JOIN collection c ON c.id = cp.collection_id WHERE c.handle = ?1)",
            &[handle.clone().into()],
        )?,
        SkuChoice::Handles(handles) => {
            for handle in handles {
                add("p.handle = ?1", &[handle.clone().into()])?;
            }
        }
        SkuChoice::Products(ids) => {
            for id in ids {
                add("p.id = ?1", &[(*id).into()])?;
            }
        }
        SkuChoice::Skus(skus) => {
            for sku in skus {
                add("v.sku = ?1", &[sku.clone().into()])?;
            }
        }
    }
    Ok(found)
}

fn offers(connection: &Connection, list: i64, products: &[i64]) -> rusqlite::Result<Vec<Offer>> {
    let mut query = connection.prepare_cached(&format!(
        "SELECT v.sku, c.amount, {PIECES}, v.oversell \
         FROM variant v CROSS JOIN price c ON c.variant_id = v.id AND c.list_id = ?2 \
         WHERE v.product_id = ?1 AND v.position IS NOT NULL ORDER BY v.position"
    ))?;
    let mut found = Vec::new();
    for &product in products {
        let rows = query.query_map([product, list], |row| {
            Ok(Offer {
                product,
                sku: row.get(0)?,
                price: row.get(1)?,
                quantity: row.get(2)?,
                oversell: row.get(3)?,
            })
        })?;
        for row in rows {
            found.push(row?);
        }
    }
    Ok(found)
}

fn collections_of(
    connection: &Connection,
    products: &[i64],
) -> rusqlite::Result<Vec<(i64, String)>> {
    let mut found = HashMap::from([(0, "all".to_owned())]);
    for ids in products.chunks(BATCH) {
        let places = vec!["?"; ids.len()].join(", ");
        let sql = format!(
            "SELECT DISTINCT c.id, c.handle FROM collection_product cp \
             JOIN collection c ON c.id = cp.collection_id WHERE cp.product_id IN ({places})"
        );
        let mut query = connection.prepare(&sql)?;
        let rows = query.query_map(params_from_iter(ids), |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        })?;
        for row in rows {
            let (id, handle) = row?;
            found.insert(id, handle);
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort();
    Ok(found)
}

pub(super) fn changed(connection: &Connection) -> rusqlite::Result<i64> {
    let mut query = connection.prepare_cached("SELECT changed FROM catalogue")?;
    let found = query.query_row([], |row| row.get(0)).optional()?;
    Ok(found.unwrap_or(0))
}

pub(super) fn changes(
    connection: &Connection,
    seen: i64,
    most: usize,
) -> rusqlite::Result<Changes> {
    let snapshot = connection.unchecked_transaction()?;
    let now = changed(&snapshot)?;
    let limit = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
    let products = snapshot
        .prepare_cached(
            "SELECT id, changed FROM product WHERE changed > ?1 \
             UNION ALL SELECT product_id, changed FROM removed_product WHERE changed > ?1 \
             ORDER BY changed LIMIT ?2",
        )?
        .query_map(params![seen, limit], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<i64>>>()?;
    Ok(Changes {
        seen: now,
        products: (products.len() <= most).then_some(products),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Options;
    use super::*;
    use crate::Currency;
    use crate::fixtures::{Shop, shop};

    const MUGS: &str = "Handle,Title,Type,Option1 Name,Option1 Value,Variant SKU,Variant Price,\
        Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy\n\
        mug,Mug,Cups,Size,Small,MUG-S,9.50,shopify,3,deny\n\
        mug,,,,Large,MUG-L,12.00,shopify,0,continue\n\
        mug,,,,Huge,,20.00,shopify,9,deny\n\
        bowl,Bowl,Bowls,Title,Default Title,BOWL,8.00,,0,deny\n\
        vase,Vase,Vases,Size,Small,SAME,30.00,shopify,7,deny\n\
        vase,,,,Large,SAME,31.00,shopify,8,deny\n";

    /// A shop with all of them, where somebody took the SKU from a variant.
    fn mugs() -> Shop {
        let shop = shop().filled(MUGS);
        let nameless = "UPDATE variant SET sku = '' WHERE title = 'Huge'";
        shop.other_process().execute_batch(nameless).expect("taken");
        shop
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    async fn names(shop: &Shop, choice: SkuChoice, most: usize) -> Vec<String> {
        let found = shop.store.skus(soon(), choice, most).await.expect("SKUs");
        found.into_iter().map(|one| one.sku).collect()
    }

    async fn stock_of(shop: &Shop, sku: &str) -> Option<SkuStock> {
        shop.store.stock(soon(), sku).await.expect("an answer")
    }

    async fn id(shop: &Shop, handle: &str) -> i64 {
        shop.product(handle).await.expect("a product").id
    }

    #[tokio::test]
    async fn a_sku_has_the_stock_and_price_of_its_variant() {
        let shop = mugs();
        let row = |pieces, price| {
            let currency = Currency::EUR;
            Some(SkuStock {
                pieces,
                price,
                currency,
            })
        };
        assert_eq!(stock_of(&shop, "MUG-S").await, row(Some(3), 950));
        assert_eq!(stock_of(&shop, "BOWL").await, row(None, 800));
        assert_eq!(stock_of(&shop, "NOPE").await, None);
    }

    #[tokio::test]
    async fn a_sku_that_is_empty_or_there_twice_names_nothing() {
        let shop = mugs();
        assert_eq!(stock_of(&shop, "").await, None);
        assert_eq!(stock_of(&shop, "SAME").await, None);
        assert_eq!(
            names(&shop, SkuChoice::All, 10).await,
            ["MUG-S", "MUG-L", "BOWL"]
        );
        // Once one of the two is not sold any more, it is the other one's.
        let retire = "UPDATE variant SET position = NULL WHERE sku = 'SAME' AND title = 'Large'";
        shop.other_process().execute_batch(retire).expect("retired");
        assert_eq!(
            stock_of(&shop, "SAME").await.and_then(|row| row.pieces),
            Some(7)
        );
    }

    #[tokio::test]
    async fn skus_are_chosen_in_the_order_of_the_catalogue_and_bounded() {
        let shop = mugs();
        let choose =
            |skus: &[&str]| SkuChoice::Skus(skus.iter().map(|sku| (*sku).to_owned()).collect());
        assert_eq!(names(&shop, SkuChoice::All, 2).await, ["MUG-S", "MUG-L"]);
        let bowl = SkuChoice::Products(vec![id(&shop, "bowl").await]);
        assert_eq!(names(&shop, bowl, 10).await, ["BOWL"]);
        let handles = SkuChoice::Handles(vec!["bowl".into(), "gone".into(), "mug".into()]);
        assert_eq!(names(&shop, handles, 2).await, ["BOWL", "MUG-S"]);
        assert_eq!(
            names(&shop, choose(&["BOWL", "NOPE", "SAME", ""]), 9).await,
            ["BOWL"]
        );
        let nothing = SkuChoice::Collection("nope".into());
        assert_eq!(names(&shop, nothing, 9).await, [""; 0]);
        let hidden = "UPDATE product SET published = 0 WHERE handle = 'bowl'";
        shop.other_process().execute_batch(hidden).expect("hidden");
        assert_eq!(names(&shop, SkuChoice::All, 9).await, ["MUG-S", "MUG-L"]);
        assert_eq!(stock_of(&shop, "BOWL").await, None);
    }

    #[tokio::test]
    async fn whatever_changes_a_product_is_noticed_once() {
        let stock = |sku: &str, pieces: i64| {
            format!(
                "UPDATE stock SET on_hand = {pieces} WHERE variant_id = \
                 (SELECT id FROM variant WHERE sku = '{sku}')"
            )
        };
        let shop = mugs();
        let seen = shop.store.state().expect("a state").changed;
        let changed = async |since| {
            let changes = shop.store.changes(soon(), since, 2).await.expect("changes");
            (changes.seen, changes.products)
        };
        assert_eq!(changed(seen).await, (seen, Some(vec![])));
        let (mug, bowl) = (id(&shop, "mug").await, id(&shop, "bowl").await);
        let sql = |text: &str| shop.other_process().execute_batch(text).expect("changed");
        sql(&stock("MUG-S", 2));
        let (next, products) = changed(seen).await;
        assert!(next > seen);
        assert_eq!(products, Some(vec![mug]));
        sql(&stock("MUG-S", 2));
        assert_eq!(
            changed(next).await,
            (next, Some(vec![])),
            "nothing is different"
        );
        sql("UPDATE price SET amount = 100 WHERE variant_id = \
             (SELECT id FROM variant WHERE sku = 'BOWL')");
        assert_eq!(changed(next).await.1, Some(vec![bowl]));
        let product = shop.product("bowl").await.expect("a bowl");
        assert_eq!((product.price_min, product.price_max), (100, 100));
        shop.import("Handle,Title,Variant SKU,Variant Price\njug,Jug,JUG,5.00\n")
            .expect("imported");
        let jug = id(&shop, "jug").await;
        assert_eq!(changed(next).await.1, Some(vec![bowl, jug]));
        assert_eq!(changed(seen).await.1, None, "more than two");
        assert_eq!(changed(0).await.1, None);
    }

    #[tokio::test]
    async fn an_import_that_changes_nothing_is_no_change() {
        let shop = shop().filled(MUGS);
        let seen = shop.store.state().expect("a state").changed;
        shop.import(MUGS).expect("a sound file");
        assert_eq!(shop.store.state().expect("a state").changed, seen);
    }

    #[tokio::test]
    async fn offers_are_the_variants_on_sale() {
        let shop = mugs();
        let ids = [id(&shop, "mug").await, id(&shop, "bowl").await];
        let offers = shop
            .store
            .offers(&crate::fixtures::context(), &ids)
            .await
            .expect("offers");
        let said: Vec<_> = offers
            .iter()
            .map(|offer| {
                (
                    offer.sku.as_str(),
                    offer.price,
                    offer.quantity,
                    offer.oversell,
                )
            })
            .collect();
        assert_eq!(
            said,
            [
                ("MUG-S", 950, Some(3), false),
                ("MUG-L", 1200, Some(0), true),
                ("", 2000, Some(9), false),
                ("BOWL", 800, None, false),
            ]
        );
    }

    #[test]
    fn a_database_of_the_first_version_is_brought_up_to_date_with_all_that_is_in_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let old = Connection::open(directory.path().join("shop.db")).expect("a database");
        old.execute_batch(include_str!("schema.sql"))
            .expect("version 1");
        old.execute_batch(
            "PRAGMA application_id = 0x70726f74; PRAGMA user_version = 1;
             UPDATE catalogue SET version = 4, currency = 'EUR', published = 1;
             INSERT INTO product VALUES (7, 'mug', 3, 1, 1, 'Mug', 'mug', '', NULL, NULL, 950, \
             950, NULL, 0, 9);
             INSERT INTO product_document VALUES (7, '{}');
             INSERT INTO variant VALUES (9, 7, 0, 'MUG', '', '[]', 950, NULL, 3, 0, NULL);",
        )
        .expect("filled");
        drop(old);
        let store =
            super::super::Store::open(directory.path(), Options::default()).expect("a store");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let found = runtime
            .block_on(store.stock(soon(), "MUG"))
            .expect("an answer");
        assert_eq!(found.and_then(|row| row.pieces), Some(3));
        assert_eq!(store.state().expect("a state").changed, 0);
        assert_eq!(store.state().expect("a state").version, 4);
    }
}
