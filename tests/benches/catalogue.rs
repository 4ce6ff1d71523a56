//! A large generated catalogue: how long its import takes beside raw inserts of the same rows, and
//! how long its collection pages take with their facets, by `Server-Timing`, without a page cache.
//!
//! `cargo bench -p tests --bench catalogue` prints both and writes them to
//! `target/bench/catalogue.json`. `PROTIUM_BENCH_PRODUCTS` sets the number of products (default
//! 100 000, some 400 000 variants), `PROTIUM_BENCH_ROUNDS` how often each page is asked for
//! (default 200). Requests come from `curl`.

use std::path::Path;
use std::time::{Duration, Instant};

use protium_commerce::Currency;
use protium_commerce::import::import;
use protium_commerce::sqlite::{Options, Store};
use rusqlite::types::Value as Cell;
use rusqlite::{Connection, params_from_iter};
use serde_json::{Map, Value, json};
use tests::catalogue::Catalogue;
use tests::load::fetch::get;
use tests::load::{Server, shop};

mod report;
mod times;

use report::Fallible;
use times::Times;

/// The tables that an import fills by statements of its own, parents before children. What triggers
/// fill besides is filled by the same triggers here.
const TABLES: [&str; 7] = [
    "product",
    "product_document",
    "variant",
    "price",
    "stock",
    "collection",
    "collection_product",
];

/// How long the filter has to be ready after a start.
const READY: Duration = Duration::from_secs(120);

fn main() -> Fallible<()> {
    // Cargo asks every bench target for its tests.
    if report::is_for_tests() {
        return Ok(());
    }
    let products = usize::try_from(report::number("PROTIUM_BENCH_PRODUCTS", 100_000)?)?;
    let rounds = usize::try_from(report::number("PROTIUM_BENCH_ROUNDS", 200)?)?;
    let directory = tempfile::tempdir()?;
    let data = directory.path().join("shop");
    let csv = Catalogue { products, seed: 1 }.csv();
    let store = Store::open(&data, Options::default())?;
    let start = Instant::now();
    import(&store, csv.as_slice(), "generated.csv", Currency::EUR)?;
    let imported = start.elapsed();
    drop(store);
    let (rows, raw) = raw_inserts(&data, &directory.path().join("raw"))?;
    let ratio = imported.as_secs_f64() / raw.as_secs_f64();
    println!(
        "{products} products, {} MB of CSV: imported in {:.1} s; {rows} rows inserted raw in {:.1} \
         s; ratio {ratio:.2}",
        csv.len() / 1_000_000,
        imported.as_secs_f64(),
        raw.as_secs_f64(),
    );
    let pages = pages(&data, rounds)?;
    report::write(
        "catalogue",
        &json!({
            "products": products,
            "import_s": imported.as_secs_f64(),
            "raw_rows": rows,
            "raw_inserts_s": raw.as_secs_f64(),
            "pages": pages,
        }),
    )
}

/// Inserts the rows of a database into an empty one of the same layout, each by a prepared
/// statement, in one transaction, and the words of each product into the index of words.
fn raw_inserts(from: &Path, to: &Path) -> Fallible<(usize, Duration)> {
    drop(Store::open(to, Options::default())?);
    let from = Connection::open(from.join("shop.db"))?;
    let mut tables: Vec<(String, Vec<Vec<Cell>>)> = Vec::new();
    for table in TABLES {
        let mut query = from.prepare(&format!("SELECT * FROM {table}"))?;
        let columns = query.column_count();
        let places = vec!["?"; columns].join(", ");
        let rows = query
            .query_map([], |row| {
                (0..columns).map(|column| row.get(column)).collect()
            })?
            .collect::<rusqlite::Result<_>>()?;
        tables.push((format!("INSERT INTO {table} VALUES ({places})"), rows));
    }
    let words = from
        .prepare(
            "SELECT p.id, p.title_key, lower(p.vendor) || ' ' || lower(d.body ->> 'product_type') \
               || ' ' || lower(d.body ->> 'tags'), \
               (SELECT group_concat(lower(sku), ' ') FROM variant WHERE product_id = p.id), \
               lower(d.body ->> 'description') \
             FROM product p JOIN product_document d ON d.product_id = p.id WHERE p.published = 1",
        )?
        .query_map([], |row| (0..5).map(|column| row.get(column)).collect())?
        .collect::<rusqlite::Result<_>>()?;
    tables.push((
        "INSERT INTO search (rowid, title, keywords, codes, body) VALUES (?, ?, ?, ?, ?)"
            .to_owned(),
        words,
    ));
    let mut to = Connection::open(to.join("shop.db"))?;
    to.pragma_update(None, "synchronous", "normal")?;
    to.pragma_update(None, "foreign_keys", true)?;
    let count = tables.iter().map(|(_, rows)| rows.len()).sum();
    let start = Instant::now();
    let transaction = to.transaction()?;
    transaction.execute("UPDATE catalogue SET importing = 1", [])?;
    for (insert, rows) in &tables {
        let mut insert = transaction.prepare(insert)?;
        for row in rows {
            insert.execute(params_from_iter(row))?;
        }
    }
    transaction.execute("UPDATE catalogue SET importing = 0", [])?;
    transaction.commit()?;
    Ok((count, start.elapsed()))
}

/// Times of collection pages, from the server's own account of them.
fn pages(data: &Path, rounds: usize) -> Fallible<Value> {
    let program = shop::build()?;
    let variables = [("PROTIUM_CACHE", "off")];
    let server = shop::start(&program, data, &variables)?;
    let start = Instant::now();
    while step(&server, "/collections/all", "filter")?.is_none() {
        if start.elapsed() > READY {
            return Err("the filter does not answer".into());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    println!(
        "the filter answered {:.1} s after the start",
        start.elapsed().as_secs_f64()
    );
    let mut figures = Map::new();
    Times::heading("page, server time");
    for target in [
        "/collections/all",
        "/collections/all?sort=price-asc",
        "/collections/all?sort=title-desc",
        "/collections/shirt",
        "/collections/shirt?sort=price-desc",
        "/collections/lamp?sort=price-asc",
        "/collections/all?filter.p.vendor=Northfield+%26+Co",
        "/collections/shirt?filter.v.option.size=M&filter.v.option.colour=Navy&sort=price-asc",
        "/collections/all?filter.v.price.gte=20&filter.v.price.lte=40&page=3",
        "/search?q=steel+lamp",
    ] {
        let mut times = Vec::new();
        for _ in 0..rounds {
            let total = step(&server, target, "total")?.ok_or("no total time")?;
            times.push(Duration::from_secs_f64(total / 1e3));
        }
        let times = Times::of(times);
        times.show(target);
        figures.insert(target.to_owned(), times.json());
    }
    println!(
        "memory of the server: {:.0} MB",
        server.resident_megabytes()?
    );
    Ok(Value::Object(figures))
}

/// The milliseconds of a step of a page.
fn step(server: &Server, target: &str, name: &str) -> Fallible<Option<f64>> {
    let answer = get(&server.url(target), &[])?;
    let timing = answer.header("server-timing").ok_or("no Server-Timing")?;
    let step = timing.split(", ").find_map(|entry| {
        let (step, parameters) = entry.split_once(';')?;
        let duration = parameters
            .split(';')
            .find_map(|one| one.strip_prefix("dur="))?;
        (step == name).then(|| duration.parse())
    });
    Ok(step.transpose()?)
}
