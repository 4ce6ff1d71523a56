//! Filters, functions and tests of templates, besides Tera's own.

use std::fmt;
use std::sync::Arc;

use tera::{Kwargs, State, Tera, TeraResult};

use protium_types::locale::Locale;
use protium_types::locale::date::DateStyle;
use protium_wasm::{Value, to_script_json};

use super::foreign::{Asset, ForeignHtml};
use super::marker;
use super::messages::{MessageArgument, MessageFiles};
use super::scope;

type Money = dyn Fn(i64, &Value) -> String + Send + Sync;
type OfContext = dyn Fn(&Value) -> Option<Arc<Locale>> + Send + Sync;

/// The filters that the app defines: `money` and `asset`. The others are always available.
pub struct Filters {
    money: Box<Money>,
    locale: Box<OfContext>,
    asset: Box<Asset>,
    foreign: ForeignHtml,
    own: Tera,
}

impl Filters {
    /// `money` formats minor units in the context's locale; `asset` returns the URL of a static
    /// file, `None` if it does not exist.
    pub fn new(
        money: impl Fn(i64, &Value) -> String + Send + Sync + 'static,
        asset: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            money: Box::new(money),
            locale: Box::new(|_| None),
            asset: Box::new(asset),
            foreign: ForeignHtml::default(),
            own: Tera::default(),
        }
    }

    /// The locale of a context, for `date` and `t`. Without one they write American English.
    #[must_use]
    pub fn with_locale(
        mut self,
        locale: impl Fn(&Value) -> Option<Arc<Locale>> + Send + Sync + 'static,
    ) -> Self {
        self.locale = Box::new(locale);
        self
    }

    /// The locale of the current render.
    fn locale(&self) -> TeraResult<Arc<Locale>> {
        if let Some(locale) = scope::with_ctx(|ctx| (self.locale)(ctx)).flatten() {
            return Ok(locale);
        }
        let fallback = Locale::new("en-US", "USD");
        fallback
            .map(Arc::new)
            .map_err(|error| tera::Error::message(error.to_string()))
    }

    /// Adds the filters, functions and tests of `own`, whose templates are not used. They cannot
    /// replace those that are always available.
    #[must_use]
    pub fn with_own(mut self, own: Tera) -> Self {
        self.own = own;
        self
    }
}

impl fmt::Debug for Filters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filters").finish_non_exhaustive()
    }
}

pub(super) fn register(tera: &mut Tera, filters: &Arc<Filters>) {
    tera.register_from(&filters.own);
    let of_money = Arc::clone(filters);
    tera.register_filter(
        "money",
        move |amount: &tera::Value, _: Kwargs, _: &State| -> TeraResult<String> {
            let minor = (!amount.is_f64())
                .then(|| amount.as_i64())
                .flatten()
                .ok_or_else(|| {
                    tera::Error::message(format!(
                        "`money` takes a whole number of minor units and got {}",
                        amount.name()
                    ))
                })?;
            Ok(scope::with_ctx(|ctx| (of_money.money)(minor, ctx)).unwrap_or_default())
        },
    );
    let of_dates = Arc::clone(filters);
    tera.register_filter(
        "date",
        move |day: &tera::Value, kwargs: Kwargs, _: &State| {
            date(&*of_dates.locale()?, day, kwargs.get::<&str>("style")?)
        },
    );
    let of_assets = Arc::clone(filters);
    tera.register_filter(
        "asset",
        move |file: &str, _: Kwargs, _: &State| -> TeraResult<String> {
            (of_assets.asset)(file).ok_or_else(|| {
                tera::Error::message(format!(
                    "there is no file `{file}` among the static files of the theme and the shop"
                ))
            })
        },
    );
    let of_foreign = Arc::clone(filters);
    tera.register_filter("foreign_html", move |html: &str, _: Kwargs, _: &State| {
        let prefix = scope::with_ctx(|ctx| match ctx.get("prefix") {
            Some(Value::Text(prefix)) => prefix.clone(),
            _ => String::new(),
        });
        let prefix = prefix.unwrap_or_default();
        of_foreign.foreign.value(html, &prefix, &*of_foreign.asset)
    });
    tera.register_filter("summary", |text: &str, _: Kwargs, _: &State| summary(text));
    tera.register_filter(
        "json",
        |value: &tera::Value, _: Kwargs, _: &State| -> TeraResult<tera::Value> {
            let json = to_script_json(value)
                .map_err(|error| tera::Error::message(format!("`json`: {error}")))?;
            Ok(tera::Value::safe_string(&marker::unescape_address(json)))
        },
    );
}

