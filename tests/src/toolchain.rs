//! Go and TinyGo.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::workspace::{command, on_path, output, root};
use crate::{Error, Result};

/// The Go on PATH.
pub fn go() -> Result<PathBuf> {
    on_path(&["go"]).ok_or(Error::Missing {
        program: "go".into(),
        advice: "install Go 1.26",
    })
}

/// A TinyGo: the one on PATH, or else built and installed by the repository's script.
pub fn tinygo() -> Result<PathBuf> {
    let path = output(&mut command(
        "components-go/scripts/install-tinygo.sh",
        root(),
    ))?;
    Ok(PathBuf::from(path.trim_end()))
}

/// PATH with the folder of TinyGo in front: for programs that build components.
pub fn search_path() -> Result<OsString> {
    let tinygo = tinygo()?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = tinygo
        .parent()
        .map(Path::to_owned)
        .into_iter()
        .chain(std::env::split_paths(&path));
    std::env::join_paths(dirs).map_err(|error| Error::Unexpected {
        what: "PATH".into(),
        detail: error.to_string(),
    })
}
