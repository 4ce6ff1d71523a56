//! The running shop, measured from outside, beside its ceiling in the same run.
//!
//! `cargo bench -p tests --bench shop` prints:
//!
//! - requests per second, p50 and p99 of the product page at 16 connections with `PROTIUM_CACHE=off`, in both lanes,
//!   in rounds that alternate with a bare axum handler that returns the same bytes (its process is this one
//!   run again, so that each server has its own CPU account);
//! - CPU per request of each (user + system), the steadier figure on a shared machine;
//! - start to the first 200 with the artifacts built, and memory after load;
//! - the size of everything that a browser downloads for the page.
//!
//! The load comes from `wrk` (a Debian package). `PROTIUM_BENCH_SECONDS` sets the length of a round (default 5),
//! `PROTIUM_BENCH_ROUNDS` their number (default 5). JSON goes to `target/bench/shop.json`.

mod report;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use axum::{Router, http::header, routing::get};
use serde_json::{Value, json};

use report::Fallible;

const CONNECTIONS: u32 = 16;

fn main() -> Fallible<()> {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("bare") => {
            let address = arguments.next().ok_or("bare: which address?")?.parse()?;
            let body = std::fs::read(arguments.next().ok_or("bare: which file?")?)?;
            return serve_bare(address, body);
        }
        // Cargo asks every bench target for its tests.
        Some("--list" | "--test") => return Ok(()),
        _ => {}
    }
    let seconds = report::number("PROTIUM_BENCH_SECONDS", 5)?;
    let rounds = report::number("PROTIUM_BENCH_ROUNDS", 5)?;
    let directory = tempfile::tempdir()?;

    let binary = build_shop()?;
    let mut shops = Vec::new();
    for lane in ["tinygo", "go"] {
        // The first start builds artifacts and loads the demo catalogue; the starts that are measured find them.
        drop(Server::shop(&binary, lane, directory.path())?);
        let mut starts = (0..7)
            .map(|_| {
                let server = Server::shop(&binary, lane, directory.path())?;
                Ok(server.ready_after.as_secs_f64() * 1e3)
            })
            .collect::<Fallible<Vec<f64>>>()?;
        shops.push(Measured {
            name: format!("example store, {lane}, no cache"),
            start: median(&mut starts),
            server: Server::shop(&binary, lane, directory.path())?,
            rounds: Vec::new(),
        });
    }
    let first = shops.first().ok_or("no shop")?;
    let page = first_product(&first.server)?;
    let body = fetch(&first.server.url(&page), "identity")?;
    let file = directory.path().join("page.html");
    std::fs::write(&file, &body)?;
    let bare = Server::bare(&file)?;

    let mut bare_rounds = Vec::new();
    for shop in &shops {
        load(&shop.server, &page, 1)?;
    }
    for _ in 0..rounds {
        bare_rounds.push(load(&bare, "/", seconds)?);
        for shop in &mut shops {
            shop.rounds.push(load(&shop.server, &page, seconds)?);
        }
    }

    println!(
        "product page {page}, {} bytes, {CONNECTIONS} connections, {rounds} rounds of {seconds} s",
        body.len()
    );
    println!(
        "{:<34} {:>11} {:>8} {:>8} {:>15} {:>6} {:>9} {:>10}",
        "", "requests/s", "p50 ms", "p99 ms", "CPU µs/request", "÷ bare", "start ms", "memory MB"
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
        lanes.push(json!({
            "name": shop.name, "rounds": shop.rounds.iter().map(Round::json).collect::<Vec<_>>(),
            "start_ms": shop.start, "memory_mb": memory,
        }));
    }

    let first = shops.first().ok_or("no shop")?;
    let downloads = downloads(&first.server, &page)?;
    println!("\n{:<58} {:>9} {:>9}", "download", "bytes", "brotli");
    for download in &downloads {
        println!(
            "{:<58} {:>9} {:>9}",
            download.path, download.bytes, download.brotli
        );
    }
    let inline = inline_script(&String::from_utf8(body.clone())?)
        .ok_or("the page has no inline script")?
        .len();
    let runtime = downloads
        .iter()
        .find(|download| download.path.ends_with(".js"))
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
            "downloads": downloads.iter().map(|d| json!({"path": d.path, "bytes": d.bytes, "brotli": d.brotli})).collect::<Vec<_>>(),
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
}

