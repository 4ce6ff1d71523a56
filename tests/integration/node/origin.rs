//! The shop behind a node changes, goes away, and comes back.

use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{
    HIT, Premises, SECRET, TOKEN, builds, free_address, node_command, product, with_a_cart,
};
use crate::program::{Running, fails_with};

#[test]
fn a_purge_at_the_origin_empties_the_node_within_a_second() {
    let premises = Premises::with_redis();
    let page = product(&premises.node);
    let is_hit = |premises: &Premises| premises.node.get(&page).head.contains(HIT);
    for what in ["prefix=/products/", "all=1", "tag=template:product.html"] {
        premises.until("the page is kept", is_hit);
        let purge =
            format!("POST /_protium/purge?{what} HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\n");
        let purged = Instant::now();
        assert_eq!(premises.origin().sends(&purge, "").status, 200);
        while is_hit(&premises) {
            assert!(purged.elapsed() < Duration::from_secs(10), "{what}");
        }
        println!("purged by {what} after {:?}", purged.elapsed());
    }
}

#[test]
fn pages_go_on_without_the_origin_and_everything_does_when_it_is_back() {
    let mut premises = Premises::open();
    let page = product(&premises.node);
    let cart = with_a_cart(&premises.node, 2);
    premises.until("the page is kept", |premises| {
        premises.node.get(&page).head.contains(HIT)
    });
    premises.kill_origin();
    // Longer than a page is fresh without a purge to hear of.
    let until = Instant::now() + Duration::from_secs(12);
    while Instant::now() < until {
        let kept = premises.node.get(&page);
        assert_eq!(kept.status, 200, "{}", kept.head);
        assert!(kept.head.contains(HIT), "{}", kept.head);
        std::thread::sleep(Duration::from_millis(200));
    }
    let own = premises.page(&page, &cart);
    assert!(own.text().contains("Cart, 2 items"));
    assert_eq!(premises.node.get("/healthz").status, 200);
    let gone = premises.node.get("/search?q=fork");
    assert_eq!(gone.status, 502);
    assert!(
        gone.text().contains("Please try again")
            && gone.header("cache-control").contains("no-store")
    );
    let json = premises
        .node
        .sends("GET /cart HTTP/1.1\r\nAccept: application/json\r\n", "");
    assert_eq!(
        (json.status, json.header("content-type")),
        (502, "application/json")
    );

    premises.start_origin(&tests::workspace::path("example-store"));
    assert_eq!(premises.node.get("/search?q=fork").status, 200);
    premises.until("the page is asked for again", |premises| {
        premises.node.get(&page).header("age") == "0"
    });
}

#[test]
fn after_a_deploy_every_answer_is_of_one_build() {
    let mut premises = Premises::with_redis();
    let page = product(&premises.node);
    let cart = with_a_cart(&premises.node, 2);
    let old = builds(&premises.node.get(&page));
    // The next release: one template more.
    let root = TempDir::new().expect("a directory");
    let example = tests::workspace::path("example-store");
    std::fs::copy(
        example.join("protium.toml"),
        root.path().join("protium.toml"),
    )
    .expect("a copy");
    let pages = root.path().join("templates/pages");
    std::fs::create_dir_all(&pages).expect("a directory");
    let text = "{% extends \"layout.html\" %}{% block main %}New{% endblock %}";
    std::fs::write(pages.join("new.html"), text).expect("a template");

    premises.kill_origin();
    premises.start_origin(root.path());
    let new = builds(&premises.origin().get(&page));
    assert!(new.len() == 1 && new != old);
    let mut kept = 0;
    let limit = Instant::now() + Duration::from_secs(60);
    while kept < 20 {
        assert!(
            Instant::now() < limit,
            "pages of the new build are not kept"
        );
        for cookie in ["other=1", &cart] {
            let answer = premises.page(&page, cookie);
            assert_eq!(answer.status, 200);
            let build = builds(&answer);
            assert!(build == old || build == new, "{build:?}");
            assert_eq!(answer.text().contains("Cart, 2 items"), cookie == cart);
            if build == new && answer.head.contains(HIT) {
                kept += 1;
            }
        }
    }
    assert_eq!(builds(&premises.node.get(&page)), new);
    assert!(premises.node.get("/pages/new").text().contains("New"));
}

