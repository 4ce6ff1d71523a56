//! Runs that trap at once and runs that reach a limit of 5 ms leave memory as it was.
//!
//! `PROTIUM_LONG=1` makes it 100 000 and 1 000 of them, and prints what the others noticed.

use std::process::Command;
use std::time::Instant;

use super::hostile::{guests, hostile};
use super::{LANES, of_sku, open, runtime};

/// Set for the process that measures: other tests would be measured with it.
const ALONE: &str = "PROTIUM_TEST_ALONE";

/// Bytes of memory that are resident in this process.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = status.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

#[test]
fn faults_leave_memory_flat() {
    if std::env::var_os(ALONE).is_some() {
        return measure();
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "--nocapture",
            "edge::memory::faults_leave_memory_flat",
        ])
        .env(ALONE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(output.status.success() && said.contains("1 passed"));
}

fn measure() {
    let long = tests::long();
    let (traps, loops) = if long { (100_000, 1_000) } else { (1_000, 20) };
    let mut setup = guests(LANES[0]);
    let mut module = hostile("http://127.0.0.1:1");
    module.limits.cpu_ms = 5;
    setup.modules.insert("hostile".into(), module);
    let edge = open(setup);
    let fault = |what: &str, times: usize| {
        let of = of_sku(what, "eu-1");
        let mut others = Vec::new();
        runtime().block_on(async {
            for round in 0..times {
                assert!(edge.run("hostile", &of).await.is_err());
                if round % 10 == 0 {
                    let began = Instant::now();
                    edge.run("hostile", &of_sku("fine", "eu-1")).await.unwrap();
                    others.push(began.elapsed());
                }
            }
        });
        others.sort();
        others
    };
    // Whatever is made once is made here.
    fault("panic", 200);
    fault("loop", 5);
    let before = resident();
    for (what, times) in [("panic", traps), ("loop", loops)] {
        let others = fault(what, times);
        if long {
            let p99 = others[others.len() * 99 / 100];
            println!("{times} runs of {what}: p99 of the others {p99:?}");
        }
    }
    let grown = resident().saturating_sub(before);
    assert!(grown < 32 << 20, "{grown} bytes more");
}
