//! The code in `framework/docs/`: each block is a file of a shop that a test builds, or is run
//! here.

use std::fs;
use std::path::Path;
use std::process::Command;

use protium::config::{Config, Flags};
use tempfile::TempDir;
use tests::workspace::path;

use super::{program, shop};

/// A block between fences, or the name of the file that it is.
struct Block {
    document: String,
    language: String,
    file: Option<String>,
    text: String,
}

/// Documents whose files are those of a shop: `outside.rs` and `tutorial.rs` build them.
const SHOPS: [&str; 2] = ["new-shop.md", "tutorial.md"];
/// What no program of this repository reads: settings of proxies and of Redis, a picture, and Rust
/// that is shown in part.
const OTHERS: [&str; 5] = ["nginx", "caddyfile", "conf", "mermaid", "rust,no_run"];

fn documents() -> Vec<(String, String)> {
    let entries = fs::read_dir(path("framework/docs")).expect("the documents");
    let files = entries.map(|entry| entry.expect("an entry").path());
    let documents = files.filter(|file| file.extension().is_some_and(|ending| ending == "md"));
    let read = documents.map(|file| {
        let name = file
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        (name, fs::read_to_string(file).expect("a document"))
    });
    let mut documents: Vec<(String, String)> = read.collect();
    documents.sort();
    documents
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    for (document, text) in documents() {
        let mut lines = text.lines();
        let mut above = "";
        while let Some(line) = lines.next() {
            if let Some(language) = line.strip_prefix("```") {
                let block = lines.by_ref().take_while(|line| !line.starts_with("```"));
                let file = above
                    .strip_prefix('`')
                    .and_then(|name| name.strip_suffix("`:"));
                blocks.push(Block {
                    document: document.clone(),
                    language: language.to_owned(),
                    file: file.map(str::to_owned),
                    text: block.map(|line| format!("{line}\n")).collect(),
                });
            }
            above = line;
        }
    }
    blocks
}

/// A shop with this configuration, and no more.
fn configured(config: &str) -> TempDir {
    let root = TempDir::new().expect("a directory");
    fs::write(root.path().join("protium.toml"), config).expect("written");
    root
}

#[test]
fn every_block_of_the_documents_is_run() {
    let blocks = blocks();
    let mut run = 0;
    for block in &blocks {
        let Block {
            document,
            language,
            file,
            text,
        } = block;
        match (language.as_str(), file) {
            (_, Some(_)) => assert!(SHOPS.contains(&document.as_str()), "{document}: {text}"),
            ("toml", None) => {
                let root = configured(text);
                let read = Config::load(root.path(), [], &Flags::default());
                assert!(read.is_ok(), "{document}: {text}\n{}", read.unwrap_err());
            }
            ("rust", None) => is_compiled_elsewhere(document, text),
            ("csv", None) => is_imported(&blocks, document, text),
            // With the database of a shop, below.
            ("sql", None) => {}
            ("sh", None) => is_shell(document, text),
            (other, None) => assert!(OTHERS.contains(&other), "{document}: {other}: {text}"),
        }
        run += usize::from(!OTHERS.contains(&language.as_str()));
    }
    assert!(run >= 30, "{run}");
}

/// The lines are in an example of the framework's documentation, which is compiled.
fn is_compiled_elsewhere(document: &str, text: &str) {
    let plain = |text: &str| -> String {
        let words = text.split(|c: char| c.is_whitespace() || c == '/');
        words.filter(|word| !word.is_empty()).collect()
    };
    let examples = fs::read_to_string(path("framework/protium/src/request/page.rs"));
    let examples = examples.expect("the examples");
    assert!(
        plain(&examples).contains(&plain(text)),
        "{document}: {text}"
    );
}

/// The file is imported into a shop with the configuration of the same document, in whose database
/// its SQL is run.
fn is_imported(blocks: &[Block], document: &str, text: &str) {
    let of_document = |language: &str| {
        let mut blocks = blocks.iter().filter(|block| block.document == document);
        let found = blocks.find(|block| block.language == language && block.file.is_none());
        found.map_or("", |block| &block.text)
    };
    let root = configured(of_document("toml"));
    let file = root.path().join("products.csv");
    // The product is there already.
    let catalogue = path("example-store/data/catalogue.csv");
    fs::write(&file, text).expect("written");
    for file in [&catalogue, &file] {
        let mut import = shop(root.path());
        let output = import
            .arg("import")
            .arg(file)
            .output()
            .expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{document}: {said}");
        assert!(!said.contains("products.csv"), "{document}: {said}");
    }
    let database = root.path().join("data/store/shop.db");
    let database = rusqlite::Connection::open(database).expect("a database");
    for block in blocks.iter().filter(|block| block.language == "sql") {
        let ran = database.execute_batch(&block.text);
        assert!(ran.is_ok(), "{}: {}: {ran:?}", block.document, block.text);
    }
}

/// A shell reads it, and the program has its commands.
fn is_shell(document: &str, text: &str) {
    let read = Command::new("sh").args(["-n", "-c", text]).status();
    assert!(read.expect("a shell").success(), "{document}: {text}");
    for line in text.lines() {
        if let Some(line) = line.strip_prefix("protium ") {
            has_command(document, line);
        }
    }
}

