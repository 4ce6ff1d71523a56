//! A private directory of artifacts. A file is found by a key of all its inputs, and ends with a
//! digest, so that a damaged or foreign file is rebuilt; it is created by renaming, and therefore
//! always complete.

use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempDir};

use super::error::ArtifactError;
use protium_types::hex;
use protium_types::private_files;

const DIGEST: usize = 32;
/// The number of artifacts of one kind that are kept, for going back after an edit or two.
const KEPT: usize = 8;
/// A temporary file of this age was left by a process that ended.
const ABANDONED: Duration = Duration::from_secs(3600);

/// The inputs of an artifact: equal keys mean equal artifacts.
#[derive(Clone)]
pub(crate) struct Key {
    kind: &'static str,
    digest: Sha256,
}

impl Key {
    /// The key of an artifact of this kind, made by this version of its stage.
    pub fn new(kind: &'static str, version: u32) -> Key {
        Key {
            kind,
            digest: Sha256::new(),
        }
        .part(kind.as_bytes())
        .part(&version.to_le_bytes())
    }

    /// Adds an input.
    pub fn part(mut self, bytes: &[u8]) -> Key {
        self.digest.update((bytes.len() as u64).to_le_bytes());
        self.digest.update(bytes);
        self
    }

    /// Adds an input by its `Hash`.
    pub fn hashed(self, value: impl Hash) -> Key {
        let mut hasher = ShaHasher(Sha256::new());
        value.hash(&mut hasher);
        let digest = hasher.0.finalize();
        self.part(&digest)
    }

    fn finish(self) -> Name {
        let digest: [u8; DIGEST] = self.digest.finalize().into();
        Name {
            kind: self.kind,
            digest,
        }
    }
}

/// Feeds a `Hash` into SHA-256, since the 64 bits of a hash map's hasher are too few for a key.
struct ShaHasher(Sha256);

impl Hasher for ShaHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest: [u8; DIGEST] = self.0.clone().finalize().into();
        digest
            .iter()
            .take(8)
            .fold(0, |all, byte| all << 8 | u64::from(*byte))
    }
}

struct Name {
    kind: &'static str,
    digest: [u8; DIGEST],
}

impl Name {
    fn file(&self) -> String {
        format!("{}-{}", self.kind, hex(&self.digest))
    }

    /// The digest at the end of the file: of content and name, so that a file under another name is
    /// rejected.
    fn seal(&self, content: &[u8]) -> [u8; DIGEST] {
        Sha256::new()
            .chain_update(self.digest)
            .chain_update(content)
            .finalize()
            .into()
    }
}

/// The directory.
#[derive(Clone)]
pub(super) struct Cache {
    directory: Arc<Path>,
}

impl Cache {
    /// Opens the directory, and creates it if it is missing. Refuses one that others have access
    /// to.
    pub fn open(directory: &Path) -> Result<Cache, ArtifactError> {
        make_private(directory).map_err(|source| ArtifactError::Cache {
            path: directory.to_owned(),
            source,
        })?;
        let directory = directory
            .canonicalize()
            .map_err(|source| ArtifactError::Cache {
                path: directory.to_owned(),
                source,
            })?;
        let cache = Cache {
            directory: directory.into(),
        };
        cache.check_private()?;
        Ok(cache)
    }

    #[cfg(unix)]
    fn check_private(&self) -> Result<(), ArtifactError> {
        use std::os::unix::fs::MetadataExt;
        let failed = |source| self.failed(&self.directory, source);
        let problem = |problem| ArtifactError::CacheNotPrivate {
            path: self.directory.to_path_buf(),
            problem,
        };
        let directory = fs::metadata(&self.directory).map_err(failed)?;
        if directory.mode() & 0o077 != 0 {
            return Err(problem("can be entered by others"));
        }
        // Creating a file shows this process's user, and that it may write here.
        let probe = self.temporary("owner").map_err(failed)?;
        let owner = probe.as_file().metadata().map_err(failed)?;
        if owner.uid() != directory.uid() {
            return Err(problem("belongs to another user"));
        }
        Ok(())
    }

    #[cfg(not(unix))]
    fn check_private(&self) -> Result<(), ArtifactError> {
        Ok(())
    }

