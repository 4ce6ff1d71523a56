//! What a store says about its catalogue.

use iso_currency::Currency;
use rusqlite::Connection;

/// What a store says about its catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CatalogueState {
    /// Grows with every import that changed something; 0 before the first.
    pub version: i64,
    /// The currency of all amounts; `None` before the first import.
    pub currency: Option<Currency>,
    /// How many products visitors can see.
    pub published: i64,
    /// How many changes there were, by whatever process.
    pub changed: i64,
    /// How many of them were of what any page may show: collections and price lists.
    pub changed_everywhere: i64,
}

/// Reads it.
pub(super) fn read(connection: &Connection) -> rusqlite::Result<CatalogueState> {
    let mut query = connection.prepare_cached(
        "SELECT version, currency, published, changed, changed_everywhere FROM catalogue",
    )?;
    query.query_row([], |row| {
        let code: Option<String> = row.get(1)?;
        Ok(CatalogueState {
            version: row.get(0)?,
            currency: code.as_deref().and_then(Currency::from_code),
            published: row.get(2)?,
            changed: row.get(3)?,
            changed_everywhere: row.get(4)?,
        })
    })
}
