//! The price module, and an aggregator in every mood.

use std::time::{Duration, Instant};

use protium::prewarm::answers::SkuAnswer;
use protium_wasm::functions::{BreakerState, Cause, Edge, ModuleConfig};
use protium_wasm::{BackendGrant, BreakerSettings, Capabilities, LaneChoice, RunLimits};

use super::aggregator::{Aggregator, Mood};
use super::{LANES, of_sku, open, run, runtime, setup, sku_answer};

/// What a visitor may at most notice of an aggregator that does not answer.
const BOUND: Duration = Duration::from_millis(500);
/// Milliseconds.
const REST: u64 = 1_000;

fn price(url: &str, failures: u32) -> ModuleConfig {
    let aggregator = BackendGrant {
        address: url.into(),
        regions: [("nowhere".to_owned(), "http://127.0.0.1:1".to_owned())].into(),
        methods: ["GET".to_owned()].into(),
        headers: [].into(),
        timeout_ms: 10_000,
        body_bytes: 64 << 10,
        breaker: BreakerSettings {
            failures,
            open_ms: REST,
        },
    };
    ModuleConfig {
        limits: RunLimits {
            wall_ms: 20_000,
            ..RunLimits::default()
        },
        grants: Capabilities {
            key_value: vec!["price:".into(), "stock:".into()],
            clock: true,
            backends: [("aggregator".to_owned(), aggregator)].into(),
            ..Capabilities::default()
        },
        ..ModuleConfig::default()
    }
}

/// With a breaker that opens after so many failures.
fn edge(lane: LaneChoice, aggregator: &Aggregator, failures: u32) -> Edge {
    let mut setup = setup(lane);
    let price = price(&aggregator.url(), failures);
    setup.modules.insert("price".into(), price);
    open(setup)
}

/// A run that waits for the aggregator as long as a busy test machine needs.
fn ask(edge: &Edge, region: &str) -> Result<SkuAnswer, Cause> {
    let patient = of_sku("HAND-FORK", region).with("AGG_TIMEOUT_MS", "10000");
    run(edge, "price", &patient).map(|answer| sku_answer(&answer))
}

/// A run as it is. Of some, one has its answer within the bound: other tests share the machine.
fn ask_in_time(edge: &Edge) -> SkuAnswer {
    let mut fastest = Duration::MAX;
    for _ in 0..5 {
        let began = Instant::now();
        let answer = run(edge, "price", &of_sku("HAND-FORK", "eu-1")).unwrap();
        fastest = fastest.min(began.elapsed());
        if fastest < BOUND {
            return sku_answer(&answer);
        }
    }
    panic!("{fastest:?}");
}

#[test]
fn the_price_of_now_is_the_regions_price_less_the_best_promotion() {
    for lane in LANES {
        let edge = edge(lane, &Aggregator::start(), 1);
        let answer = ask(&edge, "eu-1").unwrap();
        assert_eq!(
            (answer.price, answer.stock, answer.stale),
            (1710, None, false)
        );
    }
}

/// Whatever the aggregator does, the last known price comes in time and is marked.
fn survives(mood: Mood) {
    for lane in LANES {
        let aggregator = Aggregator::start();
        let edge = edge(lane, &aggregator, 1_000);
        let known = ask(&edge, "eu-1").unwrap();
        aggregator.set(mood);
        let answer = ask_in_time(&edge);
        assert!(answer.stale, "{mood:?}");
        assert_eq!((answer.price, answer.ts), (1710, known.ts), "{mood:?}");
        aggregator.set(Mood::Fine);
        assert!(!ask(&edge, "eu-1").unwrap().stale, "after {mood:?}");
    }
}

macro_rules! moods {
    ($($name:ident: $mood:ident;)*) => {
        $(#[test]
        fn $name() {
            survives(Mood::$mood);
        })*
    };
}

moods! {
    an_aggregator_that_takes_two_seconds_is_not_waited_for: Slow;
    an_aggregator_that_hangs_up_is_survived: Refusing;
    an_aggregator_that_answers_500_is_survived: Failing;
    half_an_answer_is_no_answer: Half;
    a_hundred_megabytes_that_are_announced_are_not_read: Huge;
    a_hundred_megabytes_that_are_not_announced_are_not_read: Endless;
    an_answer_that_is_not_json_is_no_answer: Nonsense;
    a_price_that_is_text_is_no_answer: WrongTypes;
    a_redirect_is_not_followed: Redirecting;
}

#[test]
fn nobody_at_the_address_is_survived() {
    let aggregator = Aggregator::start();
    let edge = edge(LaneChoice::Auto, &aggregator, 1_000);
    assert_eq!(
        ask(&edge, "nowhere"),
        Err(Cause::Failed {
            message: "the aggregator has no answer and no earlier price is known".into()
        })
    );
    assert_eq!(aggregator.asked(), 0);
}

#[test]
fn a_breaker_opens_for_its_region_and_closes_after_a_trial() {
    let aggregator = Aggregator::start();
    let edge = edge(LaneChoice::Auto, &aggregator, 6);
    let state = |region: &str| {
        let backends = edge.backends();
        let of = backends.iter().find(|status| status.region == region);
        of.map(|status| status.state)
    };
    ask(&edge, "eu-1").unwrap();
    assert_eq!(state("eu-1"), Some(BreakerState::Closed));

    aggregator.set(Mood::Failing);
    for _ in 0..2 {
        assert!(ask(&edge, "eu-1").unwrap().stale);
    }
    assert_eq!(state("eu-1"), Some(BreakerState::Open));
    let asked = aggregator.asked();
    assert!(ask(&edge, "eu-1").unwrap().stale);
    assert_eq!(aggregator.asked(), asked, "an open breaker asks nobody");

    aggregator.set(Mood::Fine);
    assert!(
        !ask(&edge, "us-1").unwrap().stale,
        "the other region goes on"
    );
    std::thread::sleep(Duration::from_millis(REST + 50));
    assert_eq!(state("eu-1"), Some(BreakerState::HalfOpen));
    let tried = ask(&edge, "eu-1").unwrap();
    assert!(!tried.stale, "the three calls of a run try together");
    assert_eq!(state("eu-1"), Some(BreakerState::Closed));
}

#[test]
fn many_runs_wait_for_a_slow_aggregator_side_by_side() {
    let aggregator = Aggregator::start();
    let edge = edge(LaneChoice::Auto, &aggregator, 1_000);
    ask(&edge, "eu-1").unwrap();
    aggregator.set(Mood::Slow);
    let began = Instant::now();
    let stale = runtime().block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..32 {
            let edge = edge.clone();
            tasks.spawn(async move { edge.run("price", &of_sku("HAND-FORK", "eu-1")).await });
        }
        let answers = tasks.join_all().await;
        answers
            .into_iter()
            .all(|answer| sku_answer(&answer.unwrap()).stale)
    });
    // One after the other they would take five seconds.
    let took = began.elapsed();
    assert!(stale && took < 4 * BOUND, "{took:?}");
}
