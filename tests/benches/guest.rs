//! What a guest instance costs, in both lanes.
//!
//! `cargo bench -p tests --bench guest` prints, and writes to `target/bench/guest.json`:
//!
//! - fresh: `Host::render` of a batch, which is a new instance, its input, one call, its output,
//!   and its end;
//! - warm: the same call into an instance that is kept, without a snapshot and without limits: what
//!   isolation is measured against;
//! - cold: a start with an empty artifact directory, and one that finds everything.
//!
//! `PROTIUM_BENCH_CALLS` sets the number of calls (default 20000).

mod report;
mod times;

use std::path::Path;
use std::time::{Duration, Instant};

use protium_wasm::{Batch, Component, Host, HostConfig, IslandCall, LaneChoice, PropType, Value};
use serde_json::json;
use wasmtime::{Engine, Linker, Module, Store};
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::p1::{self, WasiP1Ctx};

use report::Fallible;
use times::Times;

/// Cards on a page of products.
const CARDS: usize = 24;

fn main() -> Fallible<()> {
    // Cargo asks every bench target for its tests.
    if report::is_for_tests() {
        return Ok(());
    }
    let calls = usize::try_from(report::number("PROTIUM_BENCH_CALLS", 20_000)?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    Times::heading("a batch of islands, rendered by one instance");
    let tinygo = lane(&runtime, LaneChoice::TinyGo, calls)?;
    let go = lane(&runtime, LaneChoice::Go, calls)?;
    report::write("guest", &json!({"tinygo": tinygo, "go": go}))
}

fn lane(
    runtime: &tokio::runtime::Runtime,
    lane: LaneChoice,
    calls: usize,
) -> Fallible<serde_json::Value> {
    let directory = tempfile::tempdir()?;
    let start = || {
        let components = Path::new(env!("CARGO_MANIFEST_DIR")).join("../components-go");
        let mut config = HostConfig::new(components, "store", directory.path().join("artifacts"));
        config.lane = lane;
        let began = Instant::now();
        let host = runtime.block_on(Host::start(config))?;
        Ok::<_, Box<dyn std::error::Error>>((host, began.elapsed()))
    };
    let (_, cold) = start()?;
    let (host, kept) = start()?;
    let name = host.lane().name();

    let small = batch(&host, "quantity-stepper", 1)?;
    let page = batch(&host, "product-card", CARDS)?;
    let mut report = serde_json::Map::new();
    for (what, batch, calls) in [
        ("one small island", &small, calls),
        ("24 product cards", &page, calls / 4),
    ] {
        let fresh = runtime.block_on(fresh(&host, batch, calls))?;
        fresh.show(&format!("{name}, {what}, fresh instance"));
        let warm = warm(&host, batch, calls)?;
        warm.show(&format!("{name}, {what}, kept instance"));
        report.insert(
            what.to_owned(),
            json!({"fresh_us": fresh.json(), "warm_us": warm.json()}),
        );
    }
    let module = host.browser_module();
    println!(
        "{name}: start without artifacts {:.0} ms, with them {:.1} ms",
        millis(cold),
        millis(kept)
    );
    let compressed = module.compressed.as_ref().ok_or("not compressed")?;
    println!(
        "{name}: module {} bytes, brotli {}, gzip {}",
        module.wasm.len(),
        compressed.brotli.len(),
        compressed.gzip.len()
    );
    report.insert("cold_ms".to_owned(), json!(millis(cold)));
    report.insert("start_ms".to_owned(), json!(millis(kept)));
    report.insert("wasm_bytes".to_owned(), json!(module.wasm.len()));
    report.insert("brotli_bytes".to_owned(), json!(compressed.brotli.len()));
    Ok(report.into())
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// So many islands of one component, with props that are made up from their types.
fn batch(host: &Host, component: &str, count: usize) -> Fallible<Batch> {
    let component = host
        .manifest()
        .component(component)
        .ok_or("the store lacks a component")?;
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/render.json");
    let vectors = Value::from_json(&std::fs::read_to_string(vectors)?)?;
    let ctx = vectors
        .get("contexts")
        .and_then(|contexts| contexts.get("en-IE"))
        .and_then(Value::as_record)
        .ok_or("no context")?
        .to_vec();
    // As in a shop: the locale's table, which is the same in every context, is held in its encoded
    // form.
    let ctx = ctx
        .into_iter()
        .map(|(name, value)| Ok((name, value.shared()?)))
        .collect::<Fallible<_>>()?;
    let islands = (1..=count).map(|at| island(component, at)).collect();
    Ok(Batch {
        ctx: Value::Record(ctx),
        stores: Value::Null,
        islands,
    })
}

fn island(component: &Component, at: usize) -> IslandCall {
    let props = component
        .props
        .iter()
        .map(|prop| (prop.name.clone(), made_up(&prop.kind)));
    IslandCall {
        component: component.name.clone(),
        id: format!("{}-{at}", component.name),
        props: Value::record(props),
        hydrate: "load".to_owned(),
    }
}

fn made_up(kind: &PropType) -> Value {
    match kind {
        PropType::Bool => Value::Bool(true),
        PropType::Int32 | PropType::Int64 => Value::Int(3),
        PropType::Money => Value::Int(124_900),
        PropType::Text => Value::from("Linen shirt, washed & soft"),
        PropType::List(of) => Value::List(vec![made_up(of), made_up(of)]),
        PropType::Record(fields) => Value::record(
            fields
                .iter()
                .map(|field| (field.name.clone(), made_up(&field.kind))),
        ),
    }
}

async fn fresh(host: &Host, batch: &Batch, calls: usize) -> Fallible<Times> {
    let mut times = Vec::with_capacity(calls);
    for call in 0..calls + calls / 10 {
        let began = Instant::now();
        let rendered = host.render(batch).await?;
        let time = began.elapsed();
        if rendered.island(batch.islands.len() - 1).is_none() {
            return Err(format!("not rendered: {:?}", rendered.islands.last()).into());
        }
        if call >= calls / 10 {
            times.push(time);
        }
    }
    Ok(Times::of(times))
}

/// Calls `go_render` of one instance again and again. It has WASI where the lane wants it.
fn warm(host: &Host, batch: &Batch, calls: usize) -> Fallible<Times> {
    let engine = Engine::default();
    let module = Module::new(&engine, &host.browser_module().wasm)?;
    let mut linker: Linker<WasiP1Ctx> = Linker::new(&engine);
    p1::add_to_linker_sync(&mut linker, |wasi| wasi)?;
    let mut store = Store::new(&engine, WasiCtxBuilder::new().build_p1());
    let instance = linker.instantiate(&mut store, &module)?;
    instance
        .get_typed_func::<(), ()>(&mut store, "_initialize")?
        .call(&mut store, ())?;
    let alloc = instance.get_typed_func::<u32, u32>(&mut store, "go_alloc")?;
    let render = instance.get_typed_func::<u32, u32>(&mut store, "go_render")?;
    let memory = instance
        .get_memory(&mut store, "memory")
        .ok_or("no memory")?;

    let islands = batch.islands.iter().map(|island| {
        Value::record([
            ("c", Value::from(island.component.as_str())),
            ("id", Value::from(island.id.as_str())),
            ("p", island.props.clone()),
            ("h", Value::from(island.hydrate.as_str())),
        ])
    });
    let message = Value::record([
        ("ctx", batch.ctx.clone()),
        ("islands", Value::List(islands.collect())),
    ]);
    let mut times = Vec::with_capacity(calls);
    let mut input = Vec::new();
    for call in 0..calls + calls / 10 {
        let began = Instant::now();
        input.clear();
        message.encode(&mut input)?;
        let length = u32::try_from(input.len())?;
        let at = alloc.call(&mut store, length)?;
        memory.write(&mut store, at as usize, &input)?;
        let status = render.call(&mut store, length)?;
        let time = began.elapsed();
        if status != 0 {
            return Err("the guest refused the input".into());
        }
        if call >= calls / 10 {
            times.push(time);
        }
    }
    Ok(Times::of(times))
}
