//! usage: filter-tantivy DIRECTORY THREADS
//!
//! The shop's query by tantivy, over the rows that the bench wrote into DIRECTORY: a variant is a
//! document, and a collector counts products. There are as many segments as threads.
//! Prints JSON: milliseconds by selectivity, and the number of products that each query found.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::error::Error;
use std::ops::Bound;
use std::time::Instant;

use serde_json::{Value, json};
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::indexer::NoMergePolicy;
use tantivy::query::{BooleanQuery, Query, RangeQuery, TermSetQuery};
use tantivy::schema::{FAST, Field, INDEXED, Schema};
use tantivy::{DocId, Index, Score, Searcher, SegmentReader, TantivyDocument, Term};

const FIELDS: [&str; 8] = [
    "product", "vendor", "type", "size", "colour", "price", "tag", "low",
];
/// Values of a facet, at most.
const VALUES: usize = 64;
const PAGE: usize = 24;

/// Counts products by the values of facets, and keeps the cheapest.
struct Products {
    facets: Vec<&'static str>,
    page: bool,
}

#[derive(Default)]
struct Found {
    total: u64,
    counts: Vec<Vec<u32>>,
    cheapest: BinaryHeap<(u64, u64)>,
}

struct OfSegment {
    product: Column,
    low: Column,
    facets: Vec<(Column, Vec<u64>)>,
    page: bool,
    before: u64,
    found: Found,
}

impl Collector for Products {
    type Fruit = Found;
    type Child = OfSegment;

