//! The protocol's vectors, which Rust, Go and TypeScript all read.

use std::path::Path;

use protium_wasm::{Batch, Host, HostConfig, IslandCall, IslandOutcome, LaneChoice, Reads, Value};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

use super::{artifacts, bytes, in_tests, render, start};

fn vectors<T: DeserializeOwned>(name: &str) -> T {
    let path = in_tests("vectors").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Values {
    values: Vec<ValueCase>,
    read: Vec<ValueCase>,
    refused: Vec<RefusedCase>,
    not_values: Vec<NotValueCase>,
}

#[derive(Deserialize)]
struct ValueCase {
    name: String,
    json: serde_json::Value,
    hex: String,
}

#[derive(Deserialize)]
struct RefusedCase {
    name: String,
    hex: String,
}

#[derive(Deserialize)]
struct NotValueCase {
    name: String,
    json: String,
}

fn json(value: &Value) -> serde_json::Value {
    serde_json::from_str(&value.to_json().unwrap()).unwrap()
}

#[test]
fn values_are_written_and_read_as_the_vectors_say() {
    for case in vectors::<Values>("values.json").values {
        let value = Value::from_json(&case.json.to_string()).unwrap();
        let mut written = Vec::new();
        value.encode(&mut written).unwrap();
        assert_eq!(written, bytes(&case.hex), "{}", case.name);
        assert_eq!(
            json(&Value::decode(&written).unwrap()),
            case.json,
            "{}",
            case.name
        );
    }
}

#[test]
fn what_only_a_reader_meets_is_read_as_the_vectors_say() {
    for case in vectors::<Values>("values.json").read {
        assert_eq!(
            json(&Value::decode(&bytes(&case.hex)).unwrap()),
            case.json,
            "{}",
            case.name
        );
    }
}

#[test]
fn what_is_no_value_is_refused_as_the_vectors_say() {
    let vectors: Values = vectors("values.json");
    for case in vectors.refused {
        assert!(Value::decode(&bytes(&case.hex)).is_err(), "{}", case.name);
    }
    for case in vectors.not_values {
        assert!(Value::from_json(&case.json).is_err(), "{}", case.name);
    }
}

#[derive(Deserialize)]
struct Renders {
    contexts: BTreeMap<String, Value>,
    cases: Vec<RenderCase>,
}

#[derive(Deserialize)]
struct RenderCase {
    name: String,
    component: String,
    id: String,
    props: Value,
    #[serde(default)]
    stores: Value,
    #[serde(default)]
    hydrate: String,
    #[serde(default = "default_context")]
    ctx: String,
    html: String,
    digest: String,
    acts: bool,
    slot: Option<usize>,
    #[serde(default)]
    path: bool,
    #[serde(default)]
    time: bool,
}

fn default_context() -> String {
    "en-IE".into()
}

fn conformance(lane: LaneChoice) -> Host {
    let components = Path::new(env!("CARGO_MANIFEST_DIR")).join("../components-go");
    let mut config = HostConfig::new(components, "conformance", artifacts());
    config.lane = lane;
    start(config)
}

#[test]
fn both_lanes_render_as_the_vectors_say() {
    let vectors: Renders = vectors("render.json");
    for lane in [LaneChoice::TinyGo, LaneChoice::Go] {
        let host = conformance(lane);
        for case in &vectors.cases {
            let batch = Batch {
                ctx: vectors.contexts[&case.ctx].clone(),
                stores: case.stores.clone(),
                islands: vec![IslandCall {
                    component: case.component.clone(),
                    id: case.id.clone(),
                    props: case.props.clone(),
                    hydrate: case.hydrate.clone(),
                }],
            };
            let rendered = render(&host, &batch);
            let IslandOutcome::Done(done) = &rendered.islands[0] else {
                panic!("{}: {:?}", case.name, rendered.islands)
            };
            assert_eq!(rendered.html, case.html, "{}", case.name);
            let found = (format!("{:016x}", done.digest), done.interactive, done.slot);
            assert_eq!(
                found,
                (case.digest.clone(), case.acts, case.slot),
                "{}",
                case.name
            );
            let Reads { path, time } = done.reads;
            assert_eq!((path, time), (case.path, case.time), "{}", case.name);
        }
    }
}

#[test]
fn islands_of_one_batch_are_what_they_are_alone() {
    let vectors: Renders = vectors("render.json");
    let cases: Vec<_> = vectors
        .cases
        .iter()
        .filter(|case| case.stores == Value::Null && case.ctx == default_context())
        .collect();
    let host = conformance(LaneChoice::TinyGo);
    let islands = cases.iter().map(|case| IslandCall {
        component: case.component.clone(),
        id: case.id.clone(),
        props: case.props.clone(),
        hydrate: case.hydrate.clone(),
    });
    let batch = Batch {
        ctx: vectors.contexts["en-IE"].clone(),
        stores: Value::Null,
        islands: islands.collect(),
    };
    let rendered = render(&host, &batch);
    for (at, case) in cases.iter().enumerate() {
        assert_eq!(
            rendered.island(at),
            Some(case.html.as_str()),
            "{}",
            case.name
        );
    }
}