    /// The artifact of this key: from the directory, or made by `make` and stored. Of several
    /// processes that need it concurrently, one makes it and the others wait.
    pub fn get_or_make<E: From<ArtifactError>>(
        &self,
        key: Key,
        make: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, E> {
        let name = key.finish();
        if let Some(content) = self.get(&name) {
            return Ok(content);
        }
        let path = self.directory.join(format!("{}.lock", name.kind));
        let failed = |source| self.failed(&path, source);
        let file = private_files::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        let mut lock = fd_lock::RwLock::new(file);
        if matches!(lock.try_write(), Err(error) if error.kind() == io::ErrorKind::WouldBlock) {
            tracing::info!(
                artifact = name.kind,
                "waiting for another process that makes it"
            );
        }
        let _held = lock.write().map_err(failed)?;
        if let Some(content) = self.get(&name) {
            return Ok(content);
        }
        let started = Instant::now();
        let content = make()?;
        let milliseconds = started.elapsed().as_millis() as u64;
        tracing::debug!(artifact = name.kind, milliseconds, "made");
        self.keep(&name, &content);
        Ok(content)
    }

    /// Stores an artifact. Without it the work goes on: a full disk costs time, and no more.
    fn keep(&self, name: &Name, content: &[u8]) {
        match self.put(name, content) {
            Ok(()) => self.prune(name.kind),
            Err(error) => tracing::warn!(
                artifact = name.kind,
                directory = %self.directory.display(),
                %error,
                "the artifact cannot be stored, and is made again at the next start"
            ),
        }
    }

    /// The artifact of this key, if there is one.
    pub fn find(&self, key: Key) -> Option<Vec<u8>> {
        self.get(&key.finish())
    }

    /// Stores what `make` returns after this time, on a thread of its own. What cannot be stored is
    /// made again by the next process that needs it.
    pub fn keep_later<E: std::fmt::Display>(
        &self,
        key: Key,
        after: Duration,
        make: impl FnOnce() -> Result<Vec<u8>, E> + Send + 'static,
    ) {
        let (cache, name) = (self.clone(), key.finish());
        std::thread::spawn(move || {
            std::thread::sleep(after);
            match make() {
                Ok(content) => cache.keep(&name, &content),
                Err(error) => tracing::warn!(
                    artifact = name.kind,
                    %error,
                    "the artifact is not stored"
                ),
            }
        });
    }

    /// Removes the artifact of this key, so that it is made again.
    pub fn forget(&self, key: Key) {
        // A file that cannot be removed is overwritten when the artifact is made again.
        let _ = fs::remove_file(self.directory.join(key.finish().file()));
    }

    /// A temporary folder for a build, removed when the returned guard is dropped.
    pub fn scratch(&self) -> Result<TempDir, ArtifactError> {
        TempDir::with_prefix_in(".build-", &self.directory)
            .map_err(|source| self.failed(&self.directory, source))
    }

    fn get(&self, name: &Name) -> Option<Vec<u8>> {
        let path = self.directory.join(name.file());
        let mut content = match fs::read(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(
                    artifact = %path.display(), %error,
                    "the artifact cannot be read and is rebuilt"
                );
                return None;
            }
        };
        let body = content.len().saturating_sub(DIGEST);
        let sealed = content
            .split_at_checked(body)
            .is_some_and(|(body, seal)| seal == name.seal(body));
        if !sealed {
            tracing::warn!(
                artifact = %path.display(),
                "the artifact is damaged or foreign and is rebuilt"
            );
            return None;
        }
        content.truncate(body);
        Some(content)
    }

    fn put(&self, name: &Name, content: &[u8]) -> io::Result<()> {
        let mut file = self.temporary(name.kind)?;
        file.write_all(content)?;
        file.write_all(&name.seal(content))?;
        file.persist(self.directory.join(name.file()))?;
        Ok(())
    }

    /// A file that is removed when it is dropped.
    fn temporary(&self, kind: &str) -> io::Result<NamedTempFile> {
        NamedTempFile::with_prefix_in(format!(".{kind}-"), &self.directory)
    }

