//! The locale table of a shop, from the Unicode CLDR: separators, currency patterns, dates, plural
//! rule.
//!
//! The components get the same table, so that server templates and Go kit format alike. The data is
//! `cldr.json`, which `cldr.mjs` writes.

mod clock;
pub mod date;
mod plural;

use std::collections::BTreeMap;

use iso_currency::Currency;
use serde::{Deserialize, Serialize};

pub use clock::Clock;

/// How a shop's text is formatted: the `table` of the protocol's context (section 5), and more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locale {
    /// The locale as configured, for example `en-GB`.
    pub name: String,
    /// The language subtag, for example `en`.
    pub lang: String,
    /// `ltr` or `rtl`.
    pub dir: String,
    /// The ISO 4217 code, for example `EUR`.
    pub currency: String,
    /// The table that the components format with.
    pub table: Table,
    /// How the time of day is written.
    pub clock: Clock,
}

/// The `table` of the protocol's context, field by field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The decimal separator.
    pub decimal: String,
    /// The separator of groups of digits.
    pub group: String,
    /// The minus sign.
    pub minus: String,
    /// Size of the group next to the decimal separator.
    #[serde(skip_deserializing)]
    pub primary: i64,
    /// Size of the other groups.
    #[serde(skip_deserializing)]
    pub secondary: i64,
    /// The currency symbol in this locale.
    #[serde(skip_deserializing)]
    pub symbol: String,
    /// The number of fraction digits of the currency.
    #[serde(skip_deserializing)]
    pub digits: i64,
    /// Pattern of an amount, with `{n}` and `{s}`.
    #[serde(skip_deserializing)]
    pub money: String,
    /// Pattern of a negative amount; `{n}` is the amount without its sign.
    #[serde(skip_deserializing)]
    pub money_neg: String,
    /// From January.
    pub months: Vec<String>,
    /// From January, abbreviated.
    pub months_short: Vec<String>,
    /// From Sunday.
    pub days: Vec<String>,
    /// From Sunday, abbreviated.
    pub days_short: Vec<String>,
    /// Pattern of a date in digits.
    pub date_short: String,
    /// Pattern of a date with the month abbreviated.
    pub date_medium: String,
    /// Pattern of a date with the month written out.
    pub date_long: String,
    /// The name of the plural rule.
    pub plural: String,
    /// The ten digits from 0 on, where the locale does not write ASCII digits; else empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub numerals: String,
}

/// A locale or currency that is not supported.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LocaleError {
    /// There is no data for the locale.
    #[error("there is no locale `{0}`; the locales are {known}", known = known().join(", "))]
    UnknownLocale(String),
    /// The code is not a currency.
    #[error("`{0}` is not a currency of ISO 4217, such as EUR, GBP, JPY or USD")]
    UnknownCurrency(String),
}

#[derive(Deserialize)]
struct Cldr {
    locales: BTreeMap<String, Entry>,
}

/// A locale's data, of which its table is a part as far as that does not depend on the currency.
#[derive(Deserialize)]
struct Entry {
    dir: String,
    number: String,
    currency: String,
    symbols: BTreeMap<String, String>,
    #[serde(flatten)]
    clock: Clock,
    #[serde(flatten)]
    table: Table,
}

fn cldr() -> Cldr {
    serde_json::from_str(include_str!("cldr.json"))
        .expect("cldr.json is embedded and has this shape")
}

/// The names of all supported locales, sorted.
pub fn known() -> Vec<String> {
    cldr().locales.into_keys().collect()
}

impl Locale {
    /// The table of a locale (`de-DE`) with a currency (`EUR`).
    pub fn new(name: &str, currency: &str) -> Result<Locale, LocaleError> {
        let entry = cldr()
            .locales
            .remove(name)
            .ok_or_else(|| LocaleError::UnknownLocale(name.to_owned()))?;
        let iso = Currency::from_code(currency)
            .ok_or_else(|| LocaleError::UnknownCurrency(currency.to_owned()))?;
        let symbol = entry.symbols.get(currency);
        let symbol = symbol.map_or(currency, String::as_str).to_owned();
        let (primary, secondary) = group_sizes(&entry.number);
        let (money, money_neg) = money_patterns(&entry.currency, &symbol, &entry.table.minus);
        Ok(Locale {
            clock: entry.clock,
            name: name.to_owned(),
            lang: name.split('-').next().unwrap_or(name).to_owned(),
            dir: entry.dir,
            currency: currency.to_owned(),
            table: Table {
                primary,
                secondary,
                symbol,
                digits: iso.exponent().unwrap_or(0).into(),
                money,
                money_neg,
                ..entry.table
            },
        })
    }

    /// Formats Unix milliseconds twice, in UTC: as HTML's `datetime`, and as hour and minute for
    /// people (`2:32 PM UTC`).
    pub fn universal_time(&self, at: i64) -> (String, String) {
        let (machine, time) = self.clock.universal_time(at);
        (machine, format!("{} UTC", self.table.native(&time)))
    }
}

impl Table {
    /// Formats minor units: `1234567` is `€12,345.67`.
    pub fn money(&self, minor: i64) -> String {
        let pattern = if minor < 0 {
            &self.money_neg
        } else {
            &self.money
        };
        let number = self.decimal(minor.unsigned_abs());
        pattern.replace("{n}", &number).replace("{s}", &self.symbol)
    }

    /// Formats an integer: `1234567` is `1,234,567`.
    pub fn integer(&self, value: i64) -> String {
        let digits = self.grouped(&value.unsigned_abs().to_string());
        if value < 0 {
            format!("{}{digits}", self.minus)
        } else {
            digits
        }
    }

