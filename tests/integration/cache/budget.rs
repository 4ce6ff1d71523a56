//! What pages may take of a server that a shop shares, through a real Redis.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use protium_cache::shared::SharedStats;
use protium_cache::{Cache, Cached, Config, How, Load, Policy, Purge, Share, SharedConfig};
use tests::redis::RedisServer;

use super::node::until;

const BUDGET: u64 = 1_000_000;
const PAGE: usize = 20_000;

/// A value whose number visitors decide about.
struct Page(Bytes);

impl Cached for Page {
    const SHARED: bool = true;
    const BUDGETED: bool = true;

    fn weight(&self) -> usize {
        self.0.len()
    }

    fn encode(&self) -> Option<Bytes> {
        Some(self.0.clone())
    }

    fn decode(bytes: Bytes) -> Option<Page> {
        Some(Page(bytes))
    }
}

async fn node(redis: &RedisServer, build: &str) -> Cache {
    let shared = SharedConfig {
        budget: BUDGET,
        time_out: Duration::from_millis(500),
        ..SharedConfig::new(&redis.url(), "shop", build)
    };
    let cache = Cache::with_shared(Config::default(), shared).expect("an address");
    until(|| stats(&cache).connected).await;
    cache
}

fn stats(cache: &Cache) -> SharedStats {
    cache.stats().shared.expect("a shared layer")
}

async fn ask(cache: &Cache, page: usize, share: Share) -> How {
    let policy = Policy {
        fresh_for: Duration::from_secs(3_600),
        share,
        ..Policy::NONE
    };
    let load = async move |load: Load| {
        load.tag(format!("product:{page}"));
        Ok::<_, Infallible>(Page(Bytes::from(vec![b'x'; PAGE])))
    };
    let found = cache
        .get_or_load::<Page, _, _, _>(&format!("page/{page}"), policy, load)
        .await;
    found.expect("it cannot fail").how
}

