//! The shop's query by SQLite.

use std::hint::black_box;

use protium_wasm::filter::{Columns, Query, RankRange};
use rusqlite::Connection;

use super::rows::{Row, rows_of};
use crate::report::Fallible;

/// The rows in SQLite, in memory, with an index for each condition and one for each count.
pub struct Sqlite(Connection);

impl Sqlite {
    pub fn new(columns: &Columns) -> Fallible<Sqlite> {
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
    pub fn answer(&self, query: &Query) -> Fallible<u32> {
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
