//! Which products a list has that is to be narrowed, and cards by their ids.

use protium_types::Tag;
use rusqlite::{Connection, OptionalExtension};

use super::asked_list::AskedList;
use super::facets;
use super::failure::failure;
use super::found_list::{FoundList, ListProducts};
use super::listing::ALL;
use super::search::{self, Search};
use super::store::Store;
use crate::filter::{List, NarrowRequest, NarrowedPage};
use crate::{Card, Context, ProviderError};

impl Store {
    /// What a list is at the moment; `None` when there is no such collection. Pages of it depend on
    /// it.
    pub async fn find_list(
        &self,
        context: &Context,
        list: &List,
    ) -> Result<Option<FoundList>, ProviderError> {
        let asked = AskedList::of(context);
        let found = match list {
            List::Collection(handle) => {
                let read = |connection: &Connection| {
                    let collection = collection(connection, handle)?;
                    found(connection, &asked, collection.map(ListProducts::Collection))
                };
                self.0.readers.quick(context.deadline, read).await??
            }
            List::Search { query, exact } => {
                let (search, exact) = (
                    Search::new(&self.0.words, &self.0.results, context, query),
                    *exact,
                );
                let read = move |connection: &Connection| {
                    let ids = search.ids(connection, exact)?;
                    found(connection, &asked, Some(ListProducts::Found(ids)))
                };
                self.0.readers.long(context.deadline, read).await??
            }
        };
        context.recorder.freshness(self.0.options.freshness);
        context.recorder.tag(match &found {
            Some(FoundList {
                products: ListProducts::Collection(id),
                ..
            }) => Tag::collection(*id),
            _ => Tag::catalogue(),
        });
        Ok(found)
    }

    /// The cards of products by their ids, in that order, without those that visitors cannot see.
    /// Their page depends on them.
    pub async fn cards(
        &self,
        context: &Context,
        price_list: i64,
        ids: &[i64],
    ) -> Result<Vec<Card>, ProviderError> {
        let read = |connection: &Connection| search::cards(connection, price_list, ids);
        let read = self.0.readers.quick(context.deadline, read).await?;
        let cards = read.map_err(|error| failure("reading the products of a list", error))?;
        let tags = cards.iter().map(|card| Tag::product(card.id));
        context.recorder.tags(tags);
        Ok(cards)
    }

    /// A page of a narrowed list, by SQL.
    pub(super) async fn narrowed_page(
        &self,
        context: &Context,
        list: &List,
        request: &NarrowRequest,
    ) -> Result<Option<NarrowedPage>, ProviderError> {
        let Some(found) = self.find_list(context, list).await? else {
            return Ok(None);
        };
        let request = request.clone();
        let read = move |connection: &Connection| facets::page(connection, &found, &request);
        let read = self.0.readers.long(context.deadline, read).await?;
        let page = read.map_err(|error| failure("narrowing a list", error))?;
        let tags = page.products.iter().map(|card| Tag::product(card.id));
        context.recorder.tags(tags);
        Ok(Some(page))
    }
}

fn found(
    connection: &Connection,
    asked: &AskedList,
    products: Option<ListProducts>,
) -> Result<Option<FoundList>, ProviderError> {
    let price_list = asked.id(connection)?;
    Ok(products.map(|products| FoundList {
        price_list,
        products,
    }))
}

fn collection(connection: &Connection, handle: &str) -> Result<Option<i64>, ProviderError> {
    if handle == "all" {
        return Ok(Some(ALL));
    }
    connection
        .prepare_cached("SELECT id FROM collection WHERE handle = ?1")
        .and_then(|mut query| query.query_row([handle], |row| row.get(0)).optional())
        .map_err(|error| failure("finding a collection", error))
}