fn entries(redis: &RedisServer) -> Vec<String> {
    let keys = redis.tell("KEYS protium:*:entry:*");
    let lines = keys.lines().filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

fn number(redis: &RedisServer, command: &str) -> u64 {
    let said = redis.tell(command);
    said.parse().unwrap_or_else(|_| panic!("{command}: {said}"))
}

/// What the entries that are there say of their size.
fn sizes(redis: &RedisServer) -> u64 {
    let all = entries(redis);
    let size = |key: &String| number(redis, &format!("HGET {key} size"));
    all.iter().map(size).sum()
}

fn used(redis: &RedisServer) -> u64 {
    number(redis, "HGET protium:{shop}:gen used")
}

#[tokio::test]
async fn what_is_asked_for_once_is_not_in_the_server_and_the_second_time_it_is() {
    let redis = RedisServer::start();
    let (one, other) = (node(&redis, "b1").await, node(&redis, "b1").await);
    for page in 0..50 {
        assert_eq!(ask(&one, page, Share::OnSecondUse).await, How::Loaded);
    }
    one.settle().await;
    assert_eq!(entries(&redis).len(), 0);
    assert_eq!(ask(&one, 7, Share::OnSecondUse).await, How::Hit);
    one.settle().await;
    until(|| entries(&redis).len() == 1).await;
    assert_eq!(ask(&other, 7, Share::OnSecondUse).await, How::Shared);
    // A purge does not make it a page that nobody asked for.
    one.purge(&Purge::tag("product:7")).await;
    until(|| other.get::<Page>("page/7").is_none()).await;
    assert_eq!(ask(&one, 7, Share::OnSecondUse).await, How::Loaded);
    one.settle().await;
    assert_eq!(ask(&other, 7, Share::OnSecondUse).await, How::Shared);
    // What was purged after it was loaded does not come back by being asked for again.
    assert_eq!(ask(&one, 8, Share::OnSecondUse).await, How::Hit);
    one.settle().await;
    until(|| entries(&redis).len() == 2).await;
    other.purge(&Purge::tag("product:9")).await;
    until(|| one.get::<Page>("page/9").is_none()).await;
    assert_eq!(ask(&other, 9, Share::OnSecondUse).await, How::Loaded);
}

#[tokio::test]
async fn pages_take_no_more_than_their_budget_and_the_last_ones_are_there() {
    let redis = RedisServer::start();
    let cache = node(&redis, "b1").await;
    for page in 0..300 {
        ask(&cache, page, Share::AtOnce).await;
    }
    cache.settle().await;
    let stats = stats(&cache);
    assert_eq!(stats.stored, 300);
    assert!(stats.page_bytes <= BUDGET, "{stats:?}");
    assert_eq!(
        (used(&redis), sizes(&redis)),
        (stats.page_bytes, stats.page_bytes)
    );
    let there = entries(&redis);
    assert!((40..=50).contains(&there.len()), "{}", there.len());
    assert!(there.iter().any(|key| key.ends_with("page/299")));
    // What the server really takes for them; its allocator rounds up.
    let memory: u64 = there
        .iter()
        .map(|key| number(&redis, &format!("MEMORY USAGE {key} SAMPLES 0")))
        .sum();
    assert!(memory <= BUDGET + BUDGET / 20, "{memory}");
    // Another build's pages are within the same budget.
    let next = node(&redis, "b2").await;
    for page in 0..60 {
        ask(&next, page, Share::AtOnce).await;
    }
    next.settle().await;
    assert!(used(&redis) <= BUDGET);
    assert_eq!(used(&redis), sizes(&redis));
}

#[tokio::test]
async fn two_nodes_that_store_at_once_stay_within_the_budget_together() {
    let redis = RedisServer::start();
    let nodes = [node(&redis, "b1").await, node(&redis, "b1").await];
    let asks: Vec<_> = (0..400)
        .map(|at| {
            let cache = nodes[at % 2].clone();
            // The same pages on both, in another order.
            let page = at * 7 % 120;
            tokio::spawn(async move { ask(&cache, page, Share::AtOnce).await })
        })
        .collect();
    for asked in asks {
        asked.await.expect("no panic");
    }
    for cache in &nodes {
        cache.settle().await;
    }
    assert!(used(&redis) <= BUDGET);
    assert_eq!(used(&redis), sizes(&redis));
    assert_eq!(
        number(&redis, "ZCARD protium:{shop}:order"),
        entries(&redis).len() as u64
    );
}

#[tokio::test]
async fn what_the_server_removes_by_itself_is_not_counted_for_ever() {
    let redis = RedisServer::start();
    let cache = node(&redis, "b1").await;
    for page in 0..45 {
        ask(&cache, page, Share::AtOnce).await;
    }
    cache.settle().await;
    let before = used(&redis);
    // It removes values, as one with maxmemory does.
    for key in entries(&redis).iter().take(20) {
        redis.tell(&format!("DEL {key}"));
    }
    assert_eq!(used(&redis), before, "it does not say so");
    for page in 100..150 {
        ask(&cache, page, Share::AtOnce).await;
    }
    cache.settle().await;
    assert!(used(&redis) <= BUDGET);
    assert_eq!(used(&redis), sizes(&redis));
    // It removes a part of the count.
    for lost in ["order", "sizes"] {
        redis.tell(&format!("DEL protium:{{shop}}:{lost}"));
        let mut page = 1_000;
        let is_counted = || {
            let there = entries(&redis).len() as u64;
            let order = number(&redis, "ZCARD protium:{shop}:order");
            let known = number(&redis, "HLEN protium:{shop}:sizes");
            used(&redis) == sizes(&redis) && (order, known) == (there, there)
        };
        while !is_counted() {
            assert!(page < 2_000, "{} {}", used(&redis), sizes(&redis));
            ask(&cache, page, Share::AtOnce).await;
            cache.settle().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            page += 1;
        }
        assert!(used(&redis) <= BUDGET);
    }
}

#[tokio::test]
async fn a_restart_of_the_server_leaves_nothing_that_is_not_counted() {
    let mut redis = RedisServer::start();
    let cache = node(&redis, "b1").await;
    for page in 0..45 {
        ask(&cache, page, Share::AtOnce).await;
    }
    cache.settle().await;
    redis.save();
    redis.kill();
    until(|| !stats(&cache).connected).await;
    redis.restart();
    until(|| stats(&cache).connected).await;
    // What came back is of a run that is over: nobody could tell what was purged since.
    until(|| entries(&redis).is_empty() && used(&redis) == 0).await;
    for page in 100..200 {
        ask(&cache, page, Share::AtOnce).await;
    }
    cache.settle().await;
    assert!(used(&redis) <= BUDGET);
    assert_eq!(used(&redis), sizes(&redis));
}
