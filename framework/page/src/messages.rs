//! Messages in the languages of the shop: files `messages/LANGUAGE.json` of the theme and the shop.
//! A page's context has those that its components declare, in its language; templates and errors
//! take theirs by key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use protium_types::locale::Locale;
use protium_wasm::{Manifest, Value};
use quick_cache::sync::Cache;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::error::PageError;
use super::layer::{self, TemplateLayer};

/// The fallback language.
const FALLBACK: &str = "en";
/// How deep names nest in a message file.
const MAX_DEPTH: usize = 8;
/// How many sets of components are cached, since templates place the same ones again and again.
const MAX_SETS: usize = 256;
/// The plural forms of a message, as the Unicode CLDR names them.
const FORMS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// Message files: by language (`de` or `de-AT`), then by key: a text, or a record of forms.
#[derive(Clone, Debug, Default)]
pub struct MessageFiles(BTreeMap<String, BTreeMap<String, Value>>);

/// An argument of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageArgument {
    /// A text.
    Text(String),
    /// An integer, in the locale's format. That of the name `n` decides on the plural form.
    Number(i64),
}

impl MessageFiles {
    /// Adds a file's messages, which replace those of the same language and key.
    ///
    /// # Errors
    ///
    /// What is wrong with the file.
    pub fn add(&mut self, language: &str, source: &str) -> Result<(), String> {
        let tree = serde_json::from_str(source).map_err(|error| error.to_string())?;
        let messages = self.0.entry(language.to_owned()).or_default();
        flatten(messages, "", &tree, 0)
    }

    /// The languages that have files.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The keys that are messages of another language, and neither of this locale (`de-AT`) nor of
    /// its language (`de`).
    pub fn missing(&self, locale: &str) -> BTreeSet<&str> {
        let language = locale.split('-').next().unwrap_or(locale);
        let own = [locale, language].map(|name| self.0.get(name));
        let is_missing = |key: &&String| {
            let mut own = own.iter().flatten();
            !own.any(|messages| messages.contains_key(*key))
        };
        let all = self.0.values().flat_map(BTreeMap::keys);
        all.filter(is_missing).map(String::as_str).collect()
    }

    /// The messages of a language that take other arguments than the one of the same key in `en`:
    /// those of `en`, and those here.
    pub fn other_arguments(&self, language: &str) -> Vec<(&str, [BTreeSet<&str>; 2])> {
        let (Some(own), Some(english)) = (self.0.get(language), self.0.get(FALLBACK)) else {
            return Vec::new();
        };
        let both = own.iter().filter_map(|(key, message)| {
            let both = [arguments(english.get(key)?), arguments(message)];
            (both[0] != both[1]).then_some((key.as_str(), both))
        });
        both.collect()
    }

    /// Whether any language has this message.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.values().any(|messages| messages.contains_key(key))
    }

    /// The message of the locale (`de-AT`), else of its language (`de`), else of `en`, else of any
    /// language.
    fn find(&self, locale: &str, key: &str) -> Option<&Value> {
        let language = locale.split('-').next().unwrap_or(locale);
        let preferred = [locale, language, FALLBACK];
        let preferred = preferred.iter().filter_map(|name| self.0.get(*name));
        let mut all = preferred.chain(self.0.values());
        all.find_map(|messages| messages.get(key))
    }

    /// The text of a message, in which `{name}` is replaced by the argument of that name; `None` if
    /// no language has the message.
    pub fn text(
        &self,
        locale: &Locale,
        key: &str,
        argument: &dyn Fn(&str) -> Option<MessageArgument>,
    ) -> Option<String> {
        let number = match argument("n") {
            Some(MessageArgument::Number(number)) => number,
            _ => 0,
        };
        let message = self.find(&locale.name, key)?;
        let form = message.get(locale.table.plural_form(number));
        let form = form.or_else(|| message.get("other"));
        let mut rest = form.unwrap_or(message).as_text()?;
        let mut text = String::with_capacity(rest.len() + 16);
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let given = after.split_once('}');
            let given = given.and_then(|(name, rest)| Some((argument(name)?, rest)));
            rest = given.as_ref().map_or(after, |(_, rest)| *rest);
            match given {
                Some((MessageArgument::Text(value), _)) => text.push_str(&value),
                Some((MessageArgument::Number(value), _)) => {
                    text.push_str(&locale.table.integer(value));
                }
                None => text.push('{'),
            }
        }
        text.push_str(rest);
        Some(text)
    }
}

