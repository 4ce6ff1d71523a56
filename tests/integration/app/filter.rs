//! Lists of a large catalogue are narrowed by the filter, with the answers that SQL has.

use std::time::Duration;

use axum::Router;
use proptest::prelude::*;
use protium::config::Switch;
use protium_commerce::import::import;
use protium_commerce::sqlite::{Options, Store};
use protium_commerce::{Currency, Sort};
use tests::catalogue::Catalogue;
use tracing_subscriber::prelude::*;

use super::{Directory, router, runtime};
use crate::cache::premises::{Answer, get};

/// A shop of generated products, in which the filter narrows lists from this many on.
fn shop(products: usize, from: u32, cache: Switch) -> (Directory, Router) {
    let directory = Directory::new(&[]);
    std::fs::remove_file(directory.path().join("data/catalogue.csv")).expect("removed");
    let csv = Catalogue { products, seed: 7 }.csv();
    take_in(&directory, &csv);
    let app = directory.app().configure(move |config| {
        config.filter.from = from;
        config.cache = cache;
    });
    let router = runtime().block_on(router(app));
    (directory, router)
}

fn take_in(directory: &Directory, csv: &[u8]) {
    let store = Store::open(directory.path().join("kept"), Options::default()).expect("a store");
    import(&store, csv, "generated.csv", Currency::EUR).expect("a sound file");
}

fn sql(directory: &Directory, statements: &str) {
    let file = directory.path().join("kept/shop.db");
    let connection = rusqlite::Connection::open(file).expect("the database");
    connection
        .busy_timeout(Duration::from_secs(5))
        .expect("set");
    connection.execute_batch(statements).expect("done");
}

/// A page, and whether the filter had a part in it.
async fn ask(router: &Router, path: &str) -> (Answer, bool) {
    let steps = tracing_subscriber::registry().with(protium::telemetry::server_timing());
    // Another test may have set it.
    let _ = steps.try_init();
    let page = get(router, path, &[]).await;
    let by_filter = page.header("server-timing").contains("filter;");
    (page, by_filter)
}

/// Waits until this is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} takes too long");
}

async fn until_ready(router: &Router) {
    until("the filter", async || {
        ask(router, "/collections/all").await.1
    })
    .await;
}

/// The part of a page that the list and its facets are.
fn main(page: &Answer) -> String {
    let text = page.text();
    let (_, main) = text.split_once("<main").expect("a main part");
    let (main, _) = main.split_once("</main>").expect("a main part");
    main.to_owned()
}

/// A list and what is chosen of it.
fn target() -> impl Strategy<Value = String> {
    let list = prop::sample::select(vec![
        "/collections/all?",
        "/collections/shirt?",
        "/collections/jacket?sort=newest",
        "/collections/all?sort=price-asc",
        "/collections/all?sort=price-desc",
        "/collections/socks?sort=title-desc",
        "/collections/all?sort=title-asc",
        "/search?q=wool",
        "/search?q=shirt+steel",
    ]);
    let choice = prop::sample::select(vec![
        "filter.p.vendor=Northfield+%26+Co",
        "filter.p.vendor=Marrowfield+%26+Co",
        "filter.p.vendor=Nobody",
        "filter.p.product_type=shirt+indoors",
        "filter.p.product_type=jacket+outdoors",
        "filter.p.tag=tag+000",
        "filter.p.tag=tag+003",
        "filter.v.option.size=M",
        "filter.v.option.size=S",
        "filter.v.option.size=None",
        "filter.v.option.colour=Navy",
        "filter.v.option.colour=Red",
        "filter.v.option.volume=1+l",
        "filter.v.option.unheard=1",
        "filter.v.price.gte=30",
        "filter.v.price.gte=9999",
        "filter.v.price.lte=60.5",
        "filter.v.price.lte=0",
        "filter.v.availability=1",
        "page=2",
        "page=9",
    ]);
    (list, prop::collection::vec(choice, 0..5)).prop_map(|(list, choices)| {
        let choices: String = choices.iter().map(|choice| format!("&{choice}")).collect();
        format!("{list}{choices}")
    })
}

#[test]
fn the_filter_answers_what_sql_does() {
    let (_kept, by_sql) = shop(180, u32::MAX, Switch::Off);
    let (_also_kept, by_filter) = shop(180, 1, Switch::Off);
    runtime().block_on(until_ready(&by_filter));
    let config = ProptestConfig {
        cases: if tests::long() { 2_000 } else { 96 },
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(target in target())| {
        runtime().block_on(async {
            let (expected, sql_used_it) = ask(&by_sql, &target).await;
            let (page, used) = ask(&by_filter, &target).await;
            prop_assert!(used && !sql_used_it, "{target}");
            prop_assert_eq!(page.status, expected.status);
            prop_assert_eq!(main(&page), main(&expected));
            Ok(())
        })?;
    });
}

