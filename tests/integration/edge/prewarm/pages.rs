//! What visitors see of it.

use std::time::Duration;

use axum::http::Method;
use protium::prewarm::prewarmer::PrewarmStatus;
use protium_commerce::sqlite::{Options, Store};
use protium_commerce::{Currency, import};

use super::premises::{Place, SOON, Warm, checked_at, is_hit, main};
use crate::cache::premises::{Answer, get, send, send_body};

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_ready_before_anybody_asks_and_say_when_their_stock_was_checked() {
    let place = Place::new("");
    let warm = Warm::open(&place, &[]).await;
    let start = warm.start();
    assert_eq!((start.done, start.failed), (3, 0));
    for path in [
        "/products/fork",
        "/products/can",
        "/collections/all",
        "/collections/tools",
    ] {
        let page = warm.get(path).await;
        assert!(is_hit(&page), "{path}: {}", page.header("cache-status"));
        let checked = checked_at(&page);
        assert!(
            checked.is_some_and(|at| at.starts_with("20") && at.ends_with('Z')),
            "{path}"
        );
        assert_eq!(page.header("cache-control"), "public, no-cache");
    }
    assert!(is_hit(&warm.get("/").await));
    // Nobody knows which of the two it is: their page has the word of the database.
    assert_eq!(checked_at(&warm.get("/products/twine").await), None);
    assert_eq!(warm.status().state, "idle");
    assert_eq!(warm.status().region, "local");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_in_another_process_is_on_the_page_at_once_and_the_page_is_ready() {
    let place = Place::new("");
    let warm = Warm::open(&place, &[]).await;
    let sold_out = |page: &Answer| main(page).contains("Sold out");
    assert!(!sold_out(&warm.get("/products/fork").await));
    place.sql(
        "UPDATE stock SET on_hand = 0 \
         WHERE variant_id = (SELECT id FROM variant WHERE sku = 'HAND-FORK')",
    );
    for (path, has_age) in [
        ("/products/fork", true),
        ("/collections/all", true),
        ("/", true),
    ] {
        let ready =
            |page: &Answer| sold_out(page) && is_hit(page) && checked_at(page).is_some() == has_age;
        let (_, took) = warm.shows(path, ready).await;
        assert!(took < SOON, "{path}: {took:?}");
    }
    for change in ["stock SET on_hand = 1", "price SET amount = 1700"] {
        place.sql(&format!(
            "UPDATE {change} WHERE variant_id = (SELECT id FROM variant WHERE sku = 'HAND-FORK')"
        ));
    }
    let back = |page: &Answer| {
        !main(page).contains("Sold out")
            && main(page).contains("€17.00")
            && is_hit(page)
            && checked_at(page).is_some()
    };
    let (_, took) = warm.shows("/products/fork", back).await;
    assert!(took < SOON, "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_in_another_process_is_on_the_pages_at_once() {
    let place = Place::new("");
    let warm = Warm::open(&place, &[]).await;
    let store = Store::open(place.data.path(), Options::default()).expect("a store");
    let file = "Handle,Title,Variant SKU,Variant Price,Collection\nspade,Spade,SPADE,45.00,Tools\n";
    import::import(&store, file.as_bytes(), "new.csv", Currency::EUR).expect("a sound file");
    let there = |page: &Answer| main(page).contains("/products/spade");
    for path in ["/collections/all", "/collections/tools", "/"] {
        let (_, took) = warm.shows(path, there).await;
        assert!(took < SOON, "{path}: {took:?}");
    }
    let ready = |page: &Answer| is_hit(page) && checked_at(page).is_some();
    let (_, took) = warm.shows("/products/spade", ready).await;
    assert!(took < SOON, "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_purge_has_the_modules_asked_again_for_what_it_reaches() {
    let place = Place::new("");
    let token = [(
        "authorization",
        "Bearer an operator of nothing but this test",
    )];
    let operator = (
        "PROTIUM_OPERATOR_TOKEN",
        "an operator of nothing but this test",
    );
    let warm = Warm::open(&place, &[operator]).await;
    let before = warm.status().runs.len();
    let answer = send_body(&warm.router, Method::POST, "/_protium/purge", &token, "").await;
    assert_eq!(answer.status, 400, "it has to be said what");
    let purge = "/_protium/purge?tag=product:1";
    assert_eq!(
        send(&warm.router, Method::POST, purge, &token).await.status,
        200
    );
    let of_purge = |status: &PrewarmStatus| {
        status
            .runs
            .iter()
            .any(|run| run.why == "purge" && run.report.runs == 1 && run.report.skus == 1)
    };
    warm.until(SOON, of_purge).await;
    assert!(warm.status().runs.len() > before);
    let seen = send(&warm.router, Method::GET, "/_protium/prewarm", &token)
        .await
        .json();
    assert_eq!(seen["region"], "local");
    assert_eq!(seen["runs"][0]["failed"], 0);
    assert!(
        send(&warm.router, Method::GET, "/_protium/prewarm", &[])
            .await
            .status
            .is_client_error()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_start_goes_on_where_the_last_one_ended() {
    let place = Place::new("[prewarm]\nfresh_seconds = 600\nevery_seconds = 60\n");
    let first = Warm::open(&place, &[]).await;
    assert_eq!(first.start().runs, 3);
    let at = checked_at(&first.get("/products/fork").await);
    drop(first);
    // Until what it did is written, and another second is on the page.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    // Somebody sells one while the shop is closed.
    place.sql(
        "UPDATE stock SET on_hand = 6 \
         WHERE variant_id = (SELECT id FROM variant WHERE sku = 'CAN-S')",
    );
    let second = Warm::open(&place, &[]).await;
    assert_eq!(second.start().done, 3);
    assert_eq!(
        checked_at(&second.get("/products/fork").await),
        at,
        "nobody asked again"
    );
    let sold = |page: &Answer| is_hit(page) && checked_at(page).is_some() && checked_at(page) != at;
    second.shows("/products/can", sold).await;
    let runs: u64 = second.status().runs.iter().map(|run| run.report.runs).sum();
    assert!(runs <= 4, "{:?}", second.status());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_without_modules_shows_the_database_and_says_nothing() {
    let place = Place::new("");
    std::fs::write(place.root.path().join("protium.toml"), "").expect("written");
    let (shop, _) = place.open(&[]).await;
    assert!(shop.prewarm_status().is_none());
    let page = get(&shop.router(), "/products/fork", &[]).await;
    assert_eq!(page.status, 200);
    assert_eq!(checked_at(&page), None);
    assert!(shop.prewarm(1, true).await.is_err());
}
