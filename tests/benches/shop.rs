//! The running shop, measured from outside, beside its ceiling in the same run.
//!
//! `cargo bench -p tests --bench shop` prints:
//!
//! - requests per second, p50 and p99 of the product page at 16 connections with
//!   `PROTIUM_CACHE=off`, in both lanes, in rounds that alternate with a bare axum handler that
//!   returns the same bytes (its process is this one run again, so that each server has its own CPU
//!   account); the same of all product pages, asked for by Zipf's law;
//! - CPU per request of each (user + system), the steadier figure on a shared machine;
//! - start to the first 200 with the artifacts built, and memory after load;
//! - the size of everything that a browser downloads for the page.
//!
//! The load comes from `wrk` (a Debian package). `PROTIUM_BENCH_SECONDS` sets the length of a round
//! (default 5), `PROTIUM_BENCH_ROUNDS` their number (default 5). JSON goes to
//! `target/bench/shop.json`.

mod report;

use std::path::Path;

use serde_json::json;
use tests::load::bare::Route;
use tests::load::fetch::get;
use tests::load::wrk::{CONNECTIONS, Round, load, load_script};
use tests::load::{Server, bare, median, shop, visitors};

use report::Fallible;

fn main() -> Fallible<()> {
    // Cargo asks every bench target for its tests.
    if report::is_for_tests() || bare::is_asked_for()? {
        return Ok(());
    }
    let seconds = report::number("PROTIUM_BENCH_SECONDS", 5)?;
    let rounds = report::number("PROTIUM_BENCH_ROUNDS", 5)?;
    let directory = tempfile::tempdir()?;

    let program = shop::build()?;
    let mut shops = Vec::new();
    for lane in ["tinygo", "go"] {
        // The first start builds artifacts and loads the demo catalogue; the starts that are
        // measured find them.
        let start = || start(&program, lane, directory.path());
        drop(start()?);
        let mut starts = (0..7)
            .map(|_| Ok(start()?.ready_after().as_secs_f64() * 1e3))
            .collect::<Fallible<Vec<f64>>>()?;
        shops.push(Measured {
            name: format!("example store, {lane}, no cache"),
            start: median(&mut starts),
            server: start()?,
            rounds: Vec::new(),
            all: Vec::new(),
        });
    }
    let first = shops.first().ok_or("no shop")?;
    let products = shop::products(&first.server)?;
    let page = products.first().ok_or("no product")?.as_str();
    let answer = get(&first.server.url(page), &[])?;
    let body = &answer.body;
    let html = [(
        "content-type".to_owned(),
        "text/html; charset=utf-8".to_owned(),
    )];
    let bare = bare::start(
        &[Route {
            path: "/".to_owned(),
            headers: html.into(),
            body: body.clone(),
        }],
        directory.path(),
    )?;

    let script = directory.path().join("products.lua");
    let all = visitors::script(&products, &[], "identity", script)?;

    let mut bare_rounds = Vec::new();
    for shop in &shops {
        load(&[&shop.server], page, &[], 1)?;
    }
    for _ in 0..rounds {
        bare_rounds.push(load(&[&bare], "/", &[], seconds)?);
        for shop in &mut shops {
            shop.rounds.push(load(&[&shop.server], page, &[], seconds)?);
            shop.all.push(load_script(&shop.server, &all, seconds)?);
        }
    }

    println!(
        "product page {page}, {} bytes, {CONNECTIONS} connections, {rounds} rounds of {seconds} s",
        body.len()
    );
    println!(
        "{:<34} {} {:>6} {:>9} {:>10}",
        "",
        Round::HEAD,
        "÷ bare",
        "start ms",
        "memory MB"
    );
    let ceiling = Round::median(&bare_rounds);
    println!("{:<34} {ceiling} {:>6.1}", "bare axum, the same bytes", 1.0);
    let mut lanes = Vec::new();
    for shop in &shops {
        let round = Round::median(&shop.rounds);
        let memory = shop.server.resident_megabytes()?;
        println!(
            "{:<34} {round} {:>6.1} {:>9.0} {memory:>10.0}",
            shop.name,
            round.cpu / ceiling.cpu,
            shop.start
        );
        let all = Round::median(&shop.all);
        println!(
            "{:<34} {all} {:>6.1}",
            "  all product pages",
            all.cpu / ceiling.cpu
        );
        lanes.push(json!({
            "name": shop.name, "rounds": shop.rounds.iter().map(Round::json).collect::<Vec<_>>(),
            "all_products": shop.all.iter().map(Round::json).collect::<Vec<_>>(),
            "start_ms": shop.start, "memory_mb": memory,
        }));
    }

    let first = shops.first().ok_or("no shop")?;
    let downloads = downloads(&first.server, page)?;
    println!("\n{:<58} {:>9} {:>9}", "download", "bytes", "brotli");
    for download in &downloads {
        println!(
            "{:<58} {:>9} {:>9}",
            download.path, download.bytes, download.brotli
        );
    }
    let inline = inline_script(&answer.text())
        .ok_or("the page has no inline script")?
        .len();
    let runtime = downloads
        .iter()
        .find(|download| download.path.contains("/runtime-"))
        .ok_or("the page names no runtime")?
        .brotli;
    println!(
        "runtime core, brotli, and inline script: {runtime} + {inline} = {} bytes",
        runtime + inline
    );

    report::write(
        "shop",
        &json!({
            "page": page, "bytes": body.len(), "connections": CONNECTIONS,
            "bare": bare_rounds.iter().map(Round::json).collect::<Vec<_>>(),
            "shops": lanes,
            "downloads": downloads.iter().map(
                |d| json!({"path": d.path, "bytes": d.bytes, "brotli": d.brotli})
            ).collect::<Vec<_>>(),
            "runtime_core_bytes": runtime, "inline_bytes": inline,
        }),
    )
}

/// A shop under load.
struct Measured {
    name: String,
    /// Milliseconds from its start to its first 200.
    start: f64,
    server: Server,
    rounds: Vec<Round>,
    /// All product pages.
    all: Vec<Round>,
}

fn start(program: &Path, lane: &str, data: &Path) -> tests::Result<Server> {
    let variables = [("PROTIUM_CACHE", "off"), ("PROTIUM_LANE", lane)];
    shop::start(program, &data.join(lane), &variables)
}

struct Download {
    path: String,
    bytes: usize,
    /// What travels to a browser that takes brotli: small files are not compressed.
    brotli: usize,
}

/// The text of the first inline script.
fn inline_script(html: &str) -> Option<&str> {
    let (_, rest) = html.split_once("<script>")?;
    rest.split_once("</script>").map(|(text, _)| text)
}

/// The page and what it names: scripts, styles, pictures, the module.
fn downloads(shop: &Server, page: &str) -> Fallible<Vec<Download>> {
    let html = get(&shop.url(page), &[])?.text();
    let mut paths: Vec<String> = html
        .split('"')
        .filter(|text| {
            text.starts_with('/')
                && [".js", ".css", ".wasm", ".svg"]
                    .iter()
                    .any(|ending| text.ends_with(ending))
        })
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths.dedup();
    paths.insert(0, page.to_owned());
    paths
        .into_iter()
        .map(|path| {
            let plain = get(&shop.url(&path), &[])?.body;
            let brotli = get(&shop.url(&path), &[("accept-encoding", "br")])?.body;
            Ok(Download {
                path,
                bytes: plain.len(),
                brotli: brotli.len(),
            })
        })
        .collect()
}
