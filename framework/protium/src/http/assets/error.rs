//! Why an asset cannot be served.

use std::path::PathBuf;

/// The largest file that is served from memory.
pub(super) const LARGEST: u64 = 32 * 1024 * 1024;

/// An asset that cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum AssetError {
    /// A file or folder cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A file is too large to be served from memory.
    #[error("{path} has {bytes} bytes, at most {LARGEST} can be served")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// A design token is invalid.
    #[error("theme token `{name}`: {problem}")]
    Token {
        /// Its name.
        name: String,
        /// What is wrong with it, and what is allowed.
        problem: &'static str,
    },
}
