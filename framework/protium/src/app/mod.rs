//! A shop, opened from its directory and served.
//!
//! - [`start`]: from a configuration to a running shop, or a message that says what to do.
//! - [`open`]: data directory, catalogue, components, files, templates.
//! - [`shop`]: what all requests share.
//! - `routes`: addresses and their handlers; `layers`: what happens around every handler.
//! - `dev`: what only development has.

mod dev;
pub mod import_file;
pub(crate) mod layers;
pub(crate) mod open;
pub(crate) mod routes;
pub mod shop;
pub mod start;

use std::path::PathBuf;
use std::process::ExitCode;

pub use shop::Shop;
pub use start::{StartError, serve};

/// A shop in a directory, as its binary runs it.
///
/// The whole program of a shop:
///
/// ```no_run
/// use std::process::ExitCode;
///
/// fn main() -> ExitCode {
///     protium::App::new(env!("CARGO_MANIFEST_DIR")).run()
/// }
/// ```
pub struct App {
    root: PathBuf,
}

impl App {
    /// The shop in `root`, the directory with its `protium.toml`.
    pub fn new(root: impl Into<PathBuf>) -> App {
        App { root: root.into() }
    }

    /// Runs the command that this process was started with: `serve` when there is none.
    pub fn run(self) -> ExitCode {
        crate::cli::run(self.root)
    }
}
