//! The first request for each product page after a deploy: cold, and when the server has warmed the
//! page before.
//!
//! `cargo bench -p tests --bench deploy` starts the shop anew for each round, with its artifacts
//! built and its catalogue there, as after a deploy, and asks once for every product page, with
//! brotli, on a connection of its own. The time to the first byte of each is counted from when the
//! request is sent. In every other round the server prewarms at its start, as it does unless it is
//! told otherwise, and is asked when it says that it has.
//!
//! `PROTIUM_BENCH_ROUNDS` is the number of rounds of each kind (default 5). JSON, with the median
//! of each page, goes to `target/bench/deploy.json`.

mod report;
mod times;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::load::fetch::get;
use tests::load::{Server, shop};

use report::Fallible;
use times::Times;

/// Of an operator, who is told about the prewarm.
const TOKEN: &str = "an operator of this bench and of nothing else";
/// How long a prewarm may take.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> Fallible<()> {
    // Cargo asks every bench target for its tests.
    if report::is_for_tests() {
        return Ok(());
    }
    let rounds = report::number("PROTIUM_BENCH_ROUNDS", 5)?;
    let directory = tempfile::tempdir()?;
    let program = shop::build()?;
    let start = |prewarm| {
        let variables = [
            ("PROTIUM_PREWARM_ENABLED", prewarm),
            ("PROTIUM_OPERATOR_TOKEN", TOKEN),
        ];
        shop::start(&program, directory.path(), &variables)
    };
    // The first start builds the artifacts and fills the catalogue.
    let first = start("true")?;
    wait_for_prewarm(&first)?;
    let products = shop::products(&first)?;
    drop(first);

    let mut cold = Pages::new(&products);
    let mut warm = Pages::new(&products);
    for _ in 0..rounds {
        cold.ask(&start("false")?)?;
        let shop = start("true")?;
        wait_for_prewarm(&shop)?;
        warm.ask(&shop)?;
    }

    println!(
        "{} product pages, {rounds} rounds, time to the first byte\n",
        products.len()
    );
    Times::heading("");
    let (first, rest) = (cold.first(), cold.all());
    first.show("cold, the very first page");
    rest.show("cold, all pages");
    let warmed = warm.all();
    warmed.show("prewarmed, all pages");
    let ratio = rest.percentile(50) / warmed.percentile(50);
    println!("\nprewarmed pages are there {ratio:.1} times as soon (p50)");
    report::write(
        "deploy",
        &json!({
            "cold": rest.json(), "prewarmed": warmed.json(), "ratio_p50": ratio,
            "pages": products.iter().enumerate().map(|(at, page)| json!({
                "page": page, "cold_us": cold.median(at), "prewarmed_us": warm.median(at),
            })).collect::<Vec<_>>(),
        }),
    )
}

/// Waits for the end of the prewarm at the start.
fn wait_for_prewarm(shop: &Server) -> Fallible<()> {
    let authorization = format!("Bearer {TOKEN}");
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let url = shop.url("/_protium/prewarm");
        let status = get(&url, &[("authorization", &authorization)])?;
        let status: Value = serde_json::from_slice(&status.body)?;
        if status["runs"]
            .as_array()
            .is_some_and(|runs| !runs.is_empty())
        {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err("the server did not prewarm".into())
}

/// The times of all pages.
struct Pages<'a> {
    paths: &'a [String],
    /// By page, then by round.
    times: Vec<Vec<Duration>>,
}

impl Pages<'_> {
    fn new(paths: &[String]) -> Pages<'_> {
        Pages {
            paths,
            times: vec![Vec::new(); paths.len()],
        }
    }

    /// Asks for each once.
    fn ask(&mut self, shop: &Server) -> Fallible<()> {
        for (path, times) in self.paths.iter().zip(&mut self.times) {
            times.push(first_byte(shop, path)?);
        }
        Ok(())
    }

    fn all(&self) -> Times {
        Times::of(self.times.iter().flatten().copied())
    }

    fn first(&self) -> Times {
        Times::of(self.times.iter().take(1).flatten().copied())
    }

    fn median(&self, page: usize) -> f64 {
        let times = self.times.get(page).into_iter().flatten();
        Times::of(times.copied()).percentile(50)
    }
}

/// The time from sending a request to the first byte of its answer, which has to be a page.
fn first_byte(shop: &Server, path: &str) -> Fallible<Duration> {
    let mut stream = TcpStream::connect(shop.address())?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {}\r\naccept-encoding: br\r\nconnection: close\r\n\r\n",
        shop.address()
    );
    let sent = Instant::now();
    stream.write_all(request.as_bytes())?;
    let mut answer = vec![0];
    stream.read_exact(&mut answer)?;
    let time = sent.elapsed();
    stream.read_to_end(&mut answer)?;
    match answer.starts_with(b"HTTP/1.1 200 ") {
        true => Ok(time),
        false => Err(format!("{path}: no page").into()),
    }
}
