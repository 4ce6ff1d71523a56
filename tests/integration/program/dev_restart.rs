//! `dev` compiles the shop's program when it changes, and restarts it on the socket that it has.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tests::starter::Starter;
use tests::toolchain;
use tests::workspace::target;

use super::dev_events::{COMPILED, Told};
use super::{Answer, Running, SOON, fails_with, shop};

/// A search path with a cargo that also builds what the shop's workspace has besides: cargo chooses
/// the features of all of it together, and so the shop is linked with what is compiled already.
fn with_cargo(folder: &Path) -> OsString {
    let path = folder.join("cargo");
    let cargo = env!("CARGO");
    let release = match cfg!(debug_assertions) {
        true => "",
        false => " --release",
    };
    let others = "--offline --package restarted-shop --package example-store --package tests";
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = build ] && exec '{cargo}' \"$@\" {others}{release}\n\
         exec '{cargo}' \"$@\"\n"
    );
    fs::write(&path, script).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("set");
    let tools = toolchain::search_path().expect("tools");
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&tools));
    std::env::join_paths(folders).expect("a path")
}

/// Asks until the answer is as it should be.
fn answers_at_last(running: &Running, path: &str, fits: impl Fn(&Answer) -> bool) {
    let until = Instant::now() + COMPILED;
    loop {
        let answer = running.get(path);
        if fits(&answer) {
            return;
        }
        assert!(
            Instant::now() < until,
            "{}: {}",
            answer.status,
            answer.text()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_changed_program_takes_over_on_the_same_socket_and_one_that_is_broken_is_named_on_pages() {
    // Cargo may choose other features of what the shop is linked with, and compile that again.
    if !tests::long() {
        return;
    }
    let made = Starter::changed("restarted-shop", "minimal", |_| Ok(())).expect("it builds");
    let tools = TempDir::new().expect("a temporary directory");
    let data = TempDir::new().expect("a temporary directory");
    let main = made.root().join("src/main.rs");
    let source = fs::read_to_string(&main).expect("the program");
    let with_route = |answer: &str| {
        let route = format!(".route(\"/api/said\", get(async || {answer})).run()");
        source.replace(".run()", &route)
    };
    fs::write(&main, with_route("\"one\"")).expect("written");

    let mut command = shop(made.root());
    command
        .args(["dev", "--data"])
        .arg(data.path())
        .env_remove("CARGO")
        .env("CARGO_TARGET_DIR", target())
        .env("PATH", with_cargo(tools.path()));
    let running = Running::start(&mut command);
    assert_eq!(running.get("/api/said").text(), "one");

    let mut told = Told::follow(&running);
    fs::write(&main, with_route("oen()")).expect("written");
    let errors = told
        .errors(|errors| !errors.is_empty())
        .expect("the shop goes on");
    assert_eq!(errors[0]["file"], "src/main.rs");
    let message = errors[0]["message"].as_str().expect("text");
    assert!(message.contains("cannot find function `oen`"), "{message}");
    let line = errors[0]["line"].as_u64().expect("a number");
    let excerpt = errors[0]["excerpt"].as_array().expect("lines");
    let shown = excerpt
        .iter()
        .find(|shown| shown[0] == line)
        .expect("its line");
    assert!(
        shown[1].as_str().is_some_and(|text| text.contains("oen()")),
        "{shown}"
    );
    assert_eq!(
        running.get("/api/said").text(),
        "one",
        "the one before goes on"
    );

    fs::write(&main, with_route("\"two\"")).expect("written");
    answers_at_last(&running, "/api/said", |answer| answer.text() == "two");
    let errors = Told::follow(&running).errors(|_| true);
    assert_eq!(
        errors,
        Some(Vec::new()),
        "the error is gone with its process"
    );

    // It compiles, and does not start.
    let twice =
        with_route("\"three\"").replace(".run()", ".route(\"said\", get(async || \"\")).run()");
    let mut told = Told::follow(&running);
    fs::write(&main, twice).expect("written");
    let errors = told
        .errors(|errors| !errors.is_empty())
        .expect("the shop goes on");
    let message = errors[0]["message"].as_str().expect("text");
    assert!(
        message.contains("the route `said` does not begin with a slash"),
        "{message}"
    );
    assert_eq!(running.get("/api/said").text(), "two");
    fs::write(&main, &source).expect("written");
    answers_at_last(&running, "/api/said", |answer| answer.status == 404);
}

#[test]
fn dev_says_why_a_shop_cannot_be_started_at_all() {
    let directory = TempDir::new().expect("a temporary directory");
    fs::write(directory.path().join("protium.toml"), "[shop").expect("written");
    let mut command = shop(directory.path());
    command.arg("dev");
    fails_with(&mut command, &["protium.toml", "line 1"]);
}

#[test]
fn the_server_ends_with_the_process_that_started_it() {
    let data = TempDir::new().expect("a temporary directory");
    let root = TempDir::new().expect("a temporary directory");
    fs::write(root.path().join("protium.toml"), "").expect("written");
    let mut command = shop(root.path());
    command.arg("dev").arg("--data").arg(data.path()).env(
        "PROTIUM_COMPONENTS",
        tests::workspace::path("components-go/store"),
    );
    let running = Running::start(&mut command);
    let address = running.address;
    drop(running);
    let until = Instant::now() + SOON;
    while std::net::TcpStream::connect(address).is_ok() {
        assert!(Instant::now() < until, "it still listens");
        std::thread::sleep(Duration::from_millis(20));
    }
}
