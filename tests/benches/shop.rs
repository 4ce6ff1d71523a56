//! The running shop, measured from outside, beside its ceiling in the same run.
//!
//! `cargo bench -p tests --bench shop` prints:
//!
//! - requests per second, p50 and p99 of the product page at 16 connections with `PROTIUM_CACHE=off`,
//!   in rounds that alternate with a bare axum handler that returns the same bytes (its process is this one
//!   run again, so that each server has its own CPU account);
//! - CPU per request of each (user + system), the steadier figure on a shared machine;
//! - start to the first 200 with the artifacts built, and memory after load;
//! - the size of everything that a browser downloads for the page.
//!
//! The load comes from `wrk` (a Debian package). `PROTIUM_BENCH_SECONDS` sets the length of a round (default 5),
//! `PROTIUM_BENCH_ROUNDS` their number (default 5). JSON goes to `target/bench/shop.json`.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use axum::{Router, http::header, routing::get};
use serde_json::{Value, json};

type Fallible<T> = Result<T, Box<dyn Error>>;

const CONNECTIONS: u32 = 16;

fn main() -> Fallible<()> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("bare") {
        let address = arguments.next().ok_or("bare: which address?")?.parse()?;
        let body = std::fs::read(arguments.next().ok_or("bare: which file?")?)?;
        return serve_bare(address, body);
    }
    let seconds = number("PROTIUM_BENCH_SECONDS", 5);
    let rounds = number("PROTIUM_BENCH_ROUNDS", 5);
    let directory = tempfile::tempdir()?;

    let binary = build_shop()?;
    // The first start builds artifacts and loads the demo catalogue; the starts that are measured find them.
    Server::shop(&binary, directory.path())?.stop()?;
    let mut starts: Vec<f64> = (0..7)
        .map(|_| {
            let server = Server::shop(&binary, directory.path())?;
            let milliseconds = server.ready_after.as_secs_f64() * 1e3;
            server.stop()?;
            Ok(milliseconds)
        })
        .collect::<Fallible<_>>()?;

    let shop = Server::shop(&binary, directory.path())?;
    let page = first_product(&shop)?;
    let response = fetch(&shop.url(&page), "identity")?;
    let file = directory.path().join("page.html");
    std::fs::write(&file, &response.body)?;
    let bare = Server::bare(&file)?;

    let mut shop_rounds = Vec::new();
    let mut bare_rounds = Vec::new();
    load(&shop, &page, 1)?;
    for _ in 0..rounds {
        bare_rounds.push(load(&bare, "/", seconds)?);
        shop_rounds.push(load(&shop, &page, seconds)?);
    }
    let memory = shop.resident_megabytes()?;
    let downloads = downloads(&shop, &page)?;

    let start = median(&mut starts);
    let (shop_median, bare_median) = (Round::median(&shop_rounds), Round::median(&bare_rounds));
    println!(
        "product page {page}, {} bytes, {CONNECTIONS} connections, {rounds} rounds of {seconds} s",
        response.body.len()
    );
    println!(
        "{:<28} {:>12} {:>9} {:>9} {:>14}",
        "", "requests/s", "p50 ms", "p99 ms", "CPU µs/request"
    );
    for (name, round) in [
        ("bare axum, the same bytes", &bare_median),
        ("example store, no cache", &shop_median),
    ] {
        println!(
            "{name:<28} {:>12.0} {:>9.2} {:>9.2} {:>14.1}",
            round.rate, round.p50, round.p99, round.cpu
        );
    }
    println!(
        "CPU per request, shop ÷ bare: {:.1}",
        shop_median.cpu / bare_median.cpu
    );
    println!("start to first 200: {start:.0} ms   memory after load: {memory:.0} MB");
    println!("{:<58} {:>9} {:>9}", "download", "bytes", "brotli");
    for download in &downloads {
        println!(
            "{:<58} {:>9} {:>9}",
            download.path, download.bytes, download.brotli
        );
    }

    let report = json!({
        "page": page, "bytes": response.body.len(), "connections": CONNECTIONS,
        "shop": shop_rounds.iter().map(Round::json).collect::<Vec<_>>(),
        "bare": bare_rounds.iter().map(Round::json).collect::<Vec<_>>(),
        "start_ms": starts, "memory_mb": memory,
        "downloads": downloads.iter().map(|d| json!({"path": d.path, "bytes": d.bytes, "brotli": d.brotli})).collect::<Vec<_>>(),
    });
    let target = target_directory()?.join("bench");
    std::fs::create_dir_all(&target)?;
    std::fs::write(
        target.join("shop.json"),
        serde_json::to_vec_pretty(&report)?,
    )?;
    bare.stop()?;
    shop.stop()
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
    fn shop(binary: &Path, data: &Path) -> Fallible<Self> {
        let mut command = Command::new(binary);
        command
            .env("PROTIUM_CACHE", "off")
            .env("PROTIUM_DATA", data.join("shop"))
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
        server.stop()?;
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

    fn stop(mut self) -> Fallible<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
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

struct Answer {
    body: Vec<u8>,
    encoding: String,
}

/// A GET by curl, so that the figures do not depend on a client of ours.
fn fetch(url: &str, encoding: &str) -> Fallible<Answer> {
    let output = Command::new("curl")
        .args([
            "--silent",
            "--fail",
            "--max-time",
            "20",
            "--header",
            &format!("Accept-Encoding: {encoding}"),
        ])
        .args(["--write-out", "%{stderr}%header{content-encoding}", url])
        .output()?;
    if !output.status.success() {
        return Err(format!("{url}: {}", output.status).into());
    }
    Ok(Answer {
        body: output.stdout,
        encoding: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

fn first_product(shop: &Server) -> Fallible<String> {
    let all = String::from_utf8(fetch(&shop.url("/collections/all"), "identity")?.body)?;
    let path = all
        .split("href=\"")
        .find(|part| part.starts_with("/products/"))
        .ok_or("no product in /collections/all")?;
    Ok(path.split(['"', '?']).next().unwrap_or_default().to_owned())
}

struct Download {
    path: String,
    bytes: usize,
    brotli: usize,
}

/// The page and what it names: scripts, styles, the module.
fn downloads(shop: &Server, page: &str) -> Fallible<Vec<Download>> {
    let html = String::from_utf8(fetch(&shop.url(page), "identity")?.body)?;
    let mut paths: Vec<String> = html
        .split('"')
        .filter(|text| {
            text.starts_with('/')
                && [".js", ".css", ".wasm"]
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
            if brotli.encoding != "br" {
                return Err(format!("{path} is not served with brotli").into());
            }
            Ok(Download {
                path,
                bytes: plain.body.len(),
                brotli: brotli.body.len(),
            })
        })
        .collect()
}

fn build_shop() -> Fallible<PathBuf> {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--package", "example-store"])
        .status()?;
    if !status.success() {
        return Err("the example store does not build".into());
    }
    Ok(target_directory()?.join("release/example-store"))
}

/// The folder `target`, found from this program's own place in it.
fn target_directory() -> Fallible<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own
        .ancestors()
        .nth(3)
        .ok_or("not run from a target directory")?
        .to_path_buf())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}
