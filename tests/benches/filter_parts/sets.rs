//! Three bit sets of a million rows, each its own group: how many rows are in all of them.

use std::sync::Arc;

use protium_wasm::filter::{Chosen, Image, Query};
use serde_json::{Value, json};

use super::bench::{Bench, Figures, at_once, batches, same_totals};
use crate::filter_data::{self, COLOUR, SIZE, VENDOR};
use crate::filter_native::Native;
use crate::report::Fallible;
use crate::times::Times;

const ROWS: usize = 1 << 20;

pub fn measure(bench: &Bench) -> Fallible<Value> {
    let mut columns = filter_data::columns(ROWS);
    columns.groups = vec![1; ROWS];
    columns.orders = vec![(0..ROWS as u32).collect()];
    let image = Arc::new(Image::new(&columns)?);
    let native = Native::new(&columns);
    let sets: Vec<[(u16, u16); 3]> = (0..5_000)
        .map(|number| {
            [
                (VENDOR, number % 7),
                (SIZE, number % 10),
                (COLOUR, number % 3),
            ]
        })
        .collect();
    let query = |sets: &[(u16, u16); 3]| {
        let chosen = sets.iter().map(|(facet, value)| Chosen {
            facet: *facet,
            values: vec![*value],
        });
        let chosen = chosen.collect();
        Query {
            chosen,
            ..Query::default()
        }
    };
    let queries: Vec<Query> = sets.iter().map(query).collect();
    println!();
    Times::heading("three bit sets of 1 048 576 rows, and their count");
    let mut figures = Figures::new();
    let (times, counts) = batches(&sets, |sets| native.in_all(sets));
    times.show("Rust");
    figures.insert("Rust".to_owned(), times.json());
    for filter in bench.lanes(&image) {
        let name = filter.variant().name();
        let (times, found) = at_once(&filter, &queries)?;
        same_totals(name, &found, &counts)?;
        times.show(name);
        figures.insert(name.to_owned(), times.json());
    }
    Ok(json!(figures))
}
