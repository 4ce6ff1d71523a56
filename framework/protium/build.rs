//! What travels inside the program: says which embedded folders cargo watches, and lists the
//! sources of the Go kit.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// The Go module of the kit, beside the crates.
const KIT: &str = "../../components-go";
/// Of it: what a shop's own Go module imports, the catalogue's filter as it was built, and what
/// installs TinyGo.
const TRAVELS: [&str; 11] = [
    "dist/filter-simd.wasm",
    "dist/filter.wasm",
    "dist/manifest.json",
    "edge/filter",
    "edge/kit",
    "go.mod",
    "scripts",
    "theme",
    "tinygo-target-simd.json",
    "tinygo-target.json",
    "ui",
];
/// It builds the repository's own modules.
const STAYS: &str = "scripts/build-dist.sh";

fn main() {
    for folder in ["theme", "assets", "starters"] {
        println!("cargo::rerun-if-changed={folder}");
    }
    let kit = Path::new(&variable("CARGO_MANIFEST_DIR")).join(KIT);
    let mut files = Vec::new();
    for name in TRAVELS {
        println!("cargo::rerun-if-changed={KIT}/{name}");
        collect(&kit, name, &mut files);
    }
    let mut list = String::from("[\n");
    for file in files {
        let path = kit.join(&file);
        writeln!(list, "    ({file:?}, include_bytes!({path:?}).as_slice()),").expect("text");
    }
    list.push(']');
    let to = PathBuf::from(variable("OUT_DIR")).join("kit.rs");
    fs::write(&to, list).unwrap_or_else(|error| panic!("{}: {error}", to.display()));
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Adds a file, or those below a folder, without tests.
fn collect(kit: &Path, name: &str, files: &mut Vec<String>) {
    let path = kit.join(name);
    if path.is_file() {
        if !name.ends_with("_test.go") && name != STAYS {
            files.push(name.to_owned());
        }
        return;
    }
    let entries = fs::read_dir(&path).unwrap_or_else(|error| {
        panic!("the sources of the Go kit: {}: {error}", path.display());
    });
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.') && name != "testdata")
        .collect();
    names.sort();
    for inner in names {
        collect(kit, &format!("{name}/{inner}"), files);
    }
}
