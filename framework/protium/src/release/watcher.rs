//! Notices that something below some folders has changed: by the system's notifications, or, where
//! it has none (as on some network drives), by looking again and again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout, timeout_at};

/// Between two looks, where there are no notifications, and where there are: a folder that is made
/// later has none.
const LOOK: Duration = Duration::from_millis(300);
const RARE_LOOK: Duration = Duration::from_secs(2);
/// Several changes count as one while they follow each other this closely, up to a limit.
const QUIET: Duration = Duration::from_millis(4);
const STORM: Duration = Duration::from_millis(200);

/// Watches folders.
pub(crate) struct Watcher {
    folders: Vec<PathBuf>,
    depth: RecursiveMode,
    changed: Arc<Notify>,
    notifications: Mutex<Option<Notifications>>,
}

struct Notifications {
    watcher: RecommendedWatcher,
    /// The folders that are watched, of those that exist.
    watched: Vec<PathBuf>,
}

impl Watcher {
    /// Watches these folders, whether or not they exist, and those below them.
    pub fn new(folders: Vec<PathBuf>) -> Watcher {
        Watcher::of(folders, RecursiveMode::Recursive)
    }

    /// Watches these folders, whether or not they exist, without those below them.
    pub fn shallow(folders: Vec<PathBuf>) -> Watcher {
        Watcher::of(folders, RecursiveMode::NonRecursive)
    }

    fn of(folders: Vec<PathBuf>, depth: RecursiveMode) -> Watcher {
        let changed = Arc::new(Notify::new());
        let tell = Arc::clone(&changed);
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // Reading a file is no change, and an error may stand for one.
            if !matches!(
                event,
                Ok(Event {
                    kind: EventKind::Access(_),
                    ..
                })
            ) {
                tell.notify_one();
            }
        });
        let notifications = match watcher {
            Ok(watcher) => Some(Notifications {
                watcher,
                watched: Vec::new(),
            }),
            Err(error) => {
                say_that_it_polls(&error);
                None
            }
        };
        let watcher = Watcher {
            folders,
            depth,
            changed,
            notifications: Mutex::new(notifications),
        };
        watcher.watch_new_folders();
        watcher
    }

    /// Resolves after a change, or when it is time to look for one.
    pub async fn changed(&self) {
        let pause = match *self.notifications.lock() {
            Some(_) => RARE_LOOK,
            None => LOOK,
        };
        if timeout(pause, self.changed.notified()).await.is_ok() {
            let end = Instant::now() + STORM;
            loop {
                let quiet = Instant::now() + QUIET;
                let next = timeout_at(quiet.min(end), self.changed.notified()).await;
                if next.is_err() {
                    break;
                }
            }
        }
        self.watch_new_folders();
    }

    /// Starts to watch folders that were made since.
    fn watch_new_folders(&self) {
        let mut notifications = self.notifications.lock();
        let Some(Notifications { watcher, watched }) = &mut *notifications else {
            return;
        };
        watched.retain(|folder| folder.is_dir());
        for folder in self.folders.iter().filter(|folder| folder.is_dir()) {
            if watched.contains(folder) {
                continue;
            }
            match watcher.watch(folder, self.depth) {
                Ok(()) => watched.push(folder.clone()),
                Err(error) => {
                    say_that_it_polls(&error);
                    *notifications = None;
                    return;
                }
            }
        }
    }
}

fn say_that_it_polls(error: &notify::Error) {
    tracing::warn!(%error, "the system does not notify of changed files: they are looked at often");
}

/// The folders of a shop whose files are a release, components left out.
pub(crate) fn folders(root: &Path) -> Vec<PathBuf> {
    ["templates", "messages", "static"]
        .map(|name| root.join(name))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_change_is_noticed_in_folders_that_are_there_and_in_one_that_is_made_later() {
        let root = tempfile::tempdir().expect("a directory");
        std::fs::create_dir_all(root.path().join("templates/pages")).expect("made");
        let watcher = Watcher::new(folders(root.path()));
        let noticed = async |path: &str| {
            std::fs::write(root.path().join(path), "x").expect("written");
            let noticed = watcher.changed.notified();
            timeout(Duration::from_secs(20), noticed).await.is_ok()
        };
        assert!(noticed("templates/pages/a.html").await);
        std::fs::create_dir(root.path().join("static")).expect("made");
        watcher.changed().await;
        assert!(noticed("static/a.css").await);
    }
}
