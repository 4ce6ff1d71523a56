//! The Rust tests: every crate's own, `integration`, and the examples in the documentation.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use tests::workspace::{cargo, display, output};
use tests::{Error, Result, toolchain};

use crate::tally::Tally;
use crate::{NESTED, Selection};

/// Tests of libraries, programs and the test targets, which are named because a plain `cargo test`
/// leaves them to this suite; then those in documentation, which cargo runs by themselves only.
const KINDS: [&[&str]; 2] = [&["--lib", "--bins", "--test", "*"], &["--doc"]];

fn cargo_test(kind: &[&str]) -> Result<Command> {
    let mut command = cargo("test");
    command
        .args(kind)
        .arg("--no-fail-fast")
        .env(NESTED, "1")
        .env("PATH", toolchain::search_path()?);
    Ok(command)
}

pub fn list() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for kind in KINDS {
        let text = output(cargo_test(kind)?.args(["--", "--list", "--format", "terse"]))?;
        names.extend(
            text.lines()
                .filter_map(|line| line.strip_suffix(": test"))
                .map(str::to_owned),
        );
    }
    Ok(names)
}

pub fn run(selection: Selection) -> Result<Tally> {
    let mut tally = Tally::default();
    for kind in KINDS {
        let mut command = cargo_test(kind)?;
        command.arg("--");
        if let Selection::Only(names) = &selection {
            command.arg("--exact").args(*names);
        }
        let name = display(&command);
        let spawn = |source| Error::Spawn {
            command: name.clone(),
            source,
        };
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(spawn)?;
        if let Some(stdout) = child.stdout.take() {
            for line in BufReader::new(stdout)
                .split(b'\n')
                .map_while(std::result::Result::ok)
            {
                let line = String::from_utf8_lossy(&line);
                println!("{line}");
                count(&line, &mut tally);
            }
        }
        let status = child.wait().map_err(spawn)?;
        tally.check(status.success(), "cargo test");
    }
    Ok(tally)
}

/// `test NAME ... ok`, `test NAME - should panic ... FAILED`, `test NAME ... ignored, because`.
fn count(line: &str, tally: &mut Tally) {
    let Some((name, outcome)) = line
        .strip_prefix("test ")
        .and_then(|rest| rest.rsplit_once(" ... "))
    else {
        return;
    };
    match outcome {
        "ok" => tally.pass(),
        "FAILED" => tally.fail(name),
        _ if outcome.starts_with("ignored") => tally.skip(),
        _ => {}
    }
}
