//! A shop outside the repository: built as its document says, in both lanes, and what it says when
//! its Go module and the server are not of one version.

use std::fs;
use std::path::Path;
use std::process::Command;

use tests::bookshop::Bookshop;
use tests::store::Lane;
use tests::toolchain;
use tests::workspace::{output, path};

use super::{Running, fails_with};

/// A command of the shop's own program, in its directory, with data of this lane.
fn shop(bookshop: &Bookshop, lane: Lane) -> Command {
    let root = bookshop.root();
    let mut command = Command::new(bookshop.program());
    command
        .current_dir(&root)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .env("PATH", toolchain::search_path().expect("tools"))
        .env("PROTIUM_LISTEN", "127.0.0.1:0")
        .env("PROTIUM_DATA", root.join("data/store").join(lane.name()))
        .env("PROTIUM_LANE", lane.name());
    command
}

#[test]
fn a_shop_outside_the_repository_is_built_and_serves_in_both_lanes() {
    let bookshop = Bookshop::build().expect("it builds");
    let lanes = if tests::long() {
        &Lane::ALL[..]
    } else {
        &Lane::ALL[..1]
    };
    for lane in lanes {
        let said = output(shop(&bookshop, *lane).arg("build")).expect("components");
        assert!(said.contains(&format!("lane {}", lane.name())), "{said}");
        assert!(said.contains("edge modules: availability"), "{said}");
        serves(&Running::start(&mut shop(&bookshop, *lane)));
    }
    versions_differ(&bookshop);
    built_modules_travel(&bookshop);
}

fn serves(running: &Running) {
    let page = running.get("/products/a-field-guide-to-moss");
    assert_eq!(page.status, 200);
    let page = page.text();
    assert!(page.contains("data-go-id=\"gift-note-1\""), "{page}");
    assert!(page.contains("data-go-id=\"product-form-1\""), "{page}");
}

/// The kit is the server's: a go.mod that asks for another one gets the command that changes it.
fn versions_differ(bookshop: &Bookshop) {
    let file = bookshop.root().join("components/go.mod");
    let go_mod = fs::read_to_string(&file).expect("read");
    let version = concat!("protium.dev/components v", env!("CARGO_PKG_VERSION"));
    let other = go_mod.replace(version, "protium.dev/components v0.0.1");
    assert_ne!(go_mod, other);
    fs::write(&file, other).expect("written");
    let words = [
        "components/go.mod",
        "v0.0.1",
        "go mod edit -require=protium.dev/components@v",
    ];
    fails_with(shop(bookshop, Lane::TinyGo).arg("build"), &words);
    fs::write(&file, go_mod).expect("written");
}

/// `build --dist` makes what a machine without Go and TinyGo starts from.
fn built_modules_travel(bookshop: &Bookshop) {
    let said = output(shop(bookshop, Lane::TinyGo).args(["build", "--dist"])).expect("built");
    for name in ["dist/components.wasm", "dist/edge-availability.wasm"] {
        assert!(said.contains(name), "{said}");
    }
    let root = bookshop.root();
    fs::remove_dir_all(root.join("components/.protium")).expect("removed");
    let fresh = root.join("data/store/fresh");
    let start = || {
        let mut command = shop(bookshop, Lane::TinyGo);
        command
            .env("PATH", root.join("nowhere"))
            .env("PROTIUM_TOOLCHAIN", root.join("nowhere"))
            .env("PROTIUM_DATA", &fresh);
        command
    };
    serves(&Running::start(&mut start()));
    // Sources that changed need the tools again: the message says what installs them.
    let source = root.join("components/gift_note.go");
    let text = fs::read_to_string(&source).expect("read");
    fs::write(&source, text + "\n// changed\n").expect("written");
    let words = ["differ", "no `tinygo` on PATH", "scripts/install-tinygo.sh"];
    fails_with(&mut start(), &words);
}

/// The blocks of the document that are files, each below a line that names it.
#[test]
fn the_files_in_the_document_are_those_of_the_bookshop() {
    let text = fs::read_to_string(path("framework/docs/new-shop.md")).expect("the document");
    let mut files = 0;
    for (at, _) in text.match_indices("\n```") {
        let above = text[..at].lines().last().unwrap_or_default();
        let Some(name) = above
            .strip_prefix('`')
            .and_then(|name| name.strip_suffix("`:"))
        else {
            continue;
        };
        let block = text[at..]
            .split_once('\n')
            .and_then(|(_, rest)| rest.split_once('\n'));
        let block = block
            .and_then(|(_, rest)| rest.split_once("```"))
            .expect("a block")
            .0;
        let file = path(Path::new("tests/bookshop").join(name));
        let content = fs::read_to_string(&file).expect(name);
        assert_eq!(block, content, "{name}");
        files += 1;
    }
    assert!(files >= 5, "{files}");
}
