//! How long reads, changes and a large import take. Not part of a normal run:
//! `CARGO_PROFILE_DEV_OPT_LEVEL=3 cargo test -p protium --lib measure -- --ignored --nocapture`

use std::io::{self, Read};
use std::time::{Duration, Instant};

use super::{Options, catalogue};
use crate::commerce::fixtures::{context, shop_with};
use crate::commerce::import::import;
use crate::commerce::{Carts, Catalogue, Currency, PageRequest, Sort};

/// A catalogue as a stream, so that only the import's own memory shows.
struct Generated {
    products: u32,
    next: u32,
    rest: Vec<u8>,
}

impl Generated {
    fn new(products: u32) -> Self {
        let header = "Handle,Title,Body (HTML),Vendor,Tags,Option1 Name,Option1 Value,\
             Variant Price,Variant Inventory Tracker,Variant Inventory Qty,Image Src,Collection\n";
        Self {
            products,
            next: 0,
            rest: header.into(),
        }
    }
}

impl Read for Generated {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() && self.next < self.products {
            let n = self.next;
            self.next += 1;
            let words = ["soft", "wool", "blue", "cotton", "warm", "oak", "linen"];
            let word = |at: u32| words[(n / at) as usize % words.len()];
            let title = format!("{} {} thing {n}", word(1), word(7));
            let body = format!("<p>A {} thing of {}.</p> ", word(49), word(343)).repeat(12);
            let mut rows = String::new();
            for (place, size) in ["Small", "Medium", "Large"].into_iter().enumerate() {
                let (title, body, option) = match place {
                    0 => (title.as_str(), body.as_str(), "Size"),
                    _ => ("", "", ""),
                };
                rows.push_str(&format!(
                    "thing-{n},{title},{body},Maker,\"new, {}\",{option},{size},{}.99,shopify,{},\
                     /images/{n}-{place}.png,Group {}\n",
                    word(5),
                    n % 200,
                    n % 9,
                    n % 40,
                ));
            }
            self.rest = rows.into();
        }
        let length = self.rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.rest[..length]);
        self.rest.drain(..length);
        Ok(length)
    }
}

fn report(what: &str, times: u32, taken: Duration) {
    println!(
        "{what:<52} {:>10.1} µs",
        taken.as_secs_f64() * 1e6 / f64::from(times)
    );
}

/// The most memory this process has held, in MB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|kb| kb.parse::<u64>().ok())
        .unwrap_or(0)
        / 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures, proves nothing"]
async fn measure() {
    let products: u32 = std::env::var("PROTIUM_PRODUCTS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(100_000);
    let shop = shop_with(Options {
        readers: 4,
        ..Options::default()
    });
    for run in ["import", "import again"] {
        let started = Instant::now();
        let store = shop.store.clone();
        let done = tokio::task::spawn_blocking(move || {
            import(
                &store,
                Generated::new(products),
                "generated.csv",
                Currency::EUR,
            )
        });
        let done = done.await.expect("no panic").expect("a sound file");
        println!(
            "{run}: {done:?} in {:?}, memory up to {} MB",
            started.elapsed(),
            memory()
        );
    }
    let context = context();
    let store = &shop.store;

    let started = Instant::now();
    for _ in 0..20_000 {
        store
            .product(&context, "thing-7")
            .await
            .expect("an answer")
            .expect("a product");
    }
    report(
        "product, in memory, revision checked",
        20_000,
        started.elapsed(),
    );

    let started = Instant::now();
    for n in 0..5_000_u32 {
        let handle = format!("thing-{}", n * 17 % products);
        store
            .product(&context, &handle)
            .await
            .expect("an answer")
            .expect("a product");
    }
    report("product, decoded anew", 5_000, started.elapsed());

    let readers = &store.0.readers;
    let started = Instant::now();
    for _ in 0..5_000 {
        let state = readers.quick(
            context.deadline + Duration::from_secs(600),
            catalogue::state,
        );
        state.await.expect("a reader").expect("a state");
    }
    report("one row, on the worker", 5_000, started.elapsed());
    let started = Instant::now();
    for _ in 0..5_000 {
        let state = readers.long(
            context.deadline + Duration::from_secs(600),
            catalogue::state,
        );
        state.await.expect("a reader").expect("a state");
    }
    report("one row, on a blocking thread", 5_000, started.elapsed());

    for sort in [Sort::Featured, Sort::PriceAsc] {
        for handle in ["all", "group-3"] {
            let page = PageRequest {
                sort,
                ..PageRequest::default()
            };
            let started = Instant::now();
            for _ in 0..100 {
                let context = crate::commerce::fixtures::context();
                store
                    .collection(&context, handle, &page)
                    .await
                    .expect("an answer");
            }
            report(
                &format!("24 cards of {handle} by {}", sort.as_str()),
                100,
                started.elapsed(),
            );
        }
    }
    for query in ["thing 4711", "wool", "t"] {
        let started = Instant::now();
        for _ in 0..10 {
            let context = crate::commerce::fixtures::context();
            store
                .search(&context, query, &PageRequest::default())
                .await
                .expect("an answer");
        }
        report(&format!("search for {query:?}"), 10, started.elapsed());
        let started = Instant::now();
        for _ in 0..10 {
            let context = crate::commerce::fixtures::context();
            store.suggest(&context, query).await.expect("an answer");
        }
        report(&format!("suggestions for {query:?}"), 10, started.elapsed());
    }
    let context = crate::commerce::fixtures::context();
    let product = store
        .product(&context, "thing-8")
        .await
        .expect("an answer")
        .expect("a product");
    let started = Instant::now();
    for _ in 0..500 {
        store
            .add(&context, None, product.variants[0].id, 1)
            .await
            .expect("a cart");
    }
    report("a new cart with a line", 500, started.elapsed());
    println!("memory up to {} MB", memory());
}
