//! The commands in `framework/docs/` do what they say: each runs against the shop, and every line
//! below it begins a line of the answer, or is in it.

use std::process::Command;

use super::{Running, example};

/// The commands of a document with the lines that they show.
fn commands(document: &str) -> Vec<(String, Vec<String>)> {
    let path = tests::workspace::path("framework/docs").join(document);
    let text = std::fs::read_to_string(path).expect("a document");
    let mut commands: Vec<(String, Vec<String>)> = Vec::new();
    let mut is_fenced = false;
    // What is fenced is run by another test.
    let own = text.lines().filter(|line| {
        let is_fence = line.starts_with("```");
        is_fenced ^= is_fence;
        !is_fence && !is_fenced
    });
    for line in own.filter_map(|line| line.strip_prefix("    ")) {
        match line.strip_prefix("$ ") {
            Some(command) => commands.push((command.to_owned(), Vec::new())),
            None => {
                let (_, shown) = commands.last_mut().expect("a command above");
                shown.push(line.to_owned());
            }
        }
    }
    commands
}

#[test]
fn the_cache_answers_as_its_document_says() {
    holds("cache.md", 7);
}

#[test]
fn the_prewarm_does_as_its_document_says() {
    holds("prewarm.md", 4);
}

#[test]
fn the_import_does_as_its_document_says() {
    holds("import.md", 3);
}

#[track_caller]
fn holds(document: &str, at_least: usize) {
    let data = tempfile::tempdir().expect("a directory");
    let token = "an operator of the documents and nobody else";
    let mut shop = example(data.path());
    let running = Running::start(shop.env("PROTIUM_OPERATOR_TOKEN", token));
    running.says("prewarmed ");
    let commands = commands(document);
    assert!(commands.len() >= at_least, "{commands:?}");
    let program = format!(
        "{} --shop {} --data {}",
        super::program().display(),
        tests::workspace::path("example-store").display(),
        data.path().display()
    );
    for (command, shown) in commands {
        let here = command
            .replace("127.0.0.1:3000", &running.address.to_string())
            .replace("cargo run -p example-store --", &program);
        let output = Command::new("sh")
            .args(["-c", &here])
            .current_dir(tests::workspace::path("."))
            .env("PROTIUM_OPERATOR_TOKEN", token)
            .output()
            .expect("a shell");
        let said = String::from_utf8_lossy(&output.stdout);
        for line in shown {
            assert!(said.contains(line.trim_end()), "{command}\n{line}\n{said}");
        }
    }
}
