//! A file of products into a shop.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use protium_commerce::Currency;
use protium_commerce::import::{self, ImportError, ImportReport};
use protium_commerce::sqlite::Store;

/// Why a file was not imported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be opened.
    #[error("{}: {source}", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file cannot be imported.
    #[error(transparent)]
    Import(#[from] ImportError),
}

/// Imports a product CSV into an open store.
pub fn into_store(store: &Store, file: &Path, currency: Currency) -> Result<ImportReport, Error> {
    let reader = File::open(file).map_err(|source| Error::File {
        file: file.to_owned(),
        source,
    })?;
    Ok(import::import(
        store,
        reader,
        &file.display().to_string(),
        currency,
    )?)
}

/// The report as a sentence.
pub fn sentence(report: &ImportReport) -> String {
    let ImportReport {
        created,
        updated,
        unchanged,
        retired,
        collections,
        version,
        warnings: _,
    } = report;
    let retired = match retired {
        0 => String::new(),
        _ => format!("{retired} variants are not sold any more; "),
    };
    format!(
        "{created} products added, {updated} changed, {unchanged} as before; {retired}\
         {collections} new collections; catalogue version {version}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use protium_commerce::sqlite::Options;

    #[test]
    fn a_file_is_imported_into_a_new_directory() -> Result<(), Box<dyn std::error::Error>> {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("products.csv");
        std::fs::write(&file, "Handle,Title,Variant Price\nmug,Mug,9.50\n")?;
        let store = Store::open(directory.path().join("data"), Options::default())?;
        let report = into_store(&store, &file, Currency::EUR)?;
        assert!(sentence(&report).starts_with("1 products added, 0 changed, 0 as before;"));
        Ok(())
    }

    #[test]
    fn a_file_that_is_not_there_is_named() -> Result<(), Box<dyn std::error::Error>> {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("missing.csv");
        let store = Store::open(directory.path(), Options::default())?;
        let error = into_store(&store, &file, Currency::EUR)
            .err()
            .map(|e| e.to_string());
        assert!(error.is_some_and(|message| message.contains("missing.csv")));
        Ok(())
    }
}
