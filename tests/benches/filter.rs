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

use std::collections::BTreeMap;
use std::fmt::Write;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use protium_wasm::LaneChoice;
use protium_wasm::filter::{
    Answer, Chosen, Columns, Facet, Filter, FilterSetup, Image, Query, RankRange,
};
use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

mod filter_data;
mod filter_native;
mod report;
mod times;

use filter_data::{COLOUR, DAY, PRICE, Queries, RANKS, SIZE, SOLD, TAG, TYPE, VENDOR};
use filter_native::Native;
use report::Fallible;
use times::Times;

/// The part of the rows that a query selects, by its name in the table.
const SELECTIVITIES: [(&str, f64); 3] = [("0.01 %", 0.0001), ("1 %", 0.01), ("30 %", 0.3)];
/// Rows of the path of bit sets alone.
const BITS: usize = 1 << 20;

fn main() -> Fallible<()> {
    // Cargo asks every bench target for its tests.
    if report::is_for_tests() {
        return Ok(());
    }
    let bench = Bench {
        runtime: Builder::new_current_thread().enable_all().build()?,
        queries: report::number("PROTIUM_BENCH_QUERIES", 10_000)? as usize,
        few: report::number("PROTIUM_BENCH_ENGINE_QUERIES", 30)? as usize,
        rows: report::number("PROTIUM_BENCH_ROWS", 1_000_000)? as usize,
        directory: tempfile::tempdir()?,
    };
    let columns = filter_data::columns(bench.rows);
    let image = Arc::new(Image::new(&columns)?);
    println!(
        "{} variants of {} products, an image of {} bytes",
        bench.rows,
        columns.groups.len(),
        image.bytes().len()
    );
    let asked: Vec<(&str, Vec<Query>)> = SELECTIVITIES
        .iter()
        .map(|(name, part)| {
            (
                *name,
                Queries::new(&columns, *part).take(bench.queries).collect(),
            )
        })
        .collect();
    let mut lanes = Vec::new();
    for lane in [LaneChoice::Auto, LaneChoice::Go] {
        for simd in [true, false] {
            match bench.open(lane, simd, Arc::clone(&image)) {
                Ok(filter) => lanes.push(filter),
                Err(error) => println!("{lane:?}, SIMD {simd}: {error}"),
            }
        }
    }
    let mut native = Native::new(&columns);
    let shop = bench.shop(&lanes, &mut native, &asked)?;
    let sets = bench.sets()?;
    let scans = bench.scans(&lanes, &columns)?;
    let small = bench.small()?;
    let engines = bench.engines(&columns, &asked, &mut native)?;
    report::write(
        "filter",
        &json!({"shop": shop, "sets": sets, "scans": scans, "small": small, "engines": engines}),
    )
}

struct Bench {
    runtime: Runtime,
    queries: usize,
    few: usize,
    rows: usize,
    directory: tempfile::TempDir,
}

