//! Tells cargo which embedded folders to watch: a changed file in them is embedded again.

fn main() {
    for folder in ["theme", "assets"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
