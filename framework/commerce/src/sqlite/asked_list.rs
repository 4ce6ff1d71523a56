//! Which price list a request asks for.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use super::failure::failure;
use crate::{Context, Currency, ProviderError};

/// The shop's default list, whose currency is the catalogue's.
pub(super) const DEFAULT: i64 = 1;

/// A list as a context names it.
#[derive(Clone)]
pub(super) struct AskedList {
    name: Option<Arc<str>>,
    currency: Currency,
}

impl AskedList {
    pub(super) fn of(context: &Context) -> Self {
        Self {
            name: context.price_list.clone(),
            currency: context.currency,
        }
    }

    /// The list's id.
    pub(super) fn id(&self, connection: &Connection) -> Result<i64, ProviderError> {
        let Some(name) = &self.name else {
            return Ok(DEFAULT);
        };
        let refused = |why| ProviderError::Invalid {
            what: "price list",
            why,
        };
        let found: Option<(i64, Option<String>)> = connection
            .prepare_cached(
                "SELECT l.id, coalesce(l.currency, c.currency) \
                 FROM price_list l JOIN catalogue c WHERE l.name = ?1",
            )
            .and_then(|mut query| {
                query
                    .query_row([name.as_ref()], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()
            })
            .map_err(|error| failure("finding a price list", error))?;
        match found {
            None => Err(refused("there is none of this name")),
            Some((_, Some(code))) if code != self.currency.code() => {
                Err(refused("its prices are in another currency"))
            }
            Some((id, _)) => Ok(id),
        }
    }
}
