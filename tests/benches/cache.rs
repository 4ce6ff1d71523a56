//! How long hits and purges take among many entries, and what an entry weighs; and what it costs
//! when a page expires while many ask for it.
//!
//! `cargo bench -p tests --bench cache` prints a table and writes it to `target/bench/cache.json`.
//! `PROTIUM_BENCH_ENTRIES` sets the number of entries (default 100000), `PROTIUM_BENCH_VISITORS`
//! that of the visitors who ask the shop's router for one product page at once (default 10000),
//! `PROTIUM_BENCH_ROUNDS` how often they do (default 5).

use std::convert::Infallible;
use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::StatusCode;
use protium::Shop;
use protium::config::{Config as ShopConfig, Flags};
use protium_cache::{Cache, Config, Load, Policy, Purge};
use serde_json::{Map, Value, json};
use tests::load::median;
use tests::stampede::{duration, stampede};

mod report;

use report::Fallible;

const PURGES: u32 = 1_000;
/// Bytes in a value.
const VALUE: usize = 200;

fn main() -> Fallible<()> {
    // Cargo asks every bench target for its tests.
    if report::is_for_tests() {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let entries = u32::try_from(report::number("PROTIUM_BENCH_ENTRIES", 100_000)?)?;
    let mut report = Map::new();
    runtime.block_on(measure(&mut report, entries))?;
    let visitors = usize::try_from(report::number("PROTIUM_BENCH_VISITORS", 10_000)?)?;
    let rounds = report::number("PROTIUM_BENCH_ROUNDS", 5)?;
    // On its one thread all visitors have asked before the page is made.
    runtime.block_on(expire(&mut report, visitors, rounds))?;
    report::write("cache", &report.into())
}

async fn measure(report: &mut Map<String, Value>, entries: u32) -> Fallible<()> {
    let cache = Cache::new(Config {
        capacity: 1 << 30,
        ..Config::default()
    });
    let before = resident()?;
    let start = Instant::now();
    fill(&cache, entries).await;
    each(report, "load and store", entries, start.elapsed());
    let kept = usize::try_from(cache.stats().entries)?.max(1);
    let bytes = resident()?.saturating_sub(before) / kept;
    println!("{:<48} {bytes:>10} B", "an entry of 200 bytes with 3 tags");
    report.insert("bytes_each".to_owned(), json!(bytes));

    hits(&cache, entries);
    let start = Instant::now();
    hits(&cache, entries);
    each(report, "hit", entries, start.elapsed());

    let start = Instant::now();
    for n in 0..PURGES {
        cache.purge(&Purge::tag(format!("product:{n}"))).await;
    }
    each(report, "purge of one tag", PURGES, start.elapsed());
    let start = Instant::now();
    hits(&cache, entries);
    each(report, "first look after purges", entries, start.elapsed());
    Ok(())
}

/// A page expires (it is purged, or goes stale) and everybody asks for it.
async fn expire(report: &mut Map<String, Value>, visitors: usize, rounds: u64) -> Fallible<()> {
    let data = tempfile::tempdir()?;
    let root = tests::workspace::path("example-store");
    let flags = Flags {
        data: Some(data.path().to_owned()),
        ..Flags::default()
    };
    let config = ShopConfig::load(&root, [], &flags)?;
    let shop = Shop::open(&root, config).await?;
    let cache = shop.cache().ok_or("the shop keeps no pages")?;
    let router = shop.router();
    let page = "/products/broad-bean-seeds";
    for (what, purge) in [("purged", Purge::all()), ("stale", Purge::all().soft())] {
        let (mut renders, mut waited, mut all) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            stampede(&router, page, 1).await?;
            let before = cache.stats();
            cache.purge(&purge).await;
            let visits = stampede(&router, page, visitors).await?;
            if let Some(other) = visits.iter().find(|visit| visit.status != StatusCode::OK) {
                return Err(format!("a visitor got {}", other.status).into());
            }
            while cache.stats().loading > 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            let after = cache.stats();
            renders.push(after.loads - before.loads);
            waited.push(after.joined - before.joined);
            all.push(duration(&visits).as_secs_f64() * 1e3);
        }
        let all = median(&mut all);
        let what = format!("{visitors} at once, the page {what}");
        println!("{what:<48} {all:>10.0} ms for all of them");
        println!("  renders {renders:?}, visitors who waited for one {waited:?}");
        let figures = json!({"all_ms": all, "renders": renders, "waited": waited});
        report.insert(what, figures);
    }
    Ok(())
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
        let policy = Policy {
            fresh_for: Duration::from_secs(3_600),
            ..Policy::NONE
        };
        let found = cache.get_or_load(&key, policy, load).await;
        let _ = black_box(found);
    }
}

fn hits(cache: &Cache, entries: u32) {
    for n in 0..entries {
        black_box(cache.get::<Bytes>(&format!("page/products/{n}")));
    }
}

fn each(report: &mut Map<String, Value>, what: &str, times: u32, took: Duration) {
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
