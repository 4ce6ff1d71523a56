//! How a product of a file is written into the catalogue's tables.

use std::collections::BTreeSet;

use rusqlite::{CachedStatement, Connection, params};

use super::catalogue::json;
use super::document::to_json;
use crate::commerce::import::product::Incoming;
use crate::commerce::{CollectionLink, html, text};

/// Characters of a title that lists are sorted by.
const TITLE_KEY: usize = 100;

/// Characters of a body that searches look into.
const SEARCHED: usize = 4_000;

/// Writes a product with all that belongs to it; says how many collections are new.
pub(super) fn put(
    connection: &Connection,
    known: Option<i64>,
    product: &Incoming,
    touched: &mut BTreeSet<i64>,
) -> rusqlite::Result<u64> {
    let id = put_head(connection, known, product)?;
    put_document(connection, id, product)?;
    put_variants(connection, id, product)?;
    let collections = put_collections(connection, id, product, touched)?;
    Ok(collections)
}

fn put_head(
    connection: &Connection,
    known: Option<i64>,
    product: &Incoming,
) -> rusqlite::Result<i64> {
    let title_key = text::prefix(&product.title.to_lowercase(), TITLE_KEY).to_owned();
    let image = product.document.images.first();
    let cheapest = product.variants.iter().min_by_key(|variant| variant.price);
    let dearest = product.variants.iter().map(|variant| variant.price).max();
    let available = product
        .variants
        .iter()
        .any(|variant| variant.oversell || variant.quantity.is_none_or(|pieces| pieces > 0));
    connection
        .prepare_cached(
            "INSERT INTO product (id, handle, revision, published, available, title, title_key, \
               vendor, image_src, image_alt, price_min, price_max, compare_at, on_sale) \
             VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) \
             ON CONFLICT (id) DO UPDATE SET revision = revision + 1, \
               published = excluded.published, available = excluded.available, \
               title = excluded.title, title_key = excluded.title_key, \
               vendor = excluded.vendor, image_src = excluded.image_src, \
               image_alt = excluded.image_alt, price_min = excluded.price_min, \
               price_max = excluded.price_max, compare_at = excluded.compare_at, \
               on_sale = excluded.on_sale \
             RETURNING id",
        )?
        .query_row(
            params![
                known,
                product.handle,
                product.published,
                available,
                product.title,
                title_key,
                product.vendor,
                image.map(|image| &image.src),
                image.map(|image| &image.alt),
                cheapest.map(|variant| variant.price),
                dearest,
                cheapest.and_then(|variant| variant.compare_at),
                product
                    .variants
                    .iter()
                    .any(|variant| variant.compare_at.is_some()),
            ],
            |row| row.get(0),
        )
}

fn put_document(connection: &Connection, id: i64, product: &Incoming) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO product_document (product_id, body) VALUES (?1, ?2) \
             ON CONFLICT (product_id) DO UPDATE SET body = excluded.body",
        )?
        .execute(params![id, to_json(&product.document)?])
        .map(drop)
}

/// A variant that the catalogue has.
struct Known {
    id: i64,
    sku: String,
    options: Vec<String>,
    used: bool,
}

