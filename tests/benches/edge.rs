//! Runs of edge modules per second: by lane, by isolation, and by what they touch.
//!
//! `cargo bench -p tests --bench edge` prints a table and writes it to `target/bench/edge.json`. Runs come from 16 tasks
//! on all cores, which the Redis and the aggregator share.
//!
//! `PROTIUM_BENCH_MS` sets the milliseconds of each line (default 1000).

use std::collections::BTreeMap;
use std::error::Error;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use axum::Router;
use axum::routing::get;
use protium::edge::{Edge, EdgeConfig, EdgeSetup, ModuleConfig, Run, Stock, StockDatabase};
use protium::guest::{BackendGrant, BreakerSettings, Capabilities, LaneChoice, RunLimits};
use serde_json::json;
use tests::{toolchain, workspace};
use tokio::runtime::Runtime;

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Runs at one time.
const TASKS: usize = 16;
/// Runs of a reused instance.
const REUSE: u32 = 1_000;

fn main() -> Fallible<()> {
    // Cargo asks every bench target for its tests.
    if std::env::args().any(|argument| argument == "--list" || argument == "--test") {
        return Ok(());
    }
    let time = match std::env::var("PROTIUM_BENCH_MS") {
        Ok(milliseconds) => Duration::from_millis(milliseconds.parse()?),
        Err(_) => Duration::from_secs(1),
    };
    let runtime = Runtime::new()?;
    let redis = Redis::start()?;
    let aggregator = runtime.block_on(aggregator())?;
    let command = command()?;
    let mut report = Vec::new();
    println!("{:<42} {:>12} {:>10} {:>10}", "", "runs/s", "p50", "p99");
    for lane in [LaneChoice::TinyGo, LaneChoice::Go] {
        for reuse in [0, REUSE] {
            let bench = Bench {
                runtime: &runtime,
                time,
                lane,
                reuse,
            };
            let guests = bench.open("guests/edge", "hostile", plain(aggregator.as_str()))?;
            report.push(bench.measure(
                "nothing",
                &guests,
                "hostile",
                &Run::of_sku("fine", "eu-1"),
            )?);
            let shop = bench.open("../components-go", "inventory", inventory())?;
            let hit = Run::of_sku("HAND-FORK", "eu-1").with("WASM_CACHE_TTL", "1000s");
            report.push(bench.measure("embedded store", &shop, "inventory", &hit)?);
            let miss = Run::of_sku("MISS", "eu-1").with("WASM_CACHE_TTL", "1ms");
            report.push(bench.measure("database", &shop, "inventory", &miss)?);
            let hit = hit.with("EDGE_REDIS_ADDR", &redis.address);
            report.push(bench.measure("Redis", &shop, "inventory", &hit)?);
            let shop = bench.open("../components-go", "price", price(aggregator.as_str()))?;
            let of = Run::of_sku("HAND-FORK", "eu-1").with("AGG_TIMEOUT_MS", "5000");
            report.push(bench.measure("backend, three calls", &shop, "price", &of)?);
        }
    }
    let bench = Bench {
        runtime: &runtime,
        time,
        lane: LaneChoice::Go,
        reuse: 0,
    };
    let program = ModuleConfig {
        file: Some(command),
        ..ModuleConfig::default()
    };
    let program = bench.open("guests/edge", "command", program)?;
    report.push(bench.measure(
        "plain WASI command",
        &program,
        "command",
        &Run::of_sku("A", "eu-1"),
    )?);

    let path = workspace::target().join("bench/edge.json");
    std::fs::create_dir_all(workspace::target().join("bench"))?;
    std::fs::write(&path, serde_json::to_string_pretty(&report)?)?;
    println!("\n{}", path.display());
    Ok(())
}

struct Bench<'a> {
    runtime: &'a Runtime,
    time: Duration,
    lane: LaneChoice,
    reuse: u32,
}

impl Bench<'_> {
    fn open(&self, components: &str, name: &str, mut module: ModuleConfig) -> Fallible<Edge> {
        module.reuse = self.reuse;
        module.limits = RunLimits {
            wall_ms: 10_000,
            queue_ms: 10_000,
            ..module.limits
        };
        let setup = EdgeSetup {
            edge: EdgeConfig::default(),
            modules: BTreeMap::from([(name.to_owned(), module)]),
            components: Path::new(env!("CARGO_MANIFEST_DIR")).join(components),
            artifacts: Path::new(env!("CARGO_TARGET_TMPDIR")).join("edge-artifacts"),
            lane: self.lane,
            environment: BTreeMap::new(),
            database: Some(Arc::new(Shop)),
        };
        Ok(self.runtime.block_on(Edge::open(setup))?)
    }

    fn measure(
        &self,
        touches: &str,
        edge: &Edge,
        module: &'static str,
        run: &Run,
    ) -> Fallible<serde_json::Value> {
        // The store is filled, the code is in the caches of the processor.
        self.runtime
            .block_on(runs(edge, module, run, self.time / 10))?;
        let began = Instant::now();
        let mut times = self.runtime.block_on(runs(edge, module, run, self.time))?;
        let per_second = times.len() as f64 / began.elapsed().as_secs_f64();
        times.sort();
        let at = |of_hundred: usize| {
            let time = times.get(times.len() * of_hundred / 100);
            time.map_or(0.0, |time| time.as_secs_f64() * 1e6)
        };
        let lane = if self.lane == LaneChoice::Go {
            "Go"
        } else {
            "TinyGo"
        };
        let isolation = if self.reuse == 0 { "fresh" } else { "reused" };
        let line = format!("{lane}, {isolation}, {touches}");
        println!(
            "{line:<42} {per_second:>12.0} {:>7.1} µs {:>7.1} µs",
            at(50),
            at(99)
        );
        Ok(json!({
            "lane": lane, "isolation": isolation, "touches": touches,
            "runs_per_second": per_second, "p50_us": at(50), "p99_us": at(99),
        }))
    }
}

