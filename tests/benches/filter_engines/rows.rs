//! The rows and the queries as other engines take them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use protium_wasm::filter::{Columns, Facet, Query, RankRange};
use serde_json::{Value, json};

use crate::filter_data::{COLOUR, PRICE, SIZE, TAG, TYPE, VENDOR};
use crate::report::Fallible;

/// A variant as other engines store it.
pub struct Row {
    pub product: u32,
    /// Vendor, type, size, colour and price.
    pub numbers: [u32; 5],
    pub tags: Vec<u32>,
}

pub fn rows_of(columns: &Columns) -> impl Iterator<Item = Row> {
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

/// Writes the rows and the queries for programs of other languages.
pub fn write(directory: &Path, columns: &Columns, asked: &[(&str, &[Query])]) -> Fallible<()> {
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
            let queries = queries.iter();
            let written = queries.map(|query| {
                let RankRange { from, to, .. } = query.ranges[0];
                let [vendor, size] = [0, 1].map(|chosen| &query.chosen[chosen].values);
                json!({"vendor": vendor, "size": size, "price": [from, to]})
            });
            (name, written.collect())
        })
        .collect();
    let write = |name: &str, text: String| std::fs::write(directory.join(name), text);
    write("rows.csv", rows)?;
    write("tags.csv", tags)?;
    write("queries.json", json!(queries).to_string())?;
    Ok(())
}
