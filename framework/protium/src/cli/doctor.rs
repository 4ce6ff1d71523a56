//! `protium doctor`: what this machine has of what a shop needs, and what to do about the rest.

mod finding;
mod programs;
mod shop;

use std::io::Write;
use std::path::Path;

use self::finding::Finding;
use crate::cli::error::CommandError;
use crate::config::{Config, Flags};

/// Say what this machine lacks to build and serve a shop
#[derive(Debug, clap::Args)]
pub struct Doctor {
    /// Write the findings as JSON
    #[arg(long)]
    json: bool,
}

/// Writes what it finds of the machine, and of the shop in `root` where there is one. Returns
/// whether a shop can be built and served here.
pub fn run(
    command: &Doctor,
    root: Option<&Path>,
    flags: &Flags,
    output: &mut impl Write,
) -> Result<bool, CommandError> {
    let mut findings = programs::findings();
    if let Some(root) = root {
        findings.extend(match Config::load_with_environment(root, flags) {
            Ok(config) => shop::findings(&config),
            Err(error) => vec![Finding::broken("configuration", error.to_string())],
        });
    }
    if command.json {
        serde_json::to_writer_pretty(&mut *output, &findings)
            .map_err(|error| CommandError::Output(error.into()))?;
        writeln!(output).map_err(CommandError::Output)?;
    } else {
        for finding in &findings {
            writeln!(output, "{finding}").map_err(CommandError::Output)?;
        }
    }
    Ok(!findings.iter().any(Finding::prevents_serving))
}
