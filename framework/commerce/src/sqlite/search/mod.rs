//! Search, for pages of results and for suggestions.
//!
//! - `fold`, `terms`: what of a text is compared.
//! - `index`: the terms of each product, in the database.
//! - `vocabulary`, `words`: which terms there are, in memory.
//! - `query`: what a visitor's words ask for.
//! - `find`: the products that answer it, in their order; `results`: what was found before.
//! - `collections`: the collections that do.

mod collections;
mod find;
mod fold;
pub(super) mod index;
mod query;
mod results;
mod terms;
#[cfg(test)]
mod tests;
mod vocabulary;
mod words;

use std::sync::Arc;
use std::time::Instant;

use rusqlite::Connection;

use self::find::{EVERYWHERE, Found, MAX_RESULTS, NAMES};
use self::query::Reading;
pub(super) use self::results::ResultCache;
use self::results::{Asked, Results};
use self::vocabulary::Vocabulary;
pub(super) use self::words::Words;
use super::asked_list::AskedList;
use super::cursor;
use super::failure::failure;
use super::rows::{self, card_columns};
use super::state;
use crate::listing::{
    Direction, MAX_PAGE_SIZE, PageInfo, PageRequest, SearchPage, SuggestedProduct, Suggestions,
};
use crate::{Card, CollectionLink, Context, ProviderError, text};

/// Longest query that is looked at, in characters.
const MAX_QUERY: usize = 100;

/// Products and collections that suggestions name.
const SUGGESTED: (u32, usize) = (6, 3);

/// A query as it is understood.
pub(super) fn understood(query: &str) -> &str {
    text::prefix(query.trim(), MAX_QUERY).trim()
}

/// What a search needs besides a connection.
pub(super) struct Search {
    words: Arc<Words>,
    results: Arc<ResultCache>,
    locale: Arc<str>,
    deadline: Instant,
    list: AskedList,
    /// The query, as [`understood`].
    query: String,
}

impl Search {
    /// For a query in this context.
    pub(super) fn new(
        words: &Arc<Words>,
        results: &Arc<ResultCache>,
        context: &Context,
        query: &str,
    ) -> Self {
        Self {
            words: Arc::clone(words),
            results: Arc::clone(results),
            locale: Arc::clone(&context.locale),
            deadline: context.deadline,
            list: AskedList::of(context),
            query: understood(query).to_owned(),
        }
    }

    fn vocabulary(&self, connection: &Connection) -> rusqlite::Result<Option<Arc<Vocabulary>>> {
        let version = state::read(connection)?.version;
        Ok(self.words.at(version, &self.locale, self.deadline))
    }

    /// A page of results.
    pub(super) fn page(
        self,
        connection: &Connection,
        request: &PageRequest,
    ) -> Result<SearchPage, ProviderError> {
        let size = request.size.clamp(1, MAX_PAGE_SIZE);
        let offset = match request.cursor.as_deref() {
            None => 0,
            Some(cursor) => {
                let offset = cursor::decode_offset(cursor, MAX_RESULTS)?;
                match request.direction {
                    Direction::Next => offset,
                    Direction::Prev => offset.saturating_sub(size),
                }
            }
        };
        let list = self.list.id(connection)?;
        self.read(connection, list, request.exact, size, offset)
            .map_err(|error| failure("searching", error))
    }

    fn read(
        self,
        connection: &Connection,
        list: i64,
        exact: bool,
        size: u32,
        offset: u32,
    ) -> rusqlite::Result<SearchPage> {
        let snapshot = connection.unchecked_transaction()?;
        let results = self.results(&snapshot, exact)?;
        let Results { found, ids, total } = &*results;
        let total = *total;
        let ids = ids.iter().skip(offset as usize).take(size as usize);
        let ids: Vec<i64> = ids.copied().collect();
        let products = cards(&snapshot, list, &ids)?;
        let corrected = found.corrected(products.iter().map(|card| card.title.as_str()));
        let collections = match offset {
            0 => {
                let words = corrected.as_deref().unwrap_or(&self.query);
                let vocabulary = self.vocabulary(&snapshot)?;
                collections::find(&snapshot, vocabulary.as_deref(), words, SUGGESTED.1)?
            }
            _ => Vec::new(),
        };
        let end = offset.saturating_add(size);
        let page = PageInfo {
            size,
            next_cursor: (i64::from(end) < total).then(|| cursor::encode_offset(end)),
            prev_cursor: (offset > 0).then(|| cursor::encode_offset(offset)),
            total,
        };
        Ok(SearchPage {
            corrected,
            partial: matches!(found, Found::Some { .. }),
            query: self.query,
            products,
            page,
            collections,
        })
    }

