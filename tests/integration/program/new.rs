//! New shops: each is made by the program, and served as it was made.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use tests::node::Packages;
use tests::starter::Starter;
use tests::workspace::{command, output, path, target};
use tests::{chromium, toolchain};

use super::{Running, program, shop};

/// The programs of new shops that are more than the usual one compile wherever these tests do.
#[expect(dead_code, reason = "they run in shops of their own")]
#[path = "../../../framework/protium/starters/headless/src/main.rs"]
mod headless;
#[expect(dead_code, reason = "they run in shops of their own")]
#[path = "../../../framework/protium/starters/landing/src/main.rs"]
mod landing;

/// Runs `new` in this directory.
pub fn new(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program());
    command.stdin(Stdio::null());
    command.arg("new").args(arguments).current_dir(directory);
    command.output().expect("the program runs")
}

/// A shop of this template, in a directory that is kept as long as the first value.
pub fn made(template: &str) -> (TempDir, std::path::PathBuf) {
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

/// What is added to the smallest shop before it is compiled, one of each kind: their tests are
/// among the shop's own then.
const ADDITIONS: [(&str, &str); 5] = [
    ("page", "opening-hours"),
    ("component", "size-guide"),
    ("island", "questions"),
    ("edge-module", "in-stock"),
    ("locale", "de"),
];

fn sorted<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort_unstable();
    values
}

/// In the usual run one template is compiled, the others are served by the example's program.
#[test]
fn a_new_shop_is_compiled_passes_its_own_tests_and_comes_alive_in_a_browser() {
    let templates: &[&str] = if tests::long() {
        &["minimal", "store", "landing", "headless"]
    } else {
        &["minimal"]
    };
    for template in templates {
        let additions: &[(&str, &str)] = match *template {
            "minimal" => &ADDITIONS,
            _ => &[],
        };
        let shop = Starter::build(template, additions).expect("it builds");
        works(&shop);
        let tests: Vec<&str> = shop.tests().iter().map(|test| &*test.name).collect();
        let expected: &[&str] = match *template {
            "minimal" => &["components", "messages", "page_opening_hours", "shop"],
            _ => &["components", "shop"],
        };
        assert_eq!(sorted(tests), expected);
    }
}

/// A command of the shop's program or tests, with Go, and data where its tests have it.
pub fn of_starter(shop: &Starter, program: &Path) -> Command {
    let mut command = command(program, shop.root());
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env("PATH", toolchain::search_path().expect("tools"))
        .env("PROTIUM_LANE", "go")
        .env("PROTIUM_DATA", target().join("tmp").join(shop.name()));
    command
}

/// The shop's own tests pass, those in a browser too, and nothing is wrong with it.
pub fn works(shop: &Starter) {
    for test in shop.tests() {
        output(&mut of_starter(shop, &test.file)).expect("its own tests pass");
    }
    let mut served = of_starter(shop, shop.program());
    served.env("PROTIUM_LISTEN", "127.0.0.1:0");
    comes_alive(shop, &Running::start(&mut served));
    let said = output(of_starter(shop, shop.program()).arg("check")).expect("nothing is wrong");
    assert!(said.contains("0 errors, 0 warnings"), "{said}");
}

/// The shop's browser tests, with the browser and the packages of this repository's.
fn comes_alive(shop: &Starter, running: &Running) {
    let packages = Packages::install("tests/e2e").expect("packages");
    let own = shop.root().join("e2e");
    packages.link_into(&own).expect("a link");
    let mut playwright = command(packages.tool("playwright"), packages.folder());
    playwright
        .args(["test", "--config", "starter.config.ts"])
        .env("PROTIUM_E2E_STARTER", &own)
        .env(
            "PROTIUM_E2E_BASE_URL",
            format!("http://{}", running.address),
        )
        .env(
            "PROTIUM_E2E_RESULTS",
            target().join("e2e").join(shop.name()),
        )
        .env(
            "PROTIUM_CHROMIUM",
            chromium::find(&packages).expect("Chromium"),
        );
    let said = output(&mut playwright).expect("its browser tests pass");
    assert!(said.contains(" passed"), "{said}");
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
        ("tea", "shelf", 2, "minimal, store, landing, headless"),
    ] {
        let line = [&[name, "--template", template][..], &git].concat();
        let output = new(shops.path(), &line);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(words), "{words}: {said}");
    }
    // Nobody is asked where nobody can answer.
    let said = new(shops.path(), &["tea"]);
    assert_eq!(said.status.code(), Some(2));
    let said = String::from_utf8_lossy(&said.stderr);
    assert!(said.contains("there is no template"), "{said}");
    let names = std::fs::read_dir(shops.path()).expect("a directory");
    assert_eq!(names.count(), 1, "only what was there");
}
