//! Components that do not end: others are served beside them, and they are switched off for a
//! while.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use protium_wasm::{Batch, Cause, Host, IslandCall, IslandOutcome, LaneChoice, Limits, Value};

use super::{hostile, render, start};

fn batch(components: &[&str]) -> Batch {
    let islands = components.iter().map(|component| IslandCall {
        component: (*component).into(),
        id: format!("{component}-1"),
        props: Value::Record(vec![]),
        hydrate: "load".into(),
    });
    Batch {
        islands: islands.collect(),
        ..Batch::default()
    }
}

fn host(limits: Limits) -> Host {
    let mut config = hostile(LaneChoice::Auto);
    config.limits = limits;
    config.pool.instances = 64;
    start(config)
}

fn limits(cpu_ms: u64, rest_ms: u64) -> Limits {
    Limits {
        cpu_ms,
        wall_ms: 60_000,
        queue_ms: 60_000,
        rest_ms,
        ..Limits::default()
    }
}

/// How the component that loops ended, when it did.
fn cause(host: &Host) -> Option<Cause> {
    let rendered = render(host, &batch(&["fine", "loop", "fine"]));
    assert!(rendered.island(0).is_some() && rendered.island(2).is_some());
    match &rendered.islands[1] {
        IslandOutcome::Done(_) => None,
        IslandOutcome::Failed(failed) => Some(failed.cause),
    }
}

#[test]
fn components_that_loop_do_not_keep_others_from_being_rendered() {
    let host = host(limits(100, 0));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let rendered = runtime.block_on(async {
        let ended = Arc::new(AtomicBool::new(false));
        let others = tokio::spawn({
            let (host, ended) = (host.clone(), ended.clone());
            async move {
                let fine = batch(&["fine"]);
                let mut rendered = 0;
                while !ended.load(Ordering::Relaxed) {
                    // As a request does: it comes by the reactor.
                    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                    assert!(host.render(&fine).await.unwrap().island(0).is_some());
                    rendered += 1;
                }
                rendered
            }
        });
        let mut looping = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let host = host.clone();
            looping.spawn(async move { host.render(&batch(&["loop"])).await.unwrap() });
        }
        looping.join_all().await;
        ended.store(true, Ordering::Relaxed);
        others.await.unwrap()
    });
    // All sixteen compute for 1.6 s. With two workers that only take turns between slices, some 20
    // others are rendered.
    assert!(rendered >= 200, "{rendered} others were rendered");
}

#[test]
fn a_component_that_loops_again_and_again_is_switched_off() {
    let host = host(limits(20, 3_600_000));
    let causes: Vec<_> = (0..20).map(|_| cause(&host)).collect();
    assert_eq!(causes[0], Some(Cause::Cpu));
    assert_eq!(causes[19], Some(Cause::SwitchedOff));
    let off = causes
        .iter()
        .position(|cause| *cause == Some(Cause::SwitchedOff));
    let off = off.unwrap();
    assert!(off >= 3, "{causes:?}");
    assert!(
        causes[off..]
            .iter()
            .all(|cause| *cause == Some(Cause::SwitchedOff)),
        "{causes:?}"
    );
}

#[test]
fn what_is_switched_off_is_tried_again_after_its_rest() {
    let host = host(limits(20, 1));
    let causes: Vec<_> = (0..10)
        .map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(5));
            cause(&host)
        })
        .collect();
    assert_eq!(causes.last(), Some(&Some(Cause::Cpu)), "{causes:?}");
}

#[test]
fn in_development_nothing_is_switched_off() {
    let mut config = hostile(LaneChoice::Auto);
    config.limits = limits(20, 3_600_000);
    config.dev = true;
    let host = start(config);
    for _ in 0..6 {
        assert_eq!(cause(&host), Some(Cause::Cpu));
    }
}

#[test]
fn half_of_the_instances_stay_free_for_what_is_quick() {
    let mut config = hostile(LaneChoice::Auto);
    config.limits = limits(2_000, 0);
    config.pool.instances = 4;
    let host = start(config);
    super::runtime().block_on(async {
        let mut looping = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let host = host.clone();
            looping.spawn(async move { host.render(&batch(&["loop"])).await.unwrap() });
        }
        // Two of the four are ended, because two others compute already.
        let first = looping.join_next().await.unwrap().unwrap();
        let IslandOutcome::Failed(failed) = &first.islands[0] else {
            panic!("it ended")
        };
        assert!(
            failed
                .message
                .contains("so do half of all instances already"),
            "{}",
            failed.message
        );
        let fine = host.render(&batch(&["fine"])).await.unwrap();
        assert!(fine.island(0).is_some());
        looping.abort_all();
    });
}