#[test]
fn a_node_opens_before_its_origin() {
    let data = TempDir::new().expect("a directory");
    let address = free_address();
    let node = Running::start(&mut node_command(
        address,
        &data.path().join("node"),
        SECRET,
        None,
    ));
    let early = node.get("/");
    assert_eq!((early.status, early.header("retry-after")), (503, "1"));
    let health = node.get("/healthz");
    assert_eq!(
        (health.status, health.text()),
        (503, "waiting for the origin\n".to_owned())
    );
    node.logs("the origin cannot be reached");
    let root = tests::workspace::path("example-store");
    let _origin = super::origin(&root, address, &data.path().join("origin"), None);
    let limit = Instant::now() + Duration::from_secs(60);
    while node.get("/").status != 200 {
        assert!(Instant::now() < limit);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(node.get("/healthz").status, 200);
}

#[test]
fn a_node_with_a_wrong_token_passes_everything_on_and_says_why_it_keeps_nothing() {
    let data = TempDir::new().expect("a directory");
    let address = free_address();
    let root = tests::workspace::path("example-store");
    let origin = super::origin(&root, address, &data.path().join("origin"), None);
    let mut command = node_command(address, &data.path().join("node"), SECRET, None);
    command.env(
        "PROTIUM_OPERATOR_TOKEN",
        "the token of another shop, long enough",
    );
    let node = Running::start(&mut command);
    let line = node.logs("PROTIUM_OPERATOR_TOKEN");
    assert!(line.contains("nothing is cached"), "{line}");
    for path in ["/", "/collections/all", "/search?q=fork", "/cart"] {
        for _ in 0..2 {
            let (here, there) = (node.get(path), origin.get(path));
            assert_eq!(here.status, 200, "{path}: {}", here.head);
            assert!(super::timeless(&here) == super::timeless(&there), "{path}");
            let status = "Protium-eu-1; fwd=bypass; detail=stranger";
            assert!(here.head.contains(status), "{}", here.head);
        }
    }
    let cart = with_a_cart(&node, 2);
    assert!(
        super::get_as(&node, "/", &cart)
            .text()
            .contains("Cart, 2 items")
    );
    let health = node.get("/healthz");
    assert_eq!(health.status, 200);
    assert!(
        health.text().contains("nothing is cached"),
        "{}",
        health.text()
    );
    assert_eq!(node.get("/pages/nothing").status, 404);
}

#[test]
fn a_node_says_what_it_cannot_do() {
    let data = TempDir::new().expect("a directory");
    let data = data.path().join("node");
    let with = |origin: &str, region: &str, token: &str| {
        let mut command = crate::program::shop(data.parent().expect("a directory"));
        command
            .args(["edge", "--origin", origin, "--region", region, "--data"])
            .arg(&data);
        command.env("PROTIUM_OPERATOR_TOKEN", token);
        command
    };
    fails_with(
        &mut with("shop.example", "eu-1", TOKEN),
        &["--origin shop.example", "https://"],
    );
    fails_with(
        &mut with("http://a.example/x", "eu-1", TOKEN),
        &["scheme, host and port"],
    );
    fails_with(
        &mut with("http://a.example", "EU 1", TOKEN),
        &["--region EU 1", "eu-1"],
    );
    fails_with(
        &mut with("http://a.example", &"a".repeat(65), TOKEN),
        &["at most 64"],
    );
    fails_with(
        &mut with("http://a.example", "eu-1", ""),
        &["PROTIUM_OPERATOR_TOKEN"],
    );
}
