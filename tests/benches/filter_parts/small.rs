//! Filters of 1 000 variants, one range of numbers of 32 bits.

use std::sync::Arc;

use protium_wasm::filter::{Columns, Image, Query, RankRange};
use serde_json::{Value, json};

use super::bench::{Bench, Figures, at_once, batches, same_totals};
use crate::filter_data::Random;
use crate::filter_native::Native;
use crate::report::Fallible;

const ROWS: usize = 1_000;

pub fn measure(bench: &Bench) -> Fallible<Value> {
    let mut random = Random(9);
    let columns = Columns {
        groups: vec![1; ROWS],
        ranks: vec![(0..ROWS).map(|_| random.below(1 << 20) as u32).collect()],
        orders: vec![(0..ROWS as u32).collect()],
        ..Columns::default()
    };
    let image = Arc::new(Image::new(&columns)?);
    let queries: Vec<Query> = (0..50_000)
        .map(|_| {
            let from = random.below(1 << 19) as u32;
            let range = RankRange {
                column: 0,
                from,
                to: from + (1 << 18),
            };
            Query {
                ranges: vec![range],
                ..Query::default()
            }
        })
        .collect();
    println!("\n1 000 variants, one range of 32-bit numbers: queries/s");
    let mut figures = Figures::new();
    let mut show = |name: &str, micros: f64| {
        let per_second = 1e6 / micros;
        println!("{name:<44} {per_second:>9.0}");
        figures.insert(name.to_owned(), json!(per_second));
    };
    let mut native = Native::new(&columns);
    let (times, totals) = batches(&queries, |query| native.query(query).total);
    show("Rust", times.percentile(50));
    for filter in bench.lanes(&image) {
        let name = filter.variant().name();
        let (times, found) = at_once(&filter, &queries)?;
        same_totals(name, &found, &totals)?;
        show(name, times.percentile(50));
    }
    Ok(json!(figures))
}