/// The messages of a shop.
pub(super) struct Messages {
    manifest: Arc<Manifest>,
    files: Arc<MessageFiles>,
    /// Cached messages of pages, by locale and components (indices in the manifest).
    sets: Cache<(String, Vec<usize>), Value>,
}

impl Messages {
    /// Reads the message files, later layers over earlier ones, and checks that every message that
    /// a component declares exists. The files' content is added to `digest`.
    pub(super) fn read(
        layers: &[TemplateLayer],
        manifest: &Arc<Manifest>,
        digest: &mut Sha256,
    ) -> Result<Self, PageError> {
        let mut files = MessageFiles::default();
        for layer in layers {
            for (file, source) in layer::read_files(layer, layer::MESSAGES)? {
                digest.update((file.len() as u64).to_le_bytes());
                digest.update(&file);
                digest.update((source.len() as u64).to_le_bytes());
                digest.update(&source);
                let added = files.add(file.trim_end_matches(".json"), &source);
                added.map_err(|message| PageError::Messages { file, message })?;
            }
        }
        for component in &manifest.components {
            for key in &component.messages {
                if !files.has(key) {
                    return Err(PageError::NoMessage {
                        component: component.name.clone(),
                        key: key.clone(),
                    });
                }
            }
        }
        Ok(Self {
            manifest: Arc::clone(manifest),
            files: Arc::new(files),
            sets: Cache::new(MAX_SETS),
        })
    }

    /// All messages.
    pub(super) fn files(&self) -> &Arc<MessageFiles> {
        &self.files
    }

    /// The `messages` entry of a page's context; `None` if its components show no messages.
    pub(super) fn of_page<'a>(
        &self,
        ctx: &Value,
        components: impl Iterator<Item = &'a str>,
    ) -> Option<Value> {
        let mut last = "";
        let mut places = Vec::new();
        for name in components {
            if name == last {
                continue;
            }
            last = name;
            let known = &self.manifest.components;
            if let Ok(at) = known.binary_search_by(|component| component.name.as_str().cmp(name))
                && !known[at].messages.is_empty()
            {
                places.push(at);
            }
        }
        if places.is_empty() {
            return None;
        }
        places.sort_unstable();
        places.dedup();
        let locale = ctx
            .get("locale")
            .and_then(Value::as_text)
            .unwrap_or(FALLBACK);
        let set = (locale.to_owned(), places);
        if let Some(known) = self.sets.get(&set) {
            return Some(known);
        }
        // A message that cannot be encoded could not be on a page either.
        let made = self.select(locale, &set.1).shared().ok()?;
        self.sets.insert(set, made.clone());
        Some(made)
    }

    fn select(&self, locale: &str, places: &[usize]) -> Value {
        let mut keys: Vec<&String> = places
            .iter()
            .flat_map(|at| &self.manifest.components[*at].messages)
            .collect();
        keys.sort();
        keys.dedup();
        let entries = keys.into_iter().filter_map(|key| {
            let found = self.files.find(locale, key)?;
            Some((key.clone(), found.clone()))
        });
        Value::Record(entries.collect())
    }
}

/// The names in braces of a message, in all of its forms.
fn arguments(message: &Value) -> BTreeSet<&str> {
    let texts: Vec<&str> = match message {
        Value::Record(forms) => forms
            .iter()
            .filter_map(|(_, form)| form.as_text())
            .collect(),
        text => text.as_text().into_iter().collect(),
    };
    let names = texts.into_iter().flat_map(|text| text.split('{').skip(1));
    names
        .filter_map(|rest| Some(rest.split_once('}')?.0))
        .collect()
}

