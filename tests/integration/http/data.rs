//! The data directory: who may read what is in it, and a disk that is full.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{after, command, variant};
use crate::program::{Answer, Running, fails_with};
use crate::small_disk::{Filling, on_a_small_disk};

/// All files below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    files
}

fn add(running: &Running, variant: &str) -> Answer {
    running.sends(
        "POST /cart/add HTTP/1.1\r\nAccept: application/json\r\nContent-Type: \
         application/x-www-form-urlencoded\r\n",
        &format!("variant_id={variant}"),
    )
}

#[test]
fn nobody_else_reads_the_files_whatever_the_directory_was() {
    let place = tempfile::TempDir::new().expect("a directory");
    let data = place.path().join("data");
    let mut shop = command(&data, &[]);
    let set = |path: &Path, mode| {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(path, mode).expect("set");
    };
    set(&data, 0o755);
    // Of an earlier release, or copied.
    std::fs::write(data.join("edge.db"), "").expect("written");
    std::fs::create_dir_all(data.join("assets")).expect("made");
    std::fs::write(data.join("assets/%2Fstatic%2Fold%2Ecss"), "p {}").expect("written");
    for path in files(&data) {
        set(&path, 0o644);
    }
    let mut open = after(&shop, "umask 000");
    let running = Running::start(&mut open);
    running.says("prewarmed ");
    let variant = variant(&running);
    assert_eq!(add(&running, &variant).status, 200);
    let found = files(&data);
    assert!(
        found.iter().any(|path| path.ends_with("shop.db-wal")),
        "{found:?}"
    );
    for path in found {
        let mode = path
            .metadata()
            .map(|about| about.permissions().mode() & 0o777);
        // What is being written may be gone by now.
        if let Ok(mode) = mode {
            assert_eq!(mode & 0o077, 0, "{} has {mode:o}", path.display());
        }
    }
    drop(running);
    // A second start finds it as it left it.
    Running::start(&mut shop);
}

#[test]
fn a_full_disk_is_an_error_that_says_so() {
    let place = tempfile::TempDir::new().expect("a directory");
    let data = place.path().join("data");
    // Full at the start.
    let full = place.path().join("full");
    std::fs::create_dir(&full).expect("made");
    std::fs::write(full.join("filling"), vec![1; 8 << 10]).expect("written");
    let mut shop = crate::program::shop(tests::workspace::path("example-store"));
    shop.arg("--data").arg(&full);
    fails_with(
        &mut on_a_small_disk(&shop, &full, "4k"),
        &["the disk is full", "make room"],
    );
    // One that fills up while the shop is open.
    let shop = command(&data, &[("PROTIUM_PREWARM_ENABLED", "off")]);
    let running = Running::start(&mut on_a_small_disk(&shop, &data, "96m"));
    let variant = variant(&running);
    assert_eq!(add(&running, &variant).status, 200);
    let filling = Filling::of(&running, &data);
    let mut refused = None;
    // There may be room left within the files that are there.
    for _ in 0..2_000 {
        let answer = add(&running, &variant);
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("the disk is full");
    assert_eq!(refused.status, 507, "{}", refused.text());
    assert!(
        refused.text().contains("storage_full"),
        "{}",
        refused.text()
    );
    running.logs("disk with the data directory is full");
    assert_eq!(
        running.get("/collections/all").status,
        200,
        "reading goes on"
    );
    drop(filling);
    assert_eq!(add(&running, &variant).status, 200, "there is room again");
}
