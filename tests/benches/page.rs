//! Where the time of a page goes, in both lanes.
//!
//! `cargo bench -p tests --bench page` asks the example store's own service, without a network, for
//! its product page again and again, and reads the steps from `Server-Timing`: data (the store's
//! calls), template (Tera), guest (both fresh instances), splice. The rest of the total is what
//! handlers do with the data, routing, layers and headers. JSON goes to `target/bench/page.json`.
//!
//! `PROTIUM_BENCH_CALLS` sets the number of calls (default 20000).

mod report;
mod times;

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use protium::Shop;
use protium::config::{Config, Flags};
use protium_wasm::LaneChoice;
use serde_json::{Value, json};
use tower::ServiceExt;
use tracing_subscriber::prelude::*;

use report::Fallible;
use times::Times;

/// Entries of `Server-Timing`, in the order of the work.
const STEPS: [&str; 5] = ["data", "template", "guest", "splice", "total"];

fn main() -> Fallible<()> {
    // Cargo asks every bench target for its tests.
    if report::is_for_tests() {
        return Ok(());
    }
    let calls = report::number("PROTIUM_BENCH_CALLS", 20_000)?;
    tracing_subscriber::registry()
        .with(protium::telemetry::server_timing())
        .try_init()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let mut lanes = serde_json::Map::new();
    for (name, lane) in [("tinygo", LaneChoice::TinyGo), ("go", LaneChoice::Go)] {
        let lane = runtime.block_on(measure(name, lane, calls))?;
        lanes.insert(name.to_owned(), lane);
    }
    report::write("page", &lanes.into())
}

async fn measure(name: &str, lane: LaneChoice, calls: u64) -> Fallible<Value> {
    let data = tempfile::tempdir()?;
    let flags = Flags {
        data: Some(data.path().to_owned()),
        lane: Some(lane),
        ..Flags::default()
    };
    let root = tests::workspace::path("example-store");
    let off = ("PROTIUM_CACHE".to_owned(), "off".to_owned());
    let router = Shop::open(&root, Config::load(&root, [off], &flags)?)
        .await?
        .router();

    let all = String::from_utf8(ask(&router, "/collections/all").await?.body)?;
    let page = all
        .split(['"', '?'])
        .find(|text| text.starts_with("/products/"))
        .ok_or("no product in /collections/all")?;
    let mut whole = Vec::new();
    let mut steps: [Vec<f64>; STEPS.len()] = Default::default();
    let mut bytes = 0;
    for call in 0..calls + calls / 10 {
        let answer = ask(&router, page).await?;
        if call < calls / 10 {
            continue;
        }
        whole.push(answer.took);
        bytes = answer.body.len();
        for (step, times) in STEPS.iter().zip(&mut steps) {
            times.push(duration(&answer.timing, step)? * 1e3);
        }
    }

    Times::heading(&format!("{name}: {page}, {bytes} bytes"));
    let mut report = serde_json::Map::new();
    for (step, times) in STEPS.iter().zip(steps) {
        let times = Times::from_micros(times);
        times.show(step);
        report.insert((*step).to_owned(), times.json());
    }
    let whole = Times::of(whole);
    whole.show("with the layers around the timing");
    println!();
    report.insert("whole".to_owned(), whole.json());
    report.insert("bytes".to_owned(), json!(bytes));
    Ok(report.into())
}

struct Answer {
    body: Vec<u8>,
    timing: String,
    took: Duration,
}

async fn ask(router: &Router, path: &str) -> Fallible<Answer> {
    let request = Request::get(path).body(Body::empty())?;
    let began = Instant::now();
    let response = router.clone().oneshot(request).await?;
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await?;
    let took = began.elapsed();
    if head.status != StatusCode::OK {
        return Err(format!("{path}: {}", head.status).into());
    }
    let timing = head.headers.get("server-timing");
    Ok(Answer {
        body: body.into(),
        timing: timing.ok_or("no Server-Timing")?.to_str()?.to_owned(),
        took,
    })
}

/// Milliseconds of one step.
fn duration(timing: &str, step: &str) -> Fallible<f64> {
    let entry = timing.split(", ").find_map(|entry| {
        let (name, duration) = entry.split_once(";dur=")?;
        (name == step).then_some(duration)
    });
    Ok(entry
        .ok_or_else(|| format!("no {step} in Server-Timing: {timing}"))?
        .parse()?)
}
