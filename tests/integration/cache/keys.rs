//! Two shops on one Redis.

use axum::http::Method;
use tests::redis::RedisServer;

use super::node::until;
use super::premises::send;
use crate::edge::prewarm::premises::{Place, Warm, is_hit, main};

const TOKEN: [(&str, &str); 1] = [(
    "authorization",
    "Bearer operator's token of thirty-two bytes",
)];

/// A shop with these prices, whose region has its Redis where its pages have theirs.
fn place(redis: &RedisServer, price: &str) -> Place {
    let catalogue = format!(
        "Handle,Title,Variant SKU,Variant Price,Variant Inventory Tracker,Variant Inventory Qty,\
         Variant Inventory Policy,Collection\nfork,Hand \
         Fork,HAND-FORK,{price},shopify,4,deny,Tools\n"
    );
    let region = format!("[edge.regions.eu-1]\nredis = \"{}\"\n", redis.address());
    Place::with_catalogue(&region, &catalogue)
}

async fn warm(place: &Place, redis: &RedisServer, secret: &str) -> Warm {
    let url = redis.url();
    let vars = [
        ("PROTIUM_REDIS_URL", url.as_str()),
        ("PROTIUM_SECRET", secret),
        ("PROTIUM_OPERATOR_TOKEN", &TOKEN[0].1[7..]),
    ];
    let warm = Warm::open(place, &vars).await;
    let cache = warm.shop.cache().expect("a cache").clone();
    until(|| cache.stats().shared.is_some_and(|shared| shared.connected)).await;
    warm
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_shops_on_one_redis_none_shows_purges_or_removes_what_is_the_others() {
    let redis = RedisServer::start();
    let places = [place(&redis, "18.50"), place(&redis, "99.00")];
    let secrets = [
        "the secret of production, which is long",
        "the secret of staging, which is long",
    ];
    let production = warm(&places[0], &redis, secrets[0]).await;
    let staging = warm(&places[1], &redis, secrets[1]).await;
    let has = |warm: &Warm, price: &'static str| {
        let router = warm.router.clone();
        async move {
            let page = super::premises::get(&router, "/products/fork", &[]).await;
            main(&page).contains(price)
        }
    };
    for _ in 0..3 {
        assert!(has(&production, "€18.50").await);
        assert!(has(&staging, "€99.00").await);
    }
    // A purge of everything at one leaves the other's pages alone.
    let purges = async || {
        let seen = send(&production.router, Method::GET, "/_protium/cache", &TOKEN).await;
        seen.json()["purges"].clone()
    };
    let before = purges().await;
    let purged = send(
        &staging.router,
        Method::POST,
        "/_protium/purge?all=1",
        &TOKEN,
    )
    .await;
    assert_eq!(purged.status, 200);
    assert!(is_hit(&production.get("/products/fork").await));
    assert_eq!(purges().await, before);
    // A sale at one is not one of the other.
    places[1].sql(
        "UPDATE stock SET on_hand = 0 \
         WHERE variant_id = (SELECT id FROM variant WHERE sku = 'HAND-FORK')",
    );
    staging
        .shows("/products/fork", |page| main(page).contains("Sold out"))
        .await;
    places[0].sql(
        "UPDATE stock SET on_hand = 9 \
         WHERE variant_id = (SELECT id FROM variant WHERE sku = 'HAND-FORK')",
    );
    for _ in 0..20 {
        assert!(!main(&production.get("/products/fork").await).contains("Sold out"));
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Commands that name no key.
const WITHOUT_KEY: [&str; 16] = [
    "auth", "client", "command", "config", "eval", "evalsha", "hello", "info", "ping", "scan",
    "script", "select", "time", "monitor", "keys", "quit",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_key_that_a_shop_uses_begins_with_the_shop() {
    let redis = RedisServer::start();
    let monitor = redis.monitor();
    let place = place(&redis, "18.50");
    let secret = "the secret of production, which is long";
    let one = warm(&place, &redis, secret).await;
    let other = warm(&place, &redis, secret).await;
    for path in [
        "/",
        "/products/fork",
        "/collections/all",
        "/products/fork?variant=1",
    ] {
        for _ in 0..3 {
            one.get(path).await;
            other.get(path).await;
        }
    }
    for purge in [
        "tag=product:1",
        "prefix=/products/",
        "all=1",
        "all=1&soft=1",
    ] {
        let path = format!("/_protium/purge?{purge}");
        assert_eq!(
            send(&one.router, Method::POST, &path, &TOKEN).await.status,
            200
        );
        other.get("/products/fork").await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    drop((one, other));
    let keys = redis.tell("KEYS *");
    let first = keys.lines().next().expect("something is kept");
    let end = first.find("}:").expect("the name of the shop");
    let shop = &first[..end + 2];
    assert!(shop.starts_with("protium:{"), "{first}");
    for key in keys.lines() {
        assert!(key.starts_with(shop), "{key}");
    }
    let commands = monitor.end();
    let mut kinds = std::collections::BTreeSet::new();
    for command in &commands {
        let name = command[0].to_lowercase();
        if WITHOUT_KEY.contains(&name.as_str()) {
            continue;
        }
        let key = command.get(1).unwrap_or_else(|| panic!("{command:?}"));
        assert!(key.starts_with(shop), "{command:?}");
        kinds.insert(
            key[shop.len()..]
                .split(':')
                .next()
                .unwrap_or_default()
                .to_owned(),
        );
    }
    // All that there is was seen.
    for kind in [
        "edge", "entry", "gen", "gone", "lease", "log", "order", "purges", "sizes",
    ] {
        assert!(kinds.contains(kind), "{kind}: {kinds:?}");
    }
}
