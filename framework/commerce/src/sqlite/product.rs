//! How a product of a file is written into the catalogue's tables.

use std::collections::{BTreeSet, HashMap, HashSet};

use rusqlite::{Connection, params};

use super::document::to_json;
use super::stored::{Known, Price, Stored, StoredVariant};
use super::summary::Summary;
use crate::import::collections::Collections;
use crate::import::merge::Merged;
use crate::{CollectionLink, MetafieldName, Metafields, text};

/// Characters of a title that lists are sorted by.
const TITLE_KEY: usize = 100;

/// What writing a product did besides.
pub(super) struct Done {
    /// Collections that were not there before.
    pub collections: u64,
    /// Variants that are not sold any more.
    pub retired: u64,
}

/// Writes a product with all that belongs to it.
pub(super) fn put(
    connection: &Connection,
    handle: &str,
    known: Option<&Known>,
    merged: &Merged,
    touched: &mut BTreeSet<i64>,
) -> rusqlite::Result<Done> {
    let product = &merged.product;
    let id = put_head(connection, handle, known.map(|known| known.id), product)?;
    put_document(connection, id, product)?;
    let retired = put_variants(connection, id, known, product)?;
    let own = known.map(|known| &known.product.metafields);
    put_metafields(connection, id, 0, own, &product.metafields)?;
    match (known, product.variants.as_slice()) {
        (None, variants) if variants.iter().all(|one| one.prices.is_empty()) => {
            put_single_variant(connection, id, variants)?;
        }
        _ => summarise(connection, id)?,
    }
    let collections = put_collections(connection, id, merged.collections.as_ref(), touched)?;
    Ok(Done {
        collections,
        retired,
    })
}

/// Writes what lists show of the product; what is derived from its variants only where it is new.
fn put_head(
    connection: &Connection,
    handle: &str,
    known: Option<i64>,
    product: &Stored,
) -> rusqlite::Result<i64> {
    let title_key = text::prefix(&product.title.to_lowercase(), TITLE_KEY).to_owned();
    let mut of_variants = product.variants.iter().filter_map(|one| one.image.as_ref());
    let (src, alt) = match product.document.images.first() {
        Some(image) => (Some(&image.src), image.alt.as_str()),
        None => (of_variants.next(), ""),
    };
    let summary = Summary::of(&product.variants);
    connection
        .prepare_cached(
            "INSERT INTO product (id, handle, revision, published, available, title, title_key, \
               vendor, image_src, image_alt, price_min, price_max, compare_at, on_sale) \
             VALUES (?1, ?2, 1, ?3, ?9, ?4, ?5, ?6, ?7, ?8, ?10, ?11, ?12, ?13) \
             ON CONFLICT (id) DO UPDATE SET \
               published = excluded.published, \
               title = excluded.title, title_key = excluded.title_key, \
               vendor = excluded.vendor, image_src = excluded.image_src, \
               image_alt = excluded.image_alt \
             RETURNING id",
        )?
        .query_row(
            params![
                known,
                handle,
                product.published,
                product.title,
                title_key,
                product.vendor,
                src,
                src.map(|_| alt),
                summary.available,
                summary.price_min,
                summary.price_max,
                summary.compare_at,
                summary.on_sale,
            ],
            |row| row.get(0),
        )
}

fn put_document(connection: &Connection, id: i64, product: &Stored) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO product_document (product_id, body) VALUES (?1, ?2) \
             ON CONFLICT (product_id) DO UPDATE SET body = excluded.body",
        )?
        .execute(params![id, to_json(&product.document)?])
        .map(drop)
}

/// Writes the variants; says how many are not sold any more. Those stay, without a position, for
/// the carts that name them.
fn put_variants(
    connection: &Connection,
    id: i64,
    known: Option<&Known>,
    product: &Stored,
) -> rusqlite::Result<u64> {
    let mut retire =
        connection.prepare_cached("UPDATE variant SET position = NULL WHERE id = ?1")?;
    let on_sale: HashSet<Option<i64>> = product.variants.iter().map(|one| one.id).collect();
    let mut retired = 0;
    for one in known.iter().flat_map(|known| &known.product.variants) {
        if !on_sale.contains(&one.id) {
            retire.execute([one.id])?;
            retired += 1;
        }
    }
    let before: HashMap<Option<i64>, &StoredVariant> = known
        .iter()
        .flat_map(|known| known.product.variants.iter().chain(&known.retired))
        .map(|one| (one.id, one))
        .collect();
    let mut write = connection.prepare_cached(
        "INSERT INTO variant (id, product_id, position, sku, title, options, tracked, oversell, \
           image, barcode) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
         ON CONFLICT (id) DO UPDATE SET position = excluded.position, sku = excluded.sku, \
           title = excluded.title, options = excluded.options, tracked = excluded.tracked, \
           oversell = excluded.oversell, image = excluded.image, barcode = excluded.barcode \
         RETURNING id",
    )?;
    for (position, variant) in (0_i64..).zip(&product.variants) {
        let written: i64 = write.query_row(
            params![
                variant.id,
                id,
                position,
                variant.sku,
                variant.options.join(" / "),
                to_json(&variant.options)?,
                variant.tracked,
                variant.oversell,
                variant.image,
                variant.barcode,
            ],
            |row| row.get(0),
        )?;
        let before = variant.id.and_then(|_| before.get(&variant.id).copied());
        put_prices(connection, written, before, variant)?;
        put_stock(connection, written, before, variant)?;
        let known = before.map(|before| &before.metafields);
        put_metafields(connection, id, written, known, &variant.metafields)?;
    }
    Ok(retired)
}