/// Gives each message its key: the names of the objects around it and its own, joined by dots.
fn flatten(
    into: &mut BTreeMap<String, Value>,
    prefix: &str,
    tree: &Json,
    depth: usize,
) -> Result<(), String> {
    let Json::Object(entries) = tree else {
        return Err(format!("`{prefix}` is not an object of messages"));
    };
    if depth == MAX_DEPTH {
        return Err(format!("`{prefix}` is nested deeper than {MAX_DEPTH}"));
    }
    for (name, value) in entries {
        let key = match prefix {
            "" => name.clone(),
            _ => format!("{prefix}.{name}"),
        };
        match value {
            Json::String(text) => {
                into.insert(key, Value::from(text.as_str()));
            }
            Json::Object(forms) if forms.get("other").is_some_and(Json::is_string) => {
                into.insert(key.clone(), read_forms(&key, forms)?);
            }
            Json::Object(_) => flatten(into, &key, value, depth + 1)?,
            _ => return Err(format!("`{key}` is neither a text nor forms by number")),
        }
    }
    Ok(())
}

fn read_forms(key: &str, forms: &serde_json::Map<String, Json>) -> Result<Value, String> {
    let form = |(name, text): (&String, &Json)| match text {
        Json::String(text) if FORMS.contains(&name.as_str()) => {
            Ok((name.clone(), Value::from(text.as_str())))
        }
        _ => Err(format!(
            "`{key}.{name}` is no form of a message: the forms are {}",
            FORMS.join(", ")
        )),
    };
    let forms: Result<_, _> = forms.iter().map(form).collect();
    Ok(Value::Record(forms?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use protium_wasm::{Component, Lane};

    fn component(name: &str, messages: &[&str]) -> Component {
        Component {
            name: name.to_owned(),
            personal: false,
            slot: false,
            hydrate: "load".to_owned(),
            props: Vec::new(),
            state: Vec::new(),
            handlers: Vec::new(),
            messages: messages.iter().map(|&key| key.to_owned()).collect(),
        }
    }

    fn read(files: &[&[(&str, &str)]]) -> Result<Messages, PageError> {
        let folders: Vec<_> = files
            .iter()
            .map(|files| {
                let folder = tempfile::tempdir().expect("a folder");
                for (name, text) in *files {
                    std::fs::write(folder.path().join(name), text).expect("a file");
                }
                folder
            })
            .collect();
        let layers: Vec<_> = folders
            .iter()
            .map(|folder| TemplateLayer::Folder(folder.path().to_owned()))
            .collect();
        let manifest = Manifest {
            lane: Lane::TinyGo,
            components: vec![
                component("badge", &["cart.items"]),
                component("lines", &["cart.empty", "cart.items"]),
                component("silent", &[]),
            ],
            stores: Vec::new(),
            sources: None,
        };
        Messages::read(&layers, &Arc::new(manifest), &mut Sha256::new())
    }

    const ENGLISH: &str = r#"{"cart": {"empty": "Empty", "other": {"x": "y"},
        "items": {"one": "{n} item", "other": "{n} items"}}}"#;

    fn page(messages: &Messages, locale: &str, components: &[&str]) -> Option<String> {
        let ctx = Value::record([("locale", Value::from(locale))]);
        let entry = messages.of_page(&ctx, components.iter().copied())?;
        Some(serde_json::to_string(&entry).expect("JSON"))
    }

    #[test]
    fn a_page_has_the_messages_of_its_components_in_its_language() {
        let german = r#"{"cart": {"items": {"one": "{n} Artikel", "other": "{n} Artikel"}}}"#;
        let austrian = r#"{"cart.empty": "Leer"}"#;
        let theme = [("en.json", ENGLISH), ("de.json", german)];
        let shop = [
            ("de-AT.json", austrian),
            ("en.json", r#"{"cart": {"empty": "Nothing"}}"#),
        ];
        let messages = read(&[&theme, &shop]).expect("messages");
        let items = r#""cart.items":{"one":"{n} item","other":"{n} items"}"#;
        let artikel = r#""cart.items":{"one":"{n} Artikel","other":"{n} Artikel"}"#;
        for (locale, components, expected) in [
            ("en-GB", vec!["badge", "silent"], format!("{{{items}}}")),
            (
                "en-GB",
                vec!["lines", "badge", "lines"],
                format!(r#"{{"cart.empty":"Nothing",{items}}}"#),
            ),
            (
                "de-AT",
                vec!["lines"],
                format!(r#"{{"cart.empty":"Leer",{artikel}}}"#),
            ),
            (
                "de-DE",
                vec!["lines"],
                format!(r#"{{"cart.empty":"Nothing",{artikel}}}"#),
            ),
        ] {
            // From the cache.
            for _ in 0..2 {
                assert_eq!(page(&messages, locale, &components), Some(expected.clone()));
            }
        }
        assert_eq!(page(&messages, "en-GB", &["silent", "unknown"]), None);
    }

    #[test]
    fn a_text_has_its_arguments_and_plural_form_in_the_locale() {
        let mut files = MessageFiles::default();
        files.add("en", ENGLISH).expect("messages");
        let polish = r#"{"cart": {"items": {"few": "{n} rzeczy {who}", "other": "{n} {none}"}}}"#;
        files.add("pl", polish).expect("messages");
        let text = |locale: &str, key: &str, number: i64| {
            let locale = Locale::new(locale, "EUR").expect("known");
            files.text(&locale, key, &|name| match name {
                "n" => Some(MessageArgument::Number(number)),
                "who" => Some(MessageArgument::Text("{n} & Co".to_owned())),
                _ => None,
            })
        };
        assert_eq!(text("en-GB", "cart.items", 1).as_deref(), Some("1 item"));
        assert_eq!(
            text("en-GB", "cart.items", 1_200).as_deref(),
            Some("1,200 items")
        );
        assert_eq!(
            text("pl-PL", "cart.items", 3).as_deref(),
            Some("3 rzeczy {n} & Co")
        );
        assert_eq!(text("pl-PL", "cart.items", 1).as_deref(), Some("1 {none}"));
        assert_eq!(text("pl-PL", "cart.empty", 0).as_deref(), Some("Empty"));
        assert_eq!(text("pl-PL", "cart.nothing", 0), None);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        for (text, says) in [
            ("{", "EOF"),
            ("[]", "not an object"),
            (r#"{"cart": {"empty": 1}}"#, "`cart.empty` is neither"),
            (
                r#"{"cart": {"items": {"other": "x", "lots": "y"}}}"#,
                "`cart.items.lots` is no form",
            ),
            (
                &format!(
                    "{}{}",
                    "{\"a\":".repeat(9),
                    "{}".to_owned() + &"}".repeat(9)
                ),
                "deeper",
            ),
        ] {
            let error = read(&[&[("en.json", text)]]).err().expect("an error");
            let error = error.to_string();
            assert!(error.contains("en.json") && error.contains(says), "{error}");
        }
    }

    #[test]
    fn a_message_that_is_nowhere_is_named_with_its_component() {
        let error = read(&[&[("en.json", r#"{"cart": {"empty": "x"}}"#)]])
            .err()
            .expect("an error")
            .to_string();
        assert!(
            error.contains("<go-badge>") && error.contains("cart.items"),
            "{error}"
        );
    }

    #[test]
    fn what_a_language_lacks_is_named_and_what_takes_other_arguments() {
        let mut files = MessageFiles::default();
        let german = r#"{"cart": {"empty": "Leer", "items": {"one": "{n}", "other": "{anzahl}"}}}"#;
        for (language, source) in [
            ("en", ENGLISH),
            ("de", german),
            ("de-AT", r#"{"cart.other.x": "z"}"#),
        ] {
            files.add(language, source).expect("messages");
        }
        let missing = |locale: &str| files.missing(locale).into_iter().collect::<Vec<_>>();
        assert_eq!(missing("de-DE"), ["cart.other.x"]);
        assert_eq!(missing("de-AT"), [""; 0]);
        assert_eq!(
            missing("fr-FR"),
            ["cart.empty", "cart.items", "cart.other.x"]
        );
        let others = files.other_arguments("de");
        let [(key, [english, here])] = &others[..] else {
            panic!("{others:?}");
        };
        assert_eq!(*key, "cart.items");
        assert_eq!(english.iter().copied().collect::<Vec<_>>(), ["n"]);
        assert_eq!(here.iter().copied().collect::<Vec<_>>(), ["anzahl", "n"]);
    }
}
