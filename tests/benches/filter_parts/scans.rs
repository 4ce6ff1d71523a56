//! Ranges of three columns of numbers.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use protium_wasm::filter::{Columns, Image, Query, RankRange};
use serde_json::{Value, json};

use super::bench::{Bench, Figures, at_once, batches, same_totals};
use crate::filter_data::{DAY, PRICE, RANKS, Random, SOLD};
use crate::filter_native::Native;
use crate::report::Fallible;
use crate::times::Times;

/// The columns: two of 16 bits, one of 32.
const COLUMNS: [u16; 3] = [PRICE, DAY, SOLD];
const BYTES: usize = 2 + 2 + 4;

pub fn measure(
    bench: &Bench,
    columns: &Columns,
    image: &Arc<Image>,
    native: &mut Native,
) -> Fallible<Value> {
    let mut figures = Figures::new();
    let bandwidth = bandwidth();
    println!("\nreading memory: {bandwidth:.1} GB/s");
    figures.insert("memory, GB/s".to_owned(), json!(bandwidth));
    for (what, part) in [("a third", 3), ("a hundredth", 100), ("a thousandth", 1000)] {
        let queries = queries(part);
        println!();
        Times::heading(&format!(
            "ranges of three columns, {what} of the ranks each"
        ));
        let (times, totals) = batches(&queries, |query| native.query(query).total);
        times.show("Rust");
        figures.insert(format!("{what}, Rust"), times.json());
        for filter in bench.lanes(image) {
            let name = filter.variant().name();
            let (times, found) = at_once(&filter, &queries)?;
            same_totals(name, &found, &totals)?;
            times.show(name);
            figures.insert(format!("{what}, {name}"), times.json());
            let of_memory = (columns.rows() * BYTES) as f64 / times.percentile(50) / 1e3;
            println!("{:>54.0} % of the memory's", of_memory / bandwidth * 100.0);
            figures.insert(format!("{what}, {name}, GB/s"), json!(of_memory));
        }
    }
    Ok(json!(figures))
}

/// Ranges of so many of the ranks.
fn queries(part: usize) -> Vec<Query> {
    let mut random = Random(3);
    let mut range = |column: u16| {
        let known = RANKS[usize::from(column)];
        let width = known / part;
        let from = random.below(known - width) as u32;
        let to = from + width as u32;
        RankRange { column, from, to }
    };
    let query = |_| Query {
        ranges: COLUMNS.into_iter().map(&mut range).collect(),
        ..Query::default()
    };
    (0..1_000).map(query).collect()
}

/// How fast a gibibyte is read, in GB/s: the sum of its words, the best of some times.
fn bandwidth() -> f64 {
    let words: Vec<u64> = (0..1 << 27).collect();
    let seconds = (0..5).map(|_| {
        let began = Instant::now();
        black_box(black_box(&words).iter().copied().fold(0, u64::wrapping_add));
        began.elapsed().as_secs_f64()
    });
    (8 * words.len()) as f64 / seconds.fold(f64::MAX, f64::min) / 1e9
}
