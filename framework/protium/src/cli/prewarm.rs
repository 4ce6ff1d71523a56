//! `protium prewarm`: stock, prices and pages, made ready ahead of requests.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::app::Shop;
use crate::cli::error::CommandError;
use crate::http::stop_signal::stop_signal;
use crate::prewarm::error::NoPrewarm;
use crate::prewarm::job::{Choice, Failure, Report, Tally};
use protium_types::is_region;

/// Between two looks at how far it is.
const LOOK: Duration = Duration::from_millis(100);
/// Lines of progress for programs: one in so many looks.
const SELDOM: u32 = 10;
/// The exit code after SIGINT (128 and the number of the signal).
const STOPPED: u8 = 130;

/// Look at stock and prices ahead of visitors, and render the pages that show them
#[derive(Debug, clap::Args)]
pub struct Prewarm {
    #[command(flatten)]
    what: What,
    /// A region to look at; as often as needed. Else those of protium.toml
    #[arg(long = "region", value_name = "REGION", value_parser = region)]
    regions: Vec<String>,
    /// SKUs that are worked on at one time, in each region
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    concurrency: Option<u32>,
    /// The share of SKUs, from 0 to 1, that may have no answer before this ends with code 1
    #[arg(long, value_name = "SHARE", default_value = "0.1", value_parser = share)]
    failed_share: f64,
}

#[derive(Debug, clap::Args)]
#[group(multiple = false)]
struct What {
    /// Every SKU (also without a choice)
    #[arg(long)]
    all: bool,
    /// The SKUs of a collection
    #[arg(long, value_name = "HANDLE")]
    collection: Option<String>,
    /// This SKU; as often as needed
    #[arg(long = "sku", value_name = "SKU")]
    skus: Vec<String>,
    /// The SKUs of so many products that were looked at most
    #[arg(long, value_name = "NUMBER")]
    viewed: Option<usize>,
}

