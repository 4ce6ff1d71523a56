//! A file of products into a shop.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};

use protium_commerce::Currency;
use protium_commerce::import::progress::{Progress, Step, Watch};
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

/// Imports a product CSV into an open store. On a terminal a bar shows how far it is.
pub fn into_store(store: &Store, file: &Path, currency: Currency) -> Result<ImportReport, Error> {
    let unreadable = |source| Error::File {
        file: file.to_owned(),
        source,
    };
    let reader = File::open(file).map_err(unreadable)?;
    let bytes = reader.metadata().map_err(unreadable)?.len();
    let bar = bar();
    let watch = watch(bar.clone(), bytes);
    let name = file.display().to_string();
    let report = import::import_watched(store, reader, &name, currency, &watch);
    bar.finish_and_clear();
    Ok(report?)
}

/// A bar on the terminal; a hidden one, where there is none.
fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{msg:10} {bar:32} {percent:>3} %  {elapsed}") {
        bar.set_style(style);
    }
    bar
}

/// Shows how far an import is of a file of so many bytes.
fn watch(bar: ProgressBar, bytes: u64) -> Watch {
    Arc::new(move |Progress { step, done, of }| {
        bar.set_message(match step {
            Step::Read => "reading",
            Step::Check => "checking",
            Step::Compare => "comparing",
            Step::Write => "writing",
            Step::Index => "indexing",
        });
        bar.set_length(of.unwrap_or(bytes));
        bar.set_position(done);
    })
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
