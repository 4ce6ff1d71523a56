//! How long searches take over a catalogue of many products, beside a plain query of the words of
//! the same products in FTS5, as SQLite's own tokenizer cuts them.
//!
//! `cargo bench -p tests --bench search` prints a table and writes it to
//! `target/bench/search.json`. `PROTIUM_BENCH_PRODUCTS` sets the number of products (default
//! 20000), `PROTIUM_BENCH_ROUNDS` how often each query is asked (default 200).

use std::hint::black_box;
use std::time::Instant;

use protium_commerce::import::import;
use protium_commerce::sqlite::{Options, Store};
use protium_commerce::{Catalogue, Context, Currency, PageRequest};
use rusqlite::Connection;
use serde_json::{Map, Value, json};

mod report;
mod times;

use report::Fallible;
use times::Times;

/// Kinds of queries, each with words that `product` puts into some products.
const QUERIES: [(&str, &str); 12] = [
    ("a word of few products", "trowel"),
    ("a word of every twentieth", "steel"),
    ("two words", "steel trowel"),
    ("a word of every product", "garden"),
    ("another form", "trowels"),
    ("a number written otherwise", "KT 04711 B"),
    ("written together", "steeltrowel"),
    ("misspelt", "secatuers"),
    ("two words, both misspelt", "stele secatuers"),
    ("some of the words", "titanium trowel for ever"),
    ("a beginning", "secat"),
    ("nonsense", "qwxzptv asdfgh"),
];

fn main() -> Fallible<()> {
    // Cargo asks every bench target for its tests.
    if report::is_for_tests() {
        return Ok(());
    }
    let products = usize::try_from(report::number("PROTIUM_BENCH_PRODUCTS", 20_000)?)?;
    let rounds = usize::try_from(report::number("PROTIUM_BENCH_ROUNDS", 200)?)?;
    let directory = tempfile::tempdir()?;
    let store = Store::open(directory.path(), Options::default())?;
    let catalogue = catalogue(products);
    let start = Instant::now();
    import(&store, catalogue.as_bytes(), "bench.csv", Currency::EUR)?;
    println!(
        "{products} products imported in {:.1} s",
        start.elapsed().as_secs_f64()
    );
    let plain = plain(products)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut report = Map::new();
    report.insert("products".to_owned(), json!(products));
    let context = || Context::new("en-GB", Currency::EUR);
    let start = Instant::now();
    runtime.block_on(store.search(&context(), "first", &PageRequest::default()))?;
    println!(
        "the first search, which reads the words: {:.1} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    Times::heading("query");
    for (kind, query) in QUERIES {
        let mut times = [const { Vec::new() }; 3];
        for _ in 0..rounds {
            let start = Instant::now();
            black_box(runtime.block_on(store.search(
                &context(),
                query,
                &PageRequest::default(),
            ))?);
            times[0].push(start.elapsed());
            let start = Instant::now();
            black_box(runtime.block_on(store.suggest(&context(), query))?);
            times[1].push(start.elapsed());
            let start = Instant::now();
            black_box(find_plainly(&plain, query)?);
            times[2].push(start.elapsed());
        }
        let [search, suggest, plain] = times.map(Times::of);
        search.show(&format!("{kind}: search"));
        suggest.show(&format!("{kind}: suggestions"));
        plain.show(&format!("{kind}: plain FTS5"));
        let kinds: Value = json!({
            "search": search.json(), "suggest": suggest.json(), "plain": plain.json(),
        });
        report.insert(kind.to_owned(), kinds);
    }
    report::write("search", &report.into())
}

/// Title, keywords and description of a product.
fn product(number: usize) -> (String, String, String) {
    // Words that nobody has heard of, in most products few, and some that many have.
    let made = |seed: usize, parts: usize| -> String {
        const PARTS: [&str; 16] = [
            "ba", "cor", "den", "fi", "gal", "hum", "jo", "ker", "lin", "mo", "nat", "or", "pel",
            "ri", "sun", "ta",
        ];
        let mut seed = seed.wrapping_mul(2_654_435_761) ^ (seed >> 3);
        (0..parts)
            .map(|_| {
                seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                PARTS[(seed >> 33) % PARTS.len()]
            })
            .collect()
    };
    let kind = match number {
        number if number % 997 == 3 => "trowel",
        number if number % 1_201 == 5 => "secateurs",
        _ => "",
    };
    let material = if number.is_multiple_of(20) {
        "steel"
    } else {
        ""
    };
    let name = made(number % 4_000, 2 + number % 3);
    let maker = made(number % 300, 3);
    let title = format!("{name} {material} {kind} {}", made(number, 2));
    let body: Vec<String> = (0..60)
        .map(|at| made((number * 31 + at * at) % 12_000, 2 + at % 4))
        .collect();
    (title, format!("{maker} garden"), body.join(" "))
}

fn sku(number: usize) -> String {
    format!("KT-{number:05}-B")
}

fn catalogue(products: usize) -> String {
    let mut csv = "Handle,Title,Body (HTML),Vendor,Tags,Variant SKU,Variant Price\n".to_owned();
    for number in 0..products {
        let (title, tags, body) = product(number);
        let sku = sku(number);
        csv.push_str(&format!(
            "p-{number},{title},<p>{body}</p>,Maker,{tags},{sku},9.50\n"
        ));
    }
    csv
}

/// The same products in a table of FTS5 alone.
fn plain(products: usize) -> Fallible<Connection> {
    let connection = Connection::open_in_memory()?;
    connection.execute_batch(
        "CREATE VIRTUAL TABLE search USING fts5 (title, keywords, body, content = '', \
           tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'); BEGIN",
    )?;
    for number in 0..products {
        let (title, keywords, body) = product(number);
        let keywords = format!("{keywords} {}", sku(number));
        connection
            .prepare_cached(
                "INSERT INTO search (rowid, title, keywords, body) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute((i64::try_from(number)?, title, keywords, body))?;
    }
    connection.execute_batch("COMMIT")?;
    Ok(connection)
}

/// Every word, or a word that begins with it: the first page, and how many there are.
fn find_plainly(connection: &Connection, query: &str) -> Fallible<(usize, i64)> {
    let words: Vec<String> = query
        .split(' ')
        .map(|word| format!("\"{word}\"*"))
        .collect();
    let words = words.join(" ");
    let found = connection
        .prepare_cached(
            "SELECT id FROM (SELECT rowid AS id, bm25(search, 10.0, 4.0, 1.0) AS score \
             FROM search WHERE search MATCH ?1 LIMIT 1000) ORDER BY score, id LIMIT 24",
        )?
        .query_map([&words], |row| row.get::<_, i64>(0))?
        .count();
    let count = connection
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ?1 LIMIT 1000)",
        )?
        .query_row([&words], |row| row.get(0))?;
    Ok((found, count))
}
