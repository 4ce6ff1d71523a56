//! Programs of shops outside the repository, compiled once.
//!
//! They are built in a workspace of their own that has the repository's members under the same
//! names, by links, and the repository's target directory, lock file and profiles. So cargo takes
//! every crate that the repository has compiled, the framework's own too, and compiles and links
//! the shop's program alone; without a change it has nothing to do.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::store::{self, Built};
use crate::workspace::{command, create_dir, path, read, target};
use crate::{Error, Result};

/// What the workspace beside the shop has of the repository.
const LINKS: [&str; 4] = ["framework", "example-store", "tests", "components-go"];
/// Its members by name, beside the shop: cargo chooses the features of all of them together.
const MEMBERS: [&str; 2] = ["example-store", "tests"];
/// What somebody made who tried the shop where it is.
const MADE: [&str; 4] = [".protium", "target", "store", "Cargo.lock"];

/// A shop's package in such a workspace.
pub(crate) struct Project {
    shop: PathBuf,
}

impl Project {
    /// Makes the workspace, with a package of this name whose manifest is `manifest`; its other
    /// files are copied from the folder.
    pub(crate) fn make(name: &str, manifest: &str, files: &Path) -> Result<Project> {
        // What is compiled here stays in the target directory: first from where the sources are.
        store::build()?;
        let folder = project_folder(name)?;
        let (workspace, shop) = (folder.join("protium"), folder.join(name));
        create_dir(&workspace)?;
        for name in LINKS {
            link(&path(name), &workspace.join(name))?;
        }
        let members = text(&path("Cargo.toml"))?.replace(
            "    \"tests\",\n",
            &format!("    \"tests\",\n    \"../{name}\",\n"),
        );
        write(&workspace.join("Cargo.toml"), &members)?;
        write(&workspace.join("Cargo.lock"), &text(&path("Cargo.lock"))?)?;
        // A member has no profiles of its own: those of the workspace are the same.
        let (package, _) = manifest.split_once("\n[profile").unwrap_or((manifest, ""));
        let package = package.replace("[package]\n", "[package]\nworkspace = \"../protium\"\n");
        copy(files, &shop, &["Cargo.toml"])?;
        write(&shop.join("Cargo.toml"), &package)?;
        Ok(Project { shop })
    }

    /// The package's folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.shop
    }

    /// Builds the program, and the integration tests of these names.
    pub(crate) fn build(&self, tests: &[&str]) -> Result<Vec<Built>> {
        let name = self.shop.file_name().unwrap_or_default();
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = command(cargo, &self.shop);
        // All programs, although they are there: what else is built decides how procedural macros
        // are.
        build
            .args(["build", "--offline", "--bins", "--package"])
            .arg(name)
            .args(MEMBERS.iter().flat_map(|name| ["--package", name]))
            .args(tests.iter().flat_map(|name| ["--test", name]))
            .env("CARGO_TARGET_DIR", target());
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        store::built_by(&mut build)
    }
}

/// Where the program is built: the same for each run with this target directory, so that cargo
/// finds what it built before.
fn project_folder(name: &str) -> Result<PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    let caches = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
    let mut hash = DefaultHasher::new();
    (target(), name).hash(&mut hash);
    let folder = caches
        .unwrap_or_else(std::env::temp_dir)
        .join("protium/outside")
        .join(format!("{:016x}", hash.finish()));
    create_dir(&folder)?;
    Ok(folder)
}

/// Copies a folder, without what was made in it, and without what has one of these names.
pub(crate) fn copy(from: &Path, to: &Path, without: &[&str]) -> Result<()> {
    create_dir(to)?;
    for entry in std::fs::read_dir(from).map_err(failed(from))? {
        let entry = entry.map_err(failed(from))?;
        let name = entry.file_name();
        if MADE.iter().chain(without).any(|left_out| name == *left_out) {
            continue;
        }
        if entry.file_type().map_err(failed(from))?.is_dir() {
            copy(&entry.path(), &to.join(name), without)?;
        } else {
            write(&to.join(name), &read(&entry.path())?)?;
        }
    }
    Ok(())
}

/// Writes a file that is not so already: cargo compiles what is newer than what it made of it.
fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    if std::fs::read(path).is_ok_and(|found| found == content.as_ref()) {
        return Ok(());
    }
    create_dir(path.parent().unwrap_or(path))?;
    std::fs::write(path, content).map_err(failed(path))
}

fn link(to: &Path, place: &Path) -> Result<()> {
    if std::fs::read_link(place).is_ok_and(|found| found == to) {
        return Ok(());
    }
    let _ = std::fs::remove_file(place);
    match symlink(to, place) {
        // Another test run was quicker.
        Err(exists) if exists.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked.map_err(failed(place)),
    }
}

pub(crate) fn text(path: &Path) -> Result<String> {
    Ok(String::from_utf8_lossy(&read(path)?).into_owned())
}

pub(crate) fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    move |source| Error::File {
        path: path.to_owned(),
        source,
    }
}
