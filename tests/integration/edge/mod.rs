//! Edge modules: what they answer, what they are granted, and what ends them.

pub mod aggregator;
mod engine;
mod hostile;
mod inventory;
mod links;
mod looping;
mod manifest;
#[cfg(target_os = "linux")]
mod memory;
pub mod prewarm;
mod price;
mod redis;
mod redis_store;
mod sandbox;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use protium::prewarm::answers::SkuAnswer;
use protium::prewarm::redis_store::RedisStores;
use protium::prewarm::sku::{
    STANDARD_ENVIRONMENT, ShopDatabase, Stock, StockDatabase, run as of_sku,
};
use protium_cache::ShopKeys;
use protium_wasm::functions::{
    Answer, Cause, Edge, EdgeConfig, EdgeSetup, ModuleConfig, RegionConfig, Run,
};
use protium_wasm::{Capabilities, LaneChoice, RunLimits};
use tests::redis::RedisServer;
use tokio::runtime::Runtime;

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

/// Both lanes of a kit module.
const LANES: [LaneChoice; 2] = [LaneChoice::Auto, LaneChoice::Go];

/// What a module that knows stock and price answered.
fn sku_answer(answer: &Answer) -> SkuAnswer {
    serde_json::from_slice(&answer.body).unwrap()
}

fn in_tests(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The modules of the repository, with nothing configured.
fn setup(lane: LaneChoice) -> EdgeSetup {
    EdgeSetup {
        edge: EdgeConfig::default(),
        modules: BTreeMap::new(),
        components: in_tests("../components-go"),
        artifacts: Path::new(env!("CARGO_TARGET_TMPDIR")).join("edge-artifacts"),
        lane,
        environment: BTreeMap::new(),
        standard_environment: STANDARD_ENVIRONMENT.map(str::to_owned).to_vec(),
        remote_stores: Some(Arc::new(RedisStores::new(ShopKeys::of("shop").unwrap()))),
        database: None,
    }
}

/// Inventory over this shop's database, with this Redis in the region `eu-1`.
fn inventory_with(shop: &Arc<Shop>, redis: &RedisServer) -> EdgeSetup {
    let mut setup = setup(LANES[0]);
    setup.database = Some(Arc::new(ShopDatabase(shop.clone())));
    let region = RegionConfig {
        redis: redis.address(),
    };
    setup.edge.regions.insert("eu-1".into(), region);
    setup.modules.insert("inventory".into(), inventory());
    setup
}

fn open(setup: EdgeSetup) -> Edge {
    runtime().block_on(Edge::open(setup)).unwrap()
}

fn run(edge: &Edge, module: &str, run: &Run) -> Result<Answer, Cause> {
    let result = runtime().block_on(edge.run(module, run));
    result.map_err(|error| {
        assert_eq!(error.module, module);
        error.cause
    })
}

/// The manifest of the inventory module.
fn inventory() -> ModuleConfig {
    ModuleConfig {
        grants: Capabilities {
            key_value: vec!["stock:".into()],
            database: true,
            clock: true,
            ..Capabilities::default()
        },
        ..ModuleConfig::default()
    }
}

/// A plain program, built once by the standard toolchain. Its limits on time are out of reach of
/// what does not loop, even on a slow machine.
fn command() -> ModuleConfig {
    static WASM: OnceLock<PathBuf> = OnceLock::new();
    let file = WASM.get_or_init(|| {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("edge-command.wasm");
        let go = tests::toolchain::go().unwrap();
        let mut build = tests::workspace::command(go, in_tests("guests/edge"));
        build
            .args(["build", "-trimpath", "-ldflags=-s -w", "-o"])
            .arg(&file)
            .arg("./command");
        build.env("GOOS", "wasip1").env("GOARCH", "wasm");
        tests::workspace::output(&mut build).unwrap();
        file
    });
    ModuleConfig {
        file: Some(file.clone()),
        limits: RunLimits {
            cpu_ms: 2_000,
            wall_ms: 60_000,
            instances: 8,
            // Many tests share it, and some loop.
            rest_ms: 0,
            ..RunLimits::default()
        },
        ..ModuleConfig::default()
    }
}

/// A shop with one SKU, `HAND-FORK`, that counts how often it is asked.
#[derive(Default)]
struct Shop {
    asked: AtomicUsize,
}

impl Shop {
    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl StockDatabase for Shop {
    async fn stock(&self, sku: &str) -> Result<Option<Stock>, Box<dyn Error + Send + Sync>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Ok((sku == "HAND-FORK").then(|| Stock {
            pieces: Some(4),
            price: 1850,
            currency: "EUR".into(),
        }))
    }
}
