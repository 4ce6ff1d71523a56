//! What a new shop has of this version's documents: for people, editors and coding agents, made
//! from the documents, the Go kit's examples and the comments of the base theme's components.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::kit;

/// Where the documents are put.
const FOLDER: &str = ".agents/protium";
/// The documents by their names, and the kit's examples.
static DOCUMENTS: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/documents.rs"));
/// When the browser brings a component to life.
const DIRECTIVES: [(&str, &str); 6] = [
    ("load", "at once"),
    ("idle", "when the browser has nothing else to do"),
    ("visible", "when it comes into view"),
    ("interaction", "when the visitor touches it"),
    ("only", "at once, and the server renders nothing"),
    ("none", "never: it stays as the server rendered it"),
];

/// Files by their paths in the shop.
pub fn files() -> BTreeMap<PathBuf, Cow<'static, [u8]>> {
    let mut files = BTreeMap::new();
    let mut add = |path: String, text: Cow<'static, str>| {
        let bytes = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        };
        files.insert(PathBuf::from(path), bytes);
    };
    for (name, text) in DOCUMENTS {
        match name.strip_suffix(".go") {
            Some(_) => add(format!("{FOLDER}/examples.md"), examples(text).into()),
            None => add(format!("{FOLDER}/{name}"), within(text).into()),
        }
    }
    let components = components();
    add(format!("{FOLDER}/components.md"), list(&components).into());
    let data = serde_json::to_string_pretty(&html_data(&components)).unwrap_or_default();
    add(
        ".vscode/protium.html-data.json".to_owned(),
        format!("{data}\n").into(),
    );
    files
}

/// A document whose links stay among the documents: others lead to files of the repository.
fn within(text: &str) -> String {
    let mut parts = text.split("](../");
    let mut written = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        written.push(']');
        written.push_str(part.split_once(')').map_or("", |(_, rest)| rest));
    }
    written
}

/// The examples of the kit as a document: each with its name, and then what it needs.
fn examples(source: &str) -> String {
    let mut written = String::from(
        "# The component kit by examples\n\nEach runs in the kit's tests, and prints what stands \
         below `Output`.\n",
    );
    // Before the first example stand the components that they are about.
    let (components, examples) = match source.split_once("\nfunc Example") {
        Some((components, examples)) => (components, format!("Example{examples}")),
        None => (source, String::new()),
    };
    let _ = write!(
        written,
        "\n## The components\n\n```go\n{}\n```\n",
        components.trim()
    );
    for example in examples
        .split("\nfunc ")
        .filter(|example| example.starts_with("Example"))
    {
        let name = example.split('(').next().unwrap_or_default();
        let name = name.trim_start_matches("Example").trim_start_matches('_');
        let (title, code) = (name.replace('_', " "), example.trim_end());
        let _ = write!(written, "\n## {title}\n\n```go\nfunc {code}\n```\n");
    }
    written
}

/// A component of the base theme, as its comment describes it.
struct Described {
    name: String,
    text: String,
    usage: String,
}

/// The components of the base theme, sorted by name.
fn components() -> Vec<Described> {
    let mut found: Vec<Described> = kit::theme_sources().flat_map(described).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// The comments of a Go source that show how a template places a component.
fn described(source: &str) -> Vec<Described> {
    let mut found = Vec::new();
    let (mut text, mut usage) = (Vec::new(), Vec::new());
    for line in source.lines() {
        if let Some(code) = line.strip_prefix("//\t") {
            usage.push(code);
        } else if let Some(words) = line.strip_prefix("//") {
            text.push(words.trim());
        } else {
            let usage = std::mem::take(&mut usage).join("\n");
            let text = std::mem::take(&mut text).join(" ").trim().to_owned();
            let name = usage.strip_prefix("<go-").and_then(|rest| {
                let end = rest.find([' ', '>', '\n'])?;
                rest.get(..end).map(str::to_owned)
            });
            found.extend(name.map(|name| Described { name, text, usage }));
        }
    }
    found
}

fn list(components: &[Described]) -> String {
    let mut written = String::from("# The components of the base theme\n");
    for Described { name, text, usage } in components {
        let _ = write!(
            written,
            "\n## go-{name}\n\n{text}\n\n```html\n{usage}\n```\n"
        );
    }
    written
}

/// What editors complete tags of components with: the format is that of VS Code's HTML custom data.
fn html_data(components: &[Described]) -> Value {
    let directives = DIRECTIVES.map(|(name, when)| json!({ "name": name, "description": when }));
    let tags = components.iter().map(|Described { name, text, usage }| {
        let attributes = usage.split("=\"").filter_map(|before| {
            let name = before.split_ascii_whitespace().last()?;
            let is_name = name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
            (is_name && name != "hydrate").then(|| json!({ "name": name }))
        });
        let all = attributes.chain([
            json!({
                "name": "hydrate",
                "valueSet": "hydrate",
                "description": "When the browser brings it to life",
            }),
            json!({ "name": "key", "description": "Tells components of a kind apart" }),
        ]);
        let description = format!("{text}\n\n```html\n{usage}\n```");
        json!({
            "name": format!("go-{name}"),
            "description": { "kind": "markdown", "value": description },
            "attributes": all.collect::<Vec<Value>>(),
        })
    });
    json!({
        "version": 1.1,
        "tags": tags.collect::<Vec<Value>>(),
        "valueSets": [{ "name": "hydrate", "values": directives }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &str) -> String {
        let file = files().remove(&PathBuf::from(path)).expect(path);
        String::from_utf8(file.into_owned()).expect("UTF-8")
    }

    #[test]
    fn every_example_of_the_kit_is_in_the_document_with_its_output() {
        let (_, source) = DOCUMENTS
            .iter()
            .find(|(name, _)| *name == "example_test.go")
            .expect("it");
        let document = text(".agents/protium/examples.md");
        let examples = source.matches("\nfunc Example").count();
        assert!(examples >= 5, "{examples}");
        assert_eq!(
            document.matches("\nfunc Example").count(),
            examples,
            "{document}"
        );
        assert_eq!(
            document.matches("// Output:").count(),
            examples,
            "{document}"
        );
    }

    #[test]
    fn editors_complete_the_components_of_the_theme() {
        let data: Value =
            serde_json::from_str(&text(".vscode/protium.html-data.json")).expect("JSON");
        let tags = data["tags"].as_array().expect("a list");
        let tag = |name: &str| tags.iter().find(|tag| tag["name"] == name).expect(name);
        let attributes = |name: &str| -> Vec<String> {
            let all = tag(name)["attributes"].as_array().expect("a list").iter();
            all.filter_map(|one| one["name"].as_str().map(str::to_owned))
                .collect()
        };
        assert_eq!(
            attributes("go-product-form"),
            ["product", "selected", "hydrate", "key"]
        );
        assert_eq!(attributes("go-cart-badge"), ["hydrate", "key"]);
        let registered = kit::theme_sources().map(|source| source.matches("ui.Register(").count());
        assert_eq!(tags.len(), registered.sum::<usize>());
    }

    #[test]
    fn links_between_the_documents_lead_somewhere() {
        let files = files();
        for (path, content) in &files {
            let text = String::from_utf8_lossy(content);
            let links = text
                .split("](")
                .skip(1)
                .filter_map(|rest| rest.split(')').next());
            for link in links.filter(|link| !link.contains("://")) {
                let file = link.split('#').next().unwrap_or_default();
                let target = path.parent().expect("a folder").join(file);
                let is_there =
                    file.is_empty() || file.ends_with(".png") || files.contains_key(&target);
                assert!(is_there, "{} links to {link}", path.display());
            }
        }
    }
}