/// Writes the prices that are not what they were.
fn put_prices(
    connection: &Connection,
    id: i64,
    before: Option<&StoredVariant>,
    variant: &StoredVariant,
) -> rusqlite::Result<()> {
    let mut write = connection.prepare_cached(
        "INSERT INTO price (variant_id, list_id, amount, compare_at) \
         SELECT ?1, id, ?3, ?4 FROM price_list WHERE name = ?2 \
         ON CONFLICT (variant_id, list_id) DO UPDATE SET \
           amount = excluded.amount, compare_at = excluded.compare_at",
    )?;
    if before.is_none_or(|before| before.price != variant.price) {
        let Price { amount, compare_at } = variant.price;
        connection
            .prepare_cached(
                "INSERT INTO price (variant_id, list_id, amount, compare_at) \
                 VALUES (?1, 1, ?2, ?3) ON CONFLICT (variant_id, list_id) DO UPDATE SET \
                   amount = excluded.amount, compare_at = excluded.compare_at",
            )?
            .execute(params![id, amount, compare_at])?;
    }
    for (list, price) in &variant.prices {
        if before.and_then(|before| before.prices.get(list)) != Some(price) {
            write.execute(params![id, list, price.amount, price.compare_at])?;
        }
    }
    for list in before.iter().flat_map(|before| before.prices.keys()) {
        if !variant.prices.contains_key(list) {
            connection
                .prepare_cached(
                    "DELETE FROM price WHERE variant_id = ?1 \
                     AND list_id = (SELECT id FROM price_list WHERE name = ?2)",
                )?
                .execute(params![id, list])?;
        }
    }
    Ok(())
}

/// Writes the stock that is not what it was; locations are made where they are missing.
fn put_stock(
    connection: &Connection,
    id: i64,
    before: Option<&StoredVariant>,
    variant: &StoredVariant,
) -> rusqlite::Result<()> {
    let mut write = connection.prepare_cached(
        "INSERT INTO stock (variant_id, location_id, on_hand, committed) \
         SELECT ?1, id, ?3, ?4 FROM location WHERE name = ?2 \
         ON CONFLICT (variant_id, location_id) DO UPDATE SET \
           on_hand = excluded.on_hand, committed = excluded.committed",
    )?;
    for (location, stock) in &variant.stock {
        if before.and_then(|before| before.stock.get(location)) == Some(stock) {
            continue;
        }
        let row = params![id, location, stock.on_hand, stock.committed];
        if write.execute(row)? == 0 {
            connection.execute("INSERT INTO location (name) VALUES (?1)", [location])?;
            write.execute(row)?;
        }
    }
    Ok(())
}

/// Writes the metafields that are not what they were; `variant` is 0 for the product's own.
fn put_metafields(
    connection: &Connection,
    product: i64,
    variant: i64,
    before: Option<&Metafields>,
    after: &Metafields,
) -> rusqlite::Result<()> {
    let none = Metafields::default();
    let before = before.unwrap_or(&none);
    for (name, field) in after.iter() {
        let MetafieldName { namespace, key } = name;
        if before.get(namespace, key) == Some(field) {
            continue;
        }
        connection
            .prepare_cached(
                "INSERT INTO metafield (product_id, variant_id, namespace, key, type, value) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                 ON CONFLICT (product_id, variant_id, namespace, key) DO UPDATE SET \
                   type = excluded.type, value = excluded.value",
            )?
            .execute(params![
                product,
                variant,
                namespace,
                key,
                field.type_name(),
                field.value(),
            ])?;
    }
    for (MetafieldName { namespace, key }, _) in before.iter() {
        if after.get(namespace, key).is_none() {
            connection
                .prepare_cached(
                    "DELETE FROM metafield WHERE product_id = ?1 AND variant_id = ?2 \
                     AND namespace = ?3 AND key = ?4",
                )?
                .execute(params![product, variant, namespace, key])?;
        }
    }
    Ok(())
}

/// Writes the variant of a new product that has one.
fn put_single_variant(
    connection: &Connection,
    id: i64,
    variants: &[StoredVariant],
) -> rusqlite::Result<()> {
    if let [_] = variants {
        connection
            .prepare_cached(
                "UPDATE product SET single_variant = (\
                   SELECT id FROM variant WHERE product_id = ?1) WHERE id = ?1",
            )?
            .execute([id])?;
    }
    Ok(())
}

/// Brings up to date what is derived from the variants, when all of them are there.
fn summarise(connection: &Connection, id: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO product_to_summarise VALUES (?1)")?
        .execute([id])
        .map(drop)
}

/// Puts the product into these collections and into no others; says how many are new.
fn put_collections(
    connection: &Connection,
    id: i64,
    wanted: Option<&Collections>,
    touched: &mut BTreeSet<i64>,
) -> rusqlite::Result<u64> {
    let before = connection
        .prepare_cached("SELECT collection_id FROM collection_product WHERE product_id = ?1")?
        .query_map([id], |row| row.get(0))?
        .collect::<rusqlite::Result<BTreeSet<i64>>>()?;
    touched.extend(&before);
    let Some(Collections { links, derived }) = wanted else {
        return Ok(0);
    };
    let mut new = 0;
    let mut after = BTreeSet::new();
    for CollectionLink { handle, title } in links {
        new += connection
            .prepare_cached(
                "INSERT INTO collection \
                   (handle, title, title_key, description, product_count, derived) \
                 VALUES (?1, ?2, ?3, '', 0, ?4) ON CONFLICT (handle) DO NOTHING",
            )?
            .execute(params![handle, title, title.to_lowercase(), derived])? as u64;
        let (collection, was_derived): (i64, bool) = connection
            .prepare_cached("SELECT id, derived FROM collection WHERE handle = ?1")?
            .query_row([handle], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if was_derived && !derived {
            connection
                .prepare_cached("UPDATE collection SET derived = 0 WHERE id = ?1")?
                .execute([collection])?;
        }
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
