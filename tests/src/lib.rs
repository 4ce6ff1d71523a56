//! What the tests of every language need on a machine, found or installed, and the store they run
//! against.
//!
//! - [`workspace`]: where things are, and the commands that run in them.
//! - [`toolchain`]: Go and TinyGo.
//! - [`node`]: npm packages, installed under `target/`.
//! - [`packages`]: programs of the system, such as servers to test against; [`redis`]: one of them;
//!   [`date`]: a date that jumps.
//! - [`chromium`]: a browser.
//! - [`catalogue`]: a generated catalogue of any size; [`random`]: numbers that stay the same.
//! - [`file_graph`]: which file of a crate uses which.
//! - [`store`]: the example store, built and running.
//! - `outside`: programs of shops outside the repository: a [`bookshop`], and new shops of each
//!   [`starter`].
//! - [`load`]: servers and load for the benches; [`mod@stampede`]: many visitors at once.

pub mod bookshop;
pub mod catalogue;
pub mod chromium;
pub mod date;
pub mod file_graph;
pub mod load;
pub mod node;
mod outside;
pub mod packages;
pub mod random;
pub mod redis;
pub mod stampede;
pub mod starter;
pub mod store;
pub mod toolchain;
pub mod workspace;

/// `PROTIUM_LONG=1` asks for the long run: every browser test in both lanes, more cases and longer
/// loads.
pub fn long() -> bool {
    std::env::var_os("PROTIUM_LONG").is_some_and(|value| value == "1")
}

/// Why a part of the tests cannot run: what is missing, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{program} is not on PATH: {advice}")]
    Missing {
        program: String,
        advice: &'static str,
    },
    #[error("{program} is not on PATH, and Debian's package could not be installed ({package})")]
    NoProgram {
        program: &'static str,
        package: String,
    },
    #[error("cannot start `{command}`: {source}")]
    Spawn {
        command: String,
        source: std::io::Error,
    },
    #[error("`{command}` ended with {status}{output}")]
    Failed {
        command: String,
        status: std::process::ExitStatus,
        output: String,
    },
    #[error("{path}: {source}", path = path.display())]
    File {
        path: std::path::PathBuf,
        source: std::io::Error,
    },
    #[error("{what} is not as expected: {detail}")]
    Unexpected { what: String, detail: String },
    #[error(
        "no Chromium: PROTIUM_CHROMIUM is not set, PATH has none, Playwright could not download \
         one ({download}), \
         and Debian's package could not be installed ({package})"
    )]
    NoChromium {
        download: Box<Error>,
        package: String,
    },
    #[error("the store did not answer {url} within {seconds} s; its output is in \
             {log}:\n{tail}", log = log.display())]
    StoreSilent {
        url: String,
        seconds: u64,
        log: std::path::PathBuf,
        tail: String,
    },
    #[error("the store stopped with {status} while it started; its output is in \
             {log}:\n{tail}", log = log.display())]
    StoreStopped {
        status: std::process::ExitStatus,
        log: std::path::PathBuf,
        tail: String,
    },
}

pub type Result<T> = std::result::Result<T, Error>;
