//! Reads files, with the path in errors.

use std::path::Path;

use super::error::ArtifactError;

pub(super) fn read(path: &Path) -> Result<Vec<u8>, ArtifactError> {
    std::fs::read(path).map_err(|source| ArtifactError::Read {
        path: path.to_owned(),
        source,
    })
}
