//! Services that fail: visitors do not notice, but for the age of a price.

use std::time::{Duration, Instant};

use protium::prewarm::job::{Choice, Tally};
use protium_wasm::functions::BreakerState;

use super::premises::{Place, SOON, Warm, checked_at, main, prices_of};
use crate::cache::node::until;
use crate::cache::premises::Answer;
use crate::edge::aggregator::{Aggregator, Mood};
use tests::redis::RedisServer;

/// What a visitor may at most wait. The figure is a hundredth of it.
const BOUND: Duration = Duration::from_millis(500);

/// With prices of this aggregator, looked at every second.
fn settings(url: &str) -> String {
    format!(
        "[prewarm]
fresh_seconds = 2
every_seconds = 1

{prices}
timeout_ms = 1000
body_bytes = 65536
breaker = {{ failures = 3, open_ms = 300 }}
",
        prices = prices_of(url),
    )
}

fn is_stale(page: &Answer) -> bool {
    page.text()
        .contains("Stock and prices may have changed since")
}

fn breaker_is(warm: &Warm, wanted: BreakerState) -> bool {
    warm.status()
        .backends
        .iter()
        .any(|backend| backend.state == wanted)
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_aggregator_fails_pages_answer_at_once_with_the_price_of_earlier_and_its_age() {
    let aggregator = Aggregator::start();
    let place = Place::new(&settings(&aggregator.url()));
    let warm = Warm::open(&place, &[]).await;
    // 1900 in the region, 10 % off; the database says 18.50.
    let is_fine = |page: &Answer| {
        main(page).contains("€17.10") && !is_stale(page) && checked_at(page).is_some()
    };
    warm.shows("/products/fork", is_fine).await;
    for mood in [
        Mood::Slow,
        Mood::Refusing,
        Mood::Failing,
        Mood::Half,
        Mood::Huge,
        Mood::Nonsense,
        Mood::WrongTypes,
    ] {
        aggregator.set(mood);
        let limit = Instant::now() + 3 * SOON;
        let (mut marked, mut opened) = (false, false);
        let (mut pages, mut late) = (0, 0);
        while !(marked && (opened || !opens(mood))) {
            let start = Instant::now();
            let page = warm.get("/products/fork").await;
            let took = start.elapsed();
            pages += 1;
            late += usize::from(took > BOUND);
            assert_eq!(page.status, 200);
            assert!(main(&page).contains("€17.10"), "{mood:?}: {}", main(&page));
            assert!(checked_at(&page).is_some(), "{mood:?}");
            marked |= is_stale(&page);
            opened |= breaker_is(&warm, BreakerState::Open);
            assert!(
                Instant::now() < limit,
                "{mood:?}: marked {marked}, breaker open {opened}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // Other tests have this machine's processors too: one of many may be late. Whoever waited
        // would always be.
        assert!(late <= 1 + pages / 50, "{mood:?}: {late} of {pages}");
        aggregator.set(Mood::Fine);
        warm.shows("/products/fork", is_fine).await;
        until(|| breaker_is(&warm, BreakerState::Closed)).await;
    }
}

/// Whether a mood counts as a failure of the service: an answer that makes no sense is one.
fn opens(mood: Mood) -> bool {
    !matches!(mood, Mood::Nonsense | Mood::WrongTypes)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_card_has_the_price_of_the_answer_as_soon_as_the_shop_is_warm() {
    let aggregator = Aggregator::start();
    let rows: String = (0..60)
        .map(|at| format!("p-{at},Product {at},SKU-{at},9.00,Things\n"))
        .collect();
    let catalogue = format!("Handle,Title,Variant SKU,Variant Price,Collection\n{rows}");
    let settings = settings(&aggregator.url())
        .replace("every_seconds = 1", "every_seconds = 60\nconcurrency = 2")
        .replace("fresh_seconds = 2", "fresh_seconds = 600")
        .replace("failures = 3", "failures = 1000");
    // Other tests have this machine's processors too: of some starts, one has all answers in time.
    let mut attempts = 0;
    let (_place, warm) = loop {
        let place = Place::with_catalogue(&settings, &catalogue);
        let warm = Warm::open(&place, &[]).await;
        let start = warm.start();
        if start.stale + start.failed == 0 {
            break (place, warm);
        }
        attempts += 1;
        assert!(attempts < 10, "{start:?}");
    };
    for path in ["/", "/collections/all", "/products/p-7"] {
        let page = main(&warm.get(path).await);
        // The fields before a list's products say between which prices of the database it is.
        let shown = page
            .split_once("list-main")
            .map_or(&*page, |(_, list)| list);
        assert!(
            shown.contains("€17.10") && !shown.contains("€9.00"),
            "{path}: {shown}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cart_has_the_price_of_the_database() {
    let aggregator = Aggregator::start();
    let place = Place::new(&settings(&aggregator.url()));
    let warm = Warm::open(&place, &[]).await;
    warm.shows("/products/fork", |page| main(page).contains("€17.10"))
        .await;
    let variant: i64 = place
        .database()
        .query_row(
            "SELECT id FROM variant WHERE sku = 'HAND-FORK'",
            [],
            |row| row.get(0),
        )
        .expect("a variant");
    let headers = [
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "application/json"),
    ];
    let body = format!("variant_id={variant}&quantity=1");
    let post = axum::http::Method::POST;
    let cart =
        crate::cache::premises::send_body(&warm.router, post, "/cart/add", &headers, &body).await;
    assert_eq!(cart.json()["subtotal"], 1850);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_answer_a_page_has_the_word_of_the_database() {
    let aggregator = Aggregator::start();
    aggregator.set(Mood::Failing);
    let place = Place::new(&settings(&aggregator.url()));
    let warm = Warm::open(&place, &[]).await;
    let start = warm.start();
    assert_eq!((start.done, start.failed), (3, 3));
    let page = warm.get("/products/fork").await;
    assert!(main(&page).contains("€18.50"));
    assert_eq!(checked_at(&page), None);
    aggregator.set(Mood::Fine);
    warm.shows("/products/fork", |page| main(page).contains("€17.10"))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_killed_and_comes_back_in_mid_run_costs_no_answer() {
    let mut redis = RedisServer::start();
    let rows: String = (0..200)
        .map(|at| format!("p-{at},Product {at},SKU-{at},9.00\n"))
        .collect();
    let catalogue = format!("Handle,Title,Variant SKU,Variant Price\n{rows}");
    let address = redis.address();
    let place = Place::with_catalogue(
        &format!("[edge.regions.eu-1]\nredis = \"{address}\"\n"),
        &catalogue,
    );
    let (shop, _) = place.open(&[("PROTIUM_REDIS_URL", &redis.url())]).await;
    let prewarm = shop.prewarm(2, true).await.expect("there are modules");
    let regions = ["eu-1".to_owned()];
    let tally = Tally::default();
    let run = {
        let (prewarm, tally) = (prewarm.clone(), tally.clone());
        tokio::spawn(async move { prewarm.run(&Choice::All, &regions, &tally).await })
    };
    until(|| tally.report().done > 20).await;
    redis.kill();
    until(|| tally.report().done > 60).await;
    redis.restart();
    run.await.expect("no panic").expect("a plan");
    let report = tally.report();
    assert_eq!(
        (report.done, report.failed, report.pages_failed),
        (200, 0, 0),
        "{report:?}"
    );
    // What it lost is made again, and shared again.
    let cache = shop.cache().expect("a cache");
    until(|| cache.stats().shared.is_some_and(|shared| shared.connected)).await;
    let tally = Tally::default();
    prewarm
        .run(&Choice::All, &["eu-1".to_owned()], &tally)
        .await
        .expect("a plan");
    assert_eq!((tally.report().done, tally.report().failed), (200, 0));
    let page = crate::cache::premises::get(&shop.router(), "/products/p-7", &[]).await;
    assert!(checked_at(&page).is_some());
}