impl Bench {
    fn open(&self, lane: LaneChoice, simd: bool, image: Arc<Image>) -> Fallible<Filter> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let artifacts = report::target().join("filter-artifacts");
        let setup = FilterSetup {
            lane,
            simd,
            deadline: Duration::from_secs(10),
            ..FilterSetup::new(root.join("../components-go"), artifacts)
        };
        Ok(self.runtime.block_on(Filter::open(setup, image))?)
    }

    fn ask(&self, filter: &Filter, query: &Query) -> Fallible<Answer> {
        Ok(self.runtime.block_on(filter.query(query.clone()))?)
    }

    /// The shop's query by every lane, one query after another and from two filters at once, and by
    /// Rust.
    fn shop(
        &self,
        lanes: &[Filter],
        native: &mut Native,
        asked: &[(&str, Vec<Query>)],
    ) -> Fallible<Value> {
        let mut report = BTreeMap::new();
        for (selectivity, queries) in asked {
            println!();
            Times::heading(&format!("the shop's query, {selectivity} of the rows"));
            let mut answers = Vec::new();
            let times = measured(queries, |query| {
                answers.push(native.query(query));
                Ok(())
            })?;
            times.show("Rust");
            report.insert(format!("{selectivity}, Rust"), times.json());
            for filter in lanes {
                let mut expected = answers.iter();
                let times = measured(queries, |query| {
                    let answer = self.ask(filter, query)?;
                    match expected.next() == Some(&answer) {
                        true => Ok(()),
                        false => Err(format!("another answer to {query:?}").into()),
                    }
                })?;
                let name = filter.variant().name();
                times.show(name);
                report.insert(format!("{selectivity}, {name}"), times.json());
            }
        }
        Ok(json!(report))
    }

    /// Three bit sets of a million rows, each its own group: how many rows are in all of them.
    fn sets(&self) -> Fallible<Value> {
        let mut columns = filter_data::columns(BITS);
        columns.groups = vec![1; BITS];
        columns.orders = vec![(0..BITS as u32).collect()];
        let image = Arc::new(Image::new(&columns)?);
        let native = Native::new(&columns);
        let sets: Vec<[(u16, u16); 3]> = (0..1_000)
            .map(|number| {
                [
                    (VENDOR, number % 7),
                    (SIZE, number % 10),
                    (COLOUR, number % 3),
                ]
            })
            .collect();
        println!();
        Times::heading("three bit sets of 1 048 576 rows, and their count");
        let mut report = BTreeMap::new();
        let (times, counts) = batches(&sets, |sets| Ok(native.in_all(sets)))?;
        times.show("Rust");
        report.insert("Rust".to_owned(), times.json());
        for (lane, simd) in [(LaneChoice::Auto, true), (LaneChoice::Auto, false)] {
            let filter = self.open(lane, simd, Arc::clone(&image))?;
            let query = |sets: &[(u16, u16); 3]| Query {
                chosen: sets
                    .iter()
                    .map(|(facet, value)| Chosen {
                        facet: *facet,
                        values: vec![*value],
                    })
                    .collect(),
                ..Query::default()
            };
            let (times, found) =
                self.at_once(&filter, &sets.iter().map(query).collect::<Vec<_>>())?;
            if found
                .iter()
                .map(|answer| answer.total)
                .ne(counts.iter().copied())
            {
                return Err("bit sets have another count".into());
            }
            let name = filter.variant().name();
            times.show(name);
            report.insert(name.to_owned(), times.json());
        }
        Ok(json!(report))
    }

    /// Three columns of numbers, each with a range.
    fn scans(&self, lanes: &[Filter], columns: &Columns) -> Fallible<Value> {
        let mut random = filter_data::Random(3);
        let queries: Vec<Query> = (0..1_000)
            .map(|_| Query {
                ranges: [PRICE, DAY, SOLD]
                    .into_iter()
                    .map(|column| {
                        let known = RANKS[usize::from(column)];
                        let from = random.below(known / 2) as u32;
                        RankRange {
                            column,
                            from,
                            to: from + known as u32 / 3,
                        }
                    })
                    .collect(),
                ..Query::default()
            })
            .collect();
        println!();
        Times::heading("ranges of three columns of a million numbers");
        let mut report = BTreeMap::new();
        let mut native = Native::new(columns);
        let (times, totals) = batches(&queries, |query| Ok(native.query(query).total))?;
        times.show("Rust");
        report.insert("Rust".to_owned(), times.json());
        for filter in lanes {
            let (times, found) = self.at_once(filter, &queries)?;
            if found
                .iter()
                .map(|answer| answer.total)
                .ne(totals.iter().copied())
            {
                return Err("scans find something else".into());
            }
            let name = filter.variant().name();
            times.show(name);
            report.insert(name.to_owned(), times.json());
        }
        Ok(json!(report))
    }

    /// Filters of 1 000 variants, one predicate over numbers of 32 bits.
    fn small(&self) -> Fallible<Value> {
        let mut random = filter_data::Random(9);
        let rows = 1_000;
        let columns = Columns {
            groups: vec![1; rows],
            ranks: vec![(0..rows).map(|_| random.below(1 << 20) as u32).collect()],
            ..Columns::default()
        };
        let image = Arc::new(Image::new(&columns)?);
        let queries: Vec<Query> = (0..20_000)
            .map(|_| {
                let from = random.below(1 << 19) as u32;
                let to = from + (1 << 18);
                let column = 0;
                Query {
                    ranges: vec![RankRange { column, from, to }],
                    ..Query::default()
                }
            })
            .collect();
        println!("\n1 000 variants, one range of 32-bit numbers: queries/s");
        let mut report = BTreeMap::new();
        for lane in [LaneChoice::Auto, LaneChoice::Go] {
            for simd in [true, false] {
                let filter = self.open(lane, simd, Arc::clone(&image))?;
                let (times, _) = self.at_once(&filter, &queries)?;
                let per_second = 1e6 / times.percentile(50);
                let name = filter.variant().name();
                println!("{name:<44} {per_second:>9.0}");
                report.insert(name, per_second);
            }
        }
        Ok(json!(report))
    }

    /// Times of a query when there is always another one waiting: what the module does, without the
    /// change of threads for each query.
    fn at_once(&self, filter: &Filter, queries: &[Query]) -> Fallible<(Times, Vec<Answer>)> {
        /// Queries whose time is taken together.
        const BATCH: usize = 50;
        let mut times = Vec::new();
        let mut answers = Vec::new();
        for batch in queries.chunks(BATCH) {
            let began = Instant::now();
            let found: Result<Vec<Answer>, _> = self.runtime.block_on(async {
                let mut waiting = tokio::task::JoinSet::new();
                for (number, query) in batch.iter().cloned().enumerate() {
                    let filter = filter.clone();
                    waiting.spawn(async move { (number, filter.query(query).await) });
                }
                let mut found = waiting.join_all().await;
                found.sort_by_key(|(number, _)| *number);
                found.into_iter().map(|(_, answer)| answer).collect()
            });
            times.push(began.elapsed() / batch.len() as u32);
            answers.extend(found?);
        }
        Ok((Times::of(times), answers))
    }

    /// SQLite, DuckDB, Polars and tantivy.
    fn engines(
        &self,
        columns: &Columns,
        asked: &[(&str, Vec<Query>)],
        native: &mut Native,
    ) -> Fallible<Value> {
        let mut report = BTreeMap::new();
        self.write_rows(columns, asked)?;
        let sqlite = Sqlite::new(columns)?;
        println!();
        Times::heading("other engines, the shop's query");
        for (selectivity, queries) in asked {
            let queries = &queries[..queries.len().min(self.few)];
            let times = measured(queries, |query| {
                let found = sqlite.answer(query)?;
                same(found, native.query(query).total)
            })?;
            times.show(&format!("SQLite, {selectivity}"));
            report.insert(format!("SQLite, {selectivity}"), times.json());
        }
        for threads in ["1", "2"] {
            for output in [self.python(threads)?, self.tantivy(threads)?] {
                let Some(engines) = output.as_ref().and_then(Value::as_object) else {
                    continue;
                };
                for (engine, measured) in engines {
                    for (selectivity, queries) in asked {
                        let of = &measured[*selectivity];
                        let numbers = |key: &str| -> Vec<f64> {
                            let values = of[key].as_array().into_iter().flatten();
                            values.filter_map(Value::as_f64).collect()
                        };
                        for (found, query) in numbers("found").iter().zip(queries) {
                            same(*found as u32, native.query(query).total)?;
                        }
                        let times = Times::from_micros(numbers("ms").iter().map(|ms| ms * 1e3));
                        let what = format!("{engine}, {threads} threads, {selectivity}");
                        times.show(&what);
                        report.insert(what, times.json());
                    }
                }
            }
        }
        Ok(json!(report))
    }

    /// Writes the rows and the queries for programs of other languages.
    fn write_rows(&self, columns: &Columns, asked: &[(&str, Vec<Query>)]) -> Fallible<()> {
        let mut rows = String::from("product,vendor,type,size,colour,price\n");
        let mut tags = String::from("product,tag\n");
        let mut product_before = None;
        for row in rows_of(columns) {
            let Row {
                product, numbers, ..
            } = row;
            let [vendor, kind, size, colour, price] = numbers;
            writeln!(rows, "{product},{vendor},{kind},{size},{colour},{price}")?;
            if product_before.replace(product) != Some(product) {
                for tag in &row.tags {
                    writeln!(tags, "{product},{tag}")?;
                }
            }
        }
        let queries: BTreeMap<_, Vec<Value>> = asked
            .iter()
            .map(|(name, queries)| {
                let queries = queries.iter().take(self.few);
                let written = queries.map(|query| {
                    let RankRange { from, to, .. } = query.ranges[0];
                    let [vendor, size] = [0, 1].map(|chosen| &query.chosen[chosen].values);
                    json!({"vendor": vendor, "size": size, "price": [from, to]})
                });
                (name, written.collect())
            })
            .collect();
        let write =
            |name: &str, text: String| std::fs::write(self.directory.path().join(name), text);
        write("rows.csv", rows)?;
        write("tags.csv", tags)?;
        write("queries.json", json!(queries).to_string())?;
        Ok(())
    }

    fn python(&self, threads: &str) -> Fallible<Option<Value>> {
        let Some(python) = std::env::var_os("PROTIUM_BENCH_PYTHON") else {
            return Ok(None);
        };
        let mut command = Command::new(python);
        command.arg(in_benches("filter_engines.py"));
        command.arg(self.directory.path()).arg(threads);
        json_of(&mut command).map(Some)
    }

    /// tantivy, in a project of its own: it is a third of the workspace's dependencies.
    fn tantivy(&self, threads: &str) -> Fallible<Option<Value>> {
        if std::env::var("PROTIUM_BENCH_TANTIVY").is_ok_and(|set| set == "off") {
            return Ok(None);
        }
        let mut command = Command::new(env!("CARGO"));
        command.args(["run", "--quiet", "--release", "--locked", "--target-dir"]);
        command.arg(report::target().join("bench-tantivy"));
        command.args(["--", &self.directory.path().display().to_string(), threads]);
        command.current_dir(in_benches("filter_tantivy"));
        json_of(&mut command).map(Some)
    }
}

