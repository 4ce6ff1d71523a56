//! Links that a command makes in a directory that it may write to, as another program of the
//! machine finds them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use protium_wasm::{Capabilities, DirectoryGrant};

use super::{LANES, command, of_sku, open, run, setup};

/// All links in this folder and below.
fn links(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            found.push(path);
        } else if path.is_dir() {
            found.extend(links(&path));
        }
    }
    found
}

#[test]
fn links_that_a_command_makes_or_moves_do_not_point_out_of_its_directory() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    fs::create_dir_all(data.join("deep/folder")).unwrap();
    for file in ["secret.txt", "data/list.txt", "data/deep/file.txt"] {
        fs::write(directory.path().join(file), "text").unwrap();
    }
    // Both point into the directory from where they stand, and out of it from a folder above.
    symlink("../list.txt", data.join("deep/link")).unwrap();
    symlink("../../list.txt", data.join("deep/folder/link")).unwrap();

    let mut module = command();
    module.grants = Capabilities {
        directories: vec![DirectoryGrant {
            host: data.clone(),
            guest: "/data".into(),
            write: true,
        }],
        ..module.grants
    };
    let mut setup = setup(LANES[0]);
    setup.modules.insert("links".into(), module);
    let edge = open(setup);
    let answer = run(&edge, "links", &of_sku("links", "eu-1")).unwrap();
    let said = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        [
            "absolute: false",
            "up: false",
            "over: false",
            "deep: false",
            "inside: true",
            "moved: false",
            "hard: false",
            "folder: false",
            "file: true",
            "renamed: true",
            "renamed folder: true",
        ]
    );

    let inside = data.canonicalize().unwrap();
    let links = links(&data);
    assert_eq!(links.len(), 3, "{links:?}");
    for link in links {
        let target = link.canonicalize().unwrap();
        assert!(target.starts_with(&inside), "{}", link.display());
    }
}
