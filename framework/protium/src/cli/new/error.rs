//! Why a new shop was not made, and what to do about it.

use std::io;
use std::path::PathBuf;

/// Why a new shop was not made. Nothing of it is there then.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    /// Cargo does not take the name, or another tool does not.
    #[error("`{given}` cannot be the name of a shop: {problem}; `{instead}` can")]
    Name {
        /// The name as it was given.
        given: String,
        /// What is wrong with it.
        problem: &'static str,
        /// A name like it that is accepted.
        instead: String,
    },
    /// Something has that path already.
    #[error("{} exists, and nothing is written into it: name another directory", path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// The directory that the shop's is to be in does not exist.
    #[error("there is no directory {}: make it first, or name another one", path.display())]
    NoParent {
        /// The missing directory.
        path: PathBuf,
    },
    /// Nobody said where Protium is.
    #[error(
        "where is Protium? Name a checkout of it with --path DIRECTORY, or its repository with \
         --git ADDRESS"
    )]
    NoSource,
    /// There is no Protium where it was said to be.
    #[error(
        "--path {}: this is no checkout of Protium, which has framework/protium/Cargo.toml",
        path.display()
    )]
    NoCheckout {
        /// The directory that was named.
        path: PathBuf,
    },
    /// No template has the name, or the number, that was typed.
    #[error("there is no template `{given}`")]
    NoTemplate {
        /// What was typed.
        given: String,
    },
    /// There is no workspace to be a member of.
    #[error("{} is in no Cargo workspace: leave --member out", path.display())]
    NoWorkspace {
        /// The directory that the shop's is to be in.
        path: PathBuf,
    },
    /// The workspace cannot take the shop in.
    #[error("{}: {problem}; nothing was made", manifest.display())]
    Workspace {
        /// The manifest of the workspace.
        manifest: PathBuf,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// The terminal was closed while there were questions.
    #[error("there was no answer, so nothing was made")]
    NoAnswer,
    /// The terminal can be neither read nor written.
    #[error("the terminal does not answer: {0}")]
    Terminal(#[source] io::Error),
    /// A path cannot be written into Cargo.toml.
    #[error(
        "the path {} is not UTF-8, which Cargo.toml has to be: use --git, or move the checkout",
        path.display()
    )]
    NotUnicode {
        /// The path.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("{} cannot be made ({source}); nothing was left behind", path.display())]
    Write {
        /// The directory of the shop, or the file that failed.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}