/// The program knows the command with all of its options.
fn has_command(document: &str, line: &str) {
    let words = line.split_once('#').map_or(line, |(words, _)| words);
    let words = words.split_ascii_whitespace();
    let output = Command::new(program())
        .args(words)
        .arg("--help")
        .current_dir(std::env::temp_dir())
        .output();
    let output = output.expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{document}: {line}: {said}");
}

#[test]
fn every_command_of_the_documents_is_there() {
    let mut commands = 0;
    for (document, text) in documents() {
        for line in text.lines().filter_map(|line| line.strip_prefix("    ")) {
            let line = line.trim_start_matches("$ ");
            let Some(rest) = line.strip_prefix("cargo run") else {
                continue;
            };
            let arguments = rest
                .split_once(" -- ")
                .map_or("", |(_, arguments)| arguments);
            let arguments = arguments.split(" 2>").next().unwrap_or_default();
            if !arguments.contains("--help") {
                has_command(&document, arguments);
            }
            commands += 1;
        }
    }
    assert!(commands >= 12, "{commands}");
}

/// `protium.toml` of a new shop names a schema: it is made from the types that the file is read
/// into. `PROTIUM_UPDATE=1` writes it anew.
#[test]
fn the_schema_of_new_shops_is_that_of_the_configuration() {
    let folder = "framework/protium/starters/common/.vscode";
    let file = path(Path::new(folder).join("protium.schema.json"));
    let schema = protium::config_schema();
    let text = serde_json::to_string_pretty(&schema).expect("JSON") + "\n";
    if std::env::var_os("PROTIUM_UPDATE").is_some() {
        fs::write(&file, &text).expect("written");
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(found == text, "run this test with PROTIUM_UPDATE=1");
    // It knows every key that the documents write, and no other.
    for block in blocks().iter().filter(|block| block.language == "toml") {
        let is_settings = block
            .file
            .as_deref()
            .is_none_or(|file| file == "protium.toml");
        if is_settings {
            let given = json_of(&block.text);
            assert_eq!(problem(&schema, &schema, &given), None, "{}", block.text);
        }
    }
    for (wrong, place) in [
        ("[shop]\nnmae = \"x\"\n", "nmae"),
        ("lane = \"rust\"\n", "lane"),
        ("[limits]\ncpu_ms = \"soon\"\n", "cpu_ms"),
        (
            "[modules.price.grants.backends.aggregator]\nmethods = []\n",
            "address",
        ),
    ] {
        let found = problem(&schema, &schema, &json_of(wrong)).unwrap_or_default();
        assert!(found.contains(place), "{wrong}: {found}");
        let root = configured(wrong);
        assert!(
            Config::load(root.path(), [], &Flags::default()).is_err(),
            "{wrong}"
        );
    }
}

fn json_of(toml: &str) -> serde_json::Value {
    use figment::Figment;
    use figment::providers::{Format, Toml};
    Figment::from(Toml::string(toml)).extract().expect("TOML")
}

/// What a schema says against a value: as much of JSON Schema as the configuration's has.
fn problem(
    root: &serde_json::Value,
    schema: &serde_json::Value,
    value: &serde_json::Value,
) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let definition = &root["$defs"][name.rsplit('/').next().unwrap_or_default()];
        if let Some(found) = problem(root, definition, value) {
            return Some(found);
        }
    }
    for alternatives in ["anyOf", "oneOf"] {
        if let Some(schemas) = schema[alternatives].as_array() {
            let found: Vec<Option<String>> = schemas
                .iter()
                .map(|schema| problem(root, schema, value))
                .collect();
            if found.iter().all(Option::is_some) {
                return found.into_iter().flatten().next();
            }
        }
    }
    if let Some(known) = schema["enum"].as_array()
        && !known.contains(value)
    {
        return Some(format!("{value} is none of {known:?}"));
    }
    if !schema["const"].is_null() && schema["const"] != *value {
        return Some(format!("{value} is not {}", schema["const"]));
    }
    let is_of = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => value.is_null(),
    };
    let kinds: Vec<&str> = match &schema["type"] {
        serde_json::Value::String(kind) => vec![kind],
        serde_json::Value::Array(kinds) => kinds.iter().filter_map(|kind| kind.as_str()).collect(),
        _ => Vec::new(),
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| is_of(kind)) {
        return Some(format!("{value} is no {kinds:?}"));
    }
    let Some(entries) = value.as_object() else {
        let items = value.as_array().into_iter().flatten();
        return items
            .into_iter()
            .find_map(|item| problem(root, &schema["items"], item));
    };
    let required = schema["required"].as_array().into_iter().flatten();
    let mut required = required.filter_map(|name| name.as_str());
    if let Some(missing) = required.find(|name| !entries.contains_key(*name)) {
        return Some(format!("{missing} is missing"));
    }
    entries.iter().find_map(|(key, value)| {
        let known = match &schema["properties"][key] {
            serde_json::Value::Null => &schema["additionalProperties"],
            known => known,
        };
        match known {
            serde_json::Value::Bool(false) => Some(format!("there is no key {key}")),
            known => problem(root, known, value).map(|found| format!("{key}: {found}")),
        }
    })
}