fn in_benches(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("benches")
        .join(path)
}

fn json_of(command: &mut Command) -> Fallible<Value> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn same(found: u32, expected: u32) -> Fallible<()> {
    match found == expected {
        true => Ok(()),
        false => Err(format!("{found} products instead of {expected}").into()),
    }
}

/// The time of each query, one after another; the first few are asked before too.
fn measured(queries: &[Query], mut ask: impl FnMut(&Query) -> Fallible<()>) -> Fallible<Times> {
    let mut times = Vec::with_capacity(queries.len());
    for query in queries {
        let began = Instant::now();
        ask(query)?;
        times.push(began.elapsed());
    }
    Ok(Times::of(times))
}

/// Times of a call, of many together, and what they returned.
fn batches<Q, R>(
    queries: &[Q],
    mut ask: impl FnMut(&Q) -> Fallible<R>,
) -> Fallible<(Times, Vec<R>)> {
    let mut times = Vec::new();
    let mut results = Vec::new();
    for batch in queries.chunks(50) {
        let began = Instant::now();
        for query in batch {
            results.push(black_box(ask(query)?));
        }
        times.push(began.elapsed() / batch.len() as u32);
    }
    Ok((Times::of(times), results))
}

/// A variant as other engines store it.
struct Row {
    product: u32,
    /// Vendor, type, size, colour and price.
    numbers: [u32; 5],
    tags: Vec<u32>,
}