/// The ceiling: one axum route that returns bytes made beforehand.
fn serve_bare(address: SocketAddr, body: Vec<u8>) -> Fallible<()> {
    let body = bytes::Bytes::from(body);
    tokio::runtime::Runtime::new()?.block_on(async move {
        let page = get(move || {
            std::future::ready((
                [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
                body.clone(),
            ))
        });
        let listener = tokio::net::TcpListener::bind(address).await?;
        axum::serve(
            listener,
            Router::new()
                .route("/", page.clone())
                .route("/healthz", page),
        )
        .await?;
        Ok(())
    })
}

/// A server process and the time it took to answer its first 200.
struct Server {
    child: Child,
    address: SocketAddr,
    ready_after: Duration,
}

impl Server {
    fn shop(binary: &Path, lane: &str, data: &Path) -> Fallible<Self> {
        let mut command = Command::new(binary);
        command
            .env("PROTIUM_CACHE", "off")
            .env("PROTIUM_LANE", lane)
            .env("PROTIUM_DATA", data.join(lane))
            .env("RUST_LOG", "error");
        Self::start(command, |command, address| {
            command.env("PROTIUM_LISTEN", address.to_string());
        })
    }

    fn bare(file: &Path) -> Fallible<Self> {
        Self::start(
            Command::new(std::env::current_exe()?),
            |command, address| {
                command.arg("bare").arg(address.to_string()).arg(file);
            },
        )
    }

    fn start(mut command: Command, listen: impl Fn(&mut Command, SocketAddr)) -> Fallible<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        listen(&mut command, address);
        let begin = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
        let mut server = Self {
            child,
            address,
            ready_after: Duration::ZERO,
        };
        while begin.elapsed() < Duration::from_secs(120) {
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("the server ended at its start: {status}").into());
            }
            if std::net::TcpStream::connect(address).is_ok()
                && fetch(&server.url("/healthz"), "identity").is_ok()
            {
                server.ready_after = begin.elapsed();
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Err("no answer within 120 s".into())
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// User and system seconds this process has used.
    fn cpu_seconds(&self) -> Fallible<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields: Vec<&str> = stat
            .rsplit_once(')')
            .ok_or("no stat")?
            .1
            .split_whitespace()
            .collect();
        let ticks = |index: usize| {
            fields
                .get(index)
                .and_then(|f| f.parse::<f64>().ok())
                .ok_or("no ticks")
        };
        Ok((ticks(11)? + ticks(12)?) / 100.0)
    }

    fn resident_megabytes(&self) -> Fallible<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find(|l| l.starts_with("VmRSS"))
            .ok_or("no VmRSS")?;
        Ok(line
            .split_whitespace()
            .nth(1)
            .ok_or("no figure")?
            .parse::<f64>()?
            / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What has ended already needs no end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One round of load.
struct Round {
    rate: f64,
    p50: f64,
    p99: f64,
    cpu: f64,
}

impl Round {
    fn median(rounds: &[Self]) -> Self {
        let of =
            |field: fn(&Self) -> f64| median(&mut rounds.iter().map(field).collect::<Vec<_>>());
        Self {
            rate: of(|r| r.rate),
            p50: of(|r| r.p50),
            p99: of(|r| r.p99),
            cpu: of(|r| r.cpu),
        }
    }

    fn json(&self) -> Value {
        json!({"requests_per_second": self.rate, "p50_ms": self.p50, "p99_ms": self.p99, "cpu_us": self.cpu})
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Round {
            rate,
            p50,
            p99,
            cpu,
        } = self;
        write!(f, "{rate:>11.0} {p50:>8.2} {p99:>8.2} {cpu:>15.1}")
    }
}

fn load(server: &Server, path: &str, seconds: u64) -> Fallible<Round> {
    let before = server.cpu_seconds()?;
    let output = Command::new("wrk")
        .args([
            "-t1",
            &format!("-c{CONNECTIONS}"),
            &format!("-d{seconds}s"),
            "--latency",
            &server.url(path),
        ])
        .output()
        .map_err(|error| format!("wrk could not be started ({error}): install the package wrk"))?;
    let cpu = server.cpu_seconds()? - before;
    let text = String::from_utf8(output.stdout)?;
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        return Err(format!("answers other than 200 under load:\n{text}").into());
    }
    let after = |label: &str| {
        text.lines()
            .find_map(|line| line.trim().strip_prefix(label))
            .and_then(|rest| rest.split_whitespace().next())
            .ok_or_else(|| format!("wrk printed no {label}:\n{text}"))
    };
    let rate: f64 = after("Requests/sec:")?.parse()?;
    let requests: f64 = text
        .lines()
        .find_map(|line| line.trim().split_once(" requests in "))
        .ok_or("wrk printed no count")?
        .0
        .parse()?;
    Ok(Round {
        rate,
        p50: milliseconds(after("50%")?)?,
        p99: milliseconds(after("99%")?)?,
        cpu: cpu * 1e6 / requests,
    })
}

fn milliseconds(text: &str) -> Fallible<f64> {
    let units = [("us", 1e-3), ("ms", 1.0), ("s", 1e3)];
    let (number, factor) = units
        .iter()
        .find_map(|(unit, factor)| text.strip_suffix(unit).map(|number| (number, factor)))
        .ok_or_else(|| format!("not a time: {text}"))?;
    Ok(number.parse::<f64>()? * factor)
}

/// A GET by curl, so that the figures do not depend on a client of ours.
fn fetch(url: &str, encoding: &str) -> Fallible<Vec<u8>> {
    let output = Command::new("curl")
        .args([
            "--silent",
            "--fail",
            "--max-time",
            "20",
            "--header",
            &format!("Accept-Encoding: {encoding}"),
        ])
        .arg(url)
        .output()?;
    if !output.status.success() {
        return Err(format!("{url}: {}", output.status).into());
    }
    Ok(output.stdout)
}

fn first_product(shop: &Server) -> Fallible<String> {
    let all = String::from_utf8(fetch(&shop.url("/collections/all"), "identity")?)?;
    let path = all
        .split("href=\"")
        .find(|part| part.starts_with("/products/"))
        .ok_or("no product in /collections/all")?;
    Ok(path.split(['"', '?']).next().unwrap_or_default().to_owned())
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
    let html = String::from_utf8(fetch(&shop.url(page), "identity")?)?;
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
            let plain = fetch(&shop.url(&path), "identity")?;
            let brotli = fetch(&shop.url(&path), "br")?;
            Ok(Download {
                path,
                bytes: plain.len(),
                brotli: brotli.len(),
            })
        })
        .collect()
}

fn build_shop() -> Fallible<PathBuf> {
    // Together with this crate, as the bench itself was built: by itself the store would share no dependency with it.
    let packages = ["--package", "example-store", "--package", "tests"];
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--bins"])
        .args(packages)
        .status()?;
    if !status.success() {
        return Err("the example store does not build".into());
    }
    Ok(report::target().join("release/example-store"))
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