/// Registers `t`, which returns the text of a message.
pub(super) fn register_messages(
    tera: &mut Tera,
    filters: &Arc<Filters>,
    messages: &Arc<MessageFiles>,
) {
    let (filters, messages) = (Arc::clone(filters), Arc::clone(messages));
    tera.register_function(
        "t",
        move |kwargs: Kwargs, _: &State| -> TeraResult<String> {
            let key = kwargs.must_get::<&str>("key")?;
            let argument = |name: &str| {
                let value = kwargs.get::<&tera::Value>(name).ok().flatten()?;
                let number = (!value.is_f64()).then(|| value.as_i64()).flatten();
                Some(match number {
                    Some(number) => MessageArgument::Number(number),
                    None => MessageArgument::Text(value.to_string()),
                })
            };
            let text = messages.text(&*filters.locale()?, key, &argument);
            text.ok_or_else(|| {
                tera::Error::message(format!(
                    "`t`: no message has the key `{key}`; it belongs into messages/en.json"
                ))
            })
        },
    );
}

/// A day as the locale writes it.
fn date(locale: &Locale, day: &tera::Value, style: Option<&str>) -> TeraResult<String> {
    let style = match style {
        None => DateStyle::default(),
        Some(name) => name.parse().map_err(|_| {
            tera::Error::message(format!(
                "`date`: `{name}` is not one of the styles short, medium and long"
            ))
        })?,
    };
    let written = match day.as_str() {
        Some(text) => locale.table.date(text, style),
        None => day
            .as_i64()
            .and_then(|seconds| locale.table.date_of_time(seconds, style)),
    };
    written.ok_or_else(|| {
        tera::Error::message(format!(
            "`date` takes a day (2026-11-21), a date and time that begins with it, or Unix \
             seconds, and got {day}"
        ))
    })
}

/// The longest summary, in characters, as search engines show of a description.
const SUMMARY: usize = 160;

/// The beginning of a text in at most [`SUMMARY`] characters: whole words, with an ellipsis if
/// there is more. If a word is too long for that, or the script has no spaces, it is cut within a
/// word.
fn summary(text: &str) -> String {
    let mut line = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += word.chars().count();
        if length > SUMMARY {
            break;
        }
    }
    if length <= SUMMARY {
        return line;
    }
    let most = line.char_indices().nth(SUMMARY - 1);
    let (cut, rest) = line.split_at(most.map_or(line.len(), |(at, _)| at));
    let words = match cut.rfind(' ') {
        _ if rest.starts_with(' ') => cut,
        Some(end) if end > cut.len() / 2 => cut.get(..end).unwrap_or(cut),
        _ => cut,
    };
    let words = words.trim_end_matches([' ', ',', ';', ':', '–', '—', '-']);
    format!("{words}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_day_is_an_error_that_says_what_one_is() {
        let locale = Locale::new("en-GB", "EUR").expect("known");
        let day = |value: tera::Value, style| {
            date(&locale, &value, style).map_err(|error| error.to_string())
        };
        assert_eq!(
            day("2026-11-21".into(), None).as_deref(),
            Ok("21 November 2026")
        );
        assert_eq!(day(0.into(), Some("medium")).as_deref(), Ok("1 Jan 1970"));
        for value in ["tomorrow".into(), 1.5.into(), tera::Value::from(true)] {
            let error = day(value, None).expect_err("no day");
            assert!(error.contains("Unix seconds"), "{error}");
        }
        let error = day("2026-11-21".into(), Some("full")).expect_err("no style");
        assert!(error.contains("short, medium and long"), "{error}");
    }

    #[test]
    fn a_long_description_ends_with_a_whole_word() {
        let text = "A cup, thrown by hand. ".repeat(20);
        let short = summary(&text);
        assert!(
            short.ends_with(" A cup, thrown by hand.…") || short.ends_with("thrown by…"),
            "{short}"
        );
        assert!(short.chars().count() <= SUMMARY, "{short}");
        assert_eq!(summary("  A\n cup. "), "A cup.");
        let words = "wort ".repeat(40);
        assert!(words.starts_with(summary(&words).trim_end_matches('…')));
        assert!(summary(&words).ends_with("wort…"));
    }

    #[test]
    fn a_text_without_spaces_is_cut_between_characters() {
        for letter in ["a", "ß", "漢", "👩"] {
            let short = summary(&letter.repeat(500));
            assert_eq!(short.chars().count(), SUMMARY, "{short}");
        }
        let exact = "x".repeat(SUMMARY);
        assert_eq!(summary(&exact), exact);
    }
}