    /// Removes the oldest artifacts of a kind, and files of ended processes. After a failure it is
    /// tried again next time.
    fn prune(&self, kind: &str) {
        let Ok(entries) = fs::read_dir(&self.directory) else {
            return;
        };
        let mut artifacts = Vec::new();
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(modified) = entry.metadata().and_then(|metadata| metadata.modified()) else {
                continue;
            };
            let is_of_kind = name
                .strip_prefix(kind)
                .and_then(|rest| rest.strip_prefix('-'))
                .is_some_and(|key| {
                    key.len() == 2 * DIGEST && key.bytes().all(|byte| byte.is_ascii_hexdigit())
                });
            if is_of_kind {
                artifacts.push((modified, entry.path()));
            } else if name.starts_with('.')
                && SystemTime::now()
                    .duration_since(modified)
                    .is_ok_and(|age| age > ABANDONED)
            {
                let _ = fs::remove_file(entry.path()).or_else(|_| fs::remove_dir_all(entry.path()));
            }
        }
        artifacts.sort_by(|a, b| b.cmp(a));
        for (_, path) in artifacts.into_iter().skip(KEPT) {
            let _ = fs::remove_file(path);
        }
    }

    fn failed(&self, path: &Path, source: io::Error) -> ArtifactError {
        ArtifactError::Cache {
            path: path.to_owned(),
            source,
        }
    }
}

fn make_private(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    if let Some(parent) = directory.parent()
        && !parent.as_os_str().is_empty()
    {
        fs::create_dir_all(parent)?;
    }
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(directory) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn key(of: &str) -> Key {
        Key::new("thing", 1).part(of.as_bytes())
    }

    fn only_file(cache: &Cache) -> PathBuf {
        let files: Vec<_> = fs::read_dir(&cache.directory)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files
            .into_iter()
            .find(|path| !path.to_string_lossy().ends_with(".lock"))
            .unwrap()
    }

    fn get(cache: &Cache, of: &str, make: &str) -> String {
        let made = cache
            .get_or_make(key(of), || Ok::<_, ArtifactError>(make.as_bytes().to_vec()))
            .unwrap();
        String::from_utf8(made).unwrap()
    }

    #[test]
    fn an_artifact_is_made_once_for_each_key() {
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::open(&directory.path().join("cache")).unwrap();
        assert_eq!(get(&cache, "a", "first"), "first");
        assert_eq!(get(&cache, "a", "second"), "first");
        assert_eq!(get(&cache, "b", "other"), "other");
    }

    #[test]
    fn a_damaged_or_foreign_file_is_made_anew() {
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::open(&directory.path().join("cache")).unwrap();
        get(&cache, "a", "first");
        let path = only_file(&cache);
        let whole = fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        flipped[0] ^= 1;
        let foreign = Key::new("thing", 2).finish();
        let foreign = [b"evil".as_slice(), &foreign.seal(b"evil")].concat();
        for (at, content) in [flipped, whole[..10].to_vec(), Vec::new(), foreign]
            .into_iter()
            .enumerate()
        {
            fs::write(&path, content).unwrap();
            let again = format!("again {at}");
            assert_eq!(get(&cache, "a", &again), again);
        }
    }

    #[test]
    fn of_many_who_want_an_artifact_one_makes_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cache");
        let made = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let cache = Cache::open(&path).unwrap();
                    cache
                        .get_or_make(key("a"), || {
                            made.fetch_add(1, Ordering::SeqCst);
                            std::thread::sleep(Duration::from_millis(20));
                            Ok::<_, ArtifactError>(vec![7; 1000])
                        })
                        .unwrap();
                });
            }
        });
        assert_eq!(made.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn only_the_newest_artifacts_of_a_kind_are_kept() {
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::open(&directory.path().join("cache")).unwrap();
        for at in 0..KEPT + 5 {
            get(&cache, &at.to_string(), "x");
        }
        let files = fs::read_dir(&cache.directory).unwrap().count();
        assert_eq!(files, KEPT + 1, "artifacts and the lock");
    }

    #[cfg(unix)]
    #[test]
    fn the_directory_is_private_or_refused() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep/cache");
        Cache::open(&path).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o700
        );
        fs::set_permissions(&path, fs::Permissions::from_mode(0o770)).unwrap();
        assert!(matches!(
            Cache::open(&path),
            Err(ArtifactError::CacheNotPrivate { .. })
        ));
        fs::write(directory.path().join("file"), "").unwrap();
        assert!(matches!(
            Cache::open(&directory.path().join("file/cache")),
            Err(ArtifactError::Cache { .. })
        ));
    }
}
