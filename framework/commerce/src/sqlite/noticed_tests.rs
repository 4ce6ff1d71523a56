//! Whatever somebody changes by SQL that a page shows is noticed.

use std::time::{Duration, Instant};

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::fixtures::{Shop, shop};
use crate::{Currency, PageRequest};

const CSV: &str = "Handle,Title,Body (HTML),Vendor,Collection,Option1 Name,Option1 Value,\
    Variant SKU,Variant Barcode,Variant Price,Variant Compare At Price,Variant Inventory Tracker,\
    Variant Inventory Qty,Image Src,Image Alt Text,Variant Image,Metafield: book.isbn [id],\
    Variant Metafield: book.pages [number_integer]\n\
    mug,Mug,Text,Maker,Kitchen,Size,S,MUG-S,111,9,12,shopify,3,/a.png,A mug,/s.png,978,320\n\
    mug,,,,,Size,L,MUG-L,222,10,,shopify,0,,,,,\n\
    bowl,Bowl,Text,Maker,Kitchen,,,BOWL,333,5,,,,,,,,\n";

/// Tables that pages show, with the columns that no page shows, and why: keys that nothing changes,
/// and counters.
const SHOWN: [(&str, &[&str]); 10] = [
    ("product", &["id", "revision", "changed"]),
    ("product_document", &["product_id"]),
    ("variant", &["id"]),
    ("price", &[]),
    ("stock", &[]),
    ("metafield", &["id"]),
    ("collection", &["id"]),
    ("collection_product", &[]),
    ("price_list", &["id"]),
    // A page names no location.
    ("location", &["id", "name"]),
];

fn filled() -> Shop {
    let shop = shop();
    let store = &shop.store;
    store.add_price_list("us", Currency::USD).expect("a list");
    let shop = shop.filled(CSV);
    shop.other_process()
        .execute_batch("INSERT INTO price SELECT id, 2, 700, 900 FROM variant")
        .expect("prices");
    shop
}

/// Both numbers that whoever follows the catalogue looks at.
fn noticed(shop: &Shop) -> (i64, i64) {
    let state = shop.store.state().expect("a state");
    (state.changed, state.changed_everywhere)
}

/// Other values for a column that has this one.
fn others(value: &Value, seed: i64) -> Vec<Value> {
    match value {
        Value::Null => vec![Value::Integer(seed + 3), Value::Text(format!("x{seed}"))],
        Value::Integer(number) => vec![Value::Integer(1 - number), Value::Integer(number + seed)],
        _ => vec![
            Value::Text(format!("other {seed}")),
            Value::Text("É ü".into()),
        ],
    }
}

fn columns(connection: &Connection, table: &str) -> Vec<String> {
    connection
        .prepare("SELECT name FROM pragma_table_info(?1)")
        .and_then(|mut query| query.query_map([table], |row| row.get(0))?.collect())
        .expect("columns")
}

#[test]
fn every_change_of_every_column_that_pages_show_is_noticed() {
    let shop = filled();
    let other = shop.other_process();
    let mut tried = 0;
    for (table, not_shown) in SHOWN {
        for column in columns(&other, table) {
            if not_shown.contains(&column.as_str()) {
                continue;
            }
            let has_rowid = !matches!(table, "price" | "stock" | "collection_product");
            let order = match has_rowid {
                true => "rowid".to_owned(),
                false => columns(&other, table)[..2].join(", "),
            };
            let first = format!("FROM {table} ORDER BY {order} LIMIT 1");
            let value: Value = other
                .query_row(&format!("SELECT {column} {first}"), [], |row| row.get(0))
                .expect("a row");
            for (seed, to) in (10_i64..).zip((1..4).flat_map(|seed| others(&value, seed * 31))) {
                // Every attempt is rolled back, and so never meets another.
                other.execute_batch("BEGIN").expect("begun");
                let before = numbers(&other);
                let sql = format!(
                    "UPDATE {table} SET {column} = ?1 WHERE ({order}) = (SELECT {order} {first})"
                );
                // What the layout itself refuses, such as text in a number, changes nothing.
                if let Ok(1) = other.execute(&sql, [&to]) {
                    tried += 1;
                    assert!(
                        numbers(&other) != before,
                        "{table}.{column} = {to:?} ({seed})"
                    );
                    // A change to the same is none.
                    let before = numbers(&other);
                    let same = format!("UPDATE {table} SET {column} = {column}");
                    other.execute_batch(&same).expect("the same");
                    assert_eq!(numbers(&other), before, "{table}.{column}");
                }
                other.execute_batch("ROLLBACK").expect("undone");
            }
        }
        if table != "location" {
            let sql = format!("DELETE FROM {table}");
            other
                .execute_batch("BEGIN; PRAGMA defer_foreign_keys = on")
                .expect("begun");
            let before = numbers(&other);
            other.execute_batch(&sql).expect("deleted");
            assert!(numbers(&other) != before, "{sql}");
            other.execute_batch("ROLLBACK").expect("undone");
        }
    }
    assert!(tried > 100, "{tried}");
}

