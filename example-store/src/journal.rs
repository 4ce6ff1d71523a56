//! The journal: a page for each entry of `data/journal.json`, and one with all of them.

use protium::prelude::*;
use protium::serde::{Deserialize, Serialize};

const FILE: &str = "data/journal.json";

/// An entry, as the file has it.
#[derive(Deserialize, Serialize)]
#[serde(crate = "protium::serde")]
struct Entry {
    slug: String,
    title: String,
    /// The day as `2026-03-01`.
    date: String,
    summary: String,
    paragraphs: Vec<String>,
    /// The handle of a product that it is about.
    product: Option<String>,
}

/// All entries, as the file has them.
pub async fn list(ctx: Ctx) -> Result<Page> {
    let entries: Vec<Entry> = ctx.json(FILE)?;
    Ok(Page::new("journal.html").data("entries", &entries))
}

/// One entry, and the product that it is about while there is one.
pub async fn entry(ctx: Ctx, catalogue: Catalogue, Path(slug): Path<String>) -> Result<Page> {
    let entries: Vec<Entry> = ctx.json(FILE)?;
    let entry = entries
        .into_iter()
        .find(|entry| entry.slug == slug)
        .or_not_found()?;
    let product = match &entry.product {
        Some(handle) => catalogue.product(handle).await?,
        None => None,
    };
    Ok(Page::new("journal-entry.html")
        .data("entry", &entry)
        .data("product", &product.as_deref())
        .tag(Tag::new("journal", &slug)))
}
