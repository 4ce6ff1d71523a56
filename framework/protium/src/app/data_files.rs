//! JSON files of the shop that handlers read. Each is parsed once, until it changes.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;
use serde_json::Value;

use protium_types::Tag;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 16 << 20;

/// Why a data file cannot be read.
///
/// ```
/// use protium::DataFileError;
/// use protium::prelude::*;
///
/// async fn menu(ctx: Ctx) -> Result<Vec<String>> {
///     match ctx.json("data/menu.json") {
///         Err(DataFileError::Read { .. }) => Ok(Vec::new()),
///         read => Ok(read?),
///     }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
pub enum DataFileError {
    /// The name leads out of the shop's directory.
    #[error("`{0}` is not a file within the shop's directory, such as data/posts.json")]
    Outside(String),
    /// It cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is too large.
    #[error("{}: a data file may have {} MB", path.display(), LARGEST >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// It is not JSON, or not of the expected shape.
    #[error("{}: {source}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
}

/// The files that were read so far.
#[derive(Default)]
pub(crate) struct DataFiles(Mutex<HashMap<String, Known>>);

#[derive(Clone)]
struct Known {
    stamp: Stamp,
    value: Arc<Value>,
}

/// What changes when a file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

/// The tag of what was made from a data file.
pub(crate) fn tag(name: &str) -> Tag {
    Tag::new("file", name)
}

impl DataFiles {
    /// The JSON in a file of the shop in `root`, as it is now.
    pub fn read(&self, root: &Path, name: &str) -> Result<Arc<Value>, DataFileError> {
        let path = within(root, name)?;
        let failed = |source| DataFileError::Read {
            path: path.clone(),
            source,
        };
        let stamp = stamp(&path).map_err(failed)?;
        if let Some(known) = self.0.lock().get(name)
            && known.stamp == stamp
        {
            return Ok(Arc::clone(&known.value));
        }
        if stamp.bytes > LARGEST {
            return Err(DataFileError::TooLarge { path });
        }
        let bytes = std::fs::read(&path).map_err(failed)?;
        let value = serde_json::from_slice(&bytes)
            .map_err(|source| DataFileError::Json { path, source })?;
        let value = Arc::new(value);
        let known = Known {
            stamp,
            value: Arc::clone(&value),
        };
        self.0.lock().insert(name.to_owned(), known);
        Ok(value)
    }

    /// The names of files that are not any more as they were read. Each is named once.
    pub fn changed(&self, root: &Path) -> Vec<String> {
        let seen: Vec<(String, Stamp)> = {
            let known = self.0.lock();
            let stamps = known
                .iter()
                .map(|(name, known)| (name.clone(), known.stamp));
            stamps.collect()
        };
        let is_changed = |(name, stamp_then): &(String, Stamp)| {
            stamp(&root.join(name)).ok() != Some(*stamp_then)
        };
        let changed = seen.into_iter().filter(is_changed);
        let changed: Vec<String> = changed.map(|(name, _)| name).collect();
        let mut known = self.0.lock();
        for name in &changed {
            known.remove(name);
        }
        changed
    }
}

fn stamp(path: &Path) -> std::io::Result<Stamp> {
    let metadata = std::fs::metadata(path)?;
    Ok(Stamp {
        bytes: metadata.len(),
        modified: metadata.modified().ok(),
    })
}

fn within(root: &Path, name: &str) -> Result<PathBuf, DataFileError> {
    let is_plain = |part| matches!(part, Component::Normal(_));
    match !name.is_empty() && Path::new(name).components().all(is_plain) {
        true => Ok(root.join(name)),
        false => Err(DataFileError::Outside(name.to_owned())),
    }
}

/// A digest of the JSON files in the shop's `data` and `content` folders: what nodes and restarts
/// of a shop share was made from the same files.
pub(crate) fn digest(root: &Path, store: &Path) -> u128 {
    let mut digest = xxhash_rust::xxh3::Xxh3::new();
    for folder in ["data", "content"] {
        add(&mut digest, &root.join(folder), store, 0);
    }
    digest.digest128()
}

fn add(digest: &mut xxhash_rust::xxh3::Xxh3, folder: &Path, store: &Path, depth: usize) {
    // A link may lead in circles.
    if depth > 8 || folder == store {
        return;
    }
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            add(digest, &path, store, depth + 1);
        } else if path.extension().is_some_and(|kind| kind == "json")
            && let Ok(bytes) = std::fs::read(&path)
        {
            digest.update(path.file_name().unwrap_or_default().as_encoded_bytes());
            digest.update(&(bytes.len() as u64).to_le_bytes());
            digest.update(&bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_outside_the_shop_is_not_read() {
        let files = DataFiles::default();
        for name in [
            "",
            "/etc/passwd",
            "../a.json",
            "data/../../a.json",
            "./a.json",
        ] {
            let read = files.read(Path::new("/nowhere"), name);
            let is_outside = matches!(read, Err(DataFileError::Outside(_)));
            assert!(is_outside || name == "./a.json", "{name}");
        }
    }

    #[test]
    fn a_changed_file_is_named_once_and_read_again() -> Result<(), Box<dyn std::error::Error>> {
        let root = tempfile::tempdir()?;
        let (files, path) = (DataFiles::default(), root.path().join("a.json"));
        std::fs::write(&path, "[1]")?;
        assert_eq!(*files.read(root.path(), "a.json")?, serde_json::json!([1]));
        assert!(files.changed(root.path()).is_empty());
        std::fs::write(&path, "[1, 2]")?;
        assert_eq!(files.changed(root.path()), ["a.json"]);
        assert!(files.changed(root.path()).is_empty());
        assert_eq!(
            *files.read(root.path(), "a.json")?,
            serde_json::json!([1, 2])
        );
        Ok(())
    }

    #[test]
    fn what_is_no_json_is_named_with_its_line() -> Result<(), Box<dyn std::error::Error>> {
        let root = tempfile::tempdir()?;
        std::fs::write(root.path().join("a.json"), "{\n  oops\n}")?;
        let error = DataFiles::default().read(root.path(), "a.json");
        let message = error
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(
            message.contains("a.json") && message.contains("line 2"),
            "{message}"
        );
        Ok(())
    }
}
