//! A new shop as `protium new` makes it, compiled as a shop outside the repository.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::outside::{Project, failed, text};
use crate::store::{self, Built, program_in};
use crate::workspace::{command, output, path};
use crate::{Error, Result};

/// A new shop with its program and its tests.
pub struct Starter {
    root: PathBuf,
    program: PathBuf,
    tests: Vec<Built>,
}

impl Starter {
    /// Makes a shop from the template, adds these kinds of things by their names, and builds it.
    /// The shop is named after the template.
    pub fn build(template: &str, additions: &[(&str, &str)]) -> Result<Self> {
        Self::changed(&format!("{template}-shop"), template, |files| {
            for (kind, name) in additions {
                let mut add = command(store::build()?, files);
                output(add.args(["add", kind, name]))?;
            }
            Ok(())
        })
    }

    /// Makes a shop of this name from the template, changes its files, and builds it.
    pub fn changed(
        name: &str,
        template: &str,
        change: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<Self> {
        let made = TempDir::new().map_err(failed(&std::env::temp_dir()))?;
        let mut new = command(store::build()?, made.path());
        new.args(["new", name, "--template", template, "--path"])
            .arg(path("."));
        output(&mut new)?;

        let files = made.path().join(name);
        change(&files)?;
        let manifest = text(&files.join("Cargo.toml"))?;
        let project = Project::make(name, &beside_the_repository(&manifest)?, &files)?;
        let names = tests_in(&files.join("tests"))?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut tests = project.build(&names)?;
        let program = program_in(&tests, name)?;
        tests.retain(|built| built.kind == "test");
        Ok(Self {
            root: project.folder().to_owned(),
            program,
            tests,
        })
    }

    /// Its name.
    pub fn name(&self) -> &OsStr {
        self.root.file_name().unwrap_or_default()
    }

    /// The shop's directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Its program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The programs of its own tests.
    pub fn tests(&self) -> &[Built] {
        &self.tests
    }
}

/// The names of the integration tests in a folder, which Cargo takes from their files.
fn tests_in(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
        let file = entry.map_err(failed(folder))?.path();
        if let (Some(stem), true) = (file.file_stem(), file.is_file()) {
            names.push(stem.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The manifest with the path that leads to the workspace's link to the framework: by another path
/// Cargo would take it for another crate.
fn beside_the_repository(manifest: &str) -> Result<String> {
    let unexpected = || Error::Unexpected {
        what: "the manifest of a new shop".into(),
        detail: manifest.to_owned(),
    };
    let (before, after) = manifest
        .split_once("protium = { path = \"")
        .ok_or_else(unexpected)?;
    let (_, after) = after.split_once('"').ok_or_else(unexpected)?;
    Ok(format!(
        "{before}protium = {{ path = \"../protium/framework/protium\"{after}"
    ))
}
