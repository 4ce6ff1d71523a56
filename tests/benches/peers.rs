//! The same product page by other frameworks, in one run.
//!
//! `cargo bench -p tests --bench peers` loads, in rounds that take turns:
//!
//! - the example store with `PROTIUM_CACHE=off`, in both lanes: it asks SQLite, or what it
//!   remembers of it, for the data, and renders templates, and components in an instance that is
//!   fresh for every request;
//! - leptos_axum 0.8 with its router, meta tags and a server function whose answer travels with the
//!   page, once with all of the page hydrated and once with islands; askama on axum 0.8; templ on
//!   Go's `net/http`. They read the page's data from a file at their start, keep it in memory, and
//!   render the page for every request;
//! - the ceiling: a bare axum handler with the bytes of the store's page.
//!
//! The bench refuses to measure what is not the same: it parses every page and compares elements,
//! attributes and text. What a framework writes for itself does not count: comments, scripts and
//! their preloads, attributes by which it finds its elements, the order of a head.
//!
//! The other frameworks' programs are in `benches/peers/`. They are no members of the workspace:
//! the bench builds them in `target/bench/peers/`, those in Rust with the store's allocator,
//! and with link-time optimisation of the whole program, which the store's release is without.
//!
//! It needs `wrk`, `curl` and Go, and fetches the frameworks at its first run.
//! `PROTIUM_BENCH_SECONDS` sets the length of a round (default 5), `PROTIUM_BENCH_ROUNDS` their
//! number (default 3). JSON goes to `target/bench/peers.json`.

mod markup;
mod report;

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use tests::load::bare::Route;
use tests::load::fetch::get;
use tests::load::wrk::{CONNECTIONS, Round, load};
use tests::load::{Server, bare, shop};
use tests::{toolchain, workspace};

use markup::Element;
use report::Fallible;

/// It has options, reduced prices, prices from, and cards with a form.
const PAGE: &str = "/products/long-reach-watering-can";
/// Where the peers' data says that the shop is.
const URL: &str = "https://marrowby.example";

fn main() -> Fallible<()> {
    // Cargo asks every bench target for its tests.
    if report::is_for_tests() || bare::is_asked_for()? {
        return Ok(());
    }
    let seconds = report::number("PROTIUM_BENCH_SECONDS", 5)?;
    let rounds = report::number("PROTIUM_BENCH_ROUNDS", 3)?;
    let directory = tempfile::tempdir()?;
    let here = directory.path();

    let store = shop::build()?;
    let mut servers = Vec::new();
    for (lane, name) in [("tinygo", "Protium, TinyGo"), ("go", "Protium, Go")] {
        let variables = [
            ("PROTIUM_CACHE", "off"),
            ("PROTIUM_LANE", lane),
            ("PROTIUM_SHOP_URL", URL),
        ];
        let server = shop::start(&store, &here.join(lane), &variables)?;
        servers.push(Measured::new(name, server)?);
    }
    let page = servers.first().ok_or("no shop")?.page.clone();

    let data = here.join("page.json");
    let text = std::fs::read_to_string(peers("page.json"))?;
    std::fs::write(&data, with_assets_of(&page, text))?;
    for (name, program) in [
        ("leptos_axum 0.8", rust("leptos-shop", "")?),
        (
            "leptos_axum 0.8, islands",
            rust("leptos-islands", "islands")?,
        ),
        ("axum with askama", rust("askama-shop", "")?),
        ("Go with templ", templ()?),
    ] {
        let server = Server::start(PAGE, |address| {
            let mut command = Command::new(program);
            command.arg(address.to_string()).arg(&data);
            // leptos panics when a visitor leaves before the page is made, as wrk's connections do
            // at the end of a round; without traces of it in memory.
            command.env("RUST_BACKTRACE", "0");
            Ok(command)
        })?;
        servers.push(Measured::new(name, server)?);
    }
    let shown = Element::parse(&page)?;
    for peer in &servers {
        let page = Element::parse(&peer.page);
        let page = page.map_err(|error| format!("{}: {error}", peer.name))?;
        if let Some(difference) = shown.difference(&page) {
            return Err(format!("{}, {difference}", peer.name).into());
        }
    }

    let html = (
        "content-type".to_owned(),
        "text/html; charset=utf-8".to_owned(),
    );
    let route = Route {
        path: PAGE.to_owned(),
        headers: vec![html],
        body: page.into_bytes(),
    };
    servers.insert(0, Measured::new("bare axum", bare::start(&[route], here)?)?);

    for one in &servers {
        load(&[&one.server], PAGE, &[], 1)?;
    }
    for _ in 0..rounds {
        for one in &mut servers {
            one.rounds.push(load(&[&one.server], PAGE, &[], seconds)?);
        }
    }

    println!("{PAGE}, {CONNECTIONS} connections, {rounds} rounds of {seconds} s");
    println!(
        "{:<26} {} {:>7} {:>7} {:>10}",
        "",
        Round::HEAD,
        "÷ bare",
        "bytes",
        "memory MB"
    );
    let ceiling = servers.first().ok_or("no ceiling")?;
    let ceiling = Round::median(&ceiling.rounds).cpu;
    let mut figures = Vec::new();
    for one in &servers {
        let round = Round::median(&one.rounds);
        let (bytes, memory) = (one.page.len(), one.server.resident_megabytes()?);
        let ratio = round.cpu / ceiling;
        println!(
            "{:<26} {round} {ratio:>7.1} {bytes:>7} {memory:>10.0}",
            one.name
        );
        figures.push(json!({
            "name": one.name, "bytes": bytes, "memory_mb": memory, "cpu_by_bare": ratio,
            "median": round.json(),
            "rounds": one.rounds.iter().map(Round::json).collect::<Vec<_>>(),
        }));
    }
    report::write(
        "peers",
        &json!({
            "page": PAGE, "connections": CONNECTIONS, "seconds": seconds,
            "servers": Value::Array(figures),
        }),
    )
}

