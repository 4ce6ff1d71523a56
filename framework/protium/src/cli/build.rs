//! `protium build`: builds the shop's Go modules, for the next start, for machines without Go, or
//! into a directory with all that production needs.

mod bundle;
pub(super) mod error;
mod manifest;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use self::error::BuildError;
use self::manifest::Manifest;
use crate::app::Shop;
use crate::app::additions::Additions;
use crate::cli::downloads;
use crate::cli::downloads::Download;
use crate::cli::error::CommandError;
use crate::config::Config;

/// Build the components and edge modules, so that the next start is quick
#[derive(Debug, clap::Args)]
pub struct Build {
    /// Build into `dist` beside the sources instead, for machines without Go and TinyGo
    #[arg(long, conflicts_with = "out")]
    dist: bool,
    /// Put all that production needs into a directory, which starts on a machine without any tools
    #[arg(long, value_name = "DIRECTORY")]
    out: Option<PathBuf>,
    /// Write the manifest of the directory, with sizes and budget, to standard output
    #[arg(long, requires = "out")]
    json: bool,
}

/// Builds, and says what came of it.
pub async fn run(
    command: &Build,
    root: &Path,
    config: Config,
    additions: Arc<Additions<Shop>>,
) -> Result<ExitCode, CommandError> {
    let Some(out) = &command.out else {
        println!("{}", Shop::build(&config, command.dist).await?);
        return Ok(ExitCode::SUCCESS);
    };
    // A shop that does not open is not put together either.
    bundle::check_place(out)?;
    let shop = Shop::open_with(
        root,
        Config {
            dev: false,
            ..config
        },
        additions,
    )
    .await?;
    let downloads = downloads::of(&shop);
    let over: Vec<&Download> = downloads.iter().filter(|one| one.is_over()).collect();
    let manifest = match over.is_empty() {
        true => bundle::make(&shop, &downloads, out).await?,
        false => Manifest::of_no_files(&shop, &downloads)?,
    };
    if command.json {
        let text = manifest.to_json().map_err(BuildError::Manifest)?;
        println!("{text}");
    } else if over.is_empty() {
        println!("{}", manifest.sentence(out));
    }
    if !manifest.optimised {
        eprintln!(
            "warning: the program is built for development; `cargo run --release -- build --out \
             {}` puts an optimised one there",
            out.display()
        );
    }
    for download in &over {
        eprintln!("error: {}", download.problem());
    }
    if over.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!(
        "error: the shop is over its budget, and {} was not made",
        out.display()
    );
    Ok(ExitCode::FAILURE)
}
