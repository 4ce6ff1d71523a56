//! Search by words and their beginnings. The visitor's text reaches SQLite only as quoted words of
//! letters and digits, never as syntax of its query language.

use rusqlite::{Connection, params};

use super::catalogue::{self, CARD, COLLECTION};
use super::cursor;
use super::failure::failure;
use crate::commerce::listing::{
    Direction, MAX_PAGE_SIZE, PageInfo, PageRequest, SearchPage, SuggestedProduct, Suggestions,
};
use crate::commerce::{Card, Collection, CollectionLink, ProviderError, text};

/// Longest query that is looked at, in characters.
const MAX_QUERY: usize = 100;

/// Most words of a query that count.
const MAX_WORDS: usize = 8;

/// Most results a search ranks, counts and pages through.
const MAX_RESULTS: u32 = 1_000;

/// Products and collections that suggestions name.
const SUGGESTED: (u32, u32) = (6, 3);

/// A query as it is understood.
pub(super) fn understood(query: &str) -> &str {
    text::prefix(query.trim(), MAX_QUERY).trim()
}

/// The query in FTS5's language: every word, or a word that begins with it. `None` when the text
/// has no word.
fn expression(query: &str) -> Option<String> {
    let words: Vec<String> = query
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(MAX_WORDS)
        .map(|word| format!("\"{word}\"*"))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

pub(super) fn page(
    connection: &Connection,
    query: String,
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
    read(connection, query, size, offset).map_err(|error| failure("searching", error))
}

fn read(
    connection: &Connection,
    query: String,
    size: u32,
    offset: u32,
) -> rusqlite::Result<SearchPage> {
    let snapshot = connection.unchecked_transaction()?;
    let (products, total) = match expression(&query) {
        Some(expression) => (
            ranked(&snapshot, &expression, size, offset)?,
            count(&snapshot, &expression)?,
        ),
        None => (Vec::new(), 0),
    };
    let collections = match offset {
        0 => collections(&snapshot, &query)?,
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
        query,
        products,
        page,
        collections,
    })
}

/// How many products a search finds, as far as it pages.
fn count(connection: &Connection, expression: &str) -> rusqlite::Result<i64> {
    connection
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ?1 LIMIT ?2)",
        )?
        .query_row(params![expression, MAX_RESULTS], |row| row.get(0))
}

/// Products of a page in order of relevance.
fn ranked(
    connection: &Connection,
    expression: &str,
    size: u32,
    offset: u32,
) -> rusqlite::Result<Vec<Card>> {
    connection
        .prepare_cached(&format!(
            "SELECT {CARD} FROM (\
               SELECT rowid AS id, bm25(search, 10.0, 4.0, 1.0) AS score \
               FROM search WHERE search MATCH ?1 LIMIT {MAX_RESULTS}) m \
             JOIN product p ON p.id = m.id AND p.published = 1 \
             ORDER BY m.score, m.id LIMIT ?2 OFFSET ?3"
        ))?
        .query_map(params![expression, size, offset], catalogue::card)?
        .collect()
}

/// Collections whose title begins with the query, or has a word that does.
fn collections(connection: &Connection, query: &str) -> rusqlite::Result<Vec<Collection>> {
    if query.is_empty() {
        return Ok(Vec::new());
    }
    let mut pattern = String::with_capacity(query.len() + 1);
    for letter in query.chars().flat_map(char::to_lowercase) {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    connection
        .prepare_cached(&format!(
            "SELECT {COLLECTION} FROM collection c WHERE c.product_count > 0 \
             AND (c.title_key LIKE ?1 ESCAPE '\\' OR c.title_key LIKE '% ' || ?1 ESCAPE '\\') \
             ORDER BY c.id LIMIT ?2"
        ))?
        .query_map(params![pattern, SUGGESTED.1], catalogue::collection)?
        .collect()
}

pub(super) fn suggest(connection: &Connection, query: String) -> rusqlite::Result<Suggestions> {
    let snapshot = connection.unchecked_transaction()?;
    let products = match expression(&query) {
        Some(words) => ranked(
            &snapshot,
            &format!("{{title keywords}} : ({words})"),
            SUGGESTED.0,
            0,
        )?
        .into_iter()
        .map(|card| SuggestedProduct {
            handle: card.handle,
            title: card.title,
            image_src: card.image.map(|image| image.src),
            price_min: card.price_min,
        })
        .collect(),
        None => Vec::new(),
    };
    let collections = collections(&snapshot, &query)?
        .into_iter()
        .map(|collection| CollectionLink {
            handle: collection.handle,
            title: collection.title,
        })
        .collect();
    Ok(Suggestions {
        query,
        products,
        collections,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_quoted_and_syntax_is_dropped() {
        assert_eq!(
            expression("wool jumper").as_deref(),
            Some("\"wool\"* \"jumper\"*")
        );
        assert_eq!(
            expression("a\" OR title:b* NEAR(").as_deref(),
            Some("\"a\"* \"OR\"* \"title\"* \"b\"* \"NEAR\"*")
        );
        assert_eq!(expression(" -*\"() "), None);
    }

    #[test]
    fn long_queries_are_cut() {
        assert_eq!(understood(&" é".repeat(400)).chars().count(), 99);
        assert_eq!(
            expression(&"x ".repeat(50)).map(|text| text.len()),
            Some(8 * 5 - 1)
        );
    }

    proptest! {
        #[test]
        fn sqlite_understands_whatever_visitors_type(query in "\\PC{0,40}") {
            let connection = Connection::open_in_memory().expect("an empty database");
            connection
                .execute_batch("CREATE VIRTUAL TABLE search USING fts5 (title, keywords, body)")
                .expect("a table of words");
            if let Some(expression) = expression(understood(&query)) {
                let count: rusqlite::Result<i64> = connection.query_row(
                    "SELECT count(*) FROM search WHERE search MATCH ?1",
                    [&expression],
                    |row| row.get(0),
                );
                prop_assert_eq!(count, Ok(0), "{}", expression);
            }
        }
    }
}
