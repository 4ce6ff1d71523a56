//! `protium prewarm`: what it says, and what it ends with.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use super::premises::{Place, Warm, checked_at};
use crate::cache::node::until;
use crate::edge::aggregator::{Aggregator, Mood};

pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| tests::store::build().expect("the example store builds"))
}

/// The command for a shop, without settings from this process.
pub fn prewarm(place: &Place) -> Command {
    let mut command = Command::new(program());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PROTIUM_") || name == "RUST_LOG" {
            command.env_remove(name);
        }
    }
    command
        .arg("prewarm")
        .arg("--shop")
        .arg(place.root.path())
        .arg("--data")
        .arg(place.data.path())
        .env(
            "PROTIUM_COMPONENTS",
            tests::workspace::path("components-go/store"),
        )
        .stdin(Stdio::null());
    command
}

fn run(place: &Place, arguments: &[&str]) -> (Output, Vec<Value>) {
    let output = prewarm(place).args(arguments).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON lines"));
    (output, lines.collect())
}

fn numbers(line: &Value, names: &[&str]) -> Vec<Option<u64>> {
    names.iter().map(|name| line[*name].as_u64()).collect()
}

#[test]
fn it_warms_every_region_that_is_named_and_skips_what_is_fresh() {
    let place = Place::new("");
    let regions = ["--all", "--region", "eu-1", "--region", "us-1"];
    let (output, lines) = run(&place, &regions);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(
        lines[0],
        serde_json::json!({"event": "start", "regions": ["eu-1", "us-1"]})
    );
    let summary = lines.last().expect("a summary");
    assert_eq!(summary["event"], "summary");
    let names = ["skus", "done", "runs", "hits", "stale", "failed"];
    assert_eq!(numbers(summary, &names), [6, 6, 6, 0, 0, 0].map(Some));
    assert!(
        summary["p50_us"].as_u64() > Some(0)
            && summary["p99_us"].as_u64() >= summary["p50_us"].as_u64()
    );
    assert!(summary["bytes"].as_u64() > Some(0));
    assert_eq!(summary["complete"], true);
    let (_, lines) = run(&place, &regions);
    let summary = lines.last().expect("a summary");
    assert_eq!(numbers(summary, &names), [6, 6, 0, 6, 0, 0].map(Some));
}

#[test]
fn too_large_a_share_of_failures_is_code_1() {
    let place = Place::new("");
    let half = ["--sku", "NOPE", "--sku", "HAND-FORK"];
    let (output, lines) = run(&place, &half);
    assert_eq!(output.status.code(), Some(1));
    let failed = lines
        .iter()
        .find(|line| line["event"] == "failed")
        .expect("a failure");
    assert_eq!(failed["what"], serde_json::json!(["NOPE"]));
    assert_eq!(failed["count"], 1);
    assert!(
        failed["problem"]
            .as_str()
            .is_some_and(|problem| problem.contains("no such SKU"))
    );
    assert_eq!(
        lines.last().map(|line| &line["failed_share"]),
        Some(&0.5.into())
    );
    let (output, _) = run(&place, &[&half[..], &["--failed-share", "0.5"]].concat());
    assert_eq!(output.status.code(), Some(0));
    // Two variants have it: nobody knows which is meant.
    let (output, _) = run(&place, &["--sku", "TWINE"]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_fails_for_one_reason_is_one_line() {
    let place = Place::new("");
    let skus: Vec<String> = (0..73).map(|at| format!("NOPE-{at}")).collect();
    let arguments: Vec<&str> = skus.iter().flat_map(|sku| ["--sku", sku]).collect();
    let (output, lines) = run(&place, &arguments);
    assert_eq!(output.status.code(), Some(1));
    let failed: Vec<&Value> = lines
        .iter()
        .filter(|line| line["event"] == "failed")
        .collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(
        (
            failed[0]["count"].as_u64(),
            failed[0]["what"].as_array().map(Vec::len)
        ),
        (Some(73), Some(20))
    );
    let last = lines.last().expect("a summary");
    assert_eq!(
        (last["event"].as_str(), last["failed"].as_u64()),
        (Some("summary"), Some(73))
    );
}

#[test]
fn what_makes_no_sense_is_told() {
    let place = Place::new("");
    for (arguments, words) in [
        (&["--region", "EU:1"][..], "small letters"),
        (&["--failed-share", "2"], "from 0 to 1"),
        (&["--all", "--viewed", "3"], "cannot be used with"),
        (&["--collection", "nope"], "no collection `nope`"),
    ] {
        let output = prewarm(&place).args(arguments).output().expect("it runs");
        assert!(!output.status.success(), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
    std::fs::write(place.root.path().join("protium.toml"), "").expect("written");
    let output = prewarm(&place).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("[modules.inventory]"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_has_done_is_on_the_pages_of_a_running_shop() {
    let place = Place::new("[prewarm]\nenabled = false\n");
    let (shop, _) = place.open(&[]).await;
    let router = shop.router();
    let (output, _) = run(&place, &["--collection", "tools"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let page = crate::cache::premises::get(&router, "/products/fork", &[]).await;
    assert!(checked_at(&page).is_some());
    // The other way round: what a shop did, another process need not do.
    let place = Place::new("[prewarm]\nfresh_seconds = 600\n");
    let warm = Warm::open(&place, &[]).await;
    assert_eq!(warm.start().runs, 3);
    let written = || {
        let file = rusqlite::Connection::open(place.data.path().join("edge.db")).expect("a file");
        let count = "SELECT count(*) FROM answer";
        file.query_row(count, [], |row| row.get(0)) == Ok(3)
    };
    until(written).await;
    let (_, lines) = run(&place, &[]);
    let summary = lines.last().expect("a summary");
    assert_eq!(
        numbers(summary, &["runs", "hits"]),
        [0, 3].map(Some),
        "{summary}"
    );
}

#[cfg(unix)]
#[test]
fn told_to_stop_it_says_how_far_it_came() {
    let aggregator = Aggregator::start();
    aggregator.set(Mood::Slow);
    let settings = format!(
        "[modules.price.limits]\nwall_ms = 20000\n[modules.price.grants]\nkey_value = [\"price:\", \
         \"stock:\"]\nclock = true\n\
         [modules.price.grants.backends.aggregator]\naddress = \"{}\"\ntimeout_ms = 10000\n",
        aggregator.url()
    );
    let place = Place::new(&settings);
    let mut child = prewarm(&place)
        .args(["--all", "--concurrency", "1"])
        .env("AGG_TIMEOUT_MS", "10000")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut next = || -> Value {
        let line = lines.next().expect("a line").expect("text");
        serde_json::from_str(&line).expect("JSON")
    };
    assert_eq!(next()["event"], "start");
    assert_eq!(next()["event"], "progress");
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-s", "INT", &id])
            .status()
            .is_ok_and(|status| status.success())
    );
    let summary = loop {
        let line = next();
        if line["event"] == "summary" {
            break line;
        }
    };
    assert_eq!(summary["complete"], false);
    assert!(summary["done"].as_u64() < Some(3), "{summary}");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
}
