//! Pages of collections. Every page starts at a place in the order (keyset), never at a count of
//! rows, so that a change of the catalogue neither repeats nor skips a product.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use super::asked_list::DEFAULT;
use super::cursor::{self, Key, Place};
use super::failure::failure;
use super::rows::{self, COLLECTION, card_columns};
use super::state;
use crate::listing::{CollectionPage, Direction, MAX_PAGE_SIZE, PageInfo, PageRequest};
use crate::{Card, Collection, ProviderError, Sort};

/// The id in the tag of the virtual collection of everything.
pub(super) const ALL: i64 = 0;

/// A page by a price list, and the id of its collection.
pub(super) fn page(
    connection: &Connection,
    list: i64,
    handle: &str,
    request: &PageRequest,
) -> Result<Option<(i64, CollectionPage)>, ProviderError> {
    let place = request
        .cursor
        .as_deref()
        .map(|cursor| cursor::decode(request.sort, cursor))
        .transpose()?;
    read(connection, list, handle, request, place)
        .map_err(|error| failure("reading a collection", error))
}

fn read(
    connection: &Connection,
    price_list: i64,
    handle: &str,
    request: &PageRequest,
    place: Option<Place>,
) -> rusqlite::Result<Option<(i64, CollectionPage)>> {
    let snapshot = connection.unchecked_transaction()?;
    let Some((id, mut collection)) = find(&snapshot, handle)? else {
        return Ok(None);
    };
    let size = request.size.clamp(1, MAX_PAGE_SIZE);
    let list = List {
        connection: &snapshot,
        collection: id,
        price_list,
        sort: request.sort,
    };
    if price_list != DEFAULT {
        collection.product_count = list.count()?;
    }
    let limit = size as usize;
    let backward = request.direction == Direction::Prev;
    let mut rows = list.rows(place.as_ref(), backward, size + 1)?;
    // Behind a cursor there is nothing when the catalogue has shrunk: the beginning, then.
    let from_start = place.is_none() || rows.is_empty();
    let backward = backward && !from_start;
    if rows.is_empty() || (from_start && request.direction == Direction::Prev) {
        rows = list.rows(None, false, size + 1)?;
    }
    let beyond = rows.split_off(limit.min(rows.len())).pop();
    if backward {
        rows.reverse();
    }
    let other_side = |edge: Option<&(Place, Card)>, backward| match edge {
        Some((place, _)) if !from_start => list
            .rows(Some(place), backward, 1)
            .map(|mut rows| rows.pop()),
        _ => Ok(None),
    };
    let (before, after) = match backward {
        true => (beyond, other_side(rows.last(), false)?),
        false => (other_side(rows.first(), true)?, beyond),
    };
    let number = match rows.first() {
        Some((place, _)) if before.is_some() => {
            let size = i64::from(size);
            1 + (list.count_before(place)? + size - 1) / size
        }
        _ => 1,
    };
    let cursor = |wanted: bool, edge: Option<&(Place, Card)>| {
        edge.filter(|_| wanted)
            .map(|(place, _)| cursor::encode(request.sort, place))
    };
    let page = PageInfo {
        size,
        prev_cursor: cursor(before.is_some(), rows.first()),
        next_cursor: cursor(after.is_some(), rows.last()),
        total: collection.product_count,
    };
    let cursor = cursor(true, before.as_ref());
    let products = rows.into_iter().map(|(_, card)| card).collect();
    Ok(Some((
        id,
        CollectionPage {
            collection,
            products,
            page,
            sort: request.sort,
            number,
            cursor,
        },
    )))
}

/// The collection of a handle, with its id.
pub(super) fn find(
    connection: &Connection,
    handle: &str,
) -> rusqlite::Result<Option<(i64, Collection)>> {
    if handle == "all" {
        let published = state::read(connection)?.published;
        let all = Collection {
            handle: "all".into(),
            title: "All products".into(),
            description: String::new(),
            image: None,
            product_count: published,
        };
        return Ok(Some((ALL, all)));
    }
    connection
        .prepare_cached(&format!(
            "SELECT {COLLECTION}, c.id FROM collection c WHERE handle = ?1"
        ))?
        .query_row([handle], |row| Ok((row.get(6)?, rows::collection(row)?)))
        .optional()
}

/// A collection in an order.
struct List<'a> {
    connection: &'a Connection,
    collection: i64,
    price_list: i64,
    sort: Sort,
}

