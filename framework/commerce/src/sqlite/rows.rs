//! What several queries select, and how a row of it is read.

use rusqlite::types::Type;
use rusqlite::{Connection, Row};
use serde::Deserialize;

use super::asked_list::DEFAULT;
use crate::{Card, Collection, CollectionLink, Image, Metafield, MetafieldName};

/// Columns of [`card`].
const CARD: &str = "p.id, p.handle, p.title, p.vendor, p.image_src, p.image_alt, \
     p.price_min, p.price_max, p.compare_at, p.available, p.single_variant, p.on_sale";

/// The same by a price list other than the default one.
const CARD_PRICED: &str = "p.id, p.handle, p.title, p.vendor, p.image_src, p.image_alt, \
     pp.price_min, pp.price_max, pp.compare_at, pp.available, pp.single_variant, pp.on_sale";

/// Columns of [`card`] by a price list, and what has to be joined for them to `product p`.
pub(super) fn card_columns(list: i64) -> (&'static str, String) {
    match list {
        DEFAULT => (CARD, String::new()),
        list => (
            CARD_PRICED,
            format!(
                " CROSS JOIN product_by_list pp ON pp.list_id = {list} AND pp.product_id = p.id"
            ),
        ),
    }
}

/// Pieces of the variant `v` that can be sold; NULL where they are not counted.
pub(super) const PIECES: &str = "CASE v.tracked WHEN 1 THEN (\
     SELECT coalesce(sum(s.on_hand - s.committed), 0) FROM stock s WHERE s.variant_id = v.id) END";

/// Columns of [`collection`].
pub(super) const COLLECTION: &str =
    "c.handle, c.title, c.description, c.image_src, c.image_alt, c.product_count";

pub(super) fn card(row: &Row<'_>) -> rusqlite::Result<Card> {
    Ok(Card {
        id: row.get(0)?,
        handle: row.get(1)?,
        title: row.get(2)?,
        vendor: row.get(3)?,
        image: image(row, 4, 2)?,
        price_min: row.get(6)?,
        price_max: row.get(7)?,
        compare_at: row.get(8)?,
        available: row.get(9)?,
        variant_id: row.get(10)?,
        on_sale: row.get(11)?,
    })
}

pub(super) fn collection(row: &Row<'_>) -> rusqlite::Result<Collection> {
    Ok(Collection {
        handle: row.get(0)?,
        title: row.get(1)?,
        description: row.get(2)?,
        image: image(row, 3, 1)?,
        product_count: row.get(5)?,
    })
}

/// The picture in a column, with the alternative text in the next one, else the title in `title`.
fn image(row: &Row<'_>, column: usize, title: usize) -> rusqlite::Result<Option<Image>> {
    let Some(src) = row.get(column)? else {
        return Ok(None);
    };
    let alt: Option<String> = row.get(column + 1)?;
    let alt = match alt.filter(|alt| !alt.is_empty()) {
        Some(alt) => alt,
        None => row.get(title)?,
    };
    Ok(Some(Image { src, alt }))
}

/// The collections that a product is in.
pub(super) fn collections_of(
    connection: &Connection,
    product: i64,
) -> rusqlite::Result<Vec<CollectionLink>> {
    connection
        .prepare_cached(
            "SELECT c.handle, c.title FROM collection_product cp \
             JOIN collection c ON c.id = cp.collection_id WHERE cp.product_id = ?1 ORDER BY c.id",
        )?
        .query_map([product], |row| {
            Ok(CollectionLink {
                handle: row.get(0)?,
                title: row.get(1)?,
            })
        })?
        .collect()
}

/// Reads the metafields of a product and of its variants, each with the variant's id, else 0. Says
/// whether all values are of their types; others, which only SQL by hand can write, are left out.
pub(super) fn metafields(
    connection: &Connection,
    product: i64,
    mut take: impl FnMut(i64, MetafieldName, Metafield),
) -> rusqlite::Result<bool> {
    let mut query = connection.prepare_cached(
        "SELECT variant_id, namespace, key, type, value FROM metafield WHERE product_id = ?1",
    )?;
    let mut rows = query.query([product])?;
    let mut all_fit = true;
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let name = MetafieldName::new(text(1)?, text(2)?);
        match (name, Metafield::new(text(3)?, text(4)?)) {
            (Ok(name), Ok(field)) => take(row.get(0)?, name, field),
            _ => all_fit = false,
        }
    }
    Ok(all_fit)
}

/// A column of JSON.
pub(super) fn json<T: for<'de> Deserialize<'de>>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into())
    })
}
