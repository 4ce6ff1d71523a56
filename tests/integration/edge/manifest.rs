//! The manifest in `framework/docs/sandbox.md` is one that the configuration takes.

use protium::config::{Config, FILE, Flags};

use super::in_tests;

#[test]
fn the_documented_manifest_is_read() {
    let page = std::fs::read_to_string(in_tests("../framework/docs/sandbox.md")).unwrap();
    let manifest = page
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let shop = tempfile::tempdir().unwrap();
    std::fs::write(shop.path().join(FILE), manifest).unwrap();
    let config = Config::load(shop.path(), [], &Flags::default()).unwrap();
    assert_eq!(config.edge.regions["eu-1"].redis, "127.0.0.1:6379");
    assert!(config.modules["inventory"].grants.database);
    let price = &config.modules["price"];
    assert_eq!(price.grants.backends["aggregator"].breaker.failures, 5);
    assert_eq!(price.limits, Default::default());
    let report = &config.modules["report"];
    assert_eq!(
        report.file.as_deref(),
        Some(&*shop.path().join("report.wasm"))
    );
    assert_eq!(
        report.grants.directories[0].host,
        shop.path().join("reports")
    );
}
