//! Collections whose titles fit a query.

use rusqlite::Connection;

use super::super::rows::{self, COLLECTION};
use super::terms;
use super::vocabulary::Vocabulary;
use crate::Collection;

/// Most collections whose titles are compared.
const COMPARED: u32 = 500;

/// Collections that have every word of the query in their title, or a word that begins with it.
pub(super) fn find(
    connection: &Connection,
    vocabulary: Option<&Vocabulary>,
    query: &str,
    most: usize,
) -> rusqlite::Result<Vec<Collection>> {
    let wanted = words(query);
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: Vec<Vec<String>> = wanted
        .into_iter()
        .map(|word| {
            let forms = vocabulary
                .map(|words| words.forms(&word))
                .unwrap_or_default();
            let forms = forms.into_iter().map(str::to_owned).collect::<Vec<_>>();
            [vec![word], forms].concat()
        })
        .collect();
    let fits = |collection: &Collection| {
        let title = words(&collection.title);
        wanted.iter().all(|forms| {
            forms
                .iter()
                .any(|form| title.iter().any(|word| word.starts_with(form.as_str())))
        })
    };
    let mut read = connection.prepare_cached(&format!(
        "SELECT {COLLECTION} FROM collection c WHERE c.product_count > 0 ORDER BY c.id LIMIT \
         {COMPARED}"
    ))?;
    let rows = read.query_map([], rows::collection)?;
    let mut found = Vec::new();
    for collection in rows {
        let collection = collection?;
        if fits(&collection) {
            found.push(collection);
            if found.len() == most {
                break;
            }
        }
    }
    Ok(found)
}

/// The words of a text, those of several parts also as one.
fn words(text: &str) -> Vec<String> {
    terms::chunks(text)
        .into_iter()
        .filter_map(|chunk| terms::joined(&chunk.atoms))
        .collect()
}
