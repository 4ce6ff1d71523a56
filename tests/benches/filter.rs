//! The catalogue's filter over a million variants: the query that a shop asks, bit sets and scans
//! alone, and small filters; by lane, beside the same algorithm in Rust and beside other engines.
//!
//! `cargo bench -p tests --bench filter` prints a table and writes `target/bench/filter.json`. The
//! shop's query chooses vendors, sizes and a range of prices, counts five facets with 100 values in
//! all, each without its own choice, and takes the first 24 products by price. Answers of all are
//! compared: those of the lanes and of Rust in full, of the other engines the number of products.
//!
//! Standard Go's lanes need Go, the one with SIMD downloads Go 1.27. `PROTIUM_BENCH_PYTHON` names a
//! Python that has duckdb and polars (`pip install duckdb polars`; unset: they are left out);
//! tantivy is built here unless `PROTIUM_BENCH_TANTIVY=off`. `PROTIUM_BENCH_QUERIES` sets the
//! number of different queries (default 10 000), `PROTIUM_BENCH_ENGINE_QUERIES` that of engines
//! that take long (default 30), `PROTIUM_BENCH_ROWS` the rows (default 1 000 000).
//! `PROTIUM_BENCH_LANES` names the variants that are measured, such as `tinygo-simd,go`, and
//! `PROTIUM_BENCH_PARTS` the parts, of `shop,sets,scans,small,engines` (default: all).

use std::collections::HashSet;
use std::sync::Arc;

use protium_wasm::filter::{Columns, Image, Query};
use serde_json::json;

mod filter_data;
mod filter_engines;
mod filter_native;
mod filter_parts;
mod report;
mod times;

use filter_data::Queries;
use filter_native::Native;
use filter_parts::{Bench, scans, sets, shop, small};
use report::Fallible;

/// The part of the rows that a query selects, by its name in the table.
const SELECTIVITIES: [(&str, f64); 3] = [("0.01 %", 0.0001), ("1 %", 0.01), ("30 %", 0.3)];
const PARTS: &str = "shop,sets,scans,small,engines";

fn main() -> Fallible<()> {
    // Cargo asks every bench target for its tests.
    if report::is_for_tests() {
        return Ok(());
    }
    let parts = std::env::var("PROTIUM_BENCH_PARTS").unwrap_or_else(|_| PARTS.to_owned());
    let rows = report::number("PROTIUM_BENCH_ROWS", 1_000_000)? as usize;
    let number = report::number("PROTIUM_BENCH_QUERIES", 10_000)? as usize;
    let few = report::number("PROTIUM_BENCH_ENGINE_QUERIES", 30)? as usize;
    let bench = Bench::new()?;
    let columns = filter_data::columns(rows);
    let image = Arc::new(Image::new(&columns)?);
    let mut native = Native::new(&columns);
    println!(
        "{rows} variants of {} products, an image of {} bytes",
        columns.groups.len(),
        image.bytes().len()
    );
    let asked = SELECTIVITIES.map(|(name, part)| (name, different(&columns, part, number)));
    let few = asked.each_ref().map(|(name, queries)| {
        let queries = &queries[..queries.len().min(few)];
        (*name, queries)
    });
    let mut figures = serde_json::Map::new();
    for part in parts.split(',') {
        let measured = match part {
            "shop" => shop::measure(&bench, &image, &mut native, &asked)?,
            "sets" => sets::measure(&bench)?,
            "scans" => scans::measure(&bench, &columns, &image, &mut native)?,
            "small" => small::measure(&bench)?,
            "engines" => filter_engines::measure(&columns, &few, &mut native)?,
            _ => return Err(format!("PROTIUM_BENCH_PARTS: {part} is none of {PARTS}").into()),
        };
        figures.insert(part.to_owned(), measured);
    }
    report::write("filter", &json!(figures))
}

/// So many queries, no two the same.
fn different(columns: &Columns, part: f64, number: usize) -> Vec<Query> {
    let mut before = HashSet::new();
    let queries = Queries::new(columns, part);
    let new = queries.filter(|query| before.insert(format!("{query:?}")));
    new.take(number).collect()
}
