//! A shop outside the repository: the files of `tests/bookshop`, which `framework/docs/new-shop.md`
//! shows, in a directory elsewhere.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::Result;
use crate::outside::{Project, copy, failed, text};
use crate::store::program_in;
use crate::workspace::path;

/// A bookshop in a directory of its own, until this is dropped.
pub struct Bookshop {
    directory: TempDir,
    program: PathBuf,
}

impl Bookshop {
    /// Builds the shop's program, and copies its files.
    pub fn build() -> Result<Self> {
        let files = path("tests/bookshop");
        let manifest = text(&files.join("Cargo.toml"))?;
        let project = Project::make("bookshop", &manifest, &files)?;
        let program = program_in(&project.build(&[])?, "bookshop")?;
        let directory = TempDir::new().map_err(failed(&std::env::temp_dir()))?;
        copy(&files, &directory.path().join("bookshop"), &[])?;
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
