//! The products that answer a query, in their order: those that have the words themselves before
//! those that have them as parts of others, and in both the rarest words in the shortest titles
//! first. Where no product has all words, those that have the weightiest of them.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::fold::fold;
use super::query::{Group, Plan, Reader, Reading};
use super::vocabulary::Vocabulary;

/// Most results a search counts and pages through.
pub(super) const MAX_RESULTS: u32 = 1_000;

/// Most products that are ranked for one expression.
const MAX_RANKED: u32 = 5_000;

/// All columns of the index.
pub(super) const EVERYWHERE: &str = "";

/// The columns of what a product is called.
pub(super) const NAMES: &str = "{title keywords codes} : ";

/// What a column's words weigh: title, keywords, codes, body.
const BM25: &str = "bm25(search, 10.0, 4.0, 6.0, 1.0)";

/// Length from which a word says something, and from which it does even when only a description has
/// it, in characters.
const TELLING: (usize, usize) = (3, 6);

/// What a search found.
#[derive(Debug)]
pub(super) enum Found {
    Nothing,
    /// Products that have all words.
    All {
        sharp: String,
        /// Those that have the words, or have them as parts.
        loose: Option<String>,
        corrected: Option<String>,
    },
    /// Products that have some of the words.
    Some {
        ids: Vec<i64>,
        corrected: Option<String>,
    },
}

/// Looks for products, in one scope of columns after the other.
pub(super) fn find(
    connection: &Connection,
    vocabulary: Option<&Vocabulary>,
    query: &str,
    reading: Reading,
    scopes: &[&str],
) -> rusqlite::Result<Found> {
    let exists = |expression: &str| exists(connection, expression);
    let reader = Reader {
        words: vocabulary,
        reading,
        exists: &exists,
    };
    let plan = reader.read(query)?;
    if plan.groups.iter().all(Group::is_unknown) {
        return Ok(Found::Nothing);
    }
    if !plan.has_unknown() {
        if let Some(found) = all(connection, &plan, scopes)? {
            return Ok(found);
        }
        if !reading.exact
            && let Some(respelt) = reader.respelt(&plan)
            && let Some(found) = all(connection, &respelt, scopes)?
        {
            return Ok(found);
        }
    }
    match reading.exact || plan.groups.len() < 2 {
        true => Ok(Found::Nothing),
        false => some(connection, &plan),
    }
}

/// Products that have all words, in the first scope where there are any.
fn all(connection: &Connection, plan: &Plan, scopes: &[&str]) -> rusqlite::Result<Option<Found>> {
    let (sharp, loose) = (plan.sharp(), plan.loose());
    let widest = loose.as_ref().unwrap_or(&sharp);
    for scope in scopes {
        if exists(connection, &scoped(scope, widest))? {
            return Ok(Some(Found::All {
                loose: loose.map(|loose| scoped(scope, &loose)),
                sharp: scoped(scope, &sharp),
                corrected: plan.corrected(),
            }));
        }
    }
    Ok(None)
}

fn scoped(scope: &str, expression: &str) -> String {
    match scope.is_empty() {
        true => expression.to_owned(),
        false => format!("{scope}({expression})"),
    }
}

/// Products that have some of the words: the more and the rarer, the better.
fn some(connection: &Connection, plan: &Plan) -> rusqlite::Result<Found> {
    let known: Vec<&Group> = plan
        .groups
        .iter()
        .filter(|group| !group.is_unknown())
        .collect();
    if !is_telling(connection, plan, &known)? {
        return Ok(Found::Nothing);
    }
    let published = super::super::state::read(connection)?.published;
    let mut products: HashMap<i64, (f64, f64)> = HashMap::new();
    let mut read = connection.prepare_cached(&format!(
        "SELECT rowid, {BM25} FROM search WHERE search MATCH ?1 LIMIT {MAX_RANKED}"
    ))?;
    for group in known {
        let rows = read
            .query_map([group.any()], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<Vec<(i64, f64)>>>()?;
        let rarity = (1.0 + published as f64 / (1.0 + rows.len() as f64)).ln();
        for (id, rank) in rows {
            let (weight, ranks) = products.entry(id).or_default();
            *weight += rarity;
            *ranks += rank;
        }
    }
    let best = products
        .values()
        .map(|(weight, _)| *weight)
        .fold(0.0, f64::max);
    let mut ranked: Vec<(i64, f64, f64)> = products
        .into_iter()
        .map(|(id, (weight, rank))| (id, weight, rank))
        .filter(|(_, weight, _)| *weight >= best / 2.0)
        .collect();
    ranked.sort_by(|a, b| {
        b.1.total_cmp(&a.1)
            .then(a.2.total_cmp(&b.2))
            .then(a.0.cmp(&b.0))
    });
    ranked.truncate(MAX_RESULTS as usize);
    Ok(match ranked.is_empty() {
        true => Found::Nothing,
        false => Found::Some {
            ids: ranked.into_iter().map(|(id, ..)| id).collect(),
            corrected: plan.corrected(),
        },
    })
}

/// Whether the words that are known say what is meant: half of all, one that names products, or a
/// long one. A little word that stands in some description says nothing.
fn is_telling(connection: &Connection, plan: &Plan, known: &[&Group]) -> rusqlite::Result<bool> {
    let says = |group: &&&Group, length| {
        let typed = &group.typed;
        let letters = typed.chars().filter(|one| one.is_alphanumeric());
        // `8.5` is three characters of a number that is in the shop as it stands.
        let is_number = !group.sharp.is_empty() && typed.contains(|one: char| one.is_ascii_digit());
        match is_number {
            true => typed.chars().count() >= length,
            false => !typed.is_ascii() || letters.count() >= length,
        }
    };
    let mut telling = known
        .iter()
        .filter(|group| says(group, TELLING.0))
        .peekable();
    if telling.peek().is_none() {
        return Ok(false);
    }
    if known.len() * 2 >= plan.groups.len() || known.iter().any(|group| says(&group, TELLING.1)) {
        return Ok(true);
    }
    for group in telling {
        if exists(connection, &scoped(NAMES, &group.any()))? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn exists(connection: &Connection, expression: &str) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM search WHERE search MATCH ?1 LIMIT 1")?
        .query_row([expression], |_| Ok(()))
        .optional()
        .map(|row| row.is_some())
}

/// How many products an expression finds, as far as results are paged.
fn count(connection: &Connection, expression: &str) -> rusqlite::Result<u32> {
    connection
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ?1 LIMIT ?2)",
        )?
        .query_row(params![expression, MAX_RESULTS], |row| row.get(0))
}