/// How long each run took, of all that fit into this time.
async fn runs(
    edge: &Edge,
    module: &'static str,
    run: &Run,
    time: Duration,
) -> Fallible<Vec<Duration>> {
    let end = Instant::now() + time;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..TASKS {
        let (edge, run) = (edge.clone(), run.clone());
        tasks.spawn(async move {
            let mut times = Vec::new();
            while Instant::now() < end {
                let began = Instant::now();
                edge.run(module, &run).await?;
                times.push(began.elapsed());
            }
            Ok::<_, protium::edge::RunError>(times)
        });
    }
    let mut all = Vec::new();
    for times in tasks.join_all().await {
        all.extend(times?);
    }
    Ok(all)
}

fn backend(url: &str) -> BTreeMap<String, BackendGrant> {
    let grant = BackendGrant {
        address: url.to_owned(),
        regions: BTreeMap::new(),
        methods: ["GET".to_owned()].into(),
        headers: [].into(),
        timeout_ms: 5_000,
        body_bytes: 64 << 10,
        breaker: BreakerSettings::default(),
    };
    BTreeMap::from([("aggregator".to_owned(), grant)])
}

fn plain(url: &str) -> ModuleConfig {
    ModuleConfig {
        package: "hostile".to_owned(),
        grants: Capabilities {
            key_value: vec!["own:".to_owned()],
            random: true,
            backends: backend(url),
            ..Capabilities::default()
        },
        ..ModuleConfig::default()
    }
}

fn inventory() -> ModuleConfig {
    ModuleConfig {
        grants: Capabilities {
            key_value: vec!["stock:".to_owned()],
            database: true,
            clock: true,
            ..Capabilities::default()
        },
        ..ModuleConfig::default()
    }
}

fn price(url: &str) -> ModuleConfig {
    ModuleConfig {
        grants: Capabilities {
            key_value: vec!["price:".to_owned(), "stock:".to_owned()],
            clock: true,
            backends: backend(url),
            ..Capabilities::default()
        },
        ..ModuleConfig::default()
    }
}

/// A database that has everything, at once.
struct Shop;

#[async_trait]
impl StockDatabase for Shop {
    async fn stock(&self, _: &str) -> Result<Option<Stock>, Box<dyn Error + Send + Sync>> {
        Ok(Some(Stock {
            pieces: Some(4),
            price: 1850,
            currency: "EUR".to_owned(),
        }))
    }
}

async fn aggregator() -> Fallible<String> {
    let router = Router::new()
        .route(
            "/list-price",
            get(|| async { r#"{"price":2000,"currency":"EUR"}"# }),
        )
        .route(
            "/price-list",
            get(|| async { r#"{"price":1900,"currency":"EUR"}"# }),
        )
        .route(
            "/promotions",
            get(|| async { r#"{"promotions":[{"percent":10}]}"# }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(format!("http://{address}"))
}

/// A redis-server on a port of its own. It ends with the bench.
struct Redis {
    address: String,
    child: Child,
}

impl Redis {
    fn start() -> Fallible<Redis> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let child = Command::new("redis-server")
            .args([
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--port",
                &port.to_string(),
            ])
            .stdout(Stdio::null())
            .spawn()?;
        let address = format!("127.0.0.1:{port}");
        let redis = Redis { address, child };
        let began = Instant::now();
        while std::net::TcpStream::connect(&redis.address).is_err() {
            if began.elapsed() > Duration::from_secs(20) {
                return Err("redis-server does not listen".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(redis)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command() -> Fallible<PathBuf> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("edge-command.wasm");
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("guests/edge");
    let mut build = workspace::command(toolchain::go()?, guests);
    build
        .args(["build", "-trimpath", "-ldflags=-s -w", "-o"])
        .arg(&file)
        .arg("./command");
    build.env("GOOS", "wasip1").env("GOARCH", "wasm");
    workspace::output(&mut build)?;
    Ok(file)
}
