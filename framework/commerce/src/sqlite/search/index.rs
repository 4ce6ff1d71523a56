//! What searches look into: for each product that visitors can see, its terms in four columns.
//! The row is made from the catalogue's own tables, never from what an import brings, so that it is
//! what the catalogue is.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::super::document::Document;
use super::super::rows::json;
use super::terms;
use crate::html;

/// How terms are made. An index from another version is made anew when the database is opened.
const VERSION: i64 = 1;

/// Characters of a body that searches look into.
const SEARCHED: usize = 4_000;

/// Makes the index anew when it is of another version than this build's.
pub(in crate::sqlite) fn bring_up_to_date(connection: &mut Connection) -> rusqlite::Result<()> {
    let version = |connection: &Connection| -> rusqlite::Result<i64> {
        connection.query_row("SELECT search_version FROM catalogue", [], |row| row.get(0))
    };
    if version(connection)? == VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have done it while this one waited.
    if version(&transaction)? == VERSION {
        return Ok(());
    }
    transaction.execute("INSERT INTO search (search) VALUES ('delete-all')", [])?;
    let products: Vec<i64> = transaction
        .prepare("SELECT id FROM product WHERE published = 1 ORDER BY id")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    if !products.is_empty() {
        tracing::info!(
            products = products.len(),
            "the index of searches is made anew"
        );
    }
    for id in products {
        match put(&transaction, id, false) {
            Err(error @ rusqlite::Error::FromSqlConversionFailure(..)) => {
                tracing::warn!(product = id, %error, "searches do not find a product that cannot \
                                                      be read");
            }
            written => written?,
        }
    }
    transaction.execute("UPDATE catalogue SET search_version = ?1", [VERSION])?;
    transaction.commit()
}

/// Writes the terms that searches find a product by.
pub(in crate::sqlite) fn put(
    connection: &Connection,
    id: i64,
    is_known: bool,
) -> rusqlite::Result<()> {
    if is_known {
        connection
            .prepare_cached("DELETE FROM search WHERE rowid = ?1")?
            .execute([id])?;
    }
    let product = connection
        .prepare_cached(
            "SELECT p.title, p.vendor, d.body FROM product p \
             JOIN product_document d ON d.product_id = p.id WHERE p.id = ?1 AND p.published = 1",
        )?
        .query_row([id], |row| {
            let names: (String, String) = (row.get(0)?, row.get(1)?);
            Ok((names, json::<Document>(row, 2)?))
        })
        .optional()?;
    let Some(((title, vendor), document)) = product else {
        return Ok(());
    };
    let codes = codes(connection, id)?;
    let mut keywords = vec![vendor.as_str(), document.product_type.as_str()];
    keywords.push(&document.category);
    keywords.extend(document.tags.iter().map(String::as_str));
    let values = document.options.iter().flat_map(|option| &option.values);
    keywords.extend(values.map(String::as_str));
    let body = html::plain_text(&document.body_html, SEARCHED);
    connection
        .prepare_cached(
            "INSERT INTO search (rowid, title, keywords, codes, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            id,
            column([title.as_str()]),
            column(keywords),
            column(codes.iter().map(String::as_str)),
            column([body.as_str()]),
        ])
        .map(drop)
}

/// SKUs and barcodes of the variants.
fn codes(connection: &Connection, id: i64) -> rusqlite::Result<Vec<String>> {
    let mut variants = connection.prepare_cached(
        "SELECT sku, barcode FROM variant WHERE product_id = ?1 AND position IS NOT NULL",
    )?;
    let mut rows = variants.query([id])?;
    let mut codes = Vec::new();
    while let Some(row) = rows.next()? {
        codes.extend([row.get(0)?, row.get(1)?]);
    }
    Ok(codes)
}

fn column<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut column = String::new();
    for text in texts {
        terms::write(&mut column, text);
    }
    column
}