fn numbers(connection: &Connection) -> (i64, i64) {
    connection
        .query_row(
            "SELECT changed, changed_everywhere FROM catalogue",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .expect("numbers")
}

#[tokio::test]
async fn what_is_derived_follows_in_the_same_transaction() {
    let shop = filled();
    let sql = |text: &str| shop.other_process().execute_batch(text).expect("changed");
    let seen = async || {
        let page = shop.collection("kitchen", PageRequest::default()).await;
        let page = page.expect("a collection");
        let mug = page.products.iter().find(|card| card.handle == "mug");
        (page.collection.product_count, mug.cloned())
    };
    let before = noticed(&shop);
    sql("UPDATE product SET title = 'Cup' WHERE handle = 'mug'");
    let (count, mug) = seen().await;
    assert_eq!((count, mug.expect("a card").title.as_str()), (2, "Cup"));
    let by_title = PageRequest {
        sort: crate::Sort::TitleAsc,
        ..PageRequest::default()
    };
    let page = shop.collection("all", by_title).await.expect("everything");
    let titles: Vec<_> = page.products.iter().map(|card| &card.title).collect();
    assert_eq!(titles, ["Bowl", "Cup"]);
    assert!(noticed(&shop).0 > before.0);

    sql("UPDATE product SET published = 0 WHERE handle = 'mug'");
    assert_eq!(seen().await, (1, None));
    assert_eq!(shop.store.state().expect("a state").published, 1);
    assert!(noticed(&shop).1 > before.1, "every page shows collections");
    sql("UPDATE product SET published = 1 WHERE handle = 'mug'");
    assert_eq!(shop.store.state().expect("a state").published, 2);

    sql("DELETE FROM collection_product WHERE product_id = 1");
    assert_eq!(seen().await, (1, None));
    let mug = shop.product("mug").await.expect("a product");
    assert_eq!(mug.collections, []);
    sql("INSERT INTO collection_product VALUES (1, 1)");
    assert_eq!(seen().await.0, 2);
    sql("UPDATE collection SET title = 'Cellar'");
    let mug = shop.product("mug").await.expect("a product");
    assert_eq!(mug.collections[0].title, "Cellar");

    sql("UPDATE variant SET position = NULL WHERE sku = 'MUG-S'");
    let (_, mug) = seen().await;
    let mug = mug.expect("a card");
    assert_eq!((mug.price_min, mug.available), (1_000, false));
    assert!(mug.variant_id.is_some());
}

#[tokio::test]
async fn a_product_that_is_gone_is_among_the_changes() {
    let shop = filled();
    let seen = shop.store.state().expect("a state").changed;
    shop.other_process()
        .execute_batch("PRAGMA foreign_keys = off; DELETE FROM product WHERE handle = 'bowl'")
        .expect("deleted");
    let soon = Instant::now() + Duration::from_secs(5);
    let changes = shop.store.changes(soon, seen, 9).await.expect("changes");
    assert_eq!(changes.products, Some(vec![2]));
    assert!(shop.product("bowl").await.is_none());
}