    /// The ids of all results, the most relevant first.
    pub(super) fn ids(
        self,
        connection: &Connection,
        exact: bool,
    ) -> Result<Vec<i64>, ProviderError> {
        let read = || {
            let snapshot = connection.unchecked_transaction()?;
            Ok(self.results(&snapshot, exact)?.ids.clone())
        };
        read().map_err(|error| failure("searching", error))
    }

    /// What the search finds, or has found while the catalogue was as it is now.
    fn results(&self, snapshot: &Connection, exact: bool) -> rusqlite::Result<Arc<Results>> {
        let changed = state::read(snapshot)?.changed;
        let asked = Asked {
            query: self.query.clone(),
            locale: Arc::clone(&self.locale),
            exact,
        };
        if let Some(results) = self.results.get(&asked, changed) {
            return Ok(results);
        }
        let vocabulary = self.vocabulary(snapshot)?;
        let reading = Reading {
            typing: false,
            exact,
        };
        let words = vocabulary.as_deref();
        let found = find::find(snapshot, words, &self.query, reading, &[EVERYWHERE])?;
        let (ids, total) = found.ids(snapshot, MAX_RESULTS, 0)?;
        let results = Arc::new(Results { found, ids, total });
        // When the time is over, the vocabulary may be that of an earlier catalogue.
        if Instant::now() < self.deadline {
            self.results.put(asked, changed, &results);
        }
        Ok(results)
    }

    /// What to offer while a visitor types.
    pub(super) fn suggest(self, connection: &Connection) -> Result<Suggestions, ProviderError> {
        let list = self.list.id(connection)?;
        self.suggestions(connection, list)
            .map_err(|error| failure("looking for suggestions", error))
    }

    fn suggestions(self, connection: &Connection, list: i64) -> rusqlite::Result<Suggestions> {
        let snapshot = connection.unchecked_transaction()?;
        let vocabulary = self.vocabulary(&snapshot)?;
        let reading = Reading {
            typing: true,
            exact: false,
        };
        let found = find::find(
            &snapshot,
            vocabulary.as_deref(),
            &self.query,
            reading,
            &[NAMES, EVERYWHERE],
        )?;
        let ids = found.first(&snapshot, SUGGESTED.0)?;
        let products = cards(&snapshot, list, &ids)?;
        let corrected = found.corrected(products.iter().map(|card| card.title.as_str()));
        let words = corrected.as_deref().unwrap_or(&self.query);
        let collections = collections::find(&snapshot, vocabulary.as_deref(), words, SUGGESTED.1)?
            .into_iter()
            .map(|collection| CollectionLink {
                handle: collection.handle,
                title: collection.title,
            })
            .collect();
        let products = products
            .into_iter()
            .map(|card| SuggestedProduct {
                handle: card.handle,
                title: card.title,
                image_src: card.image.map(|image| image.src),
                price_min: card.price_min,
            })
            .collect();
        Ok(Suggestions {
            corrected,
            partial: matches!(found, Found::Some { .. }),
            query: self.query,
            products,
            collections,
        })
    }
}

/// The cards of products, in the order of the ids.
pub(super) fn cards(
    connection: &Connection,
    list: i64,
    ids: &[i64],
) -> rusqlite::Result<Vec<Card>> {
    let (card, priced) = card_columns(list);
    let mut read = connection.prepare_cached(&format!(
        "SELECT {card} FROM product p{priced} WHERE p.id = ?1 AND p.published = 1"
    ))?;
    let mut cards = Vec::with_capacity(ids.len());
    for id in ids {
        cards.extend(
            read.query_map([id], rows::card)?
                .collect::<rusqlite::Result<Vec<_>>>()?,
        );
    }
    Ok(cards)
}
