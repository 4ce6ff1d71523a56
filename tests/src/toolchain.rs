//! Go and TinyGo.

use std::path::PathBuf;

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
