//! What development has seen of a shop's files: enough to notice that something changed; and what
//! open pages are told of it.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use parking_lot::RwLock;
use tokio::sync::Mutex;

use super::dev_error::DevError;
use super::live::LivePages;
use crate::http::error::HttpError;

/// How deep folders are looked into, and the most files that are looked at.
const DEPTH: usize = 12;
const MOST: usize = 20_000;
/// Folders of the components that are no sources.
const OUTPUT: [&str; 2] = ["dist", "node_modules"];

/// What was seen of a shop's files.
pub(crate) struct Watched {
    /// Templates, messages and static files, as they are in the current release.
    pub files: Mutex<Stamp>,
    /// Why the files as they are now cannot be a release.
    pub failures: RwLock<BuildFailures>,
    /// The pages that are open.
    pub pages: LivePages,
}

/// Why pages cannot be shown.
#[derive(Default)]
pub(crate) struct BuildFailures {
    pub files: Option<BuildFailure>,
    pub components: Option<BuildFailure>,
}

/// Why there is no release of the files as they are.
#[derive(Clone)]
pub(crate) struct BuildFailure {
    /// As in the log.
    pub text: String,
    /// As open pages show it.
    pub errors: Vec<DevError>,
}

impl BuildFailures {
    fn all(&self) -> impl Iterator<Item = &BuildFailure> {
        self.files.iter().chain(&self.components)
    }
}

/// Path, time and length of each file: a change of any is a change of the files.
pub(crate) type Stamp = Vec<(PathBuf, Option<SystemTime>, u64)>;

impl Watched {
    /// The files in a shop's directory, which the first release is about to be made from.
    pub fn new(root: &Path) -> Watched {
        Watched {
            files: Mutex::new(files(root)),
            failures: RwLock::default(),
            pages: LivePages::new(),
        }
    }

    /// Why pages cannot be shown; `None` when they can be.
    pub fn failure(&self) -> Option<HttpError> {
        let failures = self.failures.read();
        let failure = failures.all().next()?;
        Some(HttpError::internal(&failure.text))
    }

    /// What is wrong with the files, but for errors in templates of the current release.
    pub fn errors(&self) -> Vec<DevError> {
        let failures = self.failures.read();
        failures.all().flat_map(|one| one.errors.clone()).collect()
    }
}

/// The templates, messages and static files of a shop.
pub(crate) fn files(root: &Path) -> Stamp {
    let mut all = stamp(&root.join("templates"), &|name| name.ends_with(".html"));
    all.extend(stamp(&root.join("messages"), &|name| {
        name.ends_with(".json")
    }));
    all.extend(stamp(&root.join("static"), &|_| true));
    all
}

/// The files in a folder and those below it, sorted. What cannot be read is not there: who reads it
/// to use it says why.
pub(crate) fn stamp(folder: &Path, is_wanted: &dyn Fn(&str) -> bool) -> Stamp {
    let mut stamp = Stamp::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else {
                continue;
            };
            let Ok(about) = entry.metadata() else {
                continue;
            };
            if about.is_dir() {
                if depth < DEPTH && !OUTPUT.contains(&name) {
                    folders.push((entry.path(), depth + 1));
                }
            } else if is_wanted(name) && stamp.len() < MOST {
                stamp.push((entry.path(), about.modified().ok(), about.len()));
            }
        }
    }
    stamp.sort();
    stamp
}
