//! What all parts use: filters by lane, and times of many calls.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use protium_wasm::filter::{Answer, Filter, FilterSetup, Image, Query};
use protium_wasm::{Lane, LaneChoice, Variant};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::report::{self, Fallible};
use crate::times::Times;

/// Calls whose time is taken together.
const BATCH: usize = 50;

/// Figures by what was measured.
pub type Figures = BTreeMap<String, Value>;

pub struct Bench {
    runtime: Runtime,
    /// The variants that are measured; all if there are none.
    lanes: Vec<String>,
}

impl Bench {
    pub fn new() -> Fallible<Bench> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let lanes = std::env::var("PROTIUM_BENCH_LANES").unwrap_or_default();
        let lanes = lanes.split(',').filter(|name| !name.is_empty());
        let lanes = lanes.map(str::to_owned).collect();
        Ok(Bench { runtime, lanes })
    }

    /// A filter of each lane that can be built here.
    pub fn lanes(&self, image: &Arc<Image>) -> Vec<Filter> {
        let mut lanes = Vec::new();
        for lane in [Lane::TinyGo, Lane::Go] {
            for simd in [true, false] {
                let name = Variant { lane, simd }.name();
                if !self.lanes.is_empty() && !self.lanes.iter().any(|chosen| chosen == name) {
                    continue;
                }
                match self.open(lane, simd, Arc::clone(image)) {
                    Ok(filter) => lanes.push(filter),
                    Err(error) => println!("{name}: {error}"),
                }
            }
        }
        lanes
    }

    fn open(&self, lane: Lane, simd: bool, image: Arc<Image>) -> Fallible<Filter> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let artifacts = report::target().join("filter-artifacts");
        let setup = FilterSetup {
            lane: match lane {
                Lane::TinyGo => LaneChoice::TinyGo,
                Lane::Go => LaneChoice::Go,
            },
            simd,
            deadline: Duration::from_secs(10),
            ..FilterSetup::new(root.join("../components-go"), artifacts)
        };
        let filter = self.runtime.block_on(Filter::open(setup, image))?;
        let opened = filter.variant();
        match opened == (Variant { lane, simd }) {
            true => Ok(filter),
            false => Err(format!("{} was opened instead", opened.name()).into()),
        }
    }

    pub fn ask(&self, filter: &Filter, query: &Query) -> Fallible<Answer> {
        Ok(self.runtime.block_on(filter.query(query.clone()))?)
    }
}

/// Times of a query when there is always another one waiting: what the module does, without the
/// change of threads for each query. This thread looks for answers instead of being woken.
pub fn at_once(filter: &Filter, queries: &[Query]) -> Fallible<(Times, Vec<Answer>)> {
    let mut context = Context::from_waker(Waker::noop());
    let mut times = Vec::new();
    let mut answers = Vec::new();
    for batch in queries.chunks(BATCH) {
        let asked = batch.iter().cloned();
        let mut waiting: Vec<_> = asked.map(|query| Box::pin(filter.query(query))).collect();
        let mut found: Vec<_> = batch.iter().map(|_| None).collect();
        let mut look = |number: usize| {
            if found[number].is_none()
                && let Poll::Ready(answer) = waiting[number].as_mut().poll(&mut context)
            {
                found[number] = Some(answer);
            }
            found[number].is_some()
        };
        let began = Instant::now();
        // The first look sends a query; they are answered in their order.
        for number in 0..batch.len() {
            look(number);
        }
        while !look(batch.len() - 1) {
            std::hint::spin_loop();
        }
        times.push(began.elapsed() / batch.len() as u32);
        for number in 0..batch.len() {
            look(number);
        }
        for answer in found {
            answers.push(answer.ok_or("a query was answered before an earlier one")??);
        }
    }
    Ok((Times::of(times), answers))
}

/// The time of each query, one after another.
pub fn one_by_one(
    queries: &[Query],
    mut ask: impl FnMut(&Query) -> Fallible<Answer>,
) -> Fallible<(Times, Vec<Answer>)> {
    let mut times = Vec::with_capacity(queries.len());
    let mut answers = Vec::with_capacity(queries.len());
    for query in queries {
        let began = Instant::now();
        let answer = ask(query)?;
        times.push(began.elapsed());
        answers.push(answer);
    }
    Ok((Times::of(times), answers))
}

/// Times of a call, of many together, and what they returned.
pub fn batches<Q, R>(queries: &[Q], mut ask: impl FnMut(&Q) -> R) -> (Times, Vec<R>) {
    let mut times = Vec::new();
    let mut results = Vec::new();
    for batch in queries.chunks(BATCH) {
        let began = Instant::now();
        for query in batch {
            results.push(black_box(ask(query)));
        }
        times.push(began.elapsed() / batch.len() as u32);
    }
    (Times::of(times), results)
}

/// Whether answers to these queries are the expected ones.
pub fn same(what: &str, queries: &[Query], found: &[Answer], expected: &[Answer]) -> Fallible<()> {
    let mut all = queries.iter().zip(found.iter().zip(expected));
    match all.find(|(_, (found, expected))| found != expected) {
        None => Ok(()),
        Some((query, (found, expected))) => {
            Err(format!("{what}: {found:?} instead of {expected:?} to {query:?}").into())
        }
    }
}

/// Whether as many products were found as expected, by each of these queries.
pub fn same_totals(what: &str, found: &[Answer], expected: &[u32]) -> Fallible<()> {
    let found = found.iter().map(|answer| answer.total);
    match found.eq(expected.iter().copied()) {
        true => Ok(()),
        false => Err(format!("{what}: another number of products is found").into()),
    }
}