fn rows_of(columns: &Columns) -> impl Iterator<Item = Row> {
    let one = |facet: u16| match &columns.facets[usize::from(facet)] {
        Facet::One { of_row, .. } => of_row,
        Facet::Many(_) => unreachable!("it is one"),
    };
    let Facet::Many(tags) = &columns.facets[usize::from(TAG)] else {
        unreachable!("tags are many")
    };
    let [vendor, kind, size, colour] = [VENDOR, TYPE, SIZE, COLOUR].map(one);
    let products = columns.groups.iter().enumerate();
    let products =
        products.flat_map(|(product, rows)| std::iter::repeat_n(product as u32, *rows as usize));
    products.enumerate().map(move |(row, product)| Row {
        product,
        numbers: [
            vendor[row].into(),
            kind[row].into(),
            size[row].into(),
            colour[row].into(),
            columns.ranks[usize::from(PRICE)][row],
        ],
        tags: (0..tags.len() as u32)
            .filter(|tag| tags[*tag as usize].contains(row as u32))
            .collect(),
    })
}

/// The rows in SQLite, in memory, with an index for each condition and one for each count.
struct Sqlite(Connection);

impl Sqlite {
    fn new(columns: &Columns) -> Fallible<Sqlite> {
        let mut database = Connection::open_in_memory()?;
        database.execute_batch(
            "PRAGMA cache_size = -2000000;
             CREATE TABLE sku (product INT, vendor INT, type INT, size INT, colour INT, price INT);
             CREATE TABLE tagged (product INT, tag INT, PRIMARY KEY (product, tag)) WITHOUT ROWID;",
        )?;
        let transaction = database.transaction()?;
        {
            let mut sku = transaction.prepare("INSERT INTO sku VALUES (?, ?, ?, ?, ?, ?)")?;
            let mut tagged = transaction.prepare("INSERT OR IGNORE INTO tagged VALUES (?, ?)")?;
            for Row {
                product,
                numbers,
                tags,
            } in rows_of(columns)
            {
                let [vendor, kind, size, colour, price] = numbers;
                sku.execute((product, vendor, kind, size, colour, price))?;
                for tag in tags {
                    tagged.execute((product, tag))?;
                }
            }
        }
        transaction.commit()?;
        database.execute_batch(
            "CREATE INDEX by_choice ON sku (vendor, size, price, product, type, colour);
             CREATE INDEX by_size ON sku (size, price, vendor, product);
             CREATE INDEX by_price ON sku (price, product, vendor, size);
             CREATE TABLE cheapest AS SELECT product, min(price) AS price FROM sku GROUP BY 1;
             CREATE INDEX by_cheapest ON cheapest (price, product);
             CREATE INDEX by_product ON sku (product, vendor, size, price);
             ANALYZE;",
        )?;
        Ok(Sqlite(database))
    }

