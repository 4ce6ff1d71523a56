//! A shop outside the repository: the files of `tests/bookshop`, which `framework/docs/new-shop.md`
//! shows, in a directory elsewhere.
//!
//! Its program is built in a workspace of its own that has the repository's members under the same
//! names, by links, and the repository's target directory, lock file and profiles. So cargo takes
//! every crate that the repository has compiled, the framework's own too, and compiles and links
//! the shop's program alone; without a change it has nothing to do.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::store::{self, program_of};
use crate::workspace::{command, create_dir, path, read, target};
use crate::{Error, Result};

/// What the workspace beside the shop has of the repository.
const LINKS: [&str; 4] = ["framework", "example-store", "tests", "components-go"];
/// Its members by name, beside the shop: cargo chooses the features of all of them together.
const MEMBERS: [&str; 2] = ["example-store", "tests"];

/// A bookshop in a directory of its own, until this is dropped.
pub struct Bookshop {
    directory: TempDir,
    program: PathBuf,
}

impl Bookshop {
    /// Builds the shop's program, and copies its files.
    pub fn build() -> Result<Self> {
        let program = build_program()?;
        let directory = TempDir::new().map_err(failed(&std::env::temp_dir()))?;
        copy(&path("tests/bookshop"), &directory.path().join("bookshop"))?;
        Ok(Self { directory, program })
    }

    /// The shop's directory.
    pub fn root(&self) -> PathBuf {
        self.directory.path().join("bookshop")
    }

    /// Its program.
    pub fn program(&self) -> &Path {
        &self.program
    }
}

fn build_program() -> Result<PathBuf> {
    // What is compiled here stays in the target directory: first from where the sources are.
    store::build()?;
    let folder = project_folder()?;
    let (workspace, shop) = (folder.join("protium"), folder.join("bookshop"));
    create_dir(&workspace)?;
    for name in LINKS {
        link(&path(name), &workspace.join(name))?;
    }
    let manifest = text(&path("Cargo.toml"))?
        .replace("exclude = [\"tests/bookshop\"]", "")
        .replace("    \"tests\",\n", "    \"tests\",\n    \"../bookshop\",\n");
    write(&workspace.join("Cargo.toml"), &manifest)?;
    write(&workspace.join("Cargo.lock"), &text(&path("Cargo.lock"))?)?;
    // A member has no profiles of its own: those of the workspace are the same.
    let own = text(&path("tests/bookshop/Cargo.toml"))?;
    let (package, _) = own.split_once("\n[profile").unwrap_or((&own, ""));
    let package = package.replace("[package]\n", "[package]\nworkspace = \"../protium\"\n");
    write(&shop.join("Cargo.toml"), &package)?;
    copy(&path("tests/bookshop/src"), &shop.join("src"))?;

    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = command(cargo, &shop);
    // All programs, although they are there: what else is built decides how procedural macros are.
    build
        .args(["build", "--offline", "--bins", "--package", "bookshop"])
        .args(MEMBERS.iter().flat_map(|name| ["--package", name]))
        .env("CARGO_TARGET_DIR", target());
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    program_of(&mut build, "bookshop")
}

/// Where the program is built: the same for each run with this target directory, so that cargo
/// finds what it built before.
fn project_folder() -> Result<PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    let caches = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
    let mut hash = DefaultHasher::new();
    target().hash(&mut hash);
    let folder = caches
        .unwrap_or_else(std::env::temp_dir)
        .join("protium/outside")
        .join(format!("{:016x}", hash.finish()));
    create_dir(&folder)?;
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    create_dir(to)?;
    for entry in std::fs::read_dir(from).map_err(failed(from))? {
        let entry = entry.map_err(failed(from))?;
        let name = entry.file_name();
        // What somebody made who tried the shop where it is.
        if [".protium", "target", "store", "Cargo.lock"]
            .iter()
            .any(|made| name == *made)
        {
            continue;
        }
        if entry.file_type().map_err(failed(from))?.is_dir() {
            copy(&entry.path(), &to.join(name))?;
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

fn text(path: &Path) -> Result<String> {
    Ok(String::from_utf8_lossy(&read(path)?).into_owned())
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    move |source| Error::File {
        path: path.to_owned(),
        source,
    }
}
