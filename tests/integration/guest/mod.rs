//! The guest host: what it makes of Go modules, in both lanes.

mod artifacts;
mod imports;
mod limits;
mod looping;
mod panics;
mod vectors;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use protium_wasm::{Host, HostConfig, LaneChoice, Rendered};
use tokio::runtime::Runtime;

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

/// A path inside the tests' folder.
fn in_tests(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Where artifacts stay from one run of the tests to the next.
fn artifacts() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("guest-artifacts")
}

/// The guest that does what a host must survive.
fn hostile(lane: LaneChoice) -> HostConfig {
    let mut config = HostConfig::new(in_tests("guests/hostile"), "hostile", artifacts());
    config.lane = lane;
    config.pool.instances = 8;
    config
}

fn start(config: HostConfig) -> Host {
    runtime().block_on(Host::start(config)).unwrap()
}

fn render(host: &Host, batch: &protium_wasm::Batch) -> Rendered {
    let rendered = runtime().block_on(host.render(batch)).unwrap();
    assert_eq!(rendered.islands.len(), batch.islands.len());
    rendered
}

/// What hex digits stand for.
fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}
