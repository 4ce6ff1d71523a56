//! What a node does before a visitor asks.

use std::time::{Duration, Instant};

use tempfile::TempDir;
use tests::redis::RedisServer;

use super::{SECRET, free_address, node_command, origin};
use crate::edge::aggregator::Aggregator;
use crate::edge::prewarm::premises::{Place, prices_of};
use crate::program::{Answer, Running};

/// Modules are built and compiled first, on a busy machine.
const START: Duration = Duration::from_secs(240);
/// Ten times what it should take.
const SOON: Duration = Duration::from_secs(10);

fn is_hit(page: &Answer) -> bool {
    page.head.contains("-1; hit")
}

/// Asks for a page until it is as wanted, and says how long that took.
#[track_caller]
fn shows(
    server: &Running,
    path: &str,
    bound: Duration,
    is_so: impl Fn(&Answer) -> bool,
) -> Duration {
    let start = Instant::now();
    loop {
        let page = server.get(path);
        if is_so(&page) {
            return start.elapsed();
        }
        let (head, text) = (&page.head, page.text());
        assert!(start.elapsed() < bound, "{head}{text}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_node_has_the_pages_ready_that_nobody_asked_for_yet() {
    let data = TempDir::new().expect("a directory");
    let address = free_address();
    let root = tests::workspace::path("example-store");
    let _origin = origin(&root, address, &data.path().join("origin"), None);
    let mut command = node_command(address, &data.path().join("node"), SECRET, None);
    let node = Running::start(command.env("PROTIUM_PREWARM_ENABLED", "on"));
    let said = node.says("prewarmed");
    assert!(
        said.contains(" pages in ") && !said.contains("SKU"),
        "{said}"
    );
    for path in ["/", "/collections/all", "/products/hand-fork"] {
        let first = node.get(path);
        assert!(is_hit(&first), "{path}: {}", first.head);
    }
}

#[test]
fn a_node_asks_for_the_prices_of_its_region_and_has_the_pages_ready_that_show_them() {
    let redis = RedisServer::start();
    let aggregator = Aggregator::start();
    let shop = Place::new("[prewarm]\nenabled = false\n[edge]\nregion = \"eu-1\"\n");
    let url = aggregator.url();
    let region = Place::new(&format!(
        "[prewarm]
fresh_seconds = 600
every_seconds = 60

{prices}
",
        prices = prices_of(&url),
    ));
    let components = tests::workspace::path("components-go/store");
    let address = free_address();
    let origin = origin(
        shop.root.path(),
        address,
        shop.data.path(),
        Some(&redis.url()),
    );
    let mut command = crate::program::shop(region.root.path());
    command
        .args([
            "edge",
            "--region",
            "us-1",
            "--origin",
            &format!("http://{address}"),
        ])
        .arg("--data")
        .arg(region.data.path())
        .env("PROTIUM_OPERATOR_TOKEN", super::TOKEN)
        .env("PROTIUM_SECRET", SECRET)
        .env("PROTIUM_REDIS_URL", redis.url())
        .env("PROTIUM_COMPONENTS", components);
    let node = Running::start(&mut command);
    assert!(
        node.says("prewarmed")
            .starts_with("prewarmed 3 SKUs in us-1 and ")
    );
    let has_price = |page: &Answer| is_hit(page) && page.text().contains("€17.10");
    shows(&node, "/products/fork", START, has_price);
    for path in ["/products/can", "/collections/tools", "/"] {
        shows(&node, path, SOON, has_price);
    }
    // The shop's own region has prices of its own.
    let own = origin.get("/products/fork").text();
    assert!(own.contains("€18.50") && !own.contains("€17.10"));

    shop.sql(
        "UPDATE stock SET on_hand = 0 \
         WHERE variant_id = (SELECT id FROM variant WHERE sku = 'HAND-FORK')",
    );
    let is_sold_out = |page: &Answer| has_price(page) && page.text().contains(">Sold out<");
    let took = shows(&node, "/products/fork", SOON, is_sold_out);
    println!("a sale was on the page of another region, ready, after {took:?}");
}
