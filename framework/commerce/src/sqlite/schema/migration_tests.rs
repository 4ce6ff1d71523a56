//! Databases of every earlier version, full of products, brought up to date.

use std::path::Path;

use rusqlite::Connection;

use super::{APPLICATION, MIGRATIONS, VERSION, migrate};
use crate::sqlite::{Options, Store};
use crate::{Carts, Catalogue, Context, Currency};

/// Products of the tests of all versions, and of the one of memory.
const FEW: i64 = 5_000;
const MANY: i64 = 100_000;

/// Memory that SQLite has for a database of [`MANY`] products, in bytes: a fraction of its size.
const HEAP: i64 = 24 << 20;

const CART: &str = "00000000000000000000000000000001";

/// Makes a database of a version with so many products of two variants each, every third of them
/// not counted, and a cart.
fn old(path: &Path, version: usize, products: i64) -> Connection {
    let connection = Connection::open(path).expect("a database");
    let mode = "PRAGMA journal_mode = wal; PRAGMA synchronous = off;";
    connection.execute_batch(mode).expect("a mode");
    for script in MIGRATIONS.iter().take(version) {
        connection.execute_batch(script).expect("a version");
    }
    connection
        .execute_batch(&format!(
            r#"BEGIN;
            PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {version};
            UPDATE catalogue SET version = 9, currency = 'EUR', published = {products};
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {products})
            INSERT INTO product (id, handle, revision, published, available, title, title_key,
              vendor, price_min, price_max, on_sale, single_variant)
            SELECT i, 'p-' || i, 1, 1, 1, 'Product ' || i, 'product ' || i, 'V', i, i + 1, 0, NULL
            FROM n;
            INSERT INTO product_document (product_id, body)
            SELECT id, '{{"body_html":"<p>x</p>","description":"x","product_type":"Cups","tags":[],
              "images":[],"options":[{{"name":"Size","values":["S","L"]}}],"seo_title":"",
              "seo_description":"","listing":null}}' FROM product;
            INSERT INTO variant (id, product_id, position, sku, title, options, price, compare_at,
              quantity, oversell)
            SELECT 2 * id - 1, id, 0, 'S-' || id, 'S', '["S"]', id, id + 5,
              CASE id % 3 WHEN 0 THEN NULL ELSE id END, 0 FROM product;
            INSERT INTO variant (id, product_id, position, sku, title, options, price, compare_at,
              quantity, oversell)
            SELECT 2 * id, id, 1, 'L-' || id, 'L', '["L"]', id + 1, NULL, 0, 1 FROM product;
            INSERT INTO cart (id, version, note, changed_at)
            VALUES ('{CART}', 77, NULL, unixepoch());
            INSERT INTO cart_line VALUES ('{CART}', 2, 1, 3), ('{CART}', 1, 2, 1);
            COMMIT;"#
        ))
        .expect("filled");
    connection
}

/// Sums over everything that moves, and over what has to stay.
fn sums(connection: &Connection, is_old: bool) -> Vec<i64> {
    let moved = match is_old {
        true => [
            "SELECT sum(id * price) FROM variant",
            "SELECT sum(id * coalesce(compare_at, 7)) FROM variant",
            "SELECT sum(id * coalesce(quantity, 7)) FROM variant",
            "SELECT sum(variant_id * quantity + position) FROM cart_line",
        ],
        false => [
            "SELECT sum(variant_id * amount) FROM price WHERE list_id = 1",
            "SELECT sum(variant_id * coalesce(compare_at, 7)) FROM price",
            "SELECT sum(id * CASE tracked WHEN 1 THEN (SELECT on_hand - committed FROM stock \
             WHERE variant_id = variant.id AND location_id = 1) ELSE 7 END) FROM variant",
            "SELECT sum(id * quantity + position) FROM cart_line WHERE attributes = '{}'",
        ],
    };
    let kept = [
        "SELECT count(*) FROM product",
        "SELECT count(*) FROM variant",
        "SELECT sum(id * length(handle || title || title_key || vendor)) FROM product",
        "SELECT sum(price_min + price_max * id + revision + available) FROM product",
        "SELECT sum(id * length(sku || title || options) + position + oversell) FROM variant",
        "SELECT sum(length(body)) FROM product_document",
        "SELECT version + published FROM catalogue",
    ];
    let sum = |sql: &&str| connection.query_row(sql, [], |row| row.get(0));
    let found: rusqlite::Result<Vec<i64>> = moved.iter().chain(&kept).map(sum).collect();
    found.expect("sums")
}

