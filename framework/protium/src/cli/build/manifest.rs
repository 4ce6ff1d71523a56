//! `manifest.json` of a directory for production: its files, and the bytes that visitors download
//! beside the budget.

use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::error::BuildError;
use crate::app::Shop;
use crate::cli::downloads::Download;
use protium_types::hex;

/// The file's name.
pub const FILE: &str = "manifest.json";

/// `manifest.json`.
#[derive(Debug, Serialize)]
pub struct Manifest {
    /// The version of Protium that made the directory.
    pub protium: &'static str,
    /// The program's name in the directory.
    pub program: String,
    /// Whether the program is optimised.
    pub optimised: bool,
    /// The toolchain of the components' module.
    pub lane: &'static str,
    /// What visitors download, and how much of it is allowed.
    pub downloads: Vec<Download>,
    /// All files but this one, by their paths.
    pub files: Vec<ListedFile>,
}

/// A file of the directory.
#[derive(Debug, Serialize)]
pub struct ListedFile {
    /// Its path in the directory, with slashes.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its content, in hex digits.
    pub sha256: String,
}

impl Manifest {
    /// Of a directory that has no files yet.
    pub fn of_no_files(shop: &Shop, downloads: &[Download]) -> Result<Manifest, BuildError> {
        let program = std::env::current_exe().map_err(BuildError::Program)?;
        let name = program.file_name().unwrap_or_default();
        let name = name.to_str().ok_or_else(|| BuildError::Name {
            path: program.clone(),
        })?;
        Ok(Manifest {
            protium: env!("CARGO_PKG_VERSION"),
            program: name.to_owned(),
            optimised: !cfg!(debug_assertions),
            lane: shop.release().pages.host().lane().name(),
            downloads: downloads.to_vec(),
            files: Vec::new(),
        })
    }

    /// With all files that the directory has.
    pub fn with_files_of(mut self, directory: &Path) -> Result<Manifest, BuildError> {
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            let shown = directory.join(&folder);
            for entry in std::fs::read_dir(&shown).map_err(failed(&shown))? {
                let path = folder.join(entry.map_err(failed(&shown))?.file_name());
                let file = directory.join(&path);
                if file.is_dir() {
                    folders.push(path);
                    continue;
                }
                let content = std::fs::read(&file).map_err(failed(&file))?;
                let name = path.to_str().ok_or(BuildError::Name { path: file })?;
                self.files.push(ListedFile {
                    path: name.replace(std::path::MAIN_SEPARATOR, "/"),
                    bytes: content.len() as u64,
                    sha256: hex(&Sha256::digest(&content)),
                });
            }
        }
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(self)
    }

    /// As text.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// What the user is told of the directory.
    pub fn sentence(&self, directory: &Path) -> String {
        let bytes: u64 = self.files.iter().map(|file| file.bytes).sum();
        let megabytes = bytes.div_ceil(1_000_000);
        let mut said = format!(
            "{} has {} files, {megabytes} MB in all: {0}/{} starts the shop",
            directory.display(),
            self.files.len() + 1,
            self.program,
        );
        for download in &self.downloads {
            let Download {
                name, bytes, limit, ..
            } = download;
            let allowed = match limit {
                0 => String::new(),
                limit => format!(" of {limit}"),
            };
            said += &format!("\n  {name}: {bytes}{allowed} bytes");
        }
        said
    }
}

/// The system's error, with the file.
pub fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> BuildError {
    move |source| BuildError::File {
        path: path.to_owned(),
        source,
    }
}
