//! How long hits and purges take, and what an entry weighs. Not part of a normal run:
//! `CARGO_PROFILE_DEV_OPT_LEVEL=3 cargo test -p protium --lib cache::measure -- --ignored --nocapture`

use std::convert::Infallible;
use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::*;

const ENTRIES: u32 = 100_000;
/// Bytes in a value.
const VALUE: usize = 200;

async fn fill(cache: &Cache) {
    for n in 0..ENTRIES {
        let load = async move |load: Load| {
            for tag in [n, n / 10, n / 100] {
                load.tag(format!("product:{tag}"));
            }
            Ok::<_, Infallible>(Bytes::from(vec![0; VALUE]))
        };
        let key = format!("page/products/{n}");
        let found = cache.get_or_load(&key, Policy::LONG, load).await;
        black_box(found.expect("it cannot fail"));
    }
}

fn each(what: &str, times: u32, took: Duration) {
    let each = took / times;
    println!("{what:<48} {each:>12.2?}");
}

/// Resident memory of this process, in bytes.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

#[tokio::test]
#[ignore = "measures, proves nothing"]
async fn measure() {
    let cache = Cache::new(Config {
        capacity: 1 << 30,
        ..Config::default()
    });
    let before = resident();
    let start = Instant::now();
    fill(&cache).await;
    each("load and store", ENTRIES, start.elapsed());
    let entries = cache.stats().entries;
    if let (Some(before), Some(after)) = (before, resident()) {
        let bytes = (after - before) / ENTRIES as usize;
        println!(
            "{:<48} {bytes:>11} B",
            "memory of an entry with 200 bytes and 3 tags"
        );
    }
    assert_eq!(entries, u64::from(ENTRIES));

    let hits = || {
        for n in 0..ENTRIES {
            black_box(cache.get::<Bytes>(&format!("page/products/{n}")));
        }
    };
    hits();
    let start = Instant::now();
    hits();
    each("hit", ENTRIES, start.elapsed());

    const PURGES: u32 = 1_000;
    let start = Instant::now();
    for n in 0..PURGES {
        cache.purge(&Purge::tag(format!("product:{n}"))).await;
    }
    each(
        "purge of one tag among 100 000 entries",
        PURGES,
        start.elapsed(),
    );
    let start = Instant::now();
    hits();
    each("first look after purges", ENTRIES, start.elapsed());
}
