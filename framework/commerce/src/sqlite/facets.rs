//! Narrowed lists in SQL: right for any list, fast for short ones. The rows of the list are copied
//! into temporary tables of the connection, each with how many of the chosen predicates it misses:
//! what misses none is found, and a facet counts what misses none but its own.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::asked_list::DEFAULT;
use super::found_list::{FoundList, ListProducts};
use super::listing::ALL;
use super::rows::{self, PIECES, card_columns};
use crate::filter::facets::CountedFacet;
use crate::filter::{FacetName, Facets, NarrowRequest, NarrowedPage, Narrowing, PriceBounds};
use crate::listing::MAX_PAGE_SIZE;
use crate::{Card, Sort};

/// The tables that every reading connection has. They are empty between transactions.
pub(super) const TABLES: &str = "
    CREATE TEMP TABLE list_product (place INTEGER PRIMARY KEY, product INTEGER NOT NULL);
    CREATE TEMP TABLE list_sku (
      sku INTEGER PRIMARY KEY, product INTEGER NOT NULL, price INTEGER NOT NULL,
      available INTEGER NOT NULL, misses INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX temp.list_sku_product ON list_sku (product);
    CREATE TEMP TABLE list_value (
      sku INTEGER NOT NULL, facet TEXT NOT NULL, value TEXT NOT NULL,
      PRIMARY KEY (sku, facet, value)) WITHOUT ROWID;
    CREATE TEMP TABLE list_chosen (
      facet TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (facet, value)) WITHOUT ROWID;";

/// A page of a narrowed list.
pub(super) fn page(
    connection: &Connection,
    list: &FoundList,
    request: &NarrowRequest,
) -> rusqlite::Result<NarrowedPage> {
    // It is rolled back, with all rows of the temporary tables.
    let snapshot = connection.unchecked_transaction()?;
    put_rows(&snapshot, list)?;
    put_values(&snapshot)?;
    put_misses(&snapshot, &request.narrowing)?;
    let (total, available) = snapshot
        .prepare_cached(
            "SELECT count(DISTINCT product), \
                    count(DISTINCT CASE available WHEN 1 THEN product END) \
             FROM list_sku WHERE misses = 0",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let price = bounds(&snapshot, &request.narrowing)?;
    let counted = count(&snapshot, &request.narrowing)?;
    Ok(NarrowedPage {
        products: cards(&snapshot, list, request)?,
        total,
        facets: Facets::new(counted, &request.narrowing, price, available),
    })
}

/// The variants that the list sells.
fn put_rows(connection: &Connection, list: &FoundList) -> rusqlite::Result<()> {
    match &list.products {
        ListProducts::Collection(ALL) => connection
            .prepare_cached("INSERT INTO list_product SELECT id, id FROM product")?
            .execute([])?,
        ListProducts::Collection(id) => connection
            .prepare_cached(
                "INSERT INTO list_product \
                 SELECT product_id, product_id FROM collection_product WHERE collection_id = ?1",
            )?
            .execute([id])?,
        ListProducts::Found(ids) => {
            let mut put = connection.prepare_cached("INSERT INTO list_product VALUES (?1, ?2)")?;
            for (place, id) in (0_i64..).zip(ids) {
                put.execute(params![place, id])?;
            }
            ids.len()
        }
    };
    connection
        .prepare_cached(&format!(
            "INSERT INTO list_sku (sku, product, price, available) \
             SELECT v.id, p.id, c.amount, v.oversell = 1 OR coalesce({PIECES}, 1) > 0 \
             FROM list_product l CROSS JOIN product p ON p.id = l.product AND p.published = 1 \
             CROSS JOIN variant v ON v.product_id = p.id AND v.position IS NOT NULL \
             CROSS JOIN price c ON c.variant_id = v.id AND c.list_id = ?1"
        ))?
        .execute([list.price_list])
        .map(drop)
}

/// The options of `product_document d`, without those that have the name of an earlier one.
const OPTIONS: &str = "json_each(d.body, '$.options') o ON NOT EXISTS (\
     SELECT 1 FROM json_each(d.body, '$.options') e \
     WHERE e.key < o.key AND lower(e.value ->> 'name') = lower(o.value ->> 'name'))";

/// The values that the variants have of facets.
fn put_values(connection: &Connection) -> rusqlite::Result<()> {
    for values in [
        "SELECT s.sku, 'p.vendor', p.vendor FROM list_sku s \
         CROSS JOIN product p ON p.id = s.product WHERE p.vendor <> ''",
        "SELECT s.sku, 'p.product_type', d.type FROM (\
           SELECT product_id, body ->> 'product_type' AS type FROM product_document \
           WHERE product_id IN (SELECT product FROM list_sku)) d \
         CROSS JOIN list_sku s ON s.product = d.product_id WHERE d.type <> ''",
        "SELECT s.sku, 'p.tag', t.value FROM product_document d \
         CROSS JOIN json_each(d.body, '$.tags') t \
         CROSS JOIN list_sku s ON s.product = d.product_id \
         WHERE d.product_id IN (SELECT product FROM list_sku) AND t.value <> ''",
        &format!(
            "SELECT s.sku, 'v.option.' || lower(o.value ->> 'name'), \
               v.options ->> CAST(o.key AS INTEGER) AS value \
             FROM product_document d CROSS JOIN {OPTIONS} \
             CROSS JOIN list_sku s ON s.product = d.product_id \
             CROSS JOIN variant v ON v.id = s.sku \
             WHERE d.product_id IN (SELECT product FROM list_sku) \
               AND v.options ->> CAST(o.key AS INTEGER) <> ''"
        ),
    ] {
        connection
            .prepare_cached(&format!("INSERT OR IGNORE INTO list_value {values}"))?
            .execute([])?;
    }
    Ok(())
}

/// Whether the price of a row is outside of the range `?1` to `?2`.
const PRICE_MISSES: &str = "(price < coalesce(?1, price) OR price > coalesce(?2, price))";

/// How many of the chosen predicates each row misses.
fn put_misses(connection: &Connection, narrowing: &Narrowing) -> rusqlite::Result<()> {
    let mut put = connection.prepare_cached("INSERT INTO list_chosen VALUES (?1, ?2)")?;
    for (facet, value) in narrowing.values() {
        put.execute(params![facet.to_string(), value])?;
    }
    connection
        .prepare_cached(&format!(
            "UPDATE list_sku SET misses = {PRICE_MISSES} + (?3 AND NOT available) + ?4 - (\
               SELECT count(DISTINCT v.facet) FROM list_value v \
               JOIN list_chosen c ON c.facet = v.facet AND c.value = v.value \
               WHERE v.sku = list_sku.sku)"
        ))?
        .execute(params![
            narrowing.price_from,
            narrowing.price_to,
            narrowing.available,
            narrowing.chosen().len() as i64,
        ])
        .map(drop)
}

/// The prices of what misses nothing but the range of prices.
fn bounds(connection: &Connection, narrowing: &Narrowing) -> rusqlite::Result<Option<PriceBounds>> {
    connection
        .prepare_cached(&format!(
            "SELECT min(price), max(price) FROM list_sku WHERE misses = {PRICE_MISSES}"
        ))?
        .query_row(params![narrowing.price_from, narrowing.price_to], |row| {
            let bounds: (Option<i64>, Option<i64>) = (row.get(0)?, row.get(1)?);
            Ok(match bounds {
                (Some(lowest), Some(highest)) => Some(PriceBounds { lowest, highest }),
                _ => None,
            })
        })
}

/// All facets of the list, and those of which something is chosen, with their counts.
fn count(connection: &Connection, narrowing: &Narrowing) -> rusqlite::Result<Vec<CountedFacet>> {
    let mut facets: BTreeMap<FacetName, Vec<(String, i64)>> = BTreeMap::new();
    let mut query = connection.prepare_cached(
        "SELECT v.facet, v.value, count(DISTINCT s.product) FROM list_sku s \
         JOIN list_value v ON v.sku = s.sku \
         WHERE s.misses = 0 OR s.misses = 1 \
           AND v.facet IN (SELECT facet FROM list_chosen) \
           AND NOT EXISTS (SELECT 1 FROM list_value h \
             JOIN list_chosen c ON c.facet = h.facet AND c.value = h.value \
             WHERE h.sku = v.sku AND h.facet = v.facet) \
         GROUP BY v.facet, v.value",
    )?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let facet = row.get_ref(0)?.as_str()?.parse::<FacetName>();
        let value: String = row.get(1)?;
        // A name or value that is too long for an address cannot be chosen.
        if let Ok(facet) = facet
            && value.len() <= crate::filter::narrowing::MAX_VALUE
        {
            facets.entry(facet).or_default().push((value, row.get(2)?));
        }
    }
    for name in narrowing.chosen().keys() {
        facets.entry(name.clone()).or_default();
    }
    let mut labels = match facets.keys().any(FacetName::is_of_variants) {
        true => labels(connection)?,
        false => BTreeMap::new(),
    };
    let counted = facets.into_iter().map(|(name, counts)| {
        let known = CountedFacet::without_values(&name);
        let label = labels.remove(&name).unwrap_or(known.label);
        CountedFacet {
            name,
            label,
            counts,
        }
    });
    Ok(counted.collect())
}

/// How options are written: the first spelling in the order of bytes.
fn labels(connection: &Connection) -> rusqlite::Result<BTreeMap<FacetName, String>> {
    connection
        .prepare_cached(
            "SELECT min(o.value ->> 'name') FROM product p \
             CROSS JOIN product_document d ON d.product_id = p.id \
             CROSS JOIN json_each(d.body, '$.options') o \
             WHERE p.published = 1 GROUP BY lower(o.value ->> 'name')",
        )?
        .query_map([], |row| {
            let label: String = row.get(0)?;
            Ok((FacetName::option(&label), label))
        })?
        .collect()
}

/// The cards of the page.
fn cards(
    connection: &Connection,
    list: &FoundList,
    request: &NarrowRequest,
) -> rusqlite::Result<Vec<Card>> {
    let (card, priced) = card_columns(list.price_list);
    let price = match list.price_list {
        DEFAULT => "p.price_min",
        _ => "pp.price_min",
    };
    let order = match (&list.products, request.sort) {
        (ListProducts::Found(_), _) | (_, Sort::Featured) => "l.place",
        (_, Sort::Newest) => "l.place DESC",
        (_, Sort::TitleAsc) => "p.title_key, p.id",
        (_, Sort::TitleDesc) => "p.title_key DESC, p.id DESC",
        (_, Sort::PriceAsc) => &format!("{price}, p.id"),
        (_, Sort::PriceDesc) => &format!("{price} DESC, p.id DESC"),
    };
    connection
        .prepare_cached(&format!(
            "SELECT {card} FROM list_product l CROSS JOIN product p ON p.id = l.product{priced} \
             WHERE p.id IN (SELECT product FROM list_sku WHERE misses = 0) \
             ORDER BY {order} LIMIT ?1 OFFSET ?2"
        ))?
        .query_map(
            params![request.size.min(MAX_PAGE_SIZE), request.offset()],
            rows::card,
        )?
        .collect()
}
