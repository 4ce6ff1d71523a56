//! The shop's query by every lane and by Rust.

use std::sync::Arc;
use std::time::Instant;

use protium_wasm::filter::{Filter, Image, Query};
use serde_json::{Value, json};
use tokio::runtime::Builder;

use super::bench::{Bench, Figures, one_by_one, same};
use crate::filter_native::Native;
use crate::report::Fallible;
use crate::times::Times;

/// One query after another, and what a query takes when two filters on two threads answer half of
/// them each.
pub fn measure(
    bench: &Bench,
    image: &Arc<Image>,
    native: &mut Native,
    asked: &[(&str, Vec<Query>)],
) -> Fallible<Value> {
    let (lanes, others) = (bench.lanes(image), bench.lanes(image));
    let mut figures = Figures::new();
    for (selectivity, queries) in asked {
        println!();
        Times::heading(&format!("the shop's query, {selectivity} of the rows"));
        let (times, answers) = one_by_one(queries, |query| Ok(native.query(query)))?;
        times.show("Rust");
        figures.insert(format!("{selectivity}, Rust"), times.json());
        for (filter, other) in lanes.iter().zip(&others) {
            let name = filter.variant().name();
            // Tables of the module and the machine's caches are filled by the first ones.
            for query in queries.iter().take(20) {
                bench.ask(filter, query)?;
                bench.ask(other, query)?;
            }
            let (times, found) = one_by_one(queries, |query| bench.ask(filter, query))?;
            same(name, queries, &found, &answers)?;
            times.show(name);
            figures.insert(format!("{selectivity}, {name}"), times.json());
            let each = on_two_threads([filter, other], queries)?;
            println!("{:<44} {each:>9.1}", format!("{name}, two threads, mean"));
            figures.insert(format!("{selectivity}, {name}, two threads"), json!(each));
        }
    }
    Ok(json!(figures))
}

/// Microseconds for each query.
fn on_two_threads(filters: [&Filter; 2], queries: &[Query]) -> Fallible<f64> {
    let began = Instant::now();
    let halves = queries.chunks(queries.len().div_ceil(2));
    std::thread::scope(|scope| {
        let asking: Vec<_> = halves
            .zip(filters)
            .map(|(half, filter)| {
                scope.spawn(move || -> Result<(), String> {
                    let runtime = Builder::new_current_thread().build();
                    let runtime = runtime.map_err(|error| error.to_string())?;
                    for query in half {
                        let answer = runtime.block_on(filter.query(query.clone()));
                        answer.map_err(|error| error.to_string())?;
                    }
                    Ok(())
                })
            })
            .collect();
        for asking in asking {
            asking.join().map_err(|_| "a thread panicked")??;
        }
        Ok::<_, Box<dyn std::error::Error>>(())
    })?;
    Ok(began.elapsed().as_secs_f64() * 1e6 / queries.len() as f64)
}
