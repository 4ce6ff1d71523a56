//! The public API of the crates that shops see, compared with the snapshots in `tests/public-api`:
//! `cargo run -p tests --bin public-api`, and `-- --write` to accept what changed.
//!
//! The list is made from rustdoc's JSON by the library of cargo-public-api. Rustdoc writes JSON
//! with `RUSTC_BOOTSTRAP` only, which a wrapper sets for rustdoc alone: set for the compiler too,
//! it would have every dependency built again.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use tests::workspace::{cargo, root, target};

/// The facade, and the crates whose items it exports.
const CRATES: [&str; 3] = ["protium", "protium-commerce", "protium-types"];
/// Set where this program stands in for rustdoc.
const AS_RUSTDOC: &str = "PROTIUM_TESTS_RUSTDOC";

fn main() -> ExitCode {
    if std::env::var_os(AS_RUSTDOC).is_some() {
        return rustdoc();
    }
    let write = std::env::args().any(|argument| argument == "--write");
    match compare(write) {
        Ok(differences) if differences.is_empty() => ExitCode::SUCCESS,
        Ok(differences) => {
            print!("{differences}");
            eprintln!(
                "error: the public API is not that of tests/public-api; \
                 if it is meant: cargo run -p tests --bin public-api -- --write"
            );
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs rustdoc with what cargo gave it.
fn rustdoc() -> ExitCode {
    let status = Command::new("rustdoc")
        .args(std::env::args_os().skip(1))
        .env("RUSTC_BOOTSTRAP", "1")
        .status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: rustdoc does not start: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What differs from the snapshots, as lines with `+` and `-`; nothing when they are written.
fn compare(write: bool) -> Result<String, Box<dyn std::error::Error>> {
    let documents = documents()?;
    let snapshots = root().join("tests/public-api");
    let mut differences = String::new();
    for name in CRATES {
        let json = documents.join(format!("{}.json", name.replace('-', "_")));
        let api = public_api::Builder::from_rustdoc_json(json)
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .omit_auto_derived_impls(true)
            .build()?;
        // What the prelude exports too is there twice.
        let mut seen = HashSet::new();
        let items = api.items().map(ToString::to_string);
        let items: Vec<String> = items.filter(|item| seen.insert(item.clone())).collect();
        let snapshot = snapshots.join(format!("{name}.txt"));
        if write {
            std::fs::create_dir_all(&snapshots)?;
            std::fs::write(&snapshot, items.join("\n") + "\n")?;
            continue;
        }
        let known = std::fs::read_to_string(&snapshot)
            .map_err(|error| format!("{}: {error}", snapshot.display()))?;
        let known: Vec<&str> = known.lines().collect();
        for item in items.iter().filter(|item| !known.contains(&item.as_str())) {
            writeln!(differences, "+{item}")?;
        }
        for item in known
            .iter()
            .filter(|item| !items.iter().any(|now| now == *item))
        {
            writeln!(differences, "-{item}")?;
        }
    }
    Ok(differences)
}

/// The folder of rustdoc's JSON, made anew.
fn documents() -> Result<PathBuf, Box<dyn std::error::Error>> {
    // The whole workspace: for fewer crates other features would be chosen, and built.
    let status = cargo("doc")
        .args(["--locked", "--quiet", "--no-deps", "--lib"])
        .env(
            "RUSTDOCFLAGS",
            "-D warnings -Z unstable-options --output-format json",
        )
        .env("RUSTDOC", std::env::current_exe()?)
        .env(AS_RUSTDOC, "1")
        .status()?;
    if !status.success() {
        return Err("cargo doc failed".into());
    }
    Ok(target().join("doc"))
}
