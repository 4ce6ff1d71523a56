//! Modules that import what rendering does not need.

use protium_wasm::{HostConfig, Lane, LaneChoice};

use super::{in_tests, start};

#[test]
fn a_module_that_imports_one_function_twice_starts() {
    // The kit stands outside of its folder: what was built before does not tell that it has
    // changed.
    let artifacts = tempfile::tempdir().unwrap();
    let mut config = HostConfig::new(
        in_tests("guests/import-twice"),
        "shop",
        artifacts.path().join("artifacts"),
    );
    config.lane = LaneChoice::Go;
    let host = start(config);
    assert_eq!(host.lane(), Lane::Go);
    assert!(host.manifest().component("product-card").is_some());
}