fn region(name: &str) -> Result<String, String> {
    match is_region(name) {
        true => Ok(name.to_owned()),
        false => Err("regions have small letters, digits and hyphens".to_owned()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a share is a number from 0 to 1".to_owned()),
    }
}

impl What {
    fn choice(self) -> Choice {
        match self {
            What {
                collection: Some(handle),
                ..
            } => Choice::Collection(handle),
            What {
                viewed: Some(products),
                ..
            } => Choice::Viewed(products),
            What { skus, .. } if !skus.is_empty() => Choice::Skus(skus),
            _ => Choice::All,
        }
    }
}

/// One line of the output for programs.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line<'a> {
    Start {
        regions: &'a [String],
    },
    Failed(&'a Failure),
    Progress(&'a Report),
    Summary {
        #[serde(flatten)]
        report: &'a Report,
        failed_share: f64,
        /// False when a signal ended it.
        complete: bool,
    },
}

/// Runs it in an open shop.
pub async fn run(shop: &Shop, command: Prewarm) -> Result<ExitCode, CommandError> {
    let Prewarm {
        what,
        regions,
        concurrency,
        failed_share,
    } = command;
    let edge = &shop.config().edge;
    let regions = match regions.is_empty() {
        true => edge.all_regions(),
        false => regions,
    };
    let concurrency = concurrency.unwrap_or(shop.config().prewarm.concurrency);
    // Pages of a process that ends are of use where they are shared, and show one region.
    let is_shared = shop.cache().is_some_and(protium_cache::Cache::is_shared);
    let pages = is_shared && regions.iter().any(|region| region == edge.own_region());
    let prewarm = shop.prewarm(concurrency as usize, pages).await?;
    let choice = what.choice();

    let tally = Tally::default();
    let mut output = Output::new(&regions);
    let run = prewarm.run(&choice, &regions, &tally);
    tokio::pin!(run);
    let stop = stop_signal();
    tokio::pin!(stop);
    let mut looks = 0;
    let complete = loop {
        tokio::select! {
            ended = &mut run => {
                ended.map_err(NoPrewarm::from)?;
                break true;
            }
            () = &mut stop => break false,
            () = tokio::time::sleep(LOOK) => {
                looks += 1;
                output.progress(&tally, looks % SELDOM == 0);
            }
        }
    };
    if let Some(cache) = shop.cache() {
        cache.settle().await;
    }
    let report = tally.report();
    output.finish(&tally, &report, complete);
    if let (Choice::Collection(handle), 0) = (&choice, report.skus) {
        return Err(NoPrewarm::NoCollection(handle.clone()).into());
    }
    Ok(match complete {
        false => ExitCode::from(STOPPED),
        true if report.failed_share() > failed_share => ExitCode::FAILURE,
        true => ExitCode::SUCCESS,
    })
}

/// Where progress is shown.
enum Output {
    /// For people: a bar, then sentences.
    Bar(ProgressBar, Vec<String>),
    /// For programs: JSON, one object a line.
    Lines,
}

impl Output {
    fn new(regions: &[String]) -> Output {
        if !std::io::stdout().is_terminal() {
            line(&Line::Start { regions });
            return Output::Lines;
        }
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template("{bar:32} {pos}/{len} SKUs  {msg}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Output::Bar(bar, regions.to_vec())
    }

    fn progress(&mut self, tally: &Tally, seldom: bool) {
        match self {
            Output::Bar(bar, _) => {
                let report = tally.report();
                bar.set_length(report.skus);
                bar.set_position(report.done);
                bar.set_message(match (report.pages, report.failed) {
                    (0, 0) => String::new(),
                    (0, failed) => format!("{failed} failed"),
                    (pages, 0) => format!("{pages} pages"),
                    (pages, failed) => format!("{pages} pages, {failed} failed"),
                });
            }
            Output::Lines => {
                if seldom {
                    line(&Line::Progress(&tally.report()));
                }
            }
        }
    }

    fn finish(&mut self, tally: &Tally, report: &Report, complete: bool) {
        self.progress(tally, false);
        match self {
            Output::Bar(bar, regions) => {
                bar.finish_and_clear();
                let mut out = std::io::stdout().lock();
                for failure in tally.failures() {
                    let _ = writeln!(out, "{}", describe(&failure));
                }
                let _ = writeln!(out, "{}", summary(report, regions, complete));
            }
            Output::Lines => {
                for failure in tally.failures() {
                    line(&Line::Failed(&failure));
                }
                line(&Line::Summary {
                    report,
                    failed_share: report.failed_share(),
                    complete,
                });
            }
        }
    }
}

/// Writes a line. That the reader has closed the pipe is no error.
fn line(line: &Line) {
    let Ok(text) = serde_json::to_string(line) else {
        return;
    };
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

fn describe(failure: &Failure) -> String {
    match failure.region.as_str() {
        "" => format!("{}: {}", failure.names(), failure.problem),
        region => format!("{} in {region}: {}", failure.names(), failure.problem),
    }
}

/// The summary for people.
fn summary(report: &Report, regions: &[String], complete: bool) -> String {
    let ms = |us: u64| format!("{}.{:02} ms", us / 1_000, us % 1_000 / 10);
    let stopped = if complete {
        ""
    } else {
        ", then it was stopped"
    };
    let mut text = format!(
        "{} of {} SKUs in {} in {}.{} s{stopped}\n",
        report.done,
        report.skus,
        regions.join(", "),
        report.took_ms / 1_000,
        report.took_ms % 1_000 / 100,
    );
    text.push_str(&format!(
        "  runs {}  hits {}  stale {}  failed {}\n",
        report.runs, report.hits, report.stale, report.failed
    ));
    text.push_str(&format!(
        "  a run: p50 {}, p99 {}\n",
        ms(report.p50_us),
        ms(report.p99_us)
    ));
    text.push_str(&format!(
        "  pages {}, failed {}; {} kB",
        report.pages,
        report.pages_failed,
        report.bytes.div_ceil(1_000)
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_for_programs_have_one_shape() {
        let failure = Failure {
            region: "eu-1".into(),
            problem: "no".into(),
            count: 1,
            what: vec!["A".into()],
        };
        let text = |line: &Line| serde_json::to_string(line).expect("JSON");
        assert_eq!(
            text(&Line::Failed(&failure)),
            r#"{"event":"failed","region":"eu-1","problem":"no","count":1,"what":["A"]}"#
        );
        let report = Report::default();
        let line = Line::Summary {
            report: &report,
            failed_share: 0.5,
            complete: true,
        };
        assert_eq!(
            text(&line),
            concat!(
                r#"{"event":"summary","skus":0,"done":0,"runs":0,"hits":0,"stale":0,"failed":0,"#,
                r#""p50_us":0,"p99_us":0,"#,
                r#""pages":0,"pages_failed":0,"bytes":0,"took_ms":0,"#,
                r#""failed_share":0.5,"complete":true}"#
            )
        );
    }

    #[test]
    fn people_get_a_summary() {
        let report = Report {
            skus: 4,
            done: 3,
            runs: 2,
            hits: 1,
            p50_us: 420,
            p99_us: 12_345,
            bytes: 1_001,
            took_ms: 1_250,
            ..Report::default()
        };
        assert_eq!(
            summary(&report, &["eu-1".to_owned(), "us-1".to_owned()], false),
            "3 of 4 SKUs in eu-1, us-1 in 1.2 s, then it was stopped\n  runs 2  hits 1  stale 0  \
             failed 0\n  \
             a run: p50 0.42 ms, p99 12.34 ms\n  pages 0, failed 0; 2 kB"
        );
    }
}