/// Writes the variants. One with the SKU of a known one takes its id, since carts name it by that;
/// among several of one SKU the option values decide. Variants that are not named any more stay,
/// without a position.
fn put_variants(connection: &Connection, id: i64, product: &Incoming) -> rusqlite::Result<()> {
    let mut known = connection
        .prepare_cached(
            "SELECT id, sku, options FROM variant WHERE product_id = ?1 \
             ORDER BY position IS NULL, position, id",
        )?
        .query_map([id], |row| {
            Ok(Known {
                id: row.get(0)?,
                sku: row.get(1)?,
                options: json(row, 2)?,
                used: false,
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let mut ids: Vec<Option<i64>> = vec![None; product.variants.len()];
    for exactly in [true, false] {
        for (slot, variant) in ids.iter_mut().zip(&product.variants) {
            let fits = |one: &&mut Known| {
                !one.used && one.sku == variant.sku && (!exactly || one.options == variant.options)
            };
            if slot.is_none()
                && let Some(one) = known.iter_mut().find(fits)
            {
                one.used = true;
                *slot = Some(one.id);
            }
        }
    }
    let mut retire: CachedStatement<'_> =
        connection.prepare_cached("UPDATE variant SET position = NULL WHERE id = ?1")?;
    for one in known.iter().filter(|one| !one.used) {
        retire.execute([one.id])?;
    }
    let mut write = connection.prepare_cached(
        "INSERT INTO variant (id, product_id, position, sku, title, options, price, compare_at, \
           quantity, oversell, image) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
         ON CONFLICT (id) DO UPDATE SET position = excluded.position, sku = excluded.sku, \
           title = excluded.title, options = excluded.options, price = excluded.price, \
           compare_at = excluded.compare_at, quantity = excluded.quantity, \
           oversell = excluded.oversell, image = excluded.image \
         RETURNING id",
    )?;
    let mut last = None;
    for (position, (known, variant)) in (0_i64..).zip(ids.iter().zip(&product.variants)) {
        let written: i64 = write.query_row(
            params![
                known,
                id,
                position,
                variant.sku,
                variant.options.join(" / "),
                to_json(&variant.options)?,
                variant.price,
                variant.compare_at,
                variant.quantity,
                variant.oversell,
                variant.image,
            ],
            |row| row.get(0),
        )?;
        last = Some(written);
    }
    let single = last.filter(|_| product.variants.len() == 1);
    connection
        .prepare_cached("UPDATE product SET single_variant = ?2 WHERE id = ?1")?
        .execute(params![id, single])
        .map(drop)
}

/// Puts the product into the collections the file names and into no others, where it names any;
/// says how many are new.
fn put_collections(
    connection: &Connection,
    id: i64,
    product: &Incoming,
    touched: &mut BTreeSet<i64>,
) -> rusqlite::Result<u64> {
    let before = connection
        .prepare_cached("SELECT collection_id FROM collection_product WHERE product_id = ?1")?
        .query_map([id], |row| row.get(0))?
        .collect::<rusqlite::Result<BTreeSet<i64>>>()?;
    touched.extend(&before);
    let Some(wanted) = &product.collections else {
        return Ok(0);
    };
    let mut new = 0;
    let mut after = BTreeSet::new();
    for CollectionLink { handle, title } in wanted {
        new += connection
            .prepare_cached(
                "INSERT INTO collection (handle, title, title_key, description, product_count) \
                 VALUES (?1, ?2, ?3, '', 0) ON CONFLICT (handle) DO NOTHING",
            )?
            .execute(params![handle, title, title.to_lowercase()])? as u64;
        let collection: i64 = connection
            .prepare_cached("SELECT id FROM collection WHERE handle = ?1")?
            .query_row([handle], |row| row.get(0))?;
        after.insert(collection);
    }
    for collection in before.difference(&after) {
        connection
            .prepare_cached(
                "DELETE FROM collection_product WHERE collection_id = ?1 AND product_id = ?2",
            )?
            .execute(params![collection, id])?;
    }
    for collection in after.difference(&before) {
        connection
            .prepare_cached(
                "INSERT INTO collection_product (collection_id, product_id) VALUES (?1, ?2)",
            )?
            .execute(params![collection, id])?;
    }
    touched.extend(&after);
    Ok(new)
}

/// Writes the words that searches find the product by.
pub(super) fn put_words(
    connection: &Connection,
    id: i64,
    is_known: bool,
    product: &Incoming,
) -> rusqlite::Result<()> {
    if is_known {
        connection
            .prepare_cached("DELETE FROM search WHERE rowid = ?1")?
            .execute([id])?;
    }
    if !product.published {
        return Ok(());
    }
    let document = &product.document;
    let mut keywords = vec![product.vendor.as_str(), document.product_type.as_str()];
    keywords.extend(document.tags.iter().map(String::as_str));
    keywords.extend(
        document
            .options
            .iter()
            .flat_map(|option| &option.values)
            .map(String::as_str),
    );
    keywords.extend(product.variants.iter().map(|variant| variant.sku.as_str()));
    let body = html::plain_text(&document.body_html, SEARCHED);
    connection
        .prepare_cached(
            "INSERT INTO search (rowid, title, keywords, body) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![id, product.title, keywords.join(" "), body])
        .map(drop)
}
