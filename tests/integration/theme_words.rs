//! The base theme is every shop's: its templates have no words of their own, and its messages name
//! nothing that the example sells.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use tests::workspace::path;

/// Words of four letters and more, the plural's `s` left out.
fn words(text: &str) -> BTreeSet<String> {
    text.split(|letter: char| !letter.is_alphabetic())
        .map(|word| word.to_lowercase().trim_end_matches('s').to_owned())
        .filter(|word| word.len() >= 4)
        .collect()
}

/// Attributes that a visitor reads or hears.
const SAID: [&str; 4] = ["aria-label", "alt", "title", "placeholder"];

/// What a visitor reads of a template: no tags but what is said in their attributes, and nothing of
/// the template language.
fn text(template: &str) -> String {
    let mut said = content(template);
    for attribute in SAID {
        let opening = format!(" {attribute}=\"");
        for value in template.split(&opening).skip(1) {
            // A value may have quotes within its expressions.
            let value = content(value);
            said.push_str(value.split('"').next().unwrap_or_default());
        }
    }
    said
}

/// What stands between tags and outside the template language.
fn content(template: &str) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['<', '{']) {
        let (before, markup) = rest.split_at(at);
        text.push_str(before);
        text.push(' ');
        let close = ["{{", "{%", "{#"]
            .into_iter()
            .zip(["}}", "%}", "#}"])
            .find(|(open, _)| markup.starts_with(open))
            .map_or(">", |(_, close)| close);
        rest = markup.split_once(close).map_or("", |(_, rest)| rest);
    }
    text + rest
}

fn templates(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            templates(&path, found);
        } else {
            let source = std::fs::read_to_string(&path).expect("a template");
            found.push((path.display().to_string(), source));
        }
    }
}

/// What messages say, without the names of their arguments.
fn sentences(messages: &Value, said: &mut String) {
    match messages {
        Value::Object(entries) => entries.values().for_each(|entry| sentences(entry, said)),
        other => {
            let text = other.as_str().expect("a text");
            said.extend(
                text.split(['{', '}'])
                    .step_by(2)
                    .flat_map(|part| [part, " "]),
            );
        }
    }
}

#[test]
fn the_base_theme_names_nothing_that_the_example_sells() {
    let catalogue =
        std::fs::read_to_string(path("example-store/data/catalogue.csv")).expect("the catalogue");
    // Names are written with a capital, the little words between them are not.
    let title = |line: &str| {
        let words = line.split(',').nth(1)?.split(' ');
        let names = words.filter(|word| word.starts_with(char::is_uppercase));
        Some(names.collect::<Vec<_>>().join(" "))
    };
    let sold: BTreeSet<String> = catalogue
        .lines()
        .skip(1)
        .filter_map(title)
        .chain(["plants, tools, materials, gardens, Marrowby".to_owned()])
        .flat_map(|title| words(&title))
        .collect();
    assert!(sold.len() > 40, "{sold:?}");
    let messages = path("framework/protium/theme/messages/en.json");
    let messages = std::fs::read_to_string(messages).expect("the messages");
    let messages: Value = serde_json::from_str(&messages).expect("JSON");
    let mut said = String::new();
    sentences(&messages, &mut said);
    // "Too long" is said in every shop.
    let said: BTreeSet<String> = words(&said)
        .into_iter()
        .filter(|word| word != "long")
        .collect();
    assert!(said.len() > 100, "{said:?}");
    let both: Vec<&String> = said.intersection(&sold).collect();
    assert!(both.is_empty(), "the theme says {both:?}");
}

#[test]
fn all_that_the_base_theme_says_is_in_its_messages() {
    let mut found = Vec::new();
    templates(&path("framework/protium/theme/templates"), &mut found);
    assert!(found.len() >= 10);
    for (name, source) in found {
        let said = text(&source);
        let said = said.trim();
        assert!(!said.contains(char::is_alphabetic), "{name} says {said:?}");
    }
    let plain = "<a alt=\"{{ t(key=\"a\") }} of\" title=\"{{ b }}\">{% if a %}One{% endif %}</a>";
    assert_eq!(words(&text(&plain.replace("of", "from"))), words("from"));
    assert!(text(plain).contains("One"));
}
