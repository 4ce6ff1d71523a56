//! Filters, functions and tests of templates, besides Tera's own.

use std::fmt;
use std::sync::Arc;

use tera::{Kwargs, State, Tera, TeraResult};

use protium_wasm::{Value, to_script_json};

use super::foreign::{Asset, ForeignHtml};
use super::marker;
use super::scope;

type Money = dyn Fn(i64, &Value) -> String + Send + Sync;

/// The filters that the app defines: `money` and `asset`. `json` and `foreign_html` are always
/// available.
pub struct Filters {
    money: Box<Money>,
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
            asset: Box::new(asset),
            foreign: ForeignHtml::default(),
            own: Tera::default(),
        }
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

/// The longest summary, in characters, as search engines show of a description.
const SUMMARY: usize = 160;

/// The beginning of a text in at most [`SUMMARY`] characters: whole words, with an ellipsis if
/// there is more. If a word is too long for that, or the script has no spaces, it is cut within a
/// word.
fn summary(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().nth(SUMMARY).is_none() {
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
