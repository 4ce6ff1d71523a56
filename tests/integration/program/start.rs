//! The shop's program from outside: what it says when it cannot start, and how it stops.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use tempfile::TempDir;

fn program() -> &'static Path {
    static PROGRAM: OnceLock<std::path::PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| tests::store::build().expect("the example store builds"))
}

/// A shop's directory with this configuration, and a command that serves it.
fn shop(config: &str) -> (TempDir, Command) {
    let dir = TempDir::new().expect("a temporary directory");
    std::fs::write(dir.path().join("protium.toml"), config).expect("written");
    let mut command = Command::new(program());
    command.args(["serve", "--shop"]).arg(dir.path());
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PROTIUM_"))
    {
        command.env_remove(name);
    }
    command.env("PROTIUM_LISTEN", "127.0.0.1:0");
    (dir, command)
}

#[track_caller]
fn fails_with(command: &mut Command, words: &[&str]) {
    let Output { status, stderr, .. } = command.output().expect("the program runs");
    let text = String::from_utf8_lossy(&stderr);
    assert_eq!(status.code(), Some(1), "{text}");
    for word in words {
        assert!(text.contains(word), "`{word}` is not in: {text}");
    }
    assert!(!text.contains("panicked"), "{text}");
}

#[test]
fn a_broken_configuration_names_file_and_key() {
    let (_dir, mut command) = shop("[shop]\nnmae = \"x\"\n");
    fails_with(
        &mut command,
        &["protium.toml", "shop.nmae", "did you mean `name`"],
    );
    let (_dir, mut command) = shop("[shop\n");
    fails_with(&mut command, &["protium.toml", "line 1"]);
}

#[test]
fn a_taken_port_says_so() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let (_dir, mut command) = shop("");
    command.env("PROTIUM_LISTEN", &address);
    fails_with(&mut command, &[&address, "taken", "PROTIUM_LISTEN"]);
}

#[test]
fn a_data_directory_that_cannot_be_made_says_so() {
    let (dir, mut command) = shop("");
    let file = dir.path().join("a-file");
    std::fs::write(&file, "").expect("written");
    command.arg("--data").arg(file.join("below"));
    fails_with(&mut command, &["a-file", "data directory", "PROTIUM_DATA"]);
}

#[test]
fn a_short_secret_says_so() {
    let (_dir, mut command) = shop("");
    command.env("PROTIUM_SECRET", "short");
    fails_with(&mut command, &["PROTIUM_", "secret", "at least 32"]);
}

#[test]
fn a_directory_that_is_no_shop_says_so() {
    let mut command = Command::new(program());
    command.args(["--shop", "/nowhere/at/all"]);
    fails_with(&mut command, &["/nowhere/at/all", "--shop"]);
}
