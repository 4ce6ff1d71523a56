//! The context of components that is the same for every request (section 5 of the protocol).

use protium_types::Market;
use protium_types::locale::{Locale, Table};
use protium_wasm::{GuestError, Value};

/// The entries of a page's context that are the same for every request in a market.
pub(super) fn entries(
    market: &Market,
    locale: &Locale,
    dev: bool,
) -> Result<Vec<(String, Value)>, GuestError> {
    let text = |text: &str| Value::from(text);
    let table = table(&locale.table).shared()?;
    let prefix = Some(market.prefix.as_str()).filter(|prefix| !prefix.is_empty());
    let prefix = prefix.map(|prefix| ("prefix", text(prefix)));
    let entries = [
        ("locale", text(&locale.name)),
        ("lang", text(&locale.lang)),
        ("dir", text(&locale.dir)),
        ("currency", text(&locale.currency)),
        ("dev", Value::Bool(dev)),
        ("table", table),
    ];
    let entries = entries.into_iter().chain(prefix);
    Ok(entries
        .map(|(name, value)| (name.to_owned(), value))
        .collect())
}

fn table(table: &Table) -> Value {
    let text = |text: &str| Value::from(text);
    let list =
        |texts: &[String]| Value::List(texts.iter().map(|one| Value::from(one.as_str())).collect());
    let mut entries = vec![
        ("decimal", text(&table.decimal)),
        ("group", text(&table.group)),
        ("minus", text(&table.minus)),
        ("primary", Value::Int(table.primary)),
        ("secondary", Value::Int(table.secondary)),
        ("symbol", text(&table.symbol)),
        ("digits", Value::Int(table.digits)),
        ("money", text(&table.money)),
        ("money_neg", text(&table.money_neg)),
        ("months", list(&table.months)),
        ("months_short", list(&table.months_short)),
        ("days", list(&table.days)),
        ("days_short", list(&table.days_short)),
        ("date_short", text(&table.date_short)),
        ("date_medium", text(&table.date_medium)),
        ("date_long", text(&table.date_long)),
        ("plural", text(&table.plural)),
    ];
    if !table.numerals.is_empty() {
        entries.push(("numerals", text(&table.numerals)));
    }
    Value::record(entries)
}
