//! A server without memory left, that is late, or that removes what it likes: purges travel and are
//! remembered nevertheless.

use std::time::{Duration, Instant};

use protium_cache::{How, Purge};
use tempfile::TempDir;
use tests::redis::RedisServer;

use super::node::{Database, Node, eventually, until};
use crate::program::{Running, example};

/// A purge takes some milliseconds. Without memory it took half a minute.
const SOON: Duration = Duration::from_secs(5);

async fn shows(node: &Node, version: u64) {
    let limit = Instant::now() + SOON;
    while node.product().await.1 != version {
        assert!(Instant::now() < limit, "it still shows an old version");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn outages(node: &Node) -> u64 {
    node.cache.stats().shared.expect("a shared layer").outages
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_memory_left_takes_purges_and_passes_them_on() {
    for policy in ["noeviction", "volatile-lru", "allkeys-lru"] {
        let maxmemory = format!("--maxmemory 64mb --maxmemory-policy {policy}");
        let redis = RedisServer::start_with(&[&maxmemory]);
        let database = Database::default();
        let first = Node::start(&redis.url(), "b1", &database).await;
        let second = Node::start(&redis.url(), "b1", &database).await;
        first.product().await;
        shows(&second, 0).await;
        match policy {
            // It makes room by itself: everything is removed but what was used last.
            "allkeys-lru" => {
                for _ in 0..100 {
                    redis.tell("EVAL for(i=1,9)do(redis.call('SET',i,1))end 0");
                }
            }
            _ => redis.fill(),
        }
        for purge in [
            Purge::tag("product:1"),
            Purge::prefix("product/"),
            Purge::all(),
        ] {
            let version = database.change();
            let began = Instant::now();
            first.cache.purge(&purge).await;
            assert_eq!(first.product().await.1, version, "{policy} {purge:?}");
            shows(&second, version).await;
            println!("{policy}: {purge:?} after {:?}", began.elapsed());
        }
        assert_eq!((outages(&first), outages(&second)), (0, 0), "{policy}");
        // Who comes later finds nothing old.
        let third = Node::start(&redis.url(), "b1", &database).await;
        assert_eq!(third.product().await.1, database.version(), "{policy}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_away_catches_up_with_a_server_that_is_full() {
    let redis = RedisServer::start_with(&["--maxmemory 64mb --maxmemory-policy noeviction"]);
    let database = Database::default();
    let first = Node::start(&redis.url(), "b1", &database).await;
    let second = Node::start(&redis.url(), "b1", &database).await;
    first.product().await;
    assert_eq!(second.product().await, (How::Shared, 0));
    redis.fill();
    // All connections are cut, and the purge happens before the second node is there again.
    redis.tell("CLIENT KILL TYPE pubsub");
    let version = database.change();
    first.cache.purge(&Purge::tag("product:1")).await;
    shows(&second, version).await;
    // When there is memory again, values are shared again.
    redis.tell("CONFIG SET maxmemory 0");
    first.connected(true).await;
    second.connected(true).await;
    first.cache.purge(&Purge::all()).await;
    eventually(async || {
        let loaded = first.product().await.0;
        let found = second.product().await.0;
        first.cache.purge(&Purge::all()).await;
        loaded == How::Loaded && found == How::Shared
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_late_on_a_busy_machine_is_not_away() {
    let redis = RedisServer::start();
    let database = Database::default();
    let hasty = Duration::from_millis(50);
    let node = Node::hasty(&redis.url(), hasty, &database).await;
    let other = Node::hasty(&redis.url(), hasty, &database).await;
    node.product().await;
    redis.stop();
    let asks: Vec<_> = (0..20)
        .map(|at| {
            let node = node.clone();
            tokio::spawn(async move {
                node.cache.purge(&Purge::tag(format!("product:{at}"))).await;
                node.product().await
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(120)).await;
    redis.go_on();
    for asked in asks {
        assert_eq!(asked.await.expect("no panic").1, 0);
    }
    let version = database.change();
    node.cache.purge(&Purge::tag("product:1")).await;
    shows(&other, version).await;
    until(|| node.is_connected()).await;
    assert_eq!((outages(&node), outages(&other)), (0, 0));
}

#[test]
fn a_server_with_too_little_memory_or_the_wrong_policy_is_said_at_start() {
    let redis = RedisServer::start_with(&["--maxmemory 64mb --maxmemory-policy allkeys-lru"]);
    let data = TempDir::new().expect("a directory");
    let mut command = example(data.path());
    command.env("PROTIUM_REDIS_URL", redis.url());
    let running = Running::start(&mut command);
    let line = running.logs("half of its maxmemory");
    assert!(
        line.contains("67108864") && line.contains("33554432"),
        "{line}"
    );
    running.logs("volatile-lru");
    let mut command = example(data.path());
    command.env("PROTIUM_REDIS_PAGE_BYTES", "0");
    crate::program::fails_with(&mut command, &["PROTIUM_REDIS_PAGE_BYTES", "1 to"]);
}
