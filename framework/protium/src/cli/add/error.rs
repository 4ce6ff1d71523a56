//! Why nothing was added, and what to do about it.

use std::io;
use std::path::PathBuf;

use crate::kit::KitError;

/// Why nothing was added to a shop.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// There is no shop to add something to.
    #[error(
        "there is no protium.toml in {}: name the shop's directory with --shop", path.display()
    )]
    NoShop {
        /// The directory.
        path: PathBuf,
    },
    /// It cannot be called that.
    #[error(
        "`{given}` cannot be a name here: it is up to 64 small letters and digits in words with \
         hyphens between them, and begins with a letter, like size-guide"
    )]
    Name {
        /// The name as it was given.
        given: String,
    },
    /// There is no such language here.
    #[error("there is no locale `{name}`: there are {known}, and their languages alone, like de")]
    Locale {
        /// The name as it was given.
        name: String,
        /// All that there are.
        known: String,
    },
    /// The file is there already.
    #[error("{} exists, and nothing is written over it: take another name", path.display())]
    Exists {
        /// The file, from the shop's directory.
        path: PathBuf,
    },
    /// The base theme or the shop has one already.
    #[error("there is a {name} already: take another name")]
    Registered {
        /// The name.
        name: String,
    },
    /// The shop has no components.
    #[error("there is no go.mod in {}: the shop has no components of its own", path.display())]
    NoGoModule {
        /// Where it would be.
        path: PathBuf,
    },
    /// The shop has no crate.
    #[error("{} names no package", path.display())]
    NoCrate {
        /// The manifest.
        path: PathBuf,
    },
    /// The file cannot get what is to be added to it.
    #[error("{} cannot be added to: mend it first", path.display())]
    Configuration {
        /// The file.
        path: PathBuf,
    },
    /// The shop is of another version than this program.
    #[error(transparent)]
    Kit(#[from] KitError),
    /// A file cannot be read.
    #[error("{} cannot be read ({source})", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("{} cannot be written ({source}); nothing was added", path.display())]
    Write {
        /// The file, from the shop's directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}
