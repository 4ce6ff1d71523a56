//! Messages that a language of the shop lacks.

use std::path::Path;

use super::finding::Finding;
use crate::app::Shop;
use protium_page::MessageFiles;

/// How many keys are named in one sentence.
const NAMED: usize = 5;

/// What the languages of the shop's markets lack: messages of its own, each with its key, and those
/// of the base theme.
pub fn findings(shop: &Shop, root: &Path) -> Vec<Finding> {
    let mut found = Vec::new();
    let own = own_messages(root);
    let release = shop.release();
    let all = release.pages.messages();
    let mut locales: Vec<&str> = release
        .locales
        .iter()
        .map(|(_, locale)| &*locale.name)
        .collect();
    locales.sort_unstable();
    locales.dedup();
    for locale in locales {
        let language = locale.split('-').next().unwrap_or(locale);
        let file = format!("messages/{language}.json");
        let own_keys = own.missing(locale);
        for key in &own_keys {
            let problem = format!("there is no message `{key}` for {locale}");
            let advice = "translate it: pages show it in another language";
            found.push(Finding::error("translation", problem, advice).in_file(&file, None));
        }
        let mut theirs = all.missing(locale);
        theirs.retain(|key| !own_keys.contains(key));
        if !theirs.is_empty() {
            let named: Vec<&str> = theirs.iter().copied().take(NAMED).collect();
            let problem = format!(
                "{} messages of the base theme are not there for {locale}, such as {}",
                theirs.len(),
                named.join(", ")
            );
            let advice = "messages of the same keys translate them";
            found.push(Finding::warning("translation", problem, advice).in_file(&file, None));
        }
    }
    for language in own.languages() {
        for (key, [english, here]) in own.other_arguments(language) {
            let list = |names: &std::collections::BTreeSet<&str>| match names.is_empty() {
                true => "none".to_owned(),
                false => names.iter().copied().collect::<Vec<_>>().join(", "),
            };
            let (problem, advice) = (
                format!("`{key}` has other arguments than in en.json"),
                format!("there it takes {}, here {}", list(&english), list(&here)),
            );
            let file = format!("messages/{language}.json");
            found.push(Finding::error("message-arguments", problem, advice).in_file(file, None));
        }
    }
    found
}

/// The shop's own message files. What is wrong with one was said when the shop was opened.
fn own_messages(root: &Path) -> MessageFiles {
    let mut messages = MessageFiles::default();
    let entries = std::fs::read_dir(root.join("messages"))
        .into_iter()
        .flatten()
        .flatten();
    for path in entries.map(|entry| entry.path()) {
        let name = path.file_stem().and_then(|stem| stem.to_str());
        let is_json = path.extension().is_some_and(|ending| ending == "json");
        if let (Some(name), true, Ok(text)) = (name, is_json, std::fs::read_to_string(&path)) {
            let _ = messages.add(name, &text);
        }
    }
    messages
}
