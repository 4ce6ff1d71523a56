//! Commands that write files, where they cannot: a clear message, and nothing half-written.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use tests::workspace::path;

use super::new::{made, new};
use super::program;

#[test]
fn a_directory_where_nobody_may_write_is_named() {
    let checkout = path(".").display().to_string();
    let nowhere = TempDir::new().expect("a directory");
    // Nobody makes directories there, root neither.
    let line = ["/proc/tea", "--template", "store", "--path", &checkout];
    let output = new(nowhere.path(), &line);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for words in ["/proc/tea cannot be made", "nothing was left behind"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let (_shops, root) = made("minimal");
    let mut build = super::shop(&root);
    build.args(["build", "--out", "/proc/tea"]);
    let said = super::fails_with(&mut build, &["/proc", "nothing was left behind"]);
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn a_shop_of_a_newer_version_is_left_as_it_is() {
    let (_shops, root) = made("minimal");
    let go_mod = root.join("components/go.mod");
    let text = std::fs::read_to_string(&go_mod).expect("read");
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    std::fs::write(&go_mod, text.replace(version, "v99.0.0")).expect("written");
    let before = names(&root);
    for arguments in [
        &["build"][..],
        &["add", "island", "tea"],
        &["add", "page", "tea"],
    ] {
        let mut command = super::shop(&root);
        let words = ["newer version", "v99.0.0", "Cargo.toml"];
        super::fails_with(command.args(arguments), &words);
    }
    let after = names(&root);
    let is_made = |name: &&String| !before.contains(name) && !name.contains("/data");
    assert_eq!(after.iter().find(is_made), None);
}

/// The paths below a directory.
fn names(directory: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            names.push(path.display().to_string());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    names
}

/// Runs a script in a directory that is a disk of its own with so many kilobytes, and the program
/// as `$PROGRAM`. `None` where nobody may mount one.
#[cfg(target_os = "linux")]
fn on_a_disk_of(kilobytes: u32, script: &str) -> Option<Output> {
    let place = TempDir::new().expect("a directory");
    let data = TempDir::new().expect("a directory");
    let mount = format!("mount -t tmpfs -o size={kilobytes}k tmpfs . && cd $PWD");
    let unshared = |script: &str| {
        let mut command = Command::new("unshare");
        command
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", script])
            .current_dir(place.path())
            .env("PROGRAM", program())
            .env("CHECKOUT", path("."))
            .env("PROTIUM_DATA", data.path());
        command.output()
    };
    match unshared(&mount) {
        Ok(output) if output.status.success() => {}
        _ => {
            eprintln!("skipped: no disk can be mounted here");
            return None;
        }
    }
    unshared(&format!("{mount} && {script}")).ok()
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_nothing_is_half_written() {
    // Each says what it left, which is what was there before.
    let new = "$PROGRAM new tea --template store --path $CHECKOUT; echo $?; ls -A";
    let filled = "$PROGRAM new tea --template store --path $CHECKOUT >made && cd tea && \
                  find . | sort >../before && cat /dev/zero >../filler 2>/dev/null; ";
    let add = "for kind in 'island tins' 'edge-module tins' 'page tins'; do \
               $PROGRAM add $kind; echo $?; done; find . | sort | diff ../before - && \
               tail -n 1 protium.toml";
    let build = "$PROGRAM --shop $CHECKOUT/example-store build --out ../out; echo $?; ls -A ..";
    for (kilobytes, script, left) in [
        (64, new.to_owned(), "1\n"),
        (
            4_096,
            format!("{filled}{add}"),
            "1\n1\n1\nradius = \"8px\"\n",
        ),
        (
            4_096,
            format!("{filled}{build}"),
            "1\nbefore\nfiller\nmade\ntea\n",
        ),
    ] {
        let Some(output) = on_a_disk_of(kilobytes, &script) else {
            return;
        };
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            left,
            "{script}\n{said}"
        );
        assert!(said.contains("No space left on device"), "{script}\n{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}