    /// The number of products, after all that a shop asks for.
    fn answer(&self, query: &Query) -> Fallible<u32> {
        let list = |values: &[u16]| {
            let values: Vec<_> = values.iter().map(ToString::to_string).collect();
            values.join(",")
        };
        let RankRange { from, to, .. } = query.ranges[0];
        let vendor = format!("vendor IN ({})", list(&query.chosen[0].values));
        let size = format!("size IN ({})", list(&query.chosen[1].values));
        let price = format!("price BETWEEN {from} AND {to}");
        let all = format!("{vendor} AND {size} AND {price}");
        let rows = |text: &str| -> rusqlite::Result<Vec<u32>> {
            let mut statement = self.0.prepare_cached(text)?;
            let rows = statement.query_map([], |row| row.get(0))?;
            rows.collect()
        };
        for (facet, condition) in [
            ("vendor", &format!("{size} AND {price}")),
            ("type", &all),
            ("size", &format!("{vendor} AND {price}")),
            ("colour", &all),
        ] {
            black_box(rows(&format!(
                "SELECT count(DISTINCT product), {facet} FROM sku WHERE {condition} GROUP BY 2"
            ))?);
        }
        black_box(rows(&format!(
            "SELECT count(*), tag FROM tagged \
             WHERE product IN (SELECT product FROM sku WHERE {all}) GROUP BY 2"
        ))?);
        black_box(rows(&format!(
            "SELECT product FROM cheapest c WHERE EXISTS \
             (SELECT 1 FROM sku WHERE sku.product = c.product AND {all}) \
             ORDER BY c.price LIMIT 24"
        ))?);
        let total = rows(&format!(
            "SELECT count(DISTINCT product) FROM sku WHERE {all}"
        ))?;
        Ok(total.first().copied().unwrap_or(0))
    }
}
