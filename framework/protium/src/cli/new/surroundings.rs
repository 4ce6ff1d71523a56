//! The Cargo workspace that a directory is in.

use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Format, Toml};

/// The manifest of the workspace that Cargo would count a package in this directory to.
pub fn workspace_around(directory: &Path) -> Option<PathBuf> {
    let mut manifests = directory.ancestors().map(|above| above.join("Cargo.toml"));
    manifests.find(|manifest| {
        let has_workspace = || {
            Figment::from(Toml::file_exact(manifest))
                .find_value("workspace")
                .is_ok()
        };
        manifest.is_file() && has_workspace()
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_nearest_manifest_with_a_workspace_is_that_of_the_workspace() {
        let root = tempfile::tempdir().expect("a directory");
        let inner = root.path().join("shops/more");
        fs::create_dir_all(&inner).expect("made");
        assert_eq!(workspace_around(&inner), None);
        let workspace = root.path().join("Cargo.toml");
        fs::write(&workspace, "[workspace]\nmembers = []\n").expect("written");
        for no_workspace in ["[package]\nname = \"tea\"\n", "this is no TOML"] {
            fs::write(root.path().join("shops/Cargo.toml"), no_workspace).expect("written");
            assert_eq!(workspace_around(&inner), Some(workspace.clone()));
        }
    }
}
