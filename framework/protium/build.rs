//! What travels inside the program: says which embedded folders cargo watches, and lists the
//! sources of the Go kit, its examples and the documents.

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
/// The kit by examples, which its tests run.
const EXAMPLES: &str = "../../components-go/ui/example_test.go";
/// The documents, beside the crates.
const DOCUMENTS: &str = "../docs";
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
    write("kit.rs", &list);
    write("documents.rs", &documents());
}

/// The names of the documents with their texts, as an expression; the kit's examples among them.
fn documents() -> String {
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    println!("cargo::rerun-if-changed={DOCUMENTS}");
    println!("cargo::rerun-if-changed={EXAMPLES}");
    let folder = here.join(DOCUMENTS);
    let entries = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("the documents: {}: {error}", folder.display()));
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".md"))
        .collect();
    names.sort();
    let mut list = String::from("[\n");
    for name in names {
        let path = folder.join(&name);
        writeln!(list, "    ({name:?}, include_str!({path:?})),").expect("text");
    }
    let path = here.join(EXAMPLES);
    writeln!(list, "    (\"example_test.go\", include_str!({path:?})),").expect("text");
    list + "]"
}

fn write(name: &str, text: &str) {
    let to = PathBuf::from(variable("OUT_DIR")).join(name);
    fs::write(&to, text).unwrap_or_else(|error| panic!("{}: {error}", to.display()));
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
