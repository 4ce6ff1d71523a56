//! Lists of prices besides the default one.

use rusqlite::{Connection, params};

use super::failure::failure;
use super::store::Store;
use crate::{Currency, ProviderError};

/// Characters of a list's name.
const NAME: usize = 64;

impl Store {
    /// Makes a price list where there is none of this name, with prices in one currency. The list
    /// `default` is always there. Waits for other changes, so not for async code.
    pub fn add_price_list(&self, name: &str, currency: Currency) -> Result<(), ProviderError> {
        let refused = |why| ProviderError::Invalid {
            what: "price list",
            why,
        };
        if name.is_empty() || name.chars().nth(NAME).is_some() || name.chars().any(char::is_control)
        {
            return Err(refused("a name has 1 to 64 characters"));
        }
        let name = name.to_owned();
        self.0.writer.run_blocking(move |connection| {
            let doing = |error| failure("making a price list", error);
            connection
                .execute(
                    "INSERT INTO price_list (name, currency) VALUES (?1, ?2) \
                     ON CONFLICT (name) DO NOTHING",
                    params![name, currency.code()],
                )
                .map_err(doing)?;
            let kept: Option<String> = connection
                .query_row(
                    "SELECT coalesce(l.currency, c.currency) \
                     FROM price_list l JOIN catalogue c WHERE l.name = ?1",
                    [&name],
                    |row| row.get(0),
                )
                .map_err(doing)?;
            match kept {
                Some(kept) if kept != currency.code() => {
                    Err(refused("there is one of this name in another currency"))
                }
                _ => Ok(()),
            }
        })?
    }

    /// The price lists besides the default one, with the currency of their prices.
    pub(crate) fn price_lists(&self) -> Result<Vec<(String, Currency)>, ProviderError> {
        let read = |connection: &Connection| {
            connection
                .prepare_cached("SELECT name, currency FROM price_list WHERE id <> 1 ORDER BY id")?
                .query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?
                .collect::<rusqlite::Result<Vec<(String, String)>>>()
        };
        let found = self
            .0
            .readers
            .immediate(read)?
            .map_err(|error| failure("reading the price lists", error))?;
        let known = found.into_iter().filter_map(|(name, code)| {
            let currency = Currency::from_code(&code)?;
            Some((name, currency))
        });
        Ok(known.collect())
    }
}
