//! A shop outside the repository: built as its document says, in both lanes, and what it says when
//! its Go module and the server are not of one version.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use tests::bookshop::Bookshop;
use tests::store::Lane;
use tests::toolchain;
use tests::workspace::{command, output, path};

use super::{Answer, Running, SOON, fails_with};

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
        let running = Running::start(&mut shop(&bookshop, *lane));
        // Before a visitor asks one.
        running.logs("handlers can ask their edge modules");
        serves(&running);
        a_route_asks_catalogue_and_edge_module(&running);
        a_page_follows_its_file(&running, &bookshop.root());
        a_present_costs_its_paper(&running);
    }
    go_tools_find_the_kit(&bookshop);
    versions_differ(&bookshop);
    another_protocol_is_refused(&bookshop);
    built_modules_travel(&bookshop);
}

/// A page with components, filter, function and provider of the shop's own, and its header, also
/// when the page cache has it.
fn serves(running: &Running) {
    for is_second in [false, true] {
        let page = running.get("/products/a-field-guide-to-moss");
        assert_eq!(page.status, 200);
        let cached = page.header("cache-status");
        assert!(!is_second || cached.contains("; hit"), "{cached}");
        assert_eq!(page.header("x-reading-room"), "open");
        let page = page.text();
        for part in [
            "data-go-id=\"gift-wrap-1\"",
            "data-go-id=\"product-form-1\"",
            "€3.50 for each book",
            "ISBN 978-0-30640615-7",
            "You will walk more slowly.",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
    }
    let other = running.get("/products/tides-of-the-inner-sea").text();
    assert!(!other.contains("class=\"press\""), "{other}");
}

fn a_route_asks_catalogue_and_edge_module(running: &Running) {
    let book = json(&running.get("/api/isbn/978-0-306-40615-7"));
    assert_eq!(book["title"], "A Field Guide to Moss");
    assert_eq!(book["isbn"], "9780306406157");
    assert_eq!(book["place"]["pieces"], 3);
    let shelf = book["place"]["shelf"].as_u64().expect("a number");
    assert!((1..=40).contains(&shelf), "{book}");
    let sold_out = json(&running.get("/api/isbn/9781861972712"));
    assert_eq!(sold_out["place"]["pieces"], 0);
    assert_eq!(running.get("/api/isbn/9780000000002").status, 404);
}

/// The events are kept in the page cache until their file changes.
fn a_page_follows_its_file(running: &Running, root: &Path) {
    let first = running.get("/events");
    assert_eq!(first.header("x-reading-room"), "open");
    assert!(first.text().contains("Drawing moss"), "{}", first.text());
    let hit = running.get("/events");
    assert!(hit.header("cache-status").contains("; hit"), "{}", hit.head);

    let file = root.join("data/events.json");
    let events = fs::read_to_string(&file).expect("read");
    fs::write(&file, events.replace("Drawing moss", "Pressing ferns")).expect("written");
    let until = Instant::now() + SOON;
    while !running.get("/events").text().contains("Pressing ferns") {
        assert!(Instant::now() < until, "the page is still the old one");
        std::thread::sleep(Duration::from_millis(50));
    }
    let hit = running.get("/events");
    assert!(hit.header("cache-status").contains("; hit"), "{}", hit.head);
    fs::write(&file, events).expect("written");
}

/// The rule of the shop's program makes the prices of a cart, by what a form says of the line.
fn a_present_costs_its_paper(running: &Running) {
    let variant = json(&running.get("/api/isbn/9780306406157"))["variant_id"].to_string();
    let post = |fields: &str| {
        let head = "POST /cart/add HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                    Accept: application/json\r\n";
        running.sends(head, &format!("variant_id={variant}{fields}"))
    };
    let wrap = "&attributes%5Bgift_wrap%5D=&attributes%5Bgift_wrap%5D=on";
    let cart = json(&post(&format!(
        "{wrap}&quantity=2&attributes%5Bgift_note%5D=For+Ann"
    )));
    let line = &cart["lines"][0];
    assert_eq!(
        (&cart["count"], &cart["subtotal"]),
        (&2.into(), &5_600.into()),
        "{cart}"
    );
    assert_eq!(line["line_total"], 5_600, "{cart}");
    assert_eq!(line["details"], "Gift wrap · Card: For Ann", "{cart}");
    let plain = json(&post("&attributes%5Bgift_wrap%5D="));
    assert_eq!(plain["subtotal"], 2_450, "{plain}");
    for refused in [
        "&attributes%5Bengraving%5D=Ann".to_owned(),
        format!("&attributes%5Bgift_note%5D={}", "x".repeat(301)),
    ] {
        let answer = post(&refused);
        assert_eq!(answer.status, 422, "{}", answer.text());
        assert_eq!(json(&answer)["error"]["code"], "invalid_attribute");
    }
}

fn json(answer: &Answer) -> serde_json::Value {
    serde_json::from_slice(&answer.body)
        .unwrap_or_else(|error| panic!("{error}: {}", answer.text()))
}

/// `go vet`, `go test` and `go build` find the kit where it is laid out: nothing is downloaded.
fn go_tools_find_the_kit(bookshop: &Bookshop) {
    let go = |arguments: &[&str]| {
        let mut go = command(
            toolchain::go().expect("Go"),
            bookshop.root().join("components"),
        );
        go.args(arguments).env("GOPROXY", "off");
        go
    };
    output(&mut go(&["vet", "./..."])).expect("vet");
    let said = output(&mut go(&["test", "."])).expect("test");
    assert!(said.starts_with("ok"), "{said}");
    let wasm = ["build", "-buildmode=c-shared", "-o", "../shop.wasm", "."];
    let wasip1 = [("GOOS", "wasip1"), ("GOARCH", "wasm")];
    output(go(&wasm).envs(wasip1)).expect("build");
    output(go(&["vet", "./..."]).envs(wasip1)).expect("vet for wasip1");
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

/// A kit of the shop's own that speaks another version of the protocol.
fn another_protocol_is_refused(bookshop: &Bookshop) {
    let components = bookshop.root().join("components");
    let other = components.join("other-kit");
    fs::rename(components.join(".protium/components"), &other).expect("moved");
    let version = other.join("ui/frame.go");
    let frame = fs::read_to_string(&version).expect("read");
    let earlier = frame.replace("abiVersion = 2", "abiVersion = 1");
    assert_ne!(frame, earlier);
    fs::write(version, earlier).expect("written");
    let file = components.join("go.mod");
    let go_mod = fs::read_to_string(&file).expect("read");
    let own = go_mod.replace("./.protium/components", "./other-kit");
    fs::write(&file, own).expect("written");
    // It is built first, which takes its time.
    let refused = shop(bookshop, Lane::TinyGo).arg("build").output();
    let refused = refused.expect("the program runs");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    for words in ["version 1", "version 2", "cargo run -- build --dist"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    fs::write(&file, go_mod).expect("written");
    fs::remove_dir_all(other).expect("removed");
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
    let source = root.join("components/gift_wrap.go");
    let text = fs::read_to_string(&source).expect("read");
    fs::write(&source, text + "\n// changed\n").expect("written");
    let words = ["differ", "no `tinygo` on PATH", "scripts/install-tinygo.sh"];
    fails_with(&mut start(), &words);
}

/// Cargo takes profiles from the project that is built: the one that a new shop is given is the
/// repository's.
#[test]
fn the_profile_of_a_new_shop_is_the_repositorys() {
    let dev = |file: &str| {
        let text = fs::read_to_string(path(file)).expect(file);
        let profiles: Vec<String> = text
            .split("\n[")
            .filter(|table| table.starts_with("profile.dev"))
            .map(|table| table.trim().to_owned())
            .collect();
        profiles
    };
    let (shop, repository) = (dev("tests/bookshop/Cargo.toml"), dev("Cargo.toml"));
    assert_eq!(shop.len(), 2, "{shop:?}");
    assert_eq!(shop, repository);
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
    assert!(files >= 14, "{files}");
}
