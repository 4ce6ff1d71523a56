use std::time::{Duration, Instant};

use protium_cache::{How, Purge};
use tests::redis::RedisServer;

use super::node::{Database, Node, until};

/// The bound for a request while the server is away; the figure is the time one command has.
const SOON: Duration = Duration::from_secs(5);

/// Waits until a node shows this version.
async fn shows(node: &Node, version: u64) {
    let limit = Instant::now() + Duration::from_secs(20);
    while node.product().await.1 != version {
        assert!(Instant::now() < limit, "it still shows an old version");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until the server has this many entries of the shop.
async fn stored(redis: &RedisServer, count: usize) {
    until(|| {
        redis
            .tell("KEYS protium:*:entry:*")
            .lines()
            .filter(|line| !line.is_empty())
            .count()
            == count
    })
    .await;
}

#[tokio::test]
async fn a_node_finds_what_another_loaded() {
    let redis = RedisServer::start();
    let database = Database::default();
    let first = Node::start(&redis.url(), "b1", &database).await;
    assert_eq!(first.product().await, (How::Loaded, 0));
    stored(&redis, 1).await;
    let second = Node::start(&redis.url(), "b1", &database).await;
    assert_eq!(second.product().await, (How::Shared, 0));
    assert_eq!(second.product().await, (How::Hit, 0));
    assert_eq!(database.reads(), 1);
}

#[tokio::test]
async fn many_requests_on_two_nodes_cause_one_load() {
    let redis = RedisServer::start();
    let database = Database::default();
    let nodes = [
        Node::start(&redis.url(), "b1", &database).await,
        Node::start(&redis.url(), "b1", &database).await,
    ];
    let requests: Vec<_> = (0..200)
        .map(|n| {
            let node = nodes[n % 2].clone();
            tokio::spawn(async move { node.slow_product(Duration::from_millis(300)).await })
        })
        .collect();
    for request in requests {
        assert_eq!(request.await.expect("no panic").1, 0);
    }
    assert_eq!(database.reads(), 1);
}

#[tokio::test]
async fn a_purge_on_one_node_reaches_the_others() {
    let redis = RedisServer::start();
    let database = Database::default();
    let first = Node::start(&redis.url(), "b1", &database).await;
    let second = Node::start(&redis.url(), "b1", &database).await;
    for purge in [
        Purge::tag("product:1"),
        Purge::prefix("product/"),
        Purge::all(),
        Purge::tag("product:1").soft(),
        Purge::prefix("product/").soft(),
        Purge::all().soft(),
    ] {
        let before = database.version();
        shows(&first, before).await;
        shows(&second, before).await;
        let version = database.change();
        first.cache.purge(&purge).await;
        if !purge.soft {
            assert_eq!(first.product().await.1, version, "{purge:?}");
        }
        shows(&second, version).await;
        shows(&first, version).await;
    }
}

#[tokio::test]
async fn what_is_purged_while_another_node_loads_it_is_not_shared() {
    let redis = RedisServer::start();
    let database = Database::default();
    let first = Node::start(&redis.url(), "b1", &database).await;
    let second = Node::start(&redis.url(), "b1", &database).await;
    let loading = {
        let first = first.clone();
        tokio::spawn(async move { first.slow_product(Duration::from_millis(500)).await })
    };
    until(|| database.reads() == 1).await;
    database.change();
    second.cache.purge(&Purge::tag("product:1")).await;
    assert_eq!(loading.await.expect("no panic").1, 0, "asked for before");
    assert_eq!(second.product().await.1, 1);
    shows(&first, 1).await;
}

#[tokio::test]
async fn a_lost_server_costs_no_request_and_comes_back() {
    let mut redis = RedisServer::start();
    let database = Database::default();
    let node = Node::start(&redis.url(), "b1", &database).await;
    node.product().await;
    redis.kill();
    let started = Instant::now();
    for _ in 0..20 {
        assert_eq!(node.product().await.1, database.version());
        database.change();
        node.cache.purge(&Purge::tag("product:1")).await;
    }
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    node.connected(false).await;
    redis.restart();
    node.connected(true).await;
    shows(&node, database.version()).await;
    stored(&redis, 1).await;
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up() {
    let redis = RedisServer::start();
    let database = Database::default();
    let node = Node::start(&redis.url(), "b1", &database).await;
    redis.stop();
    let started = Instant::now();
    assert_eq!(node.product().await.1, 0);
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    for _ in 0..10 {
        database.change();
        node.cache.purge(&Purge::tag("product:1")).await;
        assert_eq!(node.product().await.1, database.version());
    }
    assert!(!node.is_connected());
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    redis.go_on();
    node.connected(true).await;
}

#[tokio::test]
async fn a_server_that_comes_back_older_than_it_was_is_no_source_of_old_values() {
    let mut redis = RedisServer::start();
    let database = Database::default();
    let first = Node::start(&redis.url(), "b1", &database).await;
    first.product().await;
    stored(&redis, 1).await;
    // The server comes back as it was here: with the entry, without the purge.
    redis.save();
    let version = database.change();
    first.cache.purge(&Purge::tag("product:1")).await;
    redis.kill();
    first.connected(false).await;
    redis.restart();
    first.connected(true).await;
    let second = Node::start(&redis.url(), "b1", &database).await;
    assert_eq!(second.product().await.1, version);
    assert_eq!(first.product().await.1, version);
}

#[tokio::test]
async fn purges_that_were_missed_leave_nothing_stale() {
    let mut redis = RedisServer::start();
    let database = Database::default();
    let first = Node::start(&redis.url(), "b1", &database).await;
    let second = Node::start(&redis.url(), "b1", &database).await;
    first.product().await;
    second.product().await;
    stored(&redis, 1).await;
    redis.save();
    redis.kill();
    second.connected(false).await;
    first.connected(false).await;
    let version = database.change();
    first.cache.purge(&Purge::tag("product:1")).await;
    assert_eq!(second.product().await.1, 0, "it cannot know yet");
    redis.restart();
    first.connected(true).await;
    second.connected(true).await;
    shows(&second, version).await;
    assert_eq!(first.product().await.1, version);
}

#[tokio::test]
async fn a_purge_made_while_the_server_was_away_reaches_the_others_later() {
    let mut redis = RedisServer::start();
    let database = Database::default();
    let first = Node::start(&redis.url(), "b1", &database).await;
    redis.kill();
    first.connected(false).await;
    redis.restart();
    // Another node is there first, and shares what is about to be purged.
    let second = Node::start(&redis.url(), "b1", &database).await;
    second.product().await;
    redis.stop();
    let version = database.change();
    first.cache.purge(&Purge::tag("product:1")).await;
    redis.go_on();
    shows(&second, version).await;
    first.connected(true).await;
    shows(&first, version).await;
}

#[tokio::test]
async fn a_server_that_forgets_everything_is_no_source_of_old_values() {
    let redis = RedisServer::start();
    let database = Database::default();
    let node = Node::start(&redis.url(), "b1", &database).await;
    node.product().await;
    let version = database.change();
    redis.tell("FLUSHALL");
    node.cache.purge(&Purge::tag("product:1")).await;
    assert_eq!(node.product().await.1, version);
    node.connected(true).await;
    let other = Node::start(&redis.url(), "b1", &database).await;
    assert_eq!(other.product().await.1, version);
}

#[tokio::test]
async fn a_node_that_dies_while_it_loads_keeps_the_others_waiting_a_bounded_time() {
    let redis = RedisServer::start();
    let database = Database::default();
    let second = Node::start(&redis.url(), "b1", &database).await;
    let dying = tokio::runtime::Runtime::new().expect("a runtime");
    {
        let (url, database) = (redis.url(), database.clone());
        dying.spawn(async move {
            let first = Node::start(&url, "b1", &database).await;
            first.slow_product(Duration::from_secs(3_600)).await;
        });
    }
    until(|| database.reads() == 1).await;
    dying.shutdown_background();
    let started = Instant::now();
    assert_eq!(second.product().await.1, 0);
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn builds_share_purges_and_no_entries() {
    let redis = RedisServer::start();
    let database = Database::default();
    let old = Node::start(&redis.url(), "b1", &database).await;
    let new = Node::start(&redis.url(), "b2", &database).await;
    old.product().await;
    stored(&redis, 1).await;
    assert_eq!(new.product().await, (How::Loaded, 0));
    let version = database.change();
    new.cache.purge(&Purge::tag("product:1")).await;
    shows(&old, version).await;
}

/// The server's date jumps by this many days: what it stored is then so much older, or from the
/// future.
fn jump(redis: &RedisServer, days: i64) {
    let entry = redis.tell("KEYS protium:*:entry:*");
    redis.tell(&format!("HINCRBY {entry} at {}", -days * 86_400_000));
}

#[tokio::test]
async fn a_jump_of_the_servers_date_makes_nothing_fresh_again() {
    for days in [-400, 400] {
        let redis = RedisServer::start();
        let database = Database::default();
        let node = async || Node::start(&redis.url(), "b1", &database).await;
        assert_eq!(node().await.product().await, (How::Loaded, 0));
        stored(&redis, 1).await;
        let version = database.change();
        jump(&redis, days);
        assert_eq!(node().await.product().await, (How::Loaded, version));
    }
}

#[tokio::test]
async fn a_cache_starts_without_its_server() {
    let mut redis = RedisServer::start();
    redis.kill();
    let database = Database::default();
    let node = Node::start_away(&redis.url(), "b1", &database);
    assert_eq!(node.product().await, (How::Loaded, 0));
    assert_eq!(node.product().await, (How::Hit, 0));
    redis.restart();
    node.connected(true).await;
    assert_eq!(node.product().await.1, 0);
}
