//! One engine for all modules of a process: component hosts of two releases and edge modules.

use std::path::{Path, PathBuf};
use std::time::Duration;

use protium_wasm::functions::{Edge, EdgeError, EdgeSetup};
use protium_wasm::{
    Batch, Engine, EngineConfig, GuestError, Host, HostConfig, IslandCall, Limits, ModuleError,
    Pool, RunLimits, Value,
};

use super::hostile::{aggregator, guests, hostile};
use super::{LANES, in_tests, of_sku, runtime};

fn artifacts() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("guest-artifacts")
}

/// One instance of components at one time, and two of edge modules.
fn small() -> EngineConfig {
    let functions = RunLimits {
        instances: 2,
        ..RunLimits::default()
    };
    let pool = Pool {
        instances: 1,
        ..Pool::default()
    };
    EngineConfig::new(&Limits::default(), &pool).with_functions([&functions])
}

fn components() -> HostConfig {
    let mut config = HostConfig::new(in_tests("guests/hostile"), "hostile", artifacts());
    config.limits = Limits {
        cpu_ms: 3_000,
        wall_ms: 3_000,
        queue_ms: 20,
        ..Limits::default()
    };
    config
}

fn edge_modules() -> EdgeSetup {
    let mut setup = guests(LANES[0]);
    let module = hostile(&aggregator().url());
    setup.modules.insert("hostile".into(), module);
    setup
}

fn batch(component: &str) -> Batch {
    let island = IslandCall {
        component: component.to_owned(),
        id: format!("{component}-1"),
        props: Value::Null,
        hydrate: "load".to_owned(),
    };
    Batch {
        islands: vec![island],
        ..Batch::default()
    }
}

#[test]
fn hosts_and_edge_modules_share_an_engine_and_its_pool() {
    let engine = Engine::new(&small()).unwrap();
    let (old, new, edge) = runtime().block_on(async {
        let old = Host::start_on(&engine, components()).await.unwrap();
        let new = Host::start_on(&engine, components()).await.unwrap();
        let edge = Edge::open_on(&engine, edge_modules()).await.unwrap();
        (old, new, edge)
    });
    let is_rendered = |rendered: Result<protium_wasm::Rendered, GuestError>| {
        rendered.is_ok_and(|rendered| !rendered.has_failed())
    };
    runtime().block_on(async {
        assert!(is_rendered(old.render(&batch("fine")).await));
        assert!(is_rendered(new.render(&batch("fine")).await));
        let looping = batch("loop");
        let meanwhile = async {
            while engine.instances().0 == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            let busy = new.render(&batch("fine")).await;
            let answer = edge.run("hostile", &of_sku("fine", "eu-1")).await;
            (busy, answer)
        };
        let (ended, (busy, answer)) = tokio::join!(old.render(&looping), meanwhile);
        drop(old);
        assert!(ended.unwrap().has_failed());
        assert!(matches!(busy, Err(GuestError::Busy { .. })), "{busy:?}");
        assert!(answer.is_ok(), "{answer:?}");
        assert!(is_rendered(new.render(&batch("fine")).await));
        assert_eq!(engine.instances().0, 0);
    });
}

#[test]
fn instances_that_wait_for_their_next_run_count_and_go_with_their_release() {
    let engine = Engine::new(&small()).unwrap();
    let mut setup = edge_modules();
    for module in setup.modules.values_mut() {
        module.reuse = 10;
    }
    runtime().block_on(async {
        let edge = Edge::open_on(&engine, setup).await.unwrap();
        let run = of_sku("fine", "eu-1");
        assert!(edge.run("hostile", &run).await.is_ok());
        assert_eq!(engine.instances().1, 1);
        drop(edge);
        assert_eq!(engine.instances().1, 0);
    });
}

#[test]
fn a_module_that_the_pool_has_no_room_for_is_refused() {
    let engine = Engine::new(&small()).unwrap();
    let mut config = components();
    config.limits.memory_bytes = 128 << 20;
    let error = runtime().block_on(Host::start_on(&engine, config)).err();
    assert!(matches!(error, Some(GuestError::PoolMemory { .. })));
    let mut setup = edge_modules();
    for module in setup.modules.values_mut() {
        module.limits.memory_bytes = 128 << 20;
    }
    let error = runtime().block_on(Edge::open_on(&engine, setup)).err();
    assert!(matches!(
        error,
        Some(EdgeError::Module {
            source: ModuleError::Guest(GuestError::PoolMemory { .. }),
            ..
        })
    ));
}
