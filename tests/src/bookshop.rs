//! A shop outside the repository: the files of `tests/bookshop`, which `framework/docs/new-shop.md`
//! shows, in a directory elsewhere, built as whoever makes a shop builds it.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::store::program_of;
use crate::workspace::{command, create_dir, path, read, root, target};
use crate::{Error, Result};

/// Where the document has the framework.
const FRAMEWORK: &str = "../protium/framework/protium";
/// What the shop's project is built with beside it.
const SAME_FEATURES: &str = "same-features";

/// A bookshop in a directory of its own, until this is dropped.
pub struct Bookshop {
    directory: TempDir,
    program: PathBuf,
}

impl Bookshop {
    /// Copies the files and builds the shop's program.
    pub fn build() -> Result<Self> {
        let directory = TempDir::new().map_err(|source| Error::File {
            path: std::env::temp_dir(),
            source,
        })?;
        let shop = directory.path().join("bookshop");
        copy(&path("tests/bookshop"), &shop)?;
        share_the_workspace(&shop)?;
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = command(cargo, &shop);
        build
            .args(["build", "--offline", "--workspace", "--bins"])
            .env("CARGO_TARGET_DIR", target());
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        let program = program_of(&mut build, "bookshop")?;
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

/// Changes the project so that what the workspace compiled serves it too: the same versions, the
/// same target directory, and beside the shop a package with the dependencies of `tests`, so that
/// cargo chooses the same features. The framework's own crates are compiled as quickly as there.
fn share_the_workspace(shop: &Path) -> Result<()> {
    let text = |path: PathBuf| Ok::<_, Error>(String::from_utf8_lossy(&read(&path)?).into_owned());
    let workspace = text(path("Cargo.toml"))?;
    let own = text(shop.join("Cargo.toml"))?;
    let framework = root().join("framework");
    let here = format!("path = \"{}/", framework.display());
    let mut own = own.replace(FRAMEWORK, &framework.join("protium").display().to_string());
    let _ = write!(
        own,
        "\n[workspace]\nmembers = [\"{SAME_FEATURES}\"]\n\n[workspace.dependencies]\n{}\n",
        section(&workspace, "[workspace.dependencies]").replace("path = \"framework/", &here)
    );
    for name in ["cache", "commerce", "page", "types", "wasm"] {
        let _ = write!(own, "[profile.dev.package.protium-{name}]\nopt-level = 0\n");
    }
    let _ = write!(own, "[profile.dev.package.protium]\nopt-level = 0\n");
    write_file(&shop.join("Cargo.toml"), &own)?;

    let beside = shop.join(SAME_FEATURES);
    create_dir(&beside.join("src"))?;
    let dependencies = text(path("tests/Cargo.toml"))?;
    let package = format!(
        "[package]\nname = \"{SAME_FEATURES}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dependencies]\n{}",
        section(&dependencies, "[dependencies]")
    );
    write_file(&beside.join("Cargo.toml"), &package)?;
    write_file(&beside.join("src/lib.rs"), "")?;
    write_file(&shop.join("Cargo.lock"), &text(path("Cargo.lock"))?)
}

/// The lines of a table of a TOML file.
fn section<'t>(text: &'t str, header: &str) -> &'t str {
    let after = text.split_once(header).map_or("", |(_, after)| after);
    after.split_once("\n[").map_or(after, |(lines, _)| lines)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let failed = |source| Error::File {
        path: from.to_owned(),
        source,
    };
    create_dir(to)?;
    for entry in std::fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        // What somebody made who tried the shop where it is.
        if [".protium", "target", "store", "Cargo.lock"]
            .iter()
            .any(|made| name == *made)
        {
            continue;
        }
        if entry.file_type().map_err(failed)?.is_dir() {
            copy(&entry.path(), &to.join(name))?;
        } else {
            std::fs::copy(entry.path(), to.join(name)).map_err(failed)?;
        }
    }
    Ok(())
}

fn write_file(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}
