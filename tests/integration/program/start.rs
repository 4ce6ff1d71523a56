//! Why the program does not start: each time a message that says what and where, and 1.

use std::net::TcpListener;
use std::process::Command;

use tempfile::TempDir;

use super::{Running, example, fails_with, shop, without_address};

/// A command that serves a shop with this configuration and nothing else.
fn configured(config: &str) -> (TempDir, Command) {
    let dir = TempDir::new().expect("a temporary directory");
    std::fs::write(dir.path().join("protium.toml"), config).expect("written");
    let command = shop(dir.path());
    (dir, command)
}

#[test]
fn a_broken_configuration_names_file_and_key() {
    for (config, words) in [
        (
            "[shop]\nnmae = \"x\"\n",
            ["protium.toml", "shop.nmae", "did you mean `name`"],
        ),
        ("[shop\n", ["protium.toml", "line 1", ""]),
        (
            "listen = \"here\"\n",
            ["protium.toml", "listen", "socket address"],
        ),
        (
            "[limits]\ncpu_ms = -1\n",
            ["protium.toml", "limits.cpu_ms", "-1"],
        ),
        (
            "[pool]\ninstances = 0\n",
            ["protium.toml", "pool.instances", "1 to"],
        ),
        ("lane = \"rust\"\n", ["protium.toml", "lane", "tinygo"]),
        ("\u{0}", ["protium.toml", "line 1", ""]),
    ] {
        let (_dir, mut command) = configured(config);
        fails_with(command.env_remove("PROTIUM_LISTEN"), &words);
    }
    let (dir, mut command) = configured("");
    std::fs::write(dir.path().join("protium.toml"), b"# \xff\n").expect("written");
    fails_with(&mut command, &["protium.toml", "UTF-8"]);
    let (dir, mut command) = configured("");
    std::fs::remove_file(dir.path().join("protium.toml")).expect("removed");
    std::fs::create_dir(dir.path().join("protium.toml")).expect("made");
    fails_with(&mut command, &["protium.toml", "not a file"]);
}

#[test]
fn a_setting_that_makes_no_sense_names_its_variable() {
    for (name, value) in [
        ("PROTIUM_LISTEN", "nowhere"),
        ("PROTIUM_CACHE", "sometimes"),
        ("PROTIUM_DEV", "perhaps"),
        ("PROTIUM_LIMITS_CPU_MS", "soon"),
        ("PROTIUM_SECRET", "short"),
        ("PROTIUM_OPERATOR_TOKEN", "a token of 31 bytes, one short."),
        ("PROTIUM_TRUSTED_PROXIES", "10.0.0.0/8, my-proxy"),
    ] {
        let (_dir, mut command) = configured("");
        fails_with(command.env(name, value), &[name]);
    }
}

#[test]
fn a_taken_port_says_so() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let (_dir, mut command) = configured("");
    command.env("PROTIUM_LISTEN", &address);
    fails_with(&mut command, &[&address, "taken", "PROTIUM_LISTEN"]);
    let (_dir, mut command) = configured(&format!("listen = \"{address}\""));
    command.env_remove("PROTIUM_LISTEN");
    fails_with(&mut command, &[&address, "taken"]);
}

#[test]
fn a_data_directory_that_cannot_be_used_says_so() {
    let data = TempDir::new().expect("a temporary directory");
    let file = data.path().join("a-file");
    std::fs::write(&file, "").expect("written");
    for place in [&file, &file.join("below")] {
        fails_with(
            &mut example(place),
            &["a-file", "data directory", "PROTIUM_DATA"],
        );
    }
    // Nobody makes directories there, root neither.
    #[cfg(target_os = "linux")]
    fails_with(
        &mut example(std::path::Path::new("/proc/data")),
        &["/proc/data", "data directory", "PROTIUM_DATA"],
    );
}

#[test]
fn what_stands_in_the_way_in_the_data_directory_is_named() {
    for (name, content) in [
        ("artifacts", Some("a file in the place of a directory")),
        ("shop.db", Some("no database")),
        ("shop.db", None),
        ("secret", Some("too short")),
        ("secret", None),
    ] {
        let data = TempDir::new().expect("a temporary directory");
        let path = data.path().join(name);
        match content {
            Some(content) => std::fs::write(&path, content),
            None => std::fs::create_dir(&path),
        }
        .expect("made");
        fails_with(&mut example(data.path()), &[name]);
    }
}

#[test]
fn a_directory_that_is_no_shop_says_so() {
    fails_with(&mut shop("/nowhere/at/all"), &["/nowhere/at/all", "--shop"]);
}

#[test]
fn two_programs_started_at_once_in_a_new_data_directory_both_serve() {
    let data = TempDir::new().expect("a temporary directory");
    let both: Vec<Running> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| Running::start(&mut example(data.path()))))
            .collect();
        starts
            .into_iter()
            .map(|start| start.join().expect("it starts"))
            .collect()
    });
    let pages: Vec<String> = both
        .iter()
        .map(|running| running.get("/collections/all").text())
        .collect();
    assert!(
        pages[0].contains("data-go-id=\"product-card-1\""),
        "{}",
        pages[0]
    );
    let without_clock = |page: &str| {
        let page = without_address(page);
        let (before, rest) = page.split_once("\"time\":").expect("the page's time");
        format!(
            "{before}{}",
            rest.trim_start_matches(|c: char| c.is_ascii_digit())
        )
    };
    assert_eq!(without_clock(&pages[0]), without_clock(&pages[1]));

    // They share the secret: a cart of one is a cart of the other.
    let id = pages[0].split_once("name=\"variant_id\" value=\"");
    let id = id.and_then(|(_, rest)| rest.split('"').next());
    let added = both[0].sends(
        "POST /cart/add HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        &format!("variant_id={}", id.expect("something to buy at once")),
    );
    assert_eq!(added.status, 303, "{}", added.text());
    let cookie = added.head.split_once("set-cookie: ").expect("a cookie").1;
    let cookie = cookie.split(';').next().unwrap_or_default();
    let cart = both[1].sends(
        &format!("GET /cart HTTP/1.1\r\nAccept: application/json\r\nCookie: {cookie}\r\n"),
        "",
    );
    let cart: serde_json::Value = serde_json::from_slice(&cart.body).expect("JSON");
    assert_eq!(cart["count"], 1);
}
