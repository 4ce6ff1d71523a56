//! Shops that share their pages through a real Redis.

use std::path::Path;

use axum::Router;
use axum::http::Method;
use protium::Shop;
use tempfile::TempDir;
use tests::redis::RedisServer;

use super::node::{eventually, until};
use super::premises::{Answer, STATUS, get, open, send, send_body};

const TOKEN: (&str, &str) = (
    "authorization",
    "Bearer an operator of nothing but this test",
);

/// A node of the shop in `root`.
async fn node(root: &Path, data: &Path, redis: &str) -> (Shop, Router) {
    let components = tests::workspace::path("components-go/store");
    let vars = [
        ("PROTIUM_REDIS_URL", redis),
        (
            "PROTIUM_OPERATOR_TOKEN",
            "an operator of nothing but this test",
        ),
        ("PROTIUM_SECRET", "one secret for all nodes of the shop"),
        ("PROTIUM_COMPONENTS", components.to_str().expect("a path")),
    ];
    let (shop, _) = open(root, data, &vars).await;
    let cache = shop.cache().expect("pages are kept").clone();
    eventually(async || cache.stats().shared.is_some_and(|shared| shared.connected)).await;
    let router = shop.router();
    (shop, router)
}

/// A page that is sold.
async fn product(router: &Router) -> String {
    let all = get(router, "/collections/all", &[]).await.text();
    let handle = all.split("href=\"/products/").nth(1);
    let handle = handle.and_then(|rest| rest.split('"').next());
    format!("/products/{}", handle.expect("a product"))
}

