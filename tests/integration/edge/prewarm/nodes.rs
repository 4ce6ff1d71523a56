//! Nodes that share the work through a real Redis, and one that dies.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use protium::prewarm::job::{Choice, Tally};
use serde_json::Value;

use super::command::{prewarm, program};
use super::premises::{Place, prices_of};
use crate::edge::aggregator::{Aggregator, Mood};
use tests::redis::RedisServer;

/// SKUs that one node works on at one time.
const AT_ONCE: usize = 4;

fn catalogue(skus: usize) -> String {
    let rows: String = (0..skus)
        .map(|at| format!("p-{at},Product {at},SKU-{at},9.00\n"))
        .collect();
    format!("Handle,Title,Variant SKU,Variant Price\n{rows}")
}

fn settings(url: &str) -> String {
    format!(
        "[prewarm]
fresh_seconds = 600
every_seconds = 60

[modules.price.limits]
wall_ms = 20000

{prices}
timeout_ms = 10000
",
        prices = prices_of(url),
    )
}

/// A node in a process of its own.
fn node(place: &Place, redis: &RedisServer) -> Child {
    let mut command: Command = prewarm(place);
    command
        .args(["--all", "--concurrency", &AT_ONCE.to_string()])
        .env("PROTIUM_REDIS_URL", redis.url())
        .env("AGG_TIMEOUT_MS", "10000")
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command.spawn().expect("the program runs")
}

#[test]
fn two_nodes_share_the_work_and_when_one_dies_only_what_it_held_is_done_again() {
    let redis = RedisServer::start();
    program();
    let aggregator = Aggregator::start();
    aggregator.set(Mood::Leisurely);
    let place = Place::with_catalogue(&settings(&aggregator.url()), &catalogue(240));
    // The catalogue is filled, and the modules are compiled, once.
    let mut first = prewarm(&place);
    first
        .args(["--sku", "NOPE"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    first.status().expect("it runs");
    let mut dies = node(&place, &redis);
    let survives = node(&place, &redis);
    // Its first word on how far it is: it is at work.
    let words = BufReader::new(dies.stdout.take().expect("a pipe")).lines();
    let progress = words
        .map_while(Result::ok)
        .filter_map(|line| serde_json::from_str::<Value>(&line).ok())
        .find(|line| line["event"] != "start")
        .expect("a word");
    dies.kill().expect("it runs");
    dies.wait().expect("it ended");
    assert_eq!(
        progress["event"], "progress",
        "it was killed in the midst of it"
    );
    let output = survives.wait_with_output().expect("it ends");
    assert!(output.status.success());
    let text = String::from_utf8_lossy(&output.stdout);
    let summary: Value =
        serde_json::from_str(text.lines().last().unwrap_or_default()).expect("a summary");
    assert_eq!(summary["done"], 240, "{summary}");
    assert_eq!(summary["failed"], 0, "{summary}");
    assert!(
        summary["hits"].as_u64() > Some(0),
        "the other one did some of it: {summary}"
    );
    let mut times = HashMap::<String, usize>::new();
    for sku in aggregator.skus() {
        *times.entry(sku).or_default() += 1;
    }
    assert_eq!(times.len(), 240, "everything is warmed");
    let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.len() <= AT_ONCE, "{twice:?}");
    assert!(twice.iter().all(|(_, times)| **times == 2), "{twice:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_in_step_ask_about_each_sku_once() {
    let redis = RedisServer::start();
    let settings = "[prewarm]\nfresh_seconds = 600\n";
    let place = Place::with_catalogue(settings, &catalogue(100));
    let url = redis.url();
    let vars = [("PROTIUM_REDIS_URL", url.as_str())];
    let mut runs = Vec::new();
    for _ in 0..2 {
        let (shop, _) = place.open(&vars).await;
        let cache = shop.cache().expect("a cache").clone();
        crate::cache::node::until(|| cache.stats().shared.is_some_and(|shared| shared.connected))
            .await;
        let prewarm = shop
            .prewarm(AT_ONCE, true)
            .await
            .expect("there are modules");
        runs.push((shop, prewarm));
    }
    let regions = ["local".to_owned()];
    let tallies = [Tally::default(), Tally::default()];
    let (one, other) = tokio::join!(
        runs[0].1.run(&Choice::All, &regions, &tallies[0]),
        runs[1].1.run(&Choice::All, &regions, &tallies[1]),
    );
    one.expect("a plan");
    other.expect("a plan");
    let [one, other] = tallies.map(|tally| tally.report());
    assert_eq!((one.failed, other.failed), (0, 0));
    assert_eq!(one.runs + other.runs, 100, "{one:?} {other:?}");
    assert!(one.runs > 0 && other.runs > 0, "{one:?} {other:?}");
    // A third one, later, has nothing to do.
    let (shop, _) = place.open(&vars).await;
    let cache = shop.cache().expect("a cache").clone();
    crate::cache::node::until(|| cache.stats().shared.is_some_and(|shared| shared.connected)).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let tally = Tally::default();
    let prewarm = shop
        .prewarm(AT_ONCE, true)
        .await
        .expect("there are modules");
    prewarm
        .run(&Choice::All, &regions, &tally)
        .await
        .expect("a plan");
    assert_eq!((tally.report().runs, tally.report().hits), (0, 100));
}
