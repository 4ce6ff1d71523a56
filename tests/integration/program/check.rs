//! `check`: what it says of shops that are as they should be, and of each thing that is not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use tests::toolchain;
use tests::workspace::path;

use super::new::made;
use super::{example, shop};

/// What `check` says as JSON of so many pages, and the code that it ends with.
fn checked(command: &mut Command, pages: &str) -> (Value, Option<i32>) {
    let output = command
        .args(["check", "--json", "--pages", pages])
        .output()
        .expect("the program runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    let report = serde_json::from_slice(&output.stdout);
    let report = report.unwrap_or_else(|error| panic!("{error}: {errors}"));
    (report, output.status.code())
}

/// The rules that were broken, with files and lines.
fn broken(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("a list").iter();
    let broken = findings.map(|finding| {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        match finding["line"].as_u64() {
            Some(line) => format!("{} {}:{line}", text("rule"), text("file")),
            None => format!("{} {}", text("rule"), text("file"))
                .trim_end()
                .to_owned(),
        }
    });
    broken.collect()
}

#[test]
fn the_example_store_is_as_it_should_be() {
    let data = TempDir::new().expect("a directory");
    let (report, code) = checked(&mut example(data.path()), "200");
    assert_eq!(broken(&report), [""; 0], "{report:#}");
    assert_eq!(code, Some(0));
    assert!(
        report["pages"].as_u64().is_some_and(|pages| pages > 20),
        "{report}"
    );
}

#[test]
fn new_shops_are_as_they_should_be() {
    // The others have a program of their own: `new.rs` asks that.
    for template in ["minimal", "store"] {
        let (_shops, root) = made(template);
        let mut command = shop(&root);
        command
            .env("PATH", toolchain::search_path().expect("tools"))
            .env("PROTIUM_LANE", "go");
        let (report, code) = checked(&mut command, "200");
        assert_eq!(broken(&report), [""; 0], "{template}: {report:#}");
        assert_eq!(code, Some(0), "{template}");
    }
}

/// A shop with these files and the example's components.
fn with(files: &[(&str, &str)]) -> (TempDir, Command) {
    let root = TempDir::new().expect("a directory");
    for (name, text) in files {
        let file: PathBuf = root.path().join(name);
        fs::create_dir_all(file.parent().unwrap_or(Path::new(""))).expect("made");
        fs::write(file, text).expect("written");
    }
    let mut command = shop(root.path());
    command.env("PROTIUM_COMPONENTS", path("components-go/store"));
    (root, command)
}

/// A page of the shop's own with this markup, from its fourth line on.
fn page(markup: &str) -> String {
    format!(
        "{{% extends \"layout.html\" %}}\n{{% block title %}}Tea{{% endblock %}}\n\
         {{% block main %}}<h1>Tea</h1>\n{markup}\n{{% endblock %}}"
    )
}

#[test]
fn what_a_page_has_wrong_is_told_with_its_file_and_line() {
    for (markup, expected) in [
        ("<img src=\"/static/favicon.svg\">", "image-alt"),
        ("<input name=\"flavour\">", "field-label"),
        ("<a href=\"/pages/nowhere\">Nowhere</a>", "link-broken"),
        ("<img src=\"/static/none.svg\" alt=\"\">", "file-missing"),
        ("<p id=\"main\">Twice</p>", "duplicate-id"),
        ("<button class=\"empty-one\"></button>", "button-name"),
        (
            "<script src=\"https://pay.example/a.js\"></script>",
            "content-security-policy",
        ),
        ("<a href=\"#nothing\">Down</a>", "link-broken"),
    ] {
        let page = page(markup);
        let (_root, mut command) =
            with(&[("protium.toml", ""), ("templates/pages/tea.html", &page)]);
        let (report, code) = checked(&mut command, "12");
        let place = format!("{expected} templates/pages/tea.html:4");
        assert_eq!(broken(&report), [place], "{markup}: {report:#}");
        assert_eq!(code, Some(1));
    }
}

#[test]
fn components_messages_and_modules_are_checked_against_what_there_is() {
    let page = page("<go-cart-badge></go-cart-badge>\n<go-cart-bage></go-cart-bage>");
    let config = "[markets.de]\nprefix = \"/de\"\nlocale = \"de-DE\"\n\
                  [modules.inventory.grants]\nkey_value = [\"stock:\"]\ndatabase = true\n\
                  clock = true\nbackends.prices.address = \"https://prices.example\"\n\
                  [budget]\nscript_bytes = 1_000\n";
    let (_root, mut command) = with(&[
        ("protium.toml", config),
        (
            "messages/en.json",
            "{ \"tea\": { \"title\": \"{name} tea\", \"more\": \"More\" } }",
        ),
        (
            "messages/de.json",
            "{ \"tea\": { \"title\": \"Tee {nane}\" } }",
        ),
        ("templates/pages/tea.html", &page),
    ]);
    let (report, code) = checked(&mut command, "4");
    let found = broken(&report);
    for expected in [
        "template templates/pages/tea.html:5",
        "translation messages/de.json",
        "message-arguments messages/de.json",
        "grant-unused protium.toml",
        "budget",
    ] {
        assert!(
            found.iter().any(|rule| rule == expected),
            "{expected}: {report:#}"
        );
    }
    let text = report.to_string();
    for words in [
        "did you mean <go-cart-badge>",
        "`tea.more`",
        "`backends`",
        "{name}",
        "nane",
    ] {
        let words = words.trim_matches(['{', '}']);
        assert!(text.contains(words), "{words}: {report:#}");
    }
    assert_eq!(code, Some(1));
}

#[test]
fn why_a_shop_does_not_open_is_a_finding_too() {
    for (name, text, expected) in [
        (
            "protium.toml",
            "[shop]\nnmae = \"x\"\n",
            "configuration protium.toml",
        ),
        (
            "messages/en.json",
            "{ \"a\": 1 }",
            "message-file messages/en.json",
        ),
        (
            "templates/cart.html",
            "\n{% if %}",
            "template templates/cart.html:2",
        ),
    ] {
        let (_root, mut command) = with(&[("protium.toml", ""), (name, text)]);
        let (report, code) = checked(&mut command, "200");
        assert_eq!(broken(&report), [expected], "{report:#}");
        assert_eq!(code, Some(1));
    }
    let (_root, mut command) = with(&[("protium.toml", "lane = 1\n")]);
    let output = command.arg("check").output().expect("the program runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.starts_with("protium.toml: error: "), "{said}");
    assert!(said.ends_with("1 errors, 0 warnings, 0 pages\n"), "{said}");
}
