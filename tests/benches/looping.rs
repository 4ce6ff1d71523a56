//! What a component that does not end takes from the other pages of its shop.
//!
//! `cargo bench -p tests --bench looping` serves the example store, with one more page whose
//! component loops (`tests/guests/looping`), without a cache. 16 visitors ask for that page, each
//! again as soon as it is answered but at most four times a second; meanwhile `wrk` loads the
//! product page. Rounds without and with these visitors take turns:
//!
//! - before it is switched off: `limits.rest_ms = 0`, so that the component loops for as long as is
//!   measured;
//! - after: as it is by default. The time until it was switched off is that of the last page that
//!   took longer than its computing would have.
//!
//! It needs `wrk`, `curl` and TinyGo. `PROTIUM_BENCH_SECONDS` sets the length of a round (default
//! 5), `PROTIUM_BENCH_ROUNDS` their number (default 5). JSON goes to `target/bench/looping.json`.

mod report;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tests::load::wrk::{Round, load};
use tests::load::{Server, median, shop};

use report::Fallible;

/// Visitors who ask for the page that loops.
const LOOPING: usize = 16;
/// Each asks at most once in this time.
const PAUSE: Duration = Duration::from_millis(250);
/// A page took longer than this: it was computed in vain for.
const LONG: Duration = Duration::from_millis(40);
/// By then it must be switched off.
const SWITCHED_OFF: Duration = Duration::from_secs(2);
const PAGE: &str = "/pages/looping";

fn main() -> Fallible<()> {
    // Cargo asks every bench target for its tests.
    if report::is_for_tests() {
        return Ok(());
    }
    let seconds = report::number("PROTIUM_BENCH_SECONDS", 5)?;
    let rounds = report::number("PROTIUM_BENCH_ROUNDS", 5)?;
    let directory = tempfile::tempdir()?;
    let root = directory.path().join("shop");
    make_shop(&root)?;

    let program = shop::build()?;
    let start = |name: &str, rest: &str| -> Fallible<Server> {
        let data = directory.path().join(name);
        let components = tests::workspace::path("tests/guests/looping/shop");
        Ok(Server::start("/healthz", |address| {
            let mut command = Command::new(&program);
            command
                .arg("--shop")
                .arg(&root)
                .env("PROTIUM_DATA", data)
                .env("PROTIUM_LISTEN", address.to_string())
                .env("PROTIUM_CACHE", "off")
                .env("PROTIUM_COMPONENTS", components)
                .env("PROTIUM_LIMITS_REST_MS", rest)
                .env("RUST_LOG", "off");
            Ok(command)
        })?)
    };

    println!("{:<44} {} {:>8}", "", Round::HEAD, "÷ alone");
    let mut report = serde_json::Map::new();
    for (what, rest) in [("before it is switched off", "0"), ("after", "3600000")] {
        let server = start(what, rest)?;
        let products = shop::products(&server)?;
        let page = products.first().ok_or("no product")?;
        load(&[&server], page, &[], 1)?;
        let (mut alone, mut beside) = (Vec::new(), Vec::new());
        let mut switched_off = Duration::ZERO;
        for round in 0..rounds {
            alone.push(load(&[&server], page, &[], seconds)?);
            let stop = AtomicBool::new(false);
            let (measured, longest) = std::thread::scope(|scope| {
                let visitors: Vec<_> = (0..LOOPING)
                    .map(|_| scope.spawn(|| ask(server.address(), &stop)))
                    .collect();
                // What is switched off is off by then; what is not loops.
                std::thread::sleep(SWITCHED_OFF);
                let measured = load(&[&server], page, &[], seconds);
                stop.store(true, Ordering::Relaxed);
                let longest = visitors
                    .into_iter()
                    .filter_map(|visitor| visitor.join().ok());
                (measured, longest.max().unwrap_or_default())
            });
            beside.push(measured?);
            if round == 0 {
                switched_off = longest;
            }
        }
        let ratios = alone.iter().zip(&beside);
        let mut ratios: Vec<f64> = ratios
            .map(|(alone, beside)| beside.rate / alone.rate)
            .collect();
        let ratio = median(&mut ratios);
        let (alone, beside) = (Round::median(&alone), Round::median(&beside));
        println!("{:<44} {alone} {:>8.2}", format!("{what}: alone"), 1.0);
        println!(
            "{:<44} {beside} {ratio:>8.2}",
            format!("{what}: 16 looping requests in flight")
        );
        let mut figures = json!(
            {"alone": alone.json(), "beside": beside.json(), "ratios": ratios, "ratio": ratio}
        );
        if rest != "0" {
            println!("switched off after {} ms", switched_off.as_millis());
            figures["switched_off_ms"] = json!(switched_off.as_millis() as u64);
        }
        report.insert(what.to_owned(), figures);
    }
    report::write("looping", &report.into())
}

/// The example store with a page that loops.
fn make_shop(root: &Path) -> Fallible<()> {
    let example = tests::workspace::path("example-store");
    std::fs::create_dir_all(root.join("data"))?;
    std::fs::create_dir_all(root.join("templates/pages"))?;
    for file in ["protium.toml", "data/catalogue.csv"] {
        std::fs::copy(example.join(file), root.join(file))?;
    }
    std::os::unix::fs::symlink(example.join("static"), root.join("static"))?;
    let page = "{% extends \"layout.html\" %}{% block main %}\
                <go-looping loops=\"true\"><template fallback>instead</template></go-looping>{% \
                endblock %}";
    Ok(std::fs::write(
        root.join("templates/pages/looping.html"),
        page,
    )?)
}

/// Asks for the page again and again. The time of the last answer that took long, while nobody asks
/// for other pages: under load every page may take as long.
fn ask(address: SocketAddr, stop: &AtomicBool) -> Duration {
    let began = Instant::now();
    let mut last = Duration::ZERO;
    while !stop.load(Ordering::Relaxed) {
        let asked = Instant::now();
        let request =
            format!("GET {PAGE} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        let answered = TcpStream::connect(address).and_then(|mut stream| {
            stream.write_all(request.as_bytes())?;
            stream.read_to_end(&mut Vec::new())
        });
        // A refused connection took nothing either.
        if answered.is_ok() && asked.elapsed() > LONG && began.elapsed() < SWITCHED_OFF {
            last = began.elapsed();
        }
        std::thread::sleep(PAUSE.saturating_sub(asked.elapsed()));
    }
    last
}
