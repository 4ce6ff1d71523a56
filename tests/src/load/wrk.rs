//! Rounds of load by `wrk`.

use std::fmt;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::{Server, median};
use crate::workspace::output;
use crate::{Error, Result};

/// Connections that ask at the same time.
pub const CONNECTIONS: u32 = 16;

/// What one round of load, or the median of several, came to.
pub struct Round {
    /// Answers per second.
    pub rate: f64,
    /// Half of the answers took at most so many milliseconds.
    pub p50: f64,
    /// 99 of 100 did.
    pub p99: f64,
    /// Microseconds of processor time for each, of all servers that had a part in it.
    pub cpu: f64,
}

/// Asks the first server for a page for so many seconds. The others are those that it asks in turn.
pub fn load(
    servers: &[&Server],
    path: &str,
    headers: &[(&str, &str)],
    seconds: u64,
) -> Result<Round> {
    let mut wrk = Command::new("wrk");
    for (name, value) in headers {
        wrk.arg("--header").arg(format!("{name}: {value}"));
    }
    run(wrk, servers, path, seconds)
}

/// Asks a server for what a script of wrk says, for so many seconds.
pub fn load_script(server: &Server, script: &Path, seconds: u64) -> Result<Round> {
    let mut wrk = Command::new("wrk");
    wrk.arg("--script").arg(script);
    run(wrk, &[server], "/", seconds)
}

fn run(mut wrk: Command, servers: &[&Server], path: &str, seconds: u64) -> Result<Round> {
    let cpu = || -> Result<f64> { servers.iter().map(|server| server.cpu_seconds()).sum() };
    let before = cpu()?;
    let url = servers.first().map(|server| server.url(path));
    wrk.args(["-t1", "--latency"])
        .arg(format!("-c{CONNECTIONS}"))
        .arg(format!("-d{seconds}s"))
        .arg(url.unwrap_or_default());
    let text = output(&mut wrk).map_err(|error| match error {
        Error::Spawn { .. } => Error::Missing {
            program: "wrk".into(),
            advice: "install the package wrk",
        },
        other => other,
    })?;
    let used = cpu()? - before;
    let unexpected = |detail: &str| Error::Unexpected {
        what: format!("wrk's report on {path}"),
        detail: format!("{detail}:\n{text}"),
    };
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        return Err(unexpected("answers other than 200 under load"));
    }
    let after = |label: &str| {
        text.lines()
            .find_map(|line| line.trim().strip_prefix(label))
            .and_then(|rest| rest.split_whitespace().next())
    };
    let rate = after("Requests/sec:").and_then(|rate| rate.parse::<f64>().ok());
    let requests = text
        .lines()
        .find_map(|line| line.trim().split_once(" requests in "))
        .and_then(|(count, _)| count.parse::<f64>().ok());
    let (p50, p99) = (
        after("50%").and_then(milliseconds),
        after("99%").and_then(milliseconds),
    );
    match (rate, requests, p50, p99) {
        (Some(rate), Some(requests), Some(p50), Some(p99)) => Ok(Round {
            rate,
            p50,
            p99,
            cpu: used * 1e6 / requests,
        }),
        _ => Err(unexpected("a figure is missing")),
    }
}

fn milliseconds(text: &str) -> Option<f64> {
    let units = [("us", 1e-3), ("ms", 1.0), ("s", 1e3)];
    let (number, factor) = units
        .iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)))?;
    Some(number.parse::<f64>().ok()? * factor)
}

impl Round {
    /// The middle of each figure.
    pub fn median(rounds: &[Round]) -> Round {
        let of =
            |figure: fn(&Round) -> f64| median(&mut rounds.iter().map(figure).collect::<Vec<_>>());
        Round {
            rate: of(|round| round.rate),
            p50: of(|round| round.p50),
            p99: of(|round| round.p99),
            cpu: of(|round| round.cpu),
        }
    }

    /// For a report.
    pub fn json(&self) -> Value {
        json!(
            {
                "requests_per_second": self.rate, "p50_ms": self.p50, "p99_ms": self.p99,
                "cpu_us": self.cpu
            }
        )
    }

    /// The head of a table of rounds.
    pub const HEAD: &str = " requests/s   p50 ms   p99 ms  CPU µs/request";
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
