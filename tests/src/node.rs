//! npm packages. A folder's `package.json` and lock say which; they are installed under
//! `target/node/`, so that the sources stay clean, and the folder gets a link to them, because Node
//! looks beside the sources.

use std::path::{Path, PathBuf};

use crate::workspace::{command, create_dir, on_path, output, path, read, target};
use crate::{Error, Result};

/// Everything that `npm ci` looks at.
const MANIFESTS: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

/// A folder of the repository whose npm packages are installed.
pub struct Packages {
    folder: PathBuf,
}

impl Packages {
    /// Installs the packages of `folder` (relative to the root) when they are not what its lock
    /// says.
    pub fn install(folder: &str) -> Result<Self> {
        let npm = on_path(&["npm"]).ok_or(Error::Missing {
            program: "npm".into(),
            advice: "install Node 20 or later",
        })?;
        let folder = path(folder);
        let name = folder.file_name().unwrap_or_default();
        let installed = target().join("node").join(name);
        create_dir(&installed)?;

        let mut wanted = Vec::new();
        for manifest in MANIFESTS {
            let from = folder.join(manifest);
            if manifest.starts_with('.') && !from.exists() {
                continue;
            }
            let bytes = read(&from)?;
            write(&installed.join(manifest), &bytes)?;
            wanted.extend(bytes);
        }
        // Written last, so that an installation that was cut short is done again.
        let stamp = installed.join("installed");
        if std::fs::read(&stamp).ok().as_deref() != Some(&wanted) {
            output(command(npm, &installed).args(["ci", "--no-audit", "--no-fund"]))?;
            write(&stamp, &wanted)?;
        }

        link(
            &installed.join("node_modules"),
            &folder.join("node_modules"),
        )?;
        Ok(Self { folder })
    }

    /// The folder they belong to.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes a folder elsewhere find the same packages.
    pub fn link_into(&self, folder: &Path) -> Result<()> {
        let packages = self.folder.join("node_modules");
        link(&packages, &folder.join("node_modules"))
    }

    /// A command-line tool of these packages.
    pub fn tool(&self, name: &str) -> PathBuf {
        self.folder.join("node_modules/.bin").join(name)
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}

/// Makes `place` a link to `packages`. A real folder there is somebody's own installation: it
/// stays, but is not trusted.
fn link(packages: &Path, place: &Path) -> Result<()> {
    let error = |source| Error::File {
        path: place.to_owned(),
        source,
    };
    if std::fs::read_link(place).ok().as_deref() == Some(packages) {
        return Ok(());
    }
    match place.symlink_metadata() {
        Ok(metadata) if metadata.is_symlink() => std::fs::remove_file(place).map_err(error)?,
        Ok(_) => {
            return Err(Error::Unexpected {
                what: place.display().to_string(),
                detail:
                    "it is a folder; the tests put a link to their own packages there: remove it"
                        .into(),
            });
        }
        Err(_) => {}
    }
    match std::os::unix::fs::symlink(packages, place) {
        // Another test run was quicker.
        Err(exists) if exists.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked.map_err(error),
    }
}