/// A server under load, and the page it answers with.
struct Measured {
    name: &'static str,
    server: Server,
    page: String,
    rounds: Vec<Round>,
}

impl Measured {
    fn new(name: &'static str, server: Server) -> Fallible<Measured> {
        let page = get(&server.url(PAGE), &[])?.text();
        Ok(Measured {
            name,
            server,
            page,
            rounds: Vec::new(),
        })
    }
}

/// The data with the names of static files that the page has: their digests change with the files.
fn with_assets_of(page: &str, mut data: String) -> String {
    for name in page.split('"').filter(|text| text.starts_with("/static/")) {
        let parts = name.rsplit_once('-').zip(name.rsplit_once('.'));
        if let Some(((stem, _), (_, ending))) = parts {
            data = data.replace(&format!("\"{stem}.{ending}\""), &format!("\"{name}\""));
        }
    }
    data
}

/// A file of the peers' sources.
fn peers(path: &str) -> PathBuf {
    workspace::path("tests/benches/peers").join(path)
}

/// Where the peers are built.
fn target() -> PathBuf {
    report::target().join("bench/peers")
}

/// A program of the peers' Cargo project.
fn rust(program: &str, features: &str) -> Fallible<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = workspace::command(cargo, peers(""));
    build.args([
        "build",
        "--quiet",
        "--release",
        "--locked",
        "--bin",
        program,
    ]);
    build.args(["--features", features]);
    build.arg("--target-dir").arg(target());
    workspace::output(&mut build)?;
    Ok(target().join("release").join(program))
}

/// The Go program, from a copy of its sources: templ writes Go files beside its components.
fn templ() -> Fallible<PathBuf> {
    let directory = target().join("templ");
    workspace::create_dir(&directory)?;
    for entry in std::fs::read_dir(peers("templ"))? {
        let entry = entry?;
        std::fs::copy(entry.path(), directory.join(entry.file_name()))?;
    }
    let go = toolchain::go()?;
    let program = directory.join("templ-shop");
    for arguments in [
        &["tool", "templ", "generate"][..],
        &["build", "-trimpath", "-o", "templ-shop", "."],
    ] {
        workspace::output(workspace::command(&go, &directory).args(arguments))?;
    }
    Ok(program)
}
