//! Development: a release after every change of a file. A change of templates, messages and static
//! files is seen by the next request. One of the components' sources takes over once they are
//! compiled; what cannot be used is shown in place of every page, until it is mended.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use parking_lot::RwLock;
use tokio::sync::Mutex;

use super::build;
use crate::app::Shop;
use crate::app::shop::Inner;
use crate::http::error::HttpError;
use crate::telemetry::with_causes;

/// Between two looks at the components' sources.
const LOOK: Duration = Duration::from_millis(300);
/// How deep folders are looked into, and the most files that are looked at.
const DEPTH: usize = 12;
const MOST: usize = 20_000;
/// Folders of the components that are no sources.
const OUTPUT: [&str; 2] = ["dist", "node_modules"];

/// What was seen of a shop's files.
pub(crate) struct Watched {
    /// Templates, messages and static files, as they are in the current release.
    files: Mutex<Stamp>,
    /// Why the files as they are now cannot be a release.
    trouble: RwLock<Trouble>,
}

#[derive(Default)]
struct Trouble {
    files: Option<String>,
    components: Option<String>,
}

/// Path, time and length of each file: what tells that something changed.
type Stamp = Vec<(PathBuf, Option<SystemTime>, u64)>;

impl Watched {
    /// The files in a shop's directory, which the first release is about to be made from.
    pub fn new(root: &Path) -> Watched {
        Watched {
            files: Mutex::new(files(root)),
            trouble: RwLock::default(),
        }
    }

    /// Why pages cannot be shown; `None` when they can be.
    pub fn trouble(&self) -> Option<HttpError> {
        let trouble = self.trouble.read();
        let cause = trouble.files.as_ref().or(trouble.components.as_ref())?;
        Some(HttpError::internal(cause))
    }
}

impl Shop {
    /// Lets a new release take over when templates, messages or static files have changed.
    pub(crate) async fn follow_files(&self) {
        let Some(watched) = &self.0.watched else {
            return;
        };
        let mut seen = watched.files.lock().await;
        let now = files(&self.0.sources.root);
        if *seen == now {
            return;
        }
        *seen = now;
        let before = self.release();
        let host = before.pages.host().clone();
        let built = self.rebuild(Some(host)).await;
        watched.trouble.write().files = built.err();
    }

    async fn rebuild(&self, host: Option<protium_wasm::Host>) -> Result<(), String> {
        let releases = &self.0.releases;
        let _building = releases.building.lock().await;
        let (number, before) = (releases.next_number(), releases.current());
        let sources = Arc::clone(&self.0.sources);
        let built = build::build(sources, number, Some(before), host).await;
        match built {
            Ok(release) => {
                releases.swap(Arc::new(release));
                Ok(())
            }
            Err(error) => {
                let error = with_causes(&error);
                tracing::error!(error, "the files as they are now cannot be used");
                Err(error)
            }
        }
    }
}

/// Compiles the components again when their sources change, for as long as the shop is open.
pub(crate) fn follow_components(shop: &Shop) {
    let (directory, _) = protium_wasm::module_and_package(&shop.config().components);
    tokio::spawn(follow(Arc::downgrade(&shop.0), directory));
}

async fn follow(shop: Weak<Inner>, directory: PathBuf) {
    let look = || {
        let directory = directory.clone();
        tokio::task::spawn_blocking(move || {
            let is_source = |name: &str| {
                let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
                matches!(ending, "go" | "mod" | "sum")
            };
            stamp(&directory, &is_source)
        })
    };
    let Ok(mut seen) = look().await else { return };
    loop {
        tokio::time::sleep(LOOK).await;
        let Ok(now) = look().await else { return };
        let Some(shop) = shop.upgrade().map(Shop) else {
            return;
        };
        if now == seen {
            continue;
        }
        seen = now;
        tracing::info!("the components' sources changed: they are compiled");
        let built = shop.rebuild(None).await;
        if built.is_ok() {
            tracing::info!("the components are as their sources are");
        }
        if let Some(watched) = &shop.0.watched {
            watched.trouble.write().components = built.err();
        }
    }
}

/// The templates, messages and static files of a shop.
fn files(root: &Path) -> Stamp {
    let mut all = stamp(&root.join("templates"), &|name| name.ends_with(".html"));
    all.extend(stamp(&root.join("messages"), &|name| {
        name.ends_with(".json")
    }));
    all.extend(stamp(&root.join("static"), &|_| true));
    all
}

/// The files in a folder and those below it, sorted. What cannot be read is not there: who reads it
/// to use it says why.
fn stamp(folder: &Path, is_wanted: &dyn Fn(&str) -> bool) -> Stamp {
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
