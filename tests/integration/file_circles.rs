//! Files of a crate depend on each other one way.

use std::path::{Path, PathBuf};

use tests::file_graph::FileGraph;
use tests::workspace::{path, root};

/// The first files of the workspace's crates.
fn crates() -> Vec<PathBuf> {
    let mut crates = vec![path("example-store/src/main.rs"), path("tests/src/lib.rs")];
    let folders = path("framework")
        .read_dir()
        .expect("the framework's folder");
    crates.extend(folders.filter_map(|folder| {
        let file = folder.expect("an entry").path().join("src/lib.rs");
        file.is_file().then_some(file)
    }));
    crates
}

fn graph(first: &Path) -> FileGraph {
    FileGraph::of_crate(first).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn no_circle_of_files() {
    for first in crates() {
        let graph = graph(&first);
        if let Some(circle) = graph.circle() {
            let circle = graph.describe(&circle);
            let circle = circle.replace(&format!("{}/", root().display()), "");
            panic!(
                "files use each other in a circle; move what both use to a file below:\n{circle}"
            );
        }
    }
}

/// A crate of these files.
fn crate_of(files: &[(&str, &str)]) -> (tempfile::TempDir, FileGraph) {
    let folder = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    let graph = graph(&folder.path().join("lib.rs"));
    (folder, graph)
}

fn circle(graph: &FileGraph) -> Option<Vec<String>> {
    let name = |path: &&Path| {
        path.file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned()
    };
    graph
        .circle()
        .map(|circle| circle.iter().map(name).collect())
}

#[test]
fn a_circle_through_a_re_export_a_path_and_a_macro_is_found() {
    let (_folder, graph) = crate_of(&[
        ("lib.rs", "mod a; mod b; mod c; pub use a::A;"),
        ("a.rs", "pub struct A; fn f() -> crate::b::B { todo!() }"),
        (
            "b.rs",
            "pub struct B; fn f() { println!(\"{}\", crate::c::C::NAME) }",
        ),
        (
            "c.rs",
            "use crate::A; pub struct C(A); impl C { pub const NAME: u8 = 0; }",
        ),
    ]);
    assert_eq!(circle(&graph).map(|circle| circle.len()), Some(3));
}

#[test]
fn a_parent_that_its_child_names_is_in_a_circle_with_it() {
    let (_folder, graph) = crate_of(&[
        ("lib.rs", "mod a;"),
        (
            "a/mod.rs",
            "mod child; pub use child::Child; pub struct Parent;",
        ),
        ("a/child.rs", "pub struct Child(super::Parent);"),
    ]);
    assert!(circle(&graph).is_some());
}

#[test]
fn children_with_siblings_and_tests_are_in_no_circle() {
    let (_folder, graph) = crate_of(&[
        ("lib.rs", "mod a; #[cfg(test)] mod tests;"),
        ("tests.rs", "use crate::a::Child; pub struct Given(Child);"),
        (
            "a/mod.rs",
            "mod child; mod other; pub use child::Child; pub use other::Other;",
        ),
        ("a/child.rs", "use super::Other; pub struct Child(Other);"),
        (
            "a/other.rs",
            "pub struct Other; #[cfg(test)] mod tests { use super::super::Child; }",
        ),
    ]);
    assert_eq!(circle(&graph), None);
}
