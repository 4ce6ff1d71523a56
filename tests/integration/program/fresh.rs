//! A machine that has nothing but the built program and a clone of the repository.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use tests::workspace::{path, root};

use super::{Running, fails_with, shop};

/// The files of a folder of the repository that a clone has, by their paths from the root.
fn committed(folder: &str) -> Vec<PathBuf> {
    if root().join(".git").exists() {
        let list = tests::workspace::output(
            Command::new("git")
                .args(["ls-files", "-z", folder])
                .current_dir(root()),
        );
        let list = list.expect("git lists its files");
        let names = list.split('\0').filter(|name| !name.is_empty());
        return names.map(PathBuf::from).collect();
    }
    // An unpacked archive has what was committed; what a shop made since then is its data.
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(path(&folder)).expect("a folder") {
            let entry = folder.join(entry.expect("an entry").file_name());
            if path(&entry).is_file() {
                files.push(entry);
            } else if entry != Path::new("example-store/data/store") {
                folders.push(entry);
            }
        }
    }
    files
}

struct Machine {
    disk: TempDir,
}

impl Machine {
    fn with_a_clone() -> Machine {
        let disk = TempDir::new().expect("a temporary directory");
        for folder in ["example-store", "components-go"] {
            for file in committed(folder) {
                let to = disk.path().join(&file);
                std::fs::create_dir_all(to.parent().expect("a folder")).expect("made");
                std::fs::copy(path(&file), to).expect("copied");
            }
        }
        for folder in ["home", "bin"] {
            std::fs::create_dir(disk.path().join(folder)).expect("made");
        }
        Machine { disk }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.disk.path().join(path)
    }

    /// The shop's program on this machine, whose PATH has no program at all.
    fn shop(&self) -> Command {
        let mut command = shop(self.path("example-store"));
        command
            .env_clear()
            .env("HOME", self.path("home"))
            .env("PATH", self.path("bin"))
            .env("PROTIUM_LISTEN", "127.0.0.1:0");
        command
    }
}

#[test]
fn a_clone_without_go_and_node_serves_pages_that_come_alive() {
    let machine = Machine::with_a_clone();
    let running = Running::start(&mut machine.shop());
    let home = running.get("/");
    assert_eq!(home.status, 200);
    let home = home.text();
    for part in [
        "data-go-id=\"product-card-1\"",
        "data-go-id=\"cart-badge-1\"",
        "data-go-on=",
        "data-go-snapshot",
    ] {
        assert!(home.contains(part), "{part} is not in:\n{home}");
    }
    let address = |attribute: &str| {
        let rest = home.split_once(attribute).expect(attribute).1;
        rest.split('"').next().expect("a value").to_owned()
    };
    let module = running.get(&address("data-go-module=\""));
    let committed = std::fs::read(path("components-go/dist/store.wasm")).expect("committed");
    assert!(module.body == committed, "the browser gets another module");
    let script = running.get(&address("<script type=\"module\" async src=\""));
    assert_eq!(script.status, 200);
    assert!(!script.body.is_empty());
}

#[test]
fn changed_components_without_a_toolchain_are_named_with_what_to_install() {
    let machine = Machine::with_a_clone();
    let source = machine.path("components-go/store/main.go");
    let text = std::fs::read_to_string(&source).expect("a source");
    std::fs::write(&source, text + "\n// changed\n").expect("written");
    let words = [
        "`store`",
        "its sources differ",
        "no `tinygo` on PATH",
        "no `go` on PATH",
        "https://tinygo.org",
        "https://go.dev",
        "dist/",
    ];
    fails_with(&mut machine.shop(), &words);
}

#[test]
fn without_components_the_folder_that_was_looked_into_is_named() {
    let machine = Machine::with_a_clone();
    std::fs::remove_dir_all(machine.path("components-go")).expect("removed");
    fails_with(&mut machine.shop(), &["`store`", "components-go"]);
}