/// The address that a page's link to the next or previous page leads to.
fn neighbour(page: &Answer, rel: &str) -> Option<String> {
    let text = page.text();
    let (_, link) = text.split_once(&format!("rel=\"{rel}\" href=\""))?;
    let (target, _) = link.split_once('"')?;
    Some(target.replace("&amp;", "&"))
}

#[test]
fn from_page_to_page_the_lists_are_those_of_sql() {
    let (kept, by_sql) = shop(180, u32::MAX, Switch::Off);
    let (also_kept, by_filter) = shop(180, 1, Switch::Off);
    runtime().block_on(async {
        until_ready(&by_filter).await;
        for collection in ["all", "shirt"] {
            for sort in Sort::ALL.map(Sort::as_str) {
                let mut target = Some(format!("/collections/{collection}?sort={sort}"));
                let (mut rel, mut pages) = ("next", 0);
                while let Some(now) = target.take() {
                    let (page, expected) =
                        (ask(&by_filter, &now).await.0, ask(&by_sql, &now).await.0);
                    assert_eq!(main(&page), main(&expected), "{now}");
                    pages += 1;
                    target = neighbour(&page, rel);
                    if target.is_none() && rel == "next" {
                        rel = "prev";
                        target = neighbour(&page, rel);
                    }
                }
                assert!(pages > 2, "{collection} by {sort} has {pages}");
            }
        }
        // What a cursor names does not stand there any more.
        let target = "/collections/all?sort=price-desc";
        let second = neighbour(&ask(&by_sql, target).await.0, "next").expect("a second page");
        for shop in [&kept, &also_kept] {
            sql(
                shop,
                "UPDATE price SET amount = amount / 2 WHERE variant_id % 2 = 0",
            );
        }
        until("the new prices", async || {
            let (page, expected) = (
                ask(&by_filter, &second).await.0,
                ask(&by_sql, &second).await.0,
            );
            main(&page) == main(&expected)
        })
        .await;
    });
}

#[test]
fn the_filter_follows_stock_prices_and_imports() {
    let (first, by_sql) = shop(60, u32::MAX, Switch::Off);
    let (second, by_filter) = shop(60, 1, Switch::On);
    let both = [&first, &second];
    runtime().block_on(async {
        let targets = [
            "/collections/all?filter.v.availability=1",
            "/collections/all?filter.v.price.lte=40&sort=price-asc",
            "/collections/all?filter.p.vendor=Newcomer",
            "/collections/all",
        ];
        let alike = async || {
            for target in targets {
                let expected = main(&ask(&by_sql, target).await.0);
                if main(&ask(&by_filter, target).await.0) != expected {
                    return false;
                }
            }
            true
        };
        // A page that the page cache answers has no account of its steps.
        let vary = async |number: usize| {
            let target = format!("/collections/all?filter.v.price.gte={number}");
            ask(&by_filter, &target).await.1
        };
        let mut number = 0;
        until("the filter", async || {
            number += 1;
            vary(number).await
        })
        .await;
        until("the beginning", alike).await;
        let change = |statements: &str| both.iter().for_each(|shop| sql(shop, statements));
        change("UPDATE stock SET on_hand = 0 WHERE variant_id % 3 = 0");
        until("stock", alike).await;
        // A price that others have, then one that nothing has.
        change(
            "UPDATE price SET amount = (SELECT max(amount) FROM price) \
             WHERE variant_id = (SELECT id FROM variant ORDER BY id LIMIT 1)",
        );
        until("a known price", alike).await;
        change("UPDATE price SET amount = 7 WHERE variant_id % 5 = 0");
        until("a new price", alike).await;
        change("UPDATE product SET published = 0 WHERE id % 4 = 0");
        until("what is not published any more", alike).await;
        let file = "Handle,Title,Vendor,Variant Price\nnew,New,Newcomer,1\n";
        both.iter().for_each(|shop| take_in(shop, file.as_bytes()));
        until("an import", alike).await;
        assert!(main(&ask(&by_filter, targets[2]).await.0).contains("/products/new"));
        assert!(
            vary(1_000_001).await || vary(1_000_002).await,
            "the filter is in use"
        );
    });
}