    fn for_segment(&self, _: u32, segment: &SegmentReader) -> tantivy::Result<OfSegment> {
        let column = |name: &str| segment.fast_fields().u64(name);
        let facets = self.facets.iter();
        let facets = facets.map(|name| Ok((column(name)?, vec![u64::MAX; VALUES])));
        Ok(OfSegment {
            product: column("product")?,
            low: column("low")?,
            facets: facets.collect::<tantivy::Result<_>>()?,
            page: self.page,
            before: u64::MAX,
            found: Found {
                counts: vec![vec![0; VALUES]; self.facets.len()],
                ..Found::default()
            },
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<Found>) -> tantivy::Result<Found> {
        let mut all = Found {
            counts: vec![vec![0; VALUES]; self.facets.len()],
            ..Found::default()
        };
        for segment in segments {
            all.total += segment.total;
            for (to, counts) in all.counts.iter_mut().zip(segment.counts) {
                to.iter_mut()
                    .zip(counts)
                    .for_each(|(to, count)| *to += count);
            }
            all.cheapest.extend(segment.cheapest);
        }
        while all.cheapest.len() > PAGE {
            all.cheapest.pop();
        }
        Ok(all)
    }
}

impl SegmentCollector for OfSegment {
    type Fruit = Found;

    fn collect(&mut self, doc: DocId, _: Score) {
        // The rows of a product follow each other.
        let product = self.product.first(doc).unwrap_or(0);
        if self.before != product {
            self.before = product;
            self.found.total += 1;
            if self.page {
                let low = self.low.first(doc).unwrap_or(0);
                let cheapest = &mut self.found.cheapest;
                if cheapest.len() < PAGE {
                    cheapest.push((low, product));
                } else if cheapest.peek().is_some_and(|most| low < most.0) {
                    cheapest.pop();
                    cheapest.push((low, product));
                }
            }
        }
        for ((column, seen), counts) in self.facets.iter_mut().zip(&mut self.found.counts) {
            for value in column.values_for_doc(doc) {
                if seen[value as usize] != product {
                    seen[value as usize] = product;
                    counts[value as usize] += 1;
                }
            }
        }
    }

    fn harvest(self) -> Found {
        self.found
    }
}

fn numbers(line: &str) -> Vec<u64> {
    line.split(',')
        .filter_map(|number| number.parse().ok())
        .collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("the directory is missing")?;
    let threads: usize = arguments.next().ok_or("the threads are missing")?.parse()?;
    let mut schema = Schema::builder();
    let fields = FIELDS.map(|name| schema.add_u64_field(name, INDEXED | FAST));
    let mut index = Index::create_in_ram(schema.build());
    index.set_multithread_executor(threads)?;
    fill(&index, &fields, &directory, threads)?;
    let searcher = index.reader()?.searcher();
    let queries = std::fs::read(format!("{directory}/queries.json"))?;
    let queries: BTreeMap<String, Vec<Value>> = serde_json::from_slice(&queries)?;
    let mut report = BTreeMap::new();
    for (selectivity, queries) in queries {
        let (mut times, mut found) = (Vec::new(), Vec::new());
        answer(&searcher, &fields, &queries[0])?;
        for query in &queries {
            let began = Instant::now();
            found.push(answer(&searcher, &fields, query)?);
            times.push(began.elapsed().as_secs_f64() * 1e3);
        }
        report.insert(selectivity, json!({"ms": times, "found": found}));
    }
    println!("{}", json!({"tantivy 0.27": report}));
    Ok(())
}

fn fill(
    index: &Index,
    fields: &[Field; 8],
    directory: &str,
    segments: usize,
) -> Result<(), Box<dyn Error>> {
    let rows = std::fs::read_to_string(format!("{directory}/rows.csv"))?;
    let rows: Vec<Vec<u64>> = rows.lines().skip(1).map(numbers).collect();
    let tags = std::fs::read_to_string(format!("{directory}/tags.csv"))?;
    let tags: BTreeSet<(u64, u64)> = tags
        .lines()
        .skip(1)
        .map(numbers)
        .map(|line| (line[0], line[1]))
        .collect();
    let mut low = BTreeMap::new();
    for row in &rows {
        let low = low.entry(row[0]).or_insert(row[5]);
        *low = row[5].min(*low);
    }
    let mut writer = index.writer_with_num_threads(1, 1 << 30)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    let products = rows.last().map_or(0, |row| row[0] + 1);
    let of_segment = products.div_ceil(segments as u64);
    let mut end = of_segment;
    for row in rows {
        if row[0] >= end {
            writer.commit()?;
            end += of_segment;
        }
        let product = row[0];
        let mut document = TantivyDocument::default();
        for (field, number) in fields.iter().zip(row) {
            document.add_u64(*field, number);
        }
        for (_, tag) in tags.range((product, 0)..(product + 1, 0)) {
            document.add_u64(fields[6], *tag);
        }
        document.add_u64(fields[7], low[&product]);
        writer.add_document(document)?;
    }
    writer.commit()?;
    Ok(())
}

/// The number of products, after all that a shop asks for.
fn answer(searcher: &Searcher, fields: &[Field; 8], query: &Value) -> tantivy::Result<u64> {
    let values = |name: &str| -> Vec<u64> {
        query[name]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_u64)
            .collect()
    };
    let any = |field: Field, name: &str| -> Box<dyn Query> {
        let terms = values(name)
            .into_iter()
            .map(|value| Term::from_field_u64(field, value));
        Box::new(TermSetQuery::new(terms.collect::<Vec<_>>()))
    };
    let price = || -> Box<dyn Query> {
        let bounds = values("price");
        let bound = |at: usize| Bound::Included(Term::from_field_u64(fields[5], bounds[at]));
        Box::new(RangeQuery::new(bound(0), bound(1)))
    };
    let search = |conditions: Vec<Box<dyn Query>>, facets: &[&'static str], page| {
        let facets = facets.to_vec();
        let products = Products { facets, page };
        searcher.search(&BooleanQuery::intersection(conditions), &products)
    };
    let (vendor, size) = (|| any(fields[1], "vendor"), || any(fields[3], "size"));
    search(vec![size(), price()], &["vendor"], false)?;
    search(vec![vendor(), price()], &["size"], false)?;
    let found = search(
        vec![vendor(), size(), price()],
        &["type", "colour", "tag"],
        true,
    )?;
    Ok(found.total)
}
