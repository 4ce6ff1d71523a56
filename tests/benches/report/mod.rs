//! What all benches share: their settings, and where their figures are written.

use std::error::Error;
use std::path::{Path, PathBuf};

use serde_json::Value;

pub type Fallible<T> = Result<T, Box<dyn Error>>;

/// Cargo's folder for what it builds.
pub fn target() -> PathBuf {
    let own = Path::new(env!("CARGO_TARGET_TMPDIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// Whether cargo asks for tests, as it does every bench target: there are none.
pub fn is_for_tests() -> bool {
    std::env::args().any(|argument| argument == "--list" || argument == "--test")
}

/// Writes `target/bench/NAME.json`.
pub fn write(name: &str, report: &Value) -> Fallible<()> {
    let directory = target().join("bench");
    std::fs::create_dir_all(&directory)?;
    let path = directory.join(format!("{name}.json"));
    std::fs::write(&path, serde_json::to_vec_pretty(report)?)?;
    println!("\n{}", path.display());
    Ok(())
}

/// The number in an environment variable, or else the usual one.
pub fn number(variable: &str, usual: u64) -> Fallible<u64> {
    match std::env::var(variable) {
        Ok(text) => text
            .parse()
            .map_err(|_| format!("{variable}: {text} is not a number").into()),
        Err(_) => Ok(usual),
    }
}
