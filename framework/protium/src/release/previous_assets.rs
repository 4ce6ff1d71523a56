//! Scripts, styles and modules of previous builds. A tab that was opened before a release still
//! loads the files that its page names: from the data directory, where every release leaves its
//! files, or from the Redis that the shop's nodes share.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use moka::sync::Cache as Recent;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use tempfile::NamedTempFile;

use crate::http::assets::{Asset, Assets};
use protium_cache::{Cache, Policy};
use protium_types::private_files;

/// The directory in the data directory.
const DIRECTORY: &str = "assets";
/// How long a file is kept after the last start of a build that has it.
const KEPT: Duration = Duration::from_secs(30 * 86_400);
/// The most bytes that are kept; the oldest go first.
const ROOM: u64 = 128 << 20;
/// Files that are kept in memory, with their compressed forms.
const IN_MEMORY: u64 = 32;
/// How long a node waits for the server before it does without.
const CONNECT: Duration = Duration::from_secs(60);
/// Kinds of files without which an old page stands still.
const KINDS: [&str; 3] = [".css", ".js", ".wasm"];
/// Not asked for by revalidation: what has a hash in its address never changes.
const POLICY: Policy = Policy {
    fresh_for: KEPT,
    ..Policy::NONE
};

/// The files of previous builds.
pub struct PreviousAssets {
    directory: PathBuf,
    shared: Option<Cache>,
    found: Recent<String, Arc<Asset>>,
}

impl PreviousAssets {
    /// `shared`: what all builds of the shop have in common.
    pub fn new(data: &Path, shared: Option<Cache>) -> PreviousAssets {
        PreviousAssets {
            directory: data.join(DIRECTORY),
            shared,
            found: Recent::new(IN_MEMORY),
        }
    }

    /// Stores this build's files for later ones, and removes those that are too old.
    pub async fn remember(self: Arc<PreviousAssets>, assets: Arc<Assets>) {
        let files = assets
            .immutable()
            .into_iter()
            .filter(|(url, _)| KINDS.iter().any(|kind| url.ends_with(kind)));
        let files: Vec<(String, Bytes)> = files.collect();
        let (directory, on_disk) = (self.directory.clone(), files.clone());
        let written = tokio::task::spawn_blocking(move || {
            write(&directory, &on_disk).and_then(|()| sweep(&directory))
        });
        if let Ok(Err(error)) = written.await {
            tracing::warn!(%error, "this build's files could not be left for later ones");
        }
        if let Some(shared) = &self.shared {
            share(shared, files).await;
        }
    }

    /// The file at an address of a previous build.
    pub async fn find(&self, path: &str) -> Option<Arc<Asset>> {
        if path.len() > 200 || !KINDS.iter().any(|kind| path.ends_with(kind)) {
            return None;
        }
        let url = percent_decode_str(path).decode_utf8().ok()?.into_owned();
        if let Some(found) = self.found.get(&url) {
            return Some(found);
        }
        let body = match tokio::fs::read(self.directory.join(file_name(&url))).await {
            Ok(body) => Bytes::from(body),
            Err(_) => {
                let found = self.shared.as_ref()?.find::<Bytes>(&url).await?;
                Bytes::clone(&found.value)
            }
        };
        let asset = Arc::new(Asset::new(&url, body));
        self.found.insert(url, Arc::clone(&asset));
        Some(asset)
    }
}

/// Leaves the files for other nodes, once their server is there.
async fn share(shared: &Cache, files: Vec<(String, Bytes)>) {
    shared.connected(CONNECT).await;
    for (url, body) in files {
        let load = move |_| async { Ok::<_, std::convert::Infallible>(body) };
        // Without the server there is the directory.
        let _ = shared
            .get_or_load::<Bytes, _, _, _>(&url, POLICY, load)
            .await;
    }
}

/// An address as the name of a file: nothing in it leads anywhere.
fn file_name(url: &str) -> String {
    utf8_percent_encode(url, NON_ALPHANUMERIC).to_string()
}

fn write(directory: &Path, files: &[(String, Bytes)]) -> std::io::Result<()> {
    private_files::create_dir_all(directory)?;
    for (url, body) in files {
        let path = directory.join(file_name(url));
        match std::fs::File::options().append(true).open(&path) {
            Ok(file) if file.metadata()?.len() == body.len() as u64 => {
                file.set_modified(SystemTime::now())?;
            }
            _ => {
                let mut file = NamedTempFile::new_in(directory)?;
                file.write_all(body)?;
                file.persist(&path)?;
            }
        }
    }
    Ok(())
}

/// Removes files that no build had for long, and the oldest of too many.
fn sweep(directory: &Path) -> std::io::Result<()> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let about = entry.metadata()?;
        files.push((about.modified()?, about.len(), entry.path()));
    }
    files.sort_by_key(|(used, ..)| std::cmp::Reverse(*used));
    let mut bytes = 0;
    for (used, length, path) in files {
        bytes += length;
        let age = used.elapsed().unwrap_or_default();
        if bytes > ROOM || age > KEPT {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_build_had_for_long_goes_and_what_is_in_use_stays() {
        let dir = tempfile::tempdir().expect("a directory");
        let files = [
            ("/static/old.css".to_owned(), Bytes::from("old")),
            ("/static/new.css".to_owned(), Bytes::from("new")),
        ];
        write(dir.path(), &files).expect("written");
        let old = dir.path().join(file_name("/static/old.css"));
        let long_ago = SystemTime::now() - KEPT - Duration::from_secs(60);
        let set = |path: &Path| {
            let file = std::fs::File::options().append(true).open(path);
            file.and_then(|file| file.set_modified(long_ago))
                .expect("set");
        };
        set(&old);
        write(dir.path(), &files[..1]).expect("written");
        sweep(dir.path()).expect("swept");
        assert!(old.is_file(), "its build was started again");
        set(&old);
        sweep(dir.path()).expect("swept");
        assert!(!old.exists());
        assert!(dir.path().join(file_name("/static/new.css")).is_file());
    }

    #[tokio::test]
    async fn nothing_outside_the_directory_is_found() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("secret.js"), "secret").expect("written");
        let previous = PreviousAssets::new(dir.path(), None);
        std::fs::create_dir(dir.path().join(DIRECTORY)).expect("made");
        for path in [
            "/../secret.js",
            "../secret.js",
            "%2e%2e%2fsecret.js",
            "/%00.js",
        ] {
            assert!(previous.find(path).await.is_none(), "{path}");
        }
    }
}
