//! How long hits and purges take among many entries, and what an entry weighs.
//!
//! `cargo bench -p tests --bench cache` prints a table and writes it to `target/bench/cache.json`.
//! `PROTIUM_BENCH_ENTRIES` sets the number of entries (default 100000).

use std::convert::Infallible;
use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use protium::cache::{Cache, Config, Load, Policy, Purge};
use serde_json::{Map, json};

mod report;

use report::Fallible;

const PURGES: u32 = 1_000;
/// Bytes in a value.
const VALUE: usize = 200;

fn main() -> Fallible<()> {
    // Cargo asks every bench target for its tests.
    if std::env::args().any(|argument| argument == "--list" || argument == "--test") {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let entries = u32::try_from(report::number("PROTIUM_BENCH_ENTRIES", 100_000)?)?;
    runtime.block_on(measure(entries))
}

async fn measure(entries: u32) -> Fallible<()> {
    let mut report = Map::new();
    let cache = Cache::new(Config {
        capacity: 1 << 30,
        ..Config::default()
    });
    let before = resident()?;
    let start = Instant::now();
    fill(&cache, entries).await;
    each(&mut report, "load and store", entries, start.elapsed());
    let kept = usize::try_from(cache.stats().entries)?.max(1);
    let bytes = resident()?.saturating_sub(before) / kept;
    println!("{:<48} {bytes:>10} B", "an entry of 200 bytes with 3 tags");
    report.insert("bytes_each".to_owned(), json!(bytes));

    hits(&cache, entries);
    let start = Instant::now();
    hits(&cache, entries);
    each(&mut report, "hit", entries, start.elapsed());

    let start = Instant::now();
    for n in 0..PURGES {
        cache.purge(&Purge::tag(format!("product:{n}"))).await;
    }
    each(&mut report, "purge of one tag", PURGES, start.elapsed());
    let start = Instant::now();
    hits(&cache, entries);
    each(
        &mut report,
        "first look after purges",
        entries,
        start.elapsed(),
    );
    report::write("cache", &report.into())
}

async fn fill(cache: &Cache, entries: u32) {
    for n in 0..entries {
        let load = async move |load: Load| {
            for tag in [n, n / 10, n / 100] {
                load.tag(format!("product:{tag}"));
            }
            Ok::<_, Infallible>(Bytes::from(vec![0; VALUE]))
        };
        let key = format!("page/products/{n}");
        let found = cache.get_or_load(&key, Policy::LONG, load).await;
        let _ = black_box(found);
    }
}

fn hits(cache: &Cache, entries: u32) {
    for n in 0..entries {
        black_box(cache.get::<Bytes>(&format!("page/products/{n}")));
    }
}

fn each(report: &mut Map<String, serde_json::Value>, what: &str, times: u32, took: Duration) {
    let nanos = took.as_secs_f64() * 1e9 / f64::from(times);
    println!("{what:<48} {nanos:>10.0} ns");
    report.insert(format!("{what}, ns"), json!(nanos.round()));
}

/// Resident memory of this process, in bytes.
fn resident() -> Fallible<usize> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let kilobytes: usize = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.split_whitespace().next())
        .ok_or("the system does not tell this process's memory")?
        .parse()?;
    Ok(kilobytes * 1024)
}