fn version(connection: &Connection) -> i64 {
    connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .expect("a version")
}

#[test]
fn every_version_is_brought_up_to_date_and_nothing_is_lost() {
    for from in 1..MIGRATIONS.len() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut connection = old(&directory.path().join("shop.db"), from, FEW);
        let before = sums(&connection, true);
        migrate(&mut connection).expect("brought up to date");
        assert_eq!(version(&connection), VERSION);
        assert_eq!(sums(&connection, false), before, "from version {from}");
        let broken: i64 = connection
            .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| {
                row.get(0)
            })
            .expect("a check");
        assert_eq!(broken, 0);
        migrate(&mut connection).expect("nothing to do");
        assert_eq!(sums(&connection, false), before);
    }
}

#[test]
fn one_that_fails_half_way_leaves_the_database_as_it_was() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("shop.db");
    let mut connection = old(&path, 2, 500);
    let before = sums(&connection, true);
    let pages: i64 = connection
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .expect("a number");
    // As on a full disk.
    connection
        .pragma_update(None, "max_page_count", pages + 4)
        .expect("a limit");
    migrate(&mut connection).expect_err("no room");
    assert_eq!(version(&connection), 2);
    assert_eq!(sums(&connection, true), before);
    drop(connection);
    let mut again = Connection::open(&path).expect("a database");
    migrate(&mut again).expect("there is room now");
    assert_eq!(sums(&again, false), before);
}

#[tokio::test]
async fn a_shop_sells_on_from_where_it_was() {
    let directory = tempfile::tempdir().expect("a directory");
    drop(old(&directory.path().join("shop.db"), 2, 50));
    let store = Store::open(directory.path(), Options::default()).expect("a store");
    let context = Context::new("en", Currency::EUR);
    let product = store.product(&context, "p-30").await.expect("an answer");
    let product = product.expect("a product");
    let variant = &product.variants[0];
    assert_eq!(
        (variant.price, variant.compare_at, variant.quantity),
        (30, Some(35), None)
    );
    assert_eq!(product.variants[1].quantity, Some(0));
    let cart = store
        .cart(&context, &CART.parse().expect("an id"))
        .await
        .expect("an answer")
        .expect("a cart");
    let lines: Vec<_> = cart
        .lines
        .iter()
        .map(|line| (line.id, line.quantity, line.unit_price))
        .collect();
    assert_eq!((cart.version, lines), (77, vec![(2, 3, 2), (1, 1, 1)]));
    let page = crate::PageRequest::default();
    let found = store.search(&context, "product 17", &page);
    assert_eq!(found.await.expect("an answer").products[0].handle, "p-17");
}

/// In a process of its own, so that the limit of memory is for this alone.
#[test]
fn a_hundred_thousand_products_move_in_bounded_memory() {
    let name =
        "sqlite::schema::migration_tests::a_hundred_thousand_products_move_in_bounded_memory";
    if std::env::var_os("PROTIUM_MIGRATES_HERE").is_none() {
        let program = std::env::current_exe().expect("this program");
        let status = std::process::Command::new(program)
            .args(["--exact", name, "--nocapture"])
            .env("PROTIUM_MIGRATES_HERE", "1")
            .status();
        assert!(status.expect("it runs").success());
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let mut connection = old(&directory.path().join("shop.db"), 2, MANY);
    let before = sums(&connection, true);
    connection
        .pragma_update_and_check(None, "hard_heap_limit", HEAP, |_| Ok(()))
        .expect("a limit");
    let began = std::time::Instant::now();
    migrate(&mut connection).expect("brought up to date");
    println!("{MANY} products in {:.1?}", began.elapsed());
    assert_eq!(sums(&connection, false), before);
}
