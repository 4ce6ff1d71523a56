//! Runs of edge modules per second: by lane, by isolation, and by what they touch; and beside
//! wazero.
//!
//! `cargo bench -p tests --bench edge` prints two tables and writes them to
//! `target/bench/edge.json`. Runs come from 16 tasks (`PROTIUM_BENCH_TASKS`) on all cores, which
//! the Redis and the aggregator share.
//!
//! The first table: a run that touches nothing; one that finds its SKU in the embedded store, or in
//! a real Redis; one whose SKU is not there any more, so that it asks the shop's database and
//! stores the answer; one that calls a backend three times; and a program without the kit.
//!
//! The second: the same `inventory` in wazero (`wazero/`, a Go program that is built here), which
//! has a hit of a store in memory. wazero initialises each instance anew; here an instance begins
//! where initialising ended, with all its limits on.
//!
//! It needs `redis-server` and Go. `PROTIUM_BENCH_MS` sets the milliseconds of each line (default
//! 1000), `PROTIUM_BENCH_ROUNDS` how often the second table's take turns (default 5).

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use axum::Router;
use axum::routing::get;
use hdrhistogram::Histogram;
use protium::config::{Config, Flags};
use protium::prewarm::redis_store::RedisStores;
use protium::prewarm::sku::{
    STANDARD_ENVIRONMENT, ShopDatabase, Stock, StockDatabase, run as of_sku,
};
use protium_cache::ShopKeys;
use protium_commerce::sqlite::{Options, Store};
use protium_wasm::functions::{Edge, EdgeConfig, EdgeSetup, ModuleConfig, Run};
use protium_wasm::{BackendGrant, BreakerSettings, Capabilities, LaneChoice, RunLimits};
use serde_json::{Value, json};
use tests::load::median;
use tests::{toolchain, workspace};
use tokio::runtime::Runtime;

mod report;
mod wazero;

use report::Fallible;

/// The kit modules of the framework, from here.
const COMPONENTS: &str = "../components-go";
/// SKUs in the database: so many that one which comes again is in no store any more.
const SKUS: u64 = 5_000;
/// What is in the stores.
const SKU: &str = "HAND-FORK";

/// Runs at one time, unless `PROTIUM_BENCH_TASKS` says otherwise.
const TASKS: u64 = 16;
/// Runs of a reused instance.
const REUSE: u32 = 1_000;

fn main() -> Fallible<()> {
    // Cargo asks every bench target for its tests.
    if report::is_for_tests() {
        return Ok(());
    }
    let time = Duration::from_millis(report::number("PROTIUM_BENCH_MS", 1_000)?);
    let runtime = Runtime::new()?;
    let redis = Redis::start()?;
    let aggregator = runtime.block_on(aggregator())?;
    let directory = tempfile::tempdir()?;
    let database = runtime.block_on(Database::open(directory.path()))?;
    let mut report = Vec::new();
    println!("{:<42} {:>12} {:>10} {:>10}", "", "runs/s", "p50", "p99");
    for lane in [LaneChoice::TinyGo, LaneChoice::Go] {
        for reuse in [0, REUSE] {
            let bench = Bench {
                runtime: &runtime,
                database: &database,
                time,
                lane,
                reuse,
            };
            let run = of_sku("fine", "eu-1");
            let guests = bench.open("guests/edge", "hostile", plain(aggregator.as_str()))?;
            report.push(bench.measure("nothing", &guests, &Asked::same("hostile", run))?);
            let shop = bench.open(COMPONENTS, "inventory", inventory())?;
            report.push(bench.measure("embedded store", &shop, &store_hit())?);
            let miss = of_sku("", "eu-1").with("WASM_CACHE_TTL", "1ms");
            report.push(bench.measure("database", &shop, &Asked::others("inventory", miss))?);
            let mut hit = store_hit();
            hit.run = hit.run.with("EDGE_REDIS_ADDR", &redis.address);
            report.push(bench.measure("Redis", &shop, &hit)?);
            let shop = bench.open(COMPONENTS, "price", price(aggregator.as_str()))?;
            let of = of_sku(SKU, "eu-1").with("AGG_TIMEOUT_MS", "5000");
            let three = Asked::same("price", of);
            report.push(bench.measure("backend, three calls", &shop, &three)?);
        }
        let bench = Bench {
            runtime: &runtime,
            database: &database,
            time,
            lane,
            reuse: 0,
        };
        let program = match program(lane) {
            Ok(program) => program,
            Err(error) => {
                println!("{}, plain WASI command: {error}", name(lane));
                continue;
            }
        };
        let module = ModuleConfig {
            file: Some(program),
            ..ModuleConfig::default()
        };
        let edge = bench.open("guests/edge", "plain", module)?;
        let asked = Asked::same("plain", of_sku(SKU, "eu-1"));
        report.push(bench.measure("plain WASI command", &edge, &asked)?);
    }
    let beside = beside_wazero(&runtime, &database, time)?;
    report::write("edge", &json!({"runs": report, "beside_wazero": beside}))
}

