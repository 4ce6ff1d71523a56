//! New shops: each is made by the program, and served as it was made.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use tests::toolchain;
use tests::workspace::path;

use super::{Running, program, shop};

/// Runs `new` in this directory.
fn new(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program());
    command.arg("new").args(arguments).current_dir(directory);
    command.output().expect("the program runs")
}

/// A shop of this template, in a directory that is kept as long as the first value.
fn made(template: &str) -> (TempDir, std::path::PathBuf) {
    let shops = TempDir::new().expect("a temporary directory");
    let checkout = path(".").display().to_string();
    let line = ["tea-shop", "--template", template, "--path", &checkout];
    let output = new(shops.path(), &line);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("cd tea-shop"), "{said}");
    let root = shops.path().join("tea-shop");
    (shops, root)
}

/// The shop, served by the example's program: its own adds nothing to the framework.
fn served(root: &Path) -> Running {
    let mut command = shop(root);
    command
        .env("PATH", toolchain::search_path().expect("tools"))
        .env("PROTIUM_LANE", "go");
    Running::start(&mut command)
}

#[test]
fn a_minimal_shop_shows_its_component() {
    let (_shops, root) = made("minimal");
    let page = served(&root).get("/");
    assert_eq!(page.status, 200);
    let page = page.text();
    for part in ["Tea Shop", "data-go-id=\"counter-1\"", "0 clicks"] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[test]
fn a_store_has_its_products_and_their_component() {
    let (_shops, root) = made("store");
    let running = served(&root);
    let all = running.get("/collections/all").text();
    for product in ["morning-blend", "jasmine-pearls", "two-cups"] {
        assert!(
            all.contains(&format!("/products/{product}")),
            "{product}: {all}"
        );
    }
    let tea = running.get("/products/spring-green").text();
    for part in [
        "data-go-id=\"brew-guide-1\"",
        "3 g of leaves, water at 75 °C",
    ] {
        assert!(tea.contains(part), "{part}: {tea}");
    }
    let pot = running.get("/products/one-pot").text();
    assert!(!pot.contains("data-go-id=\"brew-guide-1\""), "{pot}");
    assert_eq!(running.get("/pages/about").status, 200);
    assert_eq!(running.get("/static/products/one-pot.svg").status, 200);
}

#[test]
fn what_cannot_be_made_is_said_with_what_to_do_and_needs_no_shop() {
    let shops = TempDir::new().expect("a temporary directory");
    std::fs::create_dir(shops.path().join("taken")).expect("made");
    let git = ["--git", "https://git.example/protium"];
    for (name, template, code, words) in [
        ("Tea Shop", "minimal", 1, "`tea-shop` can"),
        ("taken", "minimal", 1, "name another directory"),
        ("more/tea", "minimal", 1, "make it first"),
        ("tea", "shelf", 2, "minimal, store"),
    ] {
        let line = [&[name, "--template", template][..], &git].concat();
        let output = new(shops.path(), &line);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(words), "{words}: {said}");
    }
    let names = std::fs::read_dir(shops.path()).expect("a directory");
    assert_eq!(names.count(), 1, "only what was there");
}
