//! The messages of the shop's own, in all its languages.

use std::collections::BTreeSet;
use std::path::Path;

use protium::serde_json::{self, Value};

/// The keys of a file: paths with dots, of which plural forms are one.
fn keys(file: &Path) -> BTreeSet<String> {
    fn walk(value: &Value, path: &str, found: &mut BTreeSet<String>) {
        match value
            .as_object()
            .filter(|inner| !inner.contains_key("other"))
        {
            Some(inner) => inner
                .iter()
                .for_each(|(name, value)| walk(value, &format!("{path}.{name}"), found)),
            None => {
                found.insert(path.to_owned());
            }
        }
    }
    let text = std::fs::read(file).expect("the file can be read");
    let mut found = BTreeSet::new();
    let messages = serde_json::from_slice(&text).expect("the file is JSON");
    walk(&messages, "", &mut found);
    found
}

#[test]
fn every_language_has_every_message() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("messages");
    let english = keys(&folder.join("en.json"));
    for entry in folder.read_dir().expect("the folder is there") {
        let file = entry.expect("an entry").path();
        let missing: Vec<String> = english.difference(&keys(&file)).cloned().collect();
        assert!(missing.is_empty(), "{}: {missing:?}", file.display());
    }
}