impl List<'_> {
    /// At most `limit` rows behind a place (before it when `backward`), nearest first.
    fn rows(
        &self,
        place: Option<&Place>,
        backward: bool,
        limit: u32,
    ) -> rusqlite::Result<Vec<(Place, Card)>> {
        let Part {
            from,
            mut values,
            key,
            ordered,
        } = self.part(place, backward);
        values.push(i64::from(limit).into());
        let (card, _) = card_columns(self.price_list);
        let sql = format!("SELECT {card}, {key} FROM {from} ORDER BY {ordered} LIMIT ?");
        self.connection
            .prepare_cached(&sql)?
            .query_map(params_from_iter(values), |row| {
                let card = rows::card(row)?;
                Ok((
                    Place {
                        key: key_of(row, 12)?,
                        id: card.id,
                    },
                    card,
                ))
            })?
            .collect()
    }

    /// The part of a query from `FROM` on that reads the list behind a place, and its values; what
    /// it is sorted by, and its `ORDER BY`.
    fn part(&self, place: Option<&Place>, backward: bool) -> Part {
        let mut values: Vec<Value> = Vec::with_capacity(4);
        let (_, priced) = card_columns(self.price_list);
        let (from, id) = if self.collection == ALL {
            (format!("product p{priced} WHERE p.published = 1"), "p.id")
        } else {
            values.push(self.collection.into());
            (
                format!(
                    "collection_product cp CROSS JOIN product p ON p.id = cp.product_id{priced} \
                     WHERE cp.collection_id = ? AND p.published = 1"
                ),
                "cp.product_id",
            )
        };
        let key = key_column(self.sort, self.price_list);
        let descending = self.sort.is_descending();
        let (compare, order) = if descending != backward {
            ("<", "DESC")
        } else {
            (">", "ASC")
        };
        let behind = match (place, key) {
            (None, _) => String::new(),
            (Some(place), None) => {
                values.push(place.id.into());
                format!("AND {id} {compare} ?")
            }
            (Some(place), Some(key)) => {
                values.push(match &place.key {
                    Key::Nothing => Value::Null,
                    Key::Number(number) => Value::Integer(*number),
                    Key::Text(text) => Value::Text(text.clone()),
                });
                values.push(place.id.into());
                format!("AND ({key}, {id}) {compare} (?, ?)")
            }
        };
        let ordered = match key {
            Some(key) => format!("{key} {order}, {id} {order}"),
            None => format!("{id} {order}"),
        };
        Part {
            from: format!("{from} {behind}"),
            values,
            key: key.unwrap_or("NULL"),
            ordered,
        }
    }

    /// How many products there are by this price list.
    fn count(&self) -> rusqlite::Result<i64> {
        let Part { from, values, .. } = self.part(None, false);
        self.connection
            .prepare_cached(&format!("SELECT count(*) FROM {from}"))?
            .query_row(params_from_iter(values), |row| row.get(0))
    }

    /// How many products come before a place.
    fn count_before(&self, place: &Place) -> rusqlite::Result<i64> {
        let Part { from, values, .. } = self.part(Some(place), true);
        self.connection
            .prepare_cached(&format!("SELECT count(*) FROM {from}"))?
            .query_row(params_from_iter(values), |row| row.get(0))
    }
}

/// A part of a query.
struct Part {
    from: String,
    values: Vec<Value>,
    key: &'static str,
    ordered: String,
}

/// The column that an order is by, besides the id.
pub(super) fn key_column(sort: Sort, price_list: i64) -> Option<&'static str> {
    match (sort, price_list) {
        (Sort::Featured | Sort::Newest, _) => None,
        (Sort::TitleAsc | Sort::TitleDesc, _) => Some("p.title_key"),
        (Sort::PriceAsc | Sort::PriceDesc, DEFAULT) => Some("p.price_min"),
        (Sort::PriceAsc | Sort::PriceDesc, _) => Some("pp.price_min"),
    }
}

/// The value of such a column.
pub(super) fn key_of(row: &Row<'_>, column: usize) -> rusqlite::Result<Key> {
    Ok(match row.get::<_, Value>(column)? {
        Value::Integer(number) => Key::Number(number),
        Value::Text(text) => Key::Text(text),
        _ => Key::Nothing,
    })
}