    /// Formats minor units without sign and symbol.
    fn decimal(&self, minor: u64) -> String {
        let scale = usize::try_from(self.digits).unwrap_or(0);
        let digits = format!("{minor:0>width$}", width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let whole = self.grouped(whole);
        if scale == 0 {
            whole
        } else {
            format!("{whole}{}{}", self.decimal, self.native(fraction))
        }
    }

    /// Replaces ASCII digits by the locale's.
    pub(super) fn native(&self, text: &str) -> String {
        if self.numerals.is_empty() {
            return text.to_owned();
        }
        let native = |c: char| {
            let digit = c.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
            digit
                .and_then(|digit| self.numerals.chars().nth(digit))
                .unwrap_or(c)
        };
        text.chars().map(native).collect()
    }

    fn grouped(&self, digits: &str) -> String {
        let primary = usize::try_from(self.primary).unwrap_or(0);
        let secondary = usize::try_from(self.secondary).unwrap_or(0).max(1);
        let mut text = String::with_capacity(digits.len() + digits.len() / 2);
        for (index, digit) in digits.chars().enumerate() {
            let left = digits.len() - index;
            if index > 0
                && primary > 0
                && left >= primary
                && (left - primary).is_multiple_of(secondary)
            {
                text.push_str(&self.group);
            }
            text.push(digit);
        }
        self.native(&text)
    }
}

/// Group sizes of a CLDR number pattern: `#,##,##0.###` is 3 and 2.
fn group_sizes(pattern: &str) -> (i64, i64) {
    let whole = pattern.split('.').next().unwrap_or_default();
    let mut groups = whole
        .rsplit(',')
        .map(|group| i64::try_from(group.len()).unwrap_or(0));
    let primary = groups.next().filter(|_| whole.contains(',')).unwrap_or(0);
    let secondary = groups
        .next()
        .filter(|_| whole.matches(',').count() > 1)
        .unwrap_or(primary);
    (primary, secondary)
}

/// CLDR's currency pattern with `{s}` and `{n}`, for positive and for negative amounts.
fn money_patterns(pattern: &str, symbol: &str, minus: &str) -> (String, String) {
    let mut parts = pattern.split(';');
    let positive = place(parts.next().unwrap_or_default(), symbol);
    let negative = match parts.next() {
        Some(part) => place(part, symbol).replace('-', minus),
        None => format!("{minus}{positive}"),
    };
    (positive, negative)
}

/// One half of a CLDR currency pattern. A symbol that is a word (`CHF`) is separated from the
/// digits by a space.
fn place(pattern: &str, symbol: &str) -> String {
    let start = pattern.find(['#', '0']).unwrap_or(0);
    let end = pattern
        .rfind(['#', '0'])
        .map_or(pattern.len(), |last| last + 1);
    let before = &pattern[..start];
    let after = &pattern[end..];
    let is_word = |edge: Option<char>| edge.is_some_and(char::is_alphabetic);
    let space_before = before.ends_with('¤') && is_word(symbol.chars().last());
    let space_after = after.starts_with('¤') && is_word(symbol.chars().next());
    let mut text = before.replace('¤', "{s}");
    text.push_str(if space_before { "\u{a0}" } else { "" });
    text.push_str("{n}");
    text.push_str(if space_after { "\u{a0}" } else { "" });
    text.push_str(&after.replace('¤', "{s}"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(locale: &str, currency: &str, minor: i64) -> String {
        Locale::new(locale, currency)
            .expect("known")
            .table
            .money(minor)
    }

    #[test]
    fn money_is_written_as_the_locale_writes_it() {
        assert_eq!(money("en-GB", "EUR", 1_234_567), "€12,345.67");
        assert_eq!(money("en-US", "USD", -5), "-$0.05");
        assert_eq!(money("de-DE", "EUR", 123_456), "1.234,56\u{a0}€");
        assert_eq!(money("fr-FR", "EUR", 1_234_567), "12\u{202f}345,67\u{a0}€");
        assert_eq!(money("ja-JP", "JPY", 1_200), "￥1,200");
        assert_eq!(money("en-US", "CHF", 1_000), "CHF\u{a0}10.00");
        assert_eq!(money("en-IN", "INR", 1_234_567_890), "₹1,23,45,678.90");
        assert_eq!(money("nl-NL", "EUR", -100), "€\u{a0}-1,00");
        assert_eq!(money("sv-SE", "SEK", -100), "\u{2212}1,00\u{a0}kr");
        assert_eq!(money("mr-IN", "INR", 1_234_567_890), "₹१,२३,४५,६७८.९०");
        assert_eq!(money("bn-BD", "BDT", 123_456), "১,২৩৪.৫৬৳");
        assert_eq!(
            money("ar-EG", "EGP", -123_456),
            "\u{61c}-\u{200f}١٬٢٣٤٫٥٦\u{a0}ج.م.\u{200f}"
        );
    }

    #[test]
    fn the_smallest_amount_there_is_has_a_text() {
        assert_eq!(
            money("en-US", "USD", i64::MIN),
            "-$92,233,720,368,547,758.08"
        );
    }

    #[test]
    fn every_locale_has_a_whole_table() {
        for name in known() {
            let table = Locale::new(&name, "EUR").expect("known").table;
            assert_eq!(
                (table.months.len(), table.months_short.len()),
                (12, 12),
                "{name}"
            );
            assert_eq!((table.days.len(), table.days_short.len()), (7, 7), "{name}");
            assert!(
                table.money.contains("{n}") && table.money.contains("{s}"),
                "{name}"
            );
        }
    }

    #[test]
    fn an_unknown_locale_is_an_error_that_lists_the_known_ones() {
        let error = Locale::new("xx-XX", "EUR")
            .expect_err("unknown")
            .to_string();
        assert!(
            error.contains("xx-XX") && error.contains("en-GB"),
            "{error}"
        );
    }
}