fn ranked(
    connection: &Connection,
    expression: &str,
    limit: u32,
    offset: u32,
) -> rusqlite::Result<Vec<i64>> {
    connection
        .prepare_cached(&format!(
            "SELECT id FROM (\
               SELECT rowid AS id, {BM25} AS score FROM search WHERE search MATCH ?1 \
               LIMIT {MAX_RANKED}) \
             ORDER BY score, id LIMIT ?2 OFFSET ?3"
        ))?
        .query_map(params![expression, limit, offset], |row| row.get(0))?
        .collect()
}

impl Found {
    /// A page of products, and how many there are in all.
    pub(super) fn ids(
        &self,
        connection: &Connection,
        size: u32,
        offset: u32,
    ) -> rusqlite::Result<(Vec<i64>, i64)> {
        match self {
            Self::Nothing => Ok((Vec::new(), 0)),
            Self::Some { ids, .. } => {
                let page = ids.iter().skip(offset as usize).take(size as usize);
                Ok((page.copied().collect(), ids.len() as i64))
            }
            Self::All { sharp, loose, .. } => {
                let total = count(connection, loose.as_ref().unwrap_or(sharp))?;
                // No page goes beyond what is counted.
                let size = size.min(total.saturating_sub(offset));
                let ids = page(connection, sharp, loose.as_deref(), size, offset)?;
                Ok((ids, total.into()))
            }
        }
    }

    /// The first products.
    pub(super) fn first(&self, connection: &Connection, size: u32) -> rusqlite::Result<Vec<i64>> {
        match self {
            Self::Nothing => Ok(Vec::new()),
            Self::Some { ids, .. } => Ok(ids.iter().take(size as usize).copied().collect()),
            Self::All { sharp, loose, .. } => page(connection, sharp, loose.as_deref(), size, 0),
        }
    }

    /// The words that were looked for in place of the query, as the products' titles write them.
    pub(super) fn corrected<'a>(&self, titles: impl Iterator<Item = &'a str>) -> Option<String> {
        let (Self::All { corrected, .. } | Self::Some { corrected, .. }) = self else {
            return None;
        };
        let corrected = corrected.as_deref()?;
        let written: HashMap<String, String> = titles
            .flat_map(|title| title.split(|letter: char| !letter.is_alphanumeric()))
            .map(|word| (fold(word), word.to_lowercase()))
            .collect();
        let words: Vec<&str> = corrected
            .split(' ')
            .map(|word| written.get(word).map_or(word, String::as_str))
            .collect();
        Some(words.join(" "))
    }
}

/// Products in their order: first those that have the words themselves.
fn page(
    connection: &Connection,
    sharp: &str,
    loose: Option<&str>,
    size: u32,
    offset: u32,
) -> rusqlite::Result<Vec<i64>> {
    let mut ids = ranked(connection, sharp, size, offset)?;
    let missing = size - u32::try_from(ids.len()).unwrap_or(size).min(size);
    if let Some(loose) = loose.filter(|_| missing > 0) {
        let passed = match ids.is_empty() {
            true => offset.saturating_sub(count(connection, sharp)?),
            false => 0,
        };
        let others = format!("({loose}) NOT ({sharp})");
        ids.extend(ranked(connection, &others, missing, passed)?);
    }
    Ok(ids)
}
