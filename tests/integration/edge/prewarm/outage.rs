//! A service that fails for a while, and one that does not come back: a run waits for its rest, and
//! not for ever.

use std::time::Duration;

use protium::Shop;
use protium::prewarm::job::{Choice, Prewarm, RetryPolicy, Tally};
use protium_wasm::functions::BreakerState;

use super::premises::{Place, prices_of};
use crate::cache::node::until;
use crate::edge::aggregator::{Aggregator, Mood};

const SKUS: usize = 78;

fn place(aggregator: &Aggregator, breaker: &str) -> Place {
    let rows: String = (0..SKUS)
        .map(|at| format!("p-{at},Product {at},SKU-{at},9.00\n"))
        .collect();
    let settings = format!(
        "[modules.price.limits]\nwall_ms = 20000\n{prices}\ntimeout_ms = 1000\nbreaker = {{ \
         {breaker} }}\n",
        prices = prices_of(&aggregator.url()),
    );
    Place::with_catalogue(
        &settings,
        &format!("Handle,Title,Variant SKU,Variant Price\n{rows}"),
    )
}

/// The prewarm, and a run of it that is under way.
async fn begin(
    place: &Place,
    retry_policy: RetryPolicy,
) -> (Shop, Prewarm, Tally, tokio::task::JoinHandle<()>) {
    let (shop, _) = place.open(&[]).await;
    let prewarm = shop.prewarm(8, false).await.expect("there are modules");
    let prewarm = prewarm.with_retry_policy(retry_policy);
    let tally = Tally::default();
    let run = {
        let (prewarm, tally) = (prewarm.clone(), tally.clone());
        tokio::spawn(async move {
            let regions = ["local".to_owned()];
            let run = prewarm.run(&Choice::All, &regions, &tally);
            run.await.expect("a plan");
        })
    };
    (shop, prewarm, tally, run)
}

fn is_open(shop: &Shop) -> bool {
    let status = shop.prewarm_status().expect("there are modules");
    let mut breakers = status.backends.iter();
    breakers.any(|backend| backend.state == BreakerState::Open)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_breaker_that_opens_in_mid_run_costs_no_sku() {
    for mood in [Mood::Slow, Mood::Failing, Mood::Refusing] {
        let aggregator = Aggregator::start();
        aggregator.set(mood);
        let place = place(&aggregator, "failures = 5, open_ms = 300");
        let (shop, _, tally, run) = begin(&place, RetryPolicy::BATCH).await;
        until(|| is_open(&shop)).await;
        // Half a second was enough for all of them to fail.
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!(tally.report().failed, 0, "{mood:?}");
        aggregator.set(Mood::Fine);
        run.await.expect("no panic");
        let report = tally.report();
        assert_eq!(
            (report.done, report.failed, report.stale),
            (SKUS as u64, 0, 0),
            "{mood:?}: {:?}",
            tally.failures()
        );
        assert_eq!(report.runs, SKUS as u64);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_prices_of_earlier_a_run_waits_for_those_of_now() {
    let aggregator = Aggregator::start();
    let place = place(&aggregator, "failures = 5, open_ms = 300");
    let (shop, prewarm, tally, run) = begin(&place, RetryPolicy::BATCH).await;
    run.await.expect("no panic");
    assert_eq!(tally.report().runs, SKUS as u64);
    aggregator.set(Mood::Failing);
    let tally = Tally::default();
    let regions = ["local".to_owned()];
    let again = prewarm.run_anew(&Choice::All, &regions, &tally);
    let recovers = async {
        until(|| is_open(&shop)).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        aggregator.set(Mood::Fine);
    };
    // What is kept in the cache goes first.
    let cache = shop.cache().expect("a cache");
    cache.purge(&protium_cache::Purge::prefix("edge:")).await;
    let (again, ()) = tokio::join!(again, recovers);
    again.expect("a plan");
    let report = tally.report();
    assert_eq!(
        (report.done, report.failed, report.stale),
        (SKUS as u64, 0, 0),
        "{report:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_does_not_come_back_ends_a_run_within_its_bound_with_one_reason() {
    let aggregator = Aggregator::start();
    aggregator.set(Mood::Failing);
    let place = place(&aggregator, "failures = 5, open_ms = 300");
    let retry_policy = RetryPolicy {
        attempts: 5,
        outage: Duration::from_secs(2),
    };
    let (shop, _, tally, run) = begin(&place, retry_policy).await;
    run.await.expect("no panic");
    let report = tally.report();
    assert_eq!((report.done, report.failed), (SKUS as u64, SKUS as u64));
    let failures = tally.failures();
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert_eq!(failures[0].count, SKUS as u64);
    assert!(
        failures[0].problem.contains("no earlier price"),
        "{failures:?}"
    );
    // It was left alone while it rested: three calls for each of the first few SKUs, and for each
    // that tried.
    assert!(aggregator.asked() < 3 * SKUS / 2, "{}", aggregator.asked());
    drop(shop);
}
