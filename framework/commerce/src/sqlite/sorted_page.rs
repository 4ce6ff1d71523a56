//! Pages of collections whose order a filter has: what is asked, and the page when the filter has
//! said which products are on it. [`listing`](super::listing) makes the same pages by itself.

use protium_types::Tag;
use rusqlite::{Connection, OptionalExtension, params};

use super::asked_list::{AskedList, DEFAULT};
use super::cursor::{self, Key, Place};
use super::failure::failure;
use super::found_list::{FoundList, ListProducts};
use super::listing::{find, key_column, key_of};
use super::rows::card_columns;
use super::search;
use super::store::Store;
use crate::listing::{CollectionPage, MAX_PAGE_SIZE, PageInfo, PageRequest};
use crate::{Collection, Context, ProviderError, Sort};

/// A collection of which a page is asked.
#[derive(Debug)]
pub struct AskedPage {
    /// Its products and prices.
    pub list: FoundList,
    /// The id of the product beside which the page lies; `None` is the beginning.
    pub beside: Option<i64>,
    /// Cards wanted, at least 1.
    pub size: u32,
    collection: Collection,
    id: i64,
}

/// The products that are on a page.
#[derive(Debug)]
pub struct SortedPage {
    /// How many products of the list come before the page.
    pub start: u32,
    /// The product before the page.
    pub before: Option<i64>,
    /// Those on it, in order.
    pub products: Vec<i64>,
    /// Whether there are products behind it.
    pub has_more: bool,
    /// Products in the whole list.
    pub total: u32,
}

impl Store {
    /// What a request asks of a collection. `None` where only [`Catalogue::collection`] knows the
    /// answer: there is no such collection, or what its cursor names does not stand where it did.
    ///
    /// [`Catalogue::collection`]: crate::Catalogue::collection
    pub async fn asked_page(
        &self,
        context: &Context,
        handle: &str,
        request: &PageRequest,
    ) -> Result<Option<AskedPage>, ProviderError> {
        let asked = AskedList::of(context);
        let sort = request.sort;
        let cursor = request.cursor.as_deref();
        let place = cursor.map(|cursor| cursor::decode(sort, cursor));
        let place = place.transpose()?;
        let read = |connection: &Connection| {
            let price_list = asked.id(connection)?;
            let read = || {
                let Some((id, collection)) = find(connection, handle)? else {
                    return Ok(None);
                };
                let beside = place.as_ref().map(|place| place.id);
                if place
                    != beside.map_or(Ok(None), |id| stands(connection, price_list, sort, id))?
                {
                    return Ok(None);
                }
                let products = ListProducts::Collection(id);
                Ok(Some(AskedPage {
                    list: FoundList {
                        price_list,
                        products,
                    },
                    beside,
                    size: request.size.clamp(1, MAX_PAGE_SIZE),
                    collection,
                    id,
                }))
            };
            read().map_err(|error| failure("reading a collection", error))
        };
        self.0.readers.quick(context.deadline, read).await?
    }

    /// The page with these products; `None` when some of them have gone in the meantime. The page
    /// depends on them and on the collection.
    pub async fn sorted_page(
        &self,
        context: &Context,
        asked: AskedPage,
        sort: Sort,
        sorted: &SortedPage,
    ) -> Result<Option<CollectionPage>, ProviderError> {
        let read = |connection: &Connection| page(connection, &asked, sort, sorted);
        let read = self.0.readers.quick(context.deadline, read).await?;
        let page = read.map_err(|error| failure("reading a collection", error))?;
        if let Some(page) = &page {
            context.recorder.freshness(self.0.options.freshness);
            context.recorder.tag(Tag::collection(asked.id));
            let tags = page.products.iter().map(|card| Tag::product(card.id));
            context.recorder.tags(tags);
        }
        Ok(page)
    }
}

fn page(
    connection: &Connection,
    asked: &AskedPage,
    sort: Sort,
    sorted: &SortedPage,
) -> rusqlite::Result<Option<CollectionPage>> {
    let snapshot = connection.unchecked_transaction()?;
    let price_list = asked.list.price_list;
    let products = search::cards(&snapshot, price_list, &sorted.products)?;
    if products.len() < sorted.products.len() {
        return Ok(None);
    }
    let cursor = |id: Option<&i64>| {
        let place = id.map_or(Ok(None), |id| stands(&snapshot, price_list, sort, *id))?;
        Ok::<_, rusqlite::Error>(place.map(|place| cursor::encode(sort, &place)))
    };
    let mut collection = asked.collection.clone();
    if price_list != DEFAULT {
        collection.product_count = sorted.total.into();
    }
    let is_first = sorted.start == 0;
    let page = PageInfo {
        size: asked.size,
        prev_cursor: cursor(sorted.products.first().filter(|_| !is_first))?,
        next_cursor: cursor(sorted.products.last().filter(|_| sorted.has_more))?,
        total: collection.product_count,
    };
    Ok(Some(CollectionPage {
        collection,
        products,
        page,
        sort,
        number: 1 + i64::from(sorted.start.div_ceil(asked.size)),
        cursor: cursor(sorted.before.as_ref())?,
    }))
}

/// Where a product that visitors can see stands.
fn stands(
    connection: &Connection,
    price_list: i64,
    sort: Sort,
    id: i64,
) -> rusqlite::Result<Option<Place>> {
    let (_, priced) = card_columns(price_list);
    let key = key_column(sort, price_list).unwrap_or("NULL");
    let key: Option<Key> = connection
        .prepare_cached(&format!(
            "SELECT {key} FROM product p{priced} WHERE p.id = ?1 AND p.published = 1"
        ))?
        .query_row(params![id], |row| key_of(row, 0))
        .optional()?;
    Ok(key.map(|key| Place { key, id }))
}
