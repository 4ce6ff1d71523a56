//! The first request for each product page after a deploy: cold, and when the server has warmed the page before.
//!
//! `cargo bench -p tests --bench deploy` starts the shop anew for each round, with its artifacts built and its catalogue
//! there, as after a deploy, and asks once for every product page, with brotli, on a connection of its own. The time to the
//! first byte of each is counted from when the request is sent. In every other round each page was asked for by somebody
//! else before, so that the visitor finds it made.
//!
//! `PROTIUM_BENCH_ROUNDS` is the number of rounds of each kind (default 5). JSON, with the median of each page, goes to
//! `target/bench/deploy.json`.

mod report;
mod times;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;
use tests::load::fetch::get;
use tests::load::{Server, shop};

use report::Fallible;
use times::Times;

fn main() -> Fallible<()> {
    // Cargo asks every bench target for its tests.
    if std::env::args().any(|argument| argument == "--list" || argument == "--test") {
        return Ok(());
    }
    let rounds = report::number("PROTIUM_BENCH_ROUNDS", 5)?;
    let directory = tempfile::tempdir()?;
    let program = shop::build()?;
    let start = || shop::start(&program, directory.path(), &[]);
    // The first start builds the artifacts and fills the catalogue.
    let products = shop::products(&start()?)?;

    let mut cold = Pages::new(&products);
    let mut warm = Pages::new(&products);
    for _ in 0..rounds {
        cold.ask(&start()?)?;
        let shop = start()?;
        for product in &products {
            get(&shop.url(product), &[("accept-encoding", "br")])?;
        }
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
