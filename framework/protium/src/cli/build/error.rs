//! Why a directory for production was not made.

use std::io;
use std::path::PathBuf;

/// Why a directory for production was not made. What was there before is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Something else has that path.
    #[error(
        "{} exists, and was not made by `build --out`: name another directory, or remove it",
        path.display()
    )]
    Taken {
        /// The path.
        path: PathBuf,
    },
    /// It would be copied into itself.
    #[error(
        "{} is within {}, which is copied into it: name a directory elsewhere, such as \
         target/shop", path.display(), copied.display()
    )]
    Within {
        /// The path.
        path: PathBuf,
        /// The directory around it.
        copied: PathBuf,
    },
    /// A file of the shop is not within its directory.
    #[error(
        "{key}: {} is not within the shop's directory, so it cannot be put into another one: \
         move it there", path.display()
    )]
    Outside {
        /// The key in the configuration.
        key: String,
        /// The file.
        path: PathBuf,
    },
    /// The program does not know where it is.
    #[error("this program cannot be found ({0})")]
    Program(#[source] io::Error),
    /// A name is not UTF-8.
    #[error("{} has a name that is not UTF-8: rename it", path.display())]
    Name {
        /// The file.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("{}: {source}; nothing was left behind", path.display())]
    File {
        /// The file that is read or written.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The manifest cannot be written as JSON.
    #[error("the manifest cannot be written ({0})")]
    Manifest(#[source] serde_json::Error),
}
