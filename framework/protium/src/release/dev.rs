//! Development: a release after every change of a file. A change of templates, messages and static
//! files is seen by the next request. One of the components' sources takes over once they are
//! compiled; what cannot be used is shown in place of every page, until it is mended. Pages that
//! are open are told of all that.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::build;
use super::dev_error;
use super::live::LiveState;
use super::watched::{BuildFailure, Stamp, Watched, files, stamp};
use super::watcher::{self, Watcher};
use crate::app::Shop;
use crate::app::shop::Inner;
use crate::app::start_error::StartError;
use crate::telemetry::with_causes;
use protium_wasm::Host;

/// How often files that are written to meanwhile are read again, and the pause before.
const READS: usize = 20;
const PAUSE: Duration = Duration::from_millis(15);

impl Shop {
    /// Lets a new release take over when templates, messages or static files have changed.
    pub(crate) async fn reload_changed_files(&self) {
        let Some(watched) = &self.0.watched else {
            return;
        };
        let mut seen = watched.files.lock().await;
        let root = &self.0.sources.root;
        for _ in 0..READS {
            let now = files(root);
            if *seen == now {
                return;
            }
            let host = self.release().pages.host().clone();
            match self.rebuild(host, || files(root) == now).await {
                Some(built) => {
                    *seen = now;
                    watched.failures.write().files = built.err();
                    self.tell_pages(watched);
                    return;
                }
                None => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// Lets a release with these components take over. `None`, and the one before stays, when the
    /// files are others by now: one that was written to may have been read half.
    async fn rebuild(
        &self,
        host: Host,
        is_current: impl Fn() -> bool,
    ) -> Option<Result<(), BuildFailure>> {
        let releases = &self.0.releases;
        let _building = releases.building.lock().await;
        let (number, before) = (releases.next_number(), releases.current());
        let sources = Arc::clone(&self.0.sources);
        let built = build::build(sources, number, Some(before), Some(host)).await;
        is_current().then(|| match built {
            Ok(release) => {
                releases.swap(Arc::new(release));
                Ok(())
            }
            Err(error) => Err(self.failure(&error)),
        })
    }

    fn failure(&self, error: &StartError) -> BuildFailure {
        let text = with_causes(error);
        tracing::error!(error = text, "the files as they are now cannot be used");
        let errors = dev_error::of_build(&self.0.sources.root, error);
        BuildFailure { text, errors }
    }

    /// Tells open pages what they are made from now, and what is wrong with it.
    fn tell_pages(&self, watched: &Watched) {
        let release = self.release();
        let mut errors = watched.errors();
        if let Some(broken) = release.pages.broken().all() {
            errors.extend(dev_error::of_templates(&self.0.sources.root, &broken));
        }
        watched.pages.tell(LiveState::new(&release, errors));
    }
}

/// Watches the files of a shop in development for as long as it is open.
pub(crate) fn watch(shop: &Shop) {
    if let Some(watched) = &shop.0.watched {
        shop.tell_pages(watched);
        let (directory, _) = protium_wasm::module_and_package(&shop.config().components);
        tokio::spawn(watch_files(Arc::downgrade(&shop.0), shop.0.root.clone()));
        tokio::spawn(watch_components(Arc::downgrade(&shop.0), directory));
    }
}

async fn watch_files(shop: Weak<Inner>, root: PathBuf) {
    let watcher = Watcher::new(watcher::folders(&root));
    loop {
        watcher.changed().await;
        let Some(shop) = shop.upgrade().map(Shop) else {
            return;
        };
        shop.reload_changed_files().await;
    }
}

/// Compiles the components again when their sources change.
async fn watch_components(shop: Weak<Inner>, directory: PathBuf) {
    let Some(mut seen) = sources(&directory).await else {
        return;
    };
    let watcher = Watcher::new(vec![directory.clone()]);
    loop {
        watcher.changed().await;
        let Some(shop) = shop.upgrade().map(Shop) else {
            return;
        };
        let (Some(now), Some(watched)) = (sources(&directory).await, &shop.0.watched) else {
            return;
        };
        if now == seen {
            continue;
        }
        seen = now;
        tracing::info!("the components' sources changed: they are compiled");
        let started = Instant::now();
        let built = shop.with_new_components().await;
        if built.is_ok() {
            let milliseconds = started.elapsed().as_millis() as u64;
            tracing::info!(milliseconds, "the components are as their sources are");
        }
        watched.failures.write().components = built.err();
        shop.tell_pages(watched);
    }
}

impl Shop {
    /// Compiles the components, while requests and other changes go on.
    async fn with_new_components(&self) -> Result<(), BuildFailure> {
        let before = self.release();
        let host = build::current_components(&self.0.sources, Some(&before)).await;
        let host = host.map_err(|error| self.failure(&error))?;
        self.rebuild(host, || true).await.unwrap_or(Ok(()))
    }
}

/// The components' sources as they are; `None` when that cannot be known any more.
async fn sources(directory: &Path) -> Option<Stamp> {
    let directory = directory.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        stamp(&directory, &|name| {
            let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
            matches!(ending, "go" | "mod" | "sum")
        })
    });
    read.await.ok()
}
