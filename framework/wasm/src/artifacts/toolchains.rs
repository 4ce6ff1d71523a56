//! Which toolchains a machine has, for people who ask before they build.

use super::build::Tools;
use crate::variant::{Lane, LaneChoice};

/// A toolchain for modules, as it was searched on this machine.
#[derive(Debug)]
pub struct Toolchain {
    /// Whose toolchain it is.
    pub lane: Lane,
    /// What it says of its version.
    pub version: Result<String, MissingToolchain>,
}

/// Why there is no such toolchain.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub struct MissingToolchain {
    /// What is wrong.
    pub problem: String,
    /// What to install, and where it is.
    pub install: &'static str,
}

/// Both toolchains, as a build would find them: Go, then TinyGo.
pub fn toolchains() -> [Toolchain; 2] {
    let tools = Tools::of_environment(false);
    [
        (Lane::Go, LaneChoice::Go),
        (Lane::TinyGo, LaneChoice::TinyGo),
    ]
    .map(|(lane, choice)| {
        let found = tools.choose(choice);
        Toolchain {
            lane,
            version: found
                .map(|found| found.version)
                .map_err(|(problem, install)| MissingToolchain { problem, install }),
        }
    })
}