/// What is asked of a module.
struct Asked {
    module: &'static str,
    run: Run,
    /// Runs take the SKUs of the database in turns.
    others: Option<Arc<AtomicU64>>,
}

impl Asked {
    fn same(module: &'static str, run: Run) -> Asked {
        Asked {
            module,
            run,
            others: None,
        }
    }

    fn others(module: &'static str, run: Run) -> Asked {
        Asked {
            others: Some(Arc::default()),
            ..Asked::same(module, run)
        }
    }
}

fn store_hit() -> Asked {
    Asked::same(
        "inventory",
        of_sku(SKU, "eu-1").with("WASM_CACHE_TTL", "1000s"),
    )
}

fn name(lane: LaneChoice) -> &'static str {
    match lane {
        LaneChoice::Go => "Go",
        _ => "TinyGo",
    }
}

struct Bench<'a> {
    runtime: &'a Runtime,
    database: &'a Database,
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
            standard_environment: STANDARD_ENVIRONMENT.map(str::to_owned).to_vec(),
            remote_stores: Some(Arc::new(RedisStores::new(ShopKeys::of("shop")?))),
            database: Some(Arc::new(ShopDatabase(Arc::new(self.database.clone())))),
        };
        Ok(self.runtime.block_on(Edge::open(setup))?)
    }

    fn measure(&self, touches: &str, edge: &Edge, asked: &Asked) -> Fallible<Value> {
        let figures = self.figures(edge, asked)?;
        let (lane, isolation) = (name(self.lane), self.isolation());
        figures.show(&format!("{lane}, {isolation}, {touches}"));
        let about = json!({"lane": lane, "isolation": isolation, "touches": touches});
        Ok(figures.json(about))
    }

    fn isolation(&self) -> &'static str {
        if self.reuse == 0 { "fresh" } else { "reused" }
    }

    fn figures(&self, edge: &Edge, asked: &Asked) -> Fallible<Figures> {
        // The store is filled, the code is in the caches of the processor.
        self.runtime.block_on(runs(edge, asked, self.time / 10))?;
        let began = Instant::now();
        let times = self.runtime.block_on(runs(edge, asked, self.time))?;
        let per_second = times.len() as f64 / began.elapsed().as_secs_f64();
        let mut nanoseconds = Histogram::<u64>::new(3)?;
        for time in times {
            nanoseconds += u64::try_from(time.as_nanos())?;
        }
        let at = |quantile| nanoseconds.value_at_quantile(quantile) as f64 / 1e3;
        Ok(Figures {
            per_second,
            p50: at(0.5),
            p99: at(0.99),
        })
    }
}

/// What a line of a table says.
struct Figures {
    per_second: f64,
    /// Microseconds.
    p50: f64,
    p99: f64,
}

impl Figures {
    fn show(&self, what: &str) {
        let Figures {
            per_second,
            p50,
            p99,
        } = self;
        println!("{what:<42} {per_second:>12.0} {p50:>7.1} µs {p99:>7.1} µs");
    }

    fn json(&self, mut about: Value) -> Value {
        about["runs_per_second"] = json!(self.per_second);
        about["p50_us"] = json!(self.p50);
        about["p99_us"] = json!(self.p99);
        about
    }

    fn median(all: &[Figures]) -> Figures {
        let of =
            |figure: fn(&Figures) -> f64| median(&mut all.iter().map(figure).collect::<Vec<_>>());
        Figures {
            per_second: of(|figures| figures.per_second),
            p50: of(|figures| figures.p50),
            p99: of(|figures| figures.p99),
        }
    }
}