/// The cookie of somebody with something in the cart.
async fn with_a_cart(router: &Router) -> String {
    let page = get(router, "/collections/all", &[]).await.text();
    let variant = page.split("name=\"variant_id\" value=\"").nth(1);
    let variant = variant.and_then(|rest| rest.split('"').next());
    let body = format!("variant_id={}&quantity=1", variant.expect("a variant"));
    let headers = [
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let answer = send_body(router, Method::POST, "/cart/add", &headers, &body).await;
    let cookie = answer.header("set-cookie").split(';').next();
    cookie.expect("a cookie").to_owned()
}

/// Every BUILD that a page names.
fn builds(answer: &Answer) -> Vec<String> {
    let text = answer.text();
    let mut builds: Vec<String> = text
        .split("\"build\":\"")
        .skip(1)
        .filter_map(|rest| rest.get(..16))
        .map(str::to_owned)
        .collect();
    builds.dedup();
    builds
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_shows_the_page_that_another_made() {
    let redis = RedisServer::start();
    let data = TempDir::new().expect("a directory");
    let root = tests::workspace::path("example-store");
    let (_one, first) = node(&root, data.path(), &redis.url()).await;
    let (_two, second) = node(&root, data.path(), &redis.url()).await;
    let page = product(&first).await;
    let cart = with_a_cart(&first).await;
    let made = get(&first, &page, &[]).await;
    assert!(made.header(STATUS).contains("uri-miss"));
    // Asked for again, it goes where others find it, beside the answer.
    assert!(
        get(&first, &page, &[])
            .await
            .header(STATUS)
            .contains("; hit")
    );
    until(|| redis.tell(&format!("KEYS *:page{page}*")).contains("entry")).await;
    let found = get(&second, &page, &[]).await;
    assert!(found.text() == made.text());
    assert!(
        found.header(STATUS).contains("detail=shared"),
        "{}",
        found.header(STATUS)
    );
    for cookie in ["other=1", &cart] {
        let headers = [("cookie", cookie), ("accept-encoding", "br")];
        let (one, two) = (
            get(&first, &page, &headers).await,
            get(&second, &page, &headers).await,
        );
        assert!(two.header(STATUS).contains("hit"));
        assert_eq!(one.header("etag"), two.header("etag"), "{cookie}");
        assert!(one.body == two.body, "{cookie}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_by_the_operator_of_one_node_reaches_the_other() {
    let redis = RedisServer::start();
    let data = TempDir::new().expect("a directory");
    let root = tests::workspace::path("example-store");
    let (_one, first) = node(&root, data.path(), &redis.url()).await;
    let (_two, second) = node(&root, data.path(), &redis.url()).await;
    get(&second, "/", &[]).await;
    assert!(get(&second, "/", &[]).await.header(STATUS).contains("hit"));
    let purged = send(&first, Method::POST, "/_protium/purge?prefix=/", &[TOKEN]).await;
    assert_eq!(purged.json()["purged"]["name"], "page/");
    eventually(async || !get(&second, "/", &[]).await.header(STATUS).contains("hit")).await;
    let seen = get(&second, "/_protium/cache", &[TOKEN]).await.json();
    assert_eq!(seen["purges"][0]["name"], "page/");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_builds_share_a_redis_and_every_answer_is_of_one_of_them() {
    let redis = RedisServer::start();
    let data = TempDir::new().expect("a directory");
    let old = tests::workspace::path("example-store");
    // The next release: one template more.
    let new = TempDir::new().expect("a directory");
    let copy = |name: &str| {
        let to = new.path().join(name);
        std::fs::create_dir_all(to.parent().expect("a parent")).expect("a directory");
        std::fs::copy(old.join(name), to).expect("a copy");
    };
    copy("protium.toml");
    let pages = new.path().join("templates/pages");
    std::fs::create_dir_all(&pages).expect("a directory");
    let page = "{% extends \"layout.html\" %}{% block main %}New{% endblock %}";
    std::fs::write(pages.join("new.html"), page).expect("a template");

    let (_old, old) = node(&old, data.path(), &redis.url()).await;
    let (_new, new) = node(new.path(), data.path(), &redis.url()).await;
    let page = product(&old).await;
    // A tab that was opened before the release goes on in the middle of it.
    let cart = with_a_cart(&old).await;
    let build_of = async |router: &Router| {
        let build = builds(&get(router, &page, &[]).await);
        assert_eq!(build.len(), 1);
        build
    };
    let (one, two) = (build_of(&old).await, build_of(&new).await);
    assert_ne!(one, two);
    for round in 0..20 {
        for (router, build) in [(&old, &one), (&new, &two)] {
            for cookie in ["other=1", &cart] {
                let path = [&page, "/", "/collections/all"][round % 3];
                let answer = get(router, path, &[("cookie", cookie)]).await;
                assert_eq!(&builds(&answer), build, "{path}");
                let badge = answer.text().contains("Cart, 1 item");
                assert_eq!(badge, cookie == cart);
            }
        }
        if round == 10 {
            send(&new, Method::POST, "/_protium/purge?all=1&soft=1", &[TOKEN]).await;
        }
    }
    // A click of the old tab is answered by the new release.
    let added = with_a_cart(&new).await;
    assert!(
        !get(&old, "/cart", &[("cookie", &added)])
            .await
            .text()
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_of_the_last_release_goes_on_loading_its_files() {
    let redis = RedisServer::start();
    let (here, elsewhere) = (
        TempDir::new().expect("a directory"),
        TempDir::new().expect("a directory"),
    );
    // The release that the tab is of has one style more.
    let old = TempDir::new().expect("a directory");
    let style = old.path().join("static/season.css");
    std::fs::create_dir(old.path().join("static")).expect("a directory");
    std::fs::write(&style, "p { color: green }").expect("a style");
    let (shop, _) = node(old.path(), here.path(), &redis.url()).await;
    let url = shop.asset_url("season.css").expect("an address");
    let on_disk = || std::fs::read_dir(here.path().join("assets")).is_ok_and(|dir| dir.count() > 3);
    until(on_disk).await;
    let in_redis = || redis.tell("KEYS *season*").contains("season");
    until(in_redis).await;
    drop(shop);

    let new = tests::workspace::path("example-store");
    for data in [here.path(), elsewhere.path()] {
        let (shop, router) = node(&new, data, &redis.url()).await;
        assert!(shop.asset_url("season.css").is_none());
        eventually(async || get(&router, &url, &[]).await.status == 200).await;
        let answer = get(&router, &url, &[]).await;
        assert_eq!(answer.text(), "p { color: green }");
        assert!(answer.header("cache-control").contains("immutable"));
        let unknown = url.replace(".css", "0.css");
        assert_eq!(get(&router, &unknown, &[]).await.status, 404);
    }
}
