//! What components say: message files of the theme and the shop, and the digits of a locale.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use tests::workspace::path;

use super::{Running, fails_with, shop};

/// A Marathi shop with these files and the example's components.
fn marathi(root: &Path, files: &[(&str, &str)]) -> Command {
    let settings = "[shop]\nlocale = \"mr-IN\"\ncurrency = \"INR\"\n";
    for (name, text) in [("protium.toml", settings)].iter().chain(files) {
        let file = root.join(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        std::fs::write(file, text).expect("written");
    }
    let mut command = shop(root);
    command.env("PROTIUM_COMPONENTS", path("components-go/store"));
    command
}

#[test]
fn components_speak_the_language_of_the_shop() {
    let root = TempDir::new().expect("a temporary directory");
    let files = [
        (
            "messages/mr.json",
            r#"{"cart": {"empty": "कार्ट रिकामे आहे.", "badge_items": {"other": "{n}"}}}"#,
        ),
        (
            "messages/en.json",
            r#"{"cart": {"see_all": "Look at <everything>"}}"#,
        ),
        (
            "templates/pages/price.html",
            "{% extends \"layout.html\" %}{% block main %}{{ 12345678 | money }}{% endblock %}",
        ),
    ];
    let mut command = marathi(root.path(), &files);
    command.arg("--dev");
    let running = Running::start(&mut command);
    let cart = running.get("/cart").text();
    assert!(cart.contains(">कार्ट रिकामे आहे.<"), "{cart}");
    // Another file of the shop, and the theme's, say the rest.
    assert!(cart.contains(">Look at &lt;everything&gt;<"), "{cart}");
    assert!(cart.contains(">Nothing in it yet."), "{cart}");
    // The browser has what the page's components say, and nothing else.
    for (key, is_there) in [
        ("\"cart.empty\":", true),
        ("\"search.count\":", true),
        ("\"sort.by\":", false),
        ("\"product.in_stock\":", false),
    ] {
        assert_eq!(cart.contains(key), is_there, "{key} in {cart}");
    }
    let price = running.get("/pages/price").text();
    assert!(price.contains("₹१,२३,४५६.७८"), "{price}");

    // In development another text is on the next page.
    let file = root.path().join("messages/mr.json");
    std::fs::write(&file, r#"{"cart": {"empty": "काही नाही"}}"#).expect("written");
    let cart = running.get("/cart").text();
    assert!(cart.contains(">काही नाही<"), "{cart}");
}

#[test]
fn a_message_file_that_cannot_be_used_is_named() {
    let root = TempDir::new().expect("a temporary directory");
    let files = [("messages/mr.json", r#"{"cart": {"empty": ["x"]}}"#)];
    let words = ["messages/mr.json", "`cart.empty`"];
    fails_with(&mut marathi(root.path(), &files), &words);
}
