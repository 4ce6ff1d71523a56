//! The base theme is every shop's: it names nothing that the example sells.

use std::collections::BTreeSet;
use std::path::Path;

use tests::workspace::path;

/// Words of four letters and more, the plural's `s` left out.
fn words(text: &str) -> BTreeSet<String> {
    text.split(|letter: char| !letter.is_alphabetic())
        .map(|word| word.to_lowercase().trim_end_matches('s').to_owned())
        .filter(|word| word.len() >= 4)
        .collect()
}

/// What a visitor reads of a template: no tags, and nothing of the template language.
fn text(template: &str) -> String {
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
    let mut found = Vec::new();
    templates(&path("framework/protium/theme/templates"), &mut found);
    assert!(found.len() >= 10);
    for (name, source) in found {
        let both: Vec<String> = words(&text(&source)).intersection(&sold).cloned().collect();
        assert!(both.is_empty(), "{name} says {both:?}");
    }
}
