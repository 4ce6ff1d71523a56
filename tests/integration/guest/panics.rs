//! What is said of a component that panics: itself, the place in its source, its message; in both
//! lanes.

use protium_wasm::{
    Batch, Cause, Host, HostConfig, IslandCall, IslandOutcome, Lane, LaneChoice, Value,
};

use super::{artifacts, in_tests, render, start};

fn lab(lane: LaneChoice) -> Host {
    let mut config = HostConfig::new(in_tests("../components-go"), "lab", artifacts());
    config.lane = lane;
    start(config)
}

/// The line of the lab's source that has these words.
fn line(words: &str) -> usize {
    let source = std::fs::read_to_string(in_tests("../components-go/lab/main.go")).unwrap();
    source
        .lines()
        .position(|line| line.contains(words))
        .unwrap()
        + 1
}

fn fuse() -> Batch {
    Batch {
        islands: vec![IslandCall {
            component: "fuse".into(),
            id: "fuse-13".into(),
            props: Value::record([("number", Value::Int(13)), ("blown", Value::Bool(true))]),
            hydrate: "load".into(),
        }],
        ..Batch::default()
    }
}

#[test]
fn a_panic_in_render_names_component_place_and_message() {
    let line = line("panic(\"blown\")");
    for (choice, lane) in [
        (LaneChoice::TinyGo, Lane::TinyGo),
        (LaneChoice::Go, Lane::Go),
    ] {
        let host = lab(choice);
        assert_eq!(host.lane(), lane);
        let rendered = render(&host, &fuse());
        let IslandOutcome::Failed(failed) = &rendered.islands[0] else {
            panic!("it was rendered")
        };
        assert_eq!(failed.cause, Cause::Trap);
        assert_eq!(
            failed.message,
            format!("panic in <go-fuse number=13 blown=true>, lab/main.go:{line}: blown"),
            "{lane}"
        );
    }
}

#[test]
fn browsers_get_the_module_without_its_debug_information() {
    let host = lab(LaneChoice::TinyGo);
    let wasm = &host.browser_module().wasm;
    for section in [&b".debug_line"[..], b".debug_info"] {
        assert!(!wasm.windows(section.len()).any(|part| part == section));
    }
}
