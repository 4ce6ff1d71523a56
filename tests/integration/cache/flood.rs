//! Visitors who write what they like behind an address: the shop's Redis does not fill with it.

use axum::Router;
use protium::Shop;
use tempfile::TempDir;
use tests::redis::RedisServer;

use super::node::eventually;
use super::premises::{STATUS, get, open};

/// A shop with its Redis.
async fn shop(data: &TempDir, redis: &RedisServer) -> (Shop, Router) {
    let root = tests::workspace::path("example-store");
    let url = redis.url();
    let (shop, _) = open(&root, data.path(), &[("PROTIUM_REDIS_URL", &url)]).await;
    let cache = shop.cache().expect("pages are kept").clone();
    eventually(async || cache.stats().shared.is_some_and(|shared| shared.connected)).await;
    let router = shop.router();
    (shop, router)
}

/// Keys of pages in the server.
fn pages(redis: &RedisServer) -> Vec<String> {
    let keys = redis.tell("KEYS protium:*:entry:*:page/*");
    let lines = keys.lines().filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_that_no_page_declares_makes_no_other_page() {
    let (redis, data) = (RedisServer::start(), TempDir::new().expect("a directory"));
    let (shop, router) = shop(&data, &redis).await;
    let paths = ["/", "/collections/all", "/products/long-reach-watering-can"];
    for path in paths {
        get(&router, path, &[]).await;
        let plain = get(&router, path, &[]).await;
        assert!(plain.header(STATUS).contains("; hit"), "{path}");
        for at in 0..300 {
            let odd = [
                format!("{path}?x{at}=1"),
                format!("{path}?x=&sort=odd-{at}&direction=odd-{at}"),
                format!("{path}?variant={at}99999&Capacity=odd-{at}&Size={at}"),
            ];
            for odd in odd {
                let answer = get(&router, &odd, &[]).await;
                assert!(answer.header(STATUS).contains("; hit"), "{odd}");
                assert!(answer.body == plain.body, "{odd}");
            }
        }
    }
    shop.cache().expect("a cache").settle().await;
    assert_eq!(pages(&redis).len(), paths.len(), "{:?}", pages(&redis));
    assert_eq!(
        shop.cache().expect("a cache").stats().entries,
        paths.len() as u64
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_that_a_page_declares_makes_one_of_its_own() {
    let (redis, data) = (RedisServer::start(), TempDir::new().expect("a directory"));
    let (_shop, router) = shop(&data, &redis).await;
    let page = "/products/long-reach-watering-can";
    let plain = get(&router, page, &[]).await;
    let chosen = format!("{page}?Capacity=9+litres");
    let first = get(&router, &chosen, &[]).await;
    assert_eq!(first.header(STATUS), "Protium; fwd=uri-miss; stored");
    assert!(first.body != plain.body);
    for same in [
        format!("{page}?Capacity=9+litres&ref=friend"),
        format!("{page}?a=1&Capacity=none&Capacity=9%20litres&variant=x"),
    ] {
        let answer = get(&router, &same, &[]).await;
        assert!(answer.header(STATUS).contains("; hit"), "{same}");
        assert!(
            answer.body == get(&router, &chosen, &[]).await.body,
            "{same}"
        );
    }
    let sorted = get(&router, "/collections/all?sort=price-asc&y=2", &[]).await;
    assert!(sorted.header(STATUS).contains("uri-miss"));
    let again = get(&router, "/collections/all?z=1&sort=price-asc", &[]).await;
    assert!(again.header(STATUS).contains("; hit"));
    assert!(again.body == sorted.body);
    // Nothing is at this address, whatever is behind it.
    for _ in 0..3 {
        let missing = get(&router, "/products/nothing?Capacity=9+litres", &[]).await;
        assert_eq!(missing.status, 404);
        assert!(!missing.header(STATUS).contains("; hit"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_is_read_with_and_without_the_cache() {
    let data = TempDir::new().expect("a directory");
    let root = tests::workspace::path("example-store");
    let (_keeping, keeping) = {
        let (shop, _) = open(&root, data.path(), &[]).await;
        let router = shop.router();
        (shop, router)
    };
    let (making, _) = open(&root, data.path(), &[("PROTIUM_CACHE", "off")]).await;
    let making = making.router();
    for path in [
        "/?x=1",
        "/collections/all?sort=price-desc&x=1&sort=newest",
        "/collections/all?sort=odd&sort=newest",
        "/products/long-reach-watering-can?x=1&Capacity=9+litres&Capacity=5+litres",
        "/products/long-reach-watering-can?variant=1&Capacity=9+litres",
        "/products/hand-fork?variant=x&utm_source=y",
    ] {
        let (kept, made) = (
            get(&keeping, path, &[]).await,
            get(&making, path, &[]).await,
        );
        assert_eq!((kept.status, made.status), (made.status, kept.status));
        assert!(kept.text() == made.text(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_values_of_a_declared_parameter_stay_out_of_the_server() {
    let (redis, data) = (RedisServer::start(), TempDir::new().expect("a directory"));
    let (shop, router) = shop(&data, &redis).await;
    let before: u64 = memory(&redis);
    for at in 0..10_000 {
        let path = match at % 2 {
            0 => format!("/collections/all?cursor=c{at}"),
            _ => format!("/search?q=word{at}"),
        };
        let answer = get(&router, &path, &[]).await;
        assert!(!answer.header(STATUS).contains("; hit"), "{path}");
    }
    shop.cache().expect("a cache").settle().await;
    assert_eq!(pages(&redis), Vec::<String>::new());
    let grown = memory(&redis).saturating_sub(before);
    assert!(grown < 4_000_000, "{grown}");
}

fn memory(redis: &RedisServer) -> u64 {
    let info = redis.tell("INFO memory");
    let used = info
        .lines()
        .find_map(|line| line.strip_prefix("used_memory:"));
    used.and_then(|bytes| bytes.trim().parse().ok())
        .expect("a number")
}