/// A store hit, in turns: here and in wazero, by lane and isolation.
fn beside_wazero(runtime: &Runtime, database: &Database, time: Duration) -> Fallible<Vec<Value>> {
    let rounds = report::number("PROTIUM_BENCH_ROUNDS", 5)?;
    let wazero = wazero::Wazero::build()?;
    let mut lines = BTreeMap::<String, Vec<Figures>>::new();
    let lanes = [
        (
            LaneChoice::TinyGo,
            workspace::path("components-go/dist/inventory.wasm"),
        ),
        (LaneChoice::Go, wazero::inventory_of_go()?),
    ];
    for _ in 0..rounds {
        for (lane, file) in &lanes {
            for reuse in [0, REUSE] {
                let bench = Bench {
                    runtime,
                    database,
                    time,
                    lane: *lane,
                    reuse,
                };
                let edge = bench.open(COMPONENTS, "inventory", inventory())?;
                let figures = bench.figures(&edge, &store_hit())?;
                let line = format!("{}, {}", name(*lane), bench.isolation());
                lines
                    .entry(format!("{line}, Protium"))
                    .or_default()
                    .push(figures);
                let figures = wazero.figures(file, reuse.max(1), time)?;
                lines
                    .entry(format!("{line}, wazero"))
                    .or_default()
                    .push(figures);
            }
        }
    }
    println!(
        "\n{:<42} {:>12} {:>10} {:>10}",
        "store hit", "runs/s", "p50", "p99"
    );
    let report = lines.iter().map(|(line, rounds)| {
        let figures = Figures::median(rounds);
        figures.show(line);
        figures.json(json!({"line": line}))
    });
    Ok(report.collect())
}

/// How long each run took, of all that fit into this time.
async fn runs(edge: &Edge, asked: &Asked, time: Duration) -> Fallible<Vec<Duration>> {
    let end = Instant::now() + time;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..report::number("PROTIUM_BENCH_TASKS", TASKS)? {
        let (edge, mut run) = (edge.clone(), asked.run.clone());
        let (module, others) = (asked.module, asked.others.clone());
        tasks.spawn(async move {
            let mut times = Vec::new();
            while Instant::now() < end {
                if let Some(others) = &others {
                    let sku = sku_at(others.fetch_add(1, Ordering::Relaxed));
                    run = run.with("SKU_ID", sku);
                }
                let began = Instant::now();
                edge.run(module, &run).await?;
                times.push(began.elapsed());
            }
            Ok::<_, protium_wasm::functions::RunError>(times)
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

/// The database of a shop that sells `SKUS` products, and one whose SKU is in the stores.
#[derive(Clone)]
struct Database(Store);

impl Database {
    async fn open(data: &Path) -> Fallible<Database> {
        let mut products =
            "Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty\n".to_owned();
        let skus = (0..SKUS).map(sku_at);
        for sku in skus.chain([SKU.to_owned()]) {
            writeln!(products, "{},{sku},{sku},18.50,4", sku.to_lowercase())?;
        }
        let file = data.join("products.csv");
        std::fs::write(&file, products)?;
        let root = workspace::path("example-store");
        let flags = Flags {
            data: Some(data.to_owned()),
            ..Flags::default()
        };
        let config = Config::load(&root, [], &flags)?;
        protium::Shop::import(&config, &file).await?;
        Ok(Database(Store::open(data, Options::default())?))
    }
}

fn sku_at(number: u64) -> String {
    format!("SKU-{}", number % SKUS)
}

#[async_trait]
impl StockDatabase for Database {
    async fn stock(&self, sku: &str) -> Result<Option<Stock>, Box<dyn Error + Send + Sync>> {
        let deadline = Instant::now() + Duration::from_secs(10);
        let found = self.0.stock(deadline, sku).await?;
        Ok(found.map(|row| Stock {
            pieces: row.pieces,
            price: row.price,
            currency: row.currency.code().to_owned(),
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

/// A program without the kit. TinyGo builds it where it has wasi-libc.
fn program(lane: LaneChoice) -> Fallible<PathBuf> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("edge-{}.wasm", name(lane)));
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("guests/edge");
    let mut build = match lane {
        LaneChoice::Go => workspace::command(toolchain::go()?, guests),
        _ => workspace::command(toolchain::tinygo()?, guests),
    };
    build.arg("build");
    match lane {
        LaneChoice::Go => build.args(["-trimpath", "-ldflags=-s -w"]),
        _ => build.args(["-target=wasip1", "-opt=2", "-no-debug"]),
    };
    build.arg("-o").arg(&file).arg("./plain");
    build.env("GOOS", "wasip1").env("GOARCH", "wasm");
    workspace::output(&mut build)?;
    Ok(file)
}
