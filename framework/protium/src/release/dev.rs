//! Development: a release after every change of a file. A change of templates, messages and static
//! files is seen by the next request. One of the components' sources takes over once they are
//! compiled; what cannot be used is shown in place of every page, until it is mended. Pages that
//! are open are told of all that.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::browser_runtime;
use super::build;
use super::dev_error;
use super::live::{Ahead, LiveState};
use super::sources::Sources;
use super::stamp::Stamp;
use super::watched::{BuildFailure, Watched};
use super::watcher::{self, Watcher};
use crate::app::Shop;
use crate::app::shop::Inner;
use crate::app::start_error::StartError;
use crate::http::assets;
use crate::telemetry::with_causes;
use protium_wasm::{BrowserModule, Host, Lane};

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
        let (root, started) = (&self.0.root, Instant::now());
        for _ in 0..READS {
            let now = Stamp::of_release(root);
            if now.is_as(&seen) {
                *seen = now;
                return;
            }
            if now.is_being_written() {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            let host = self.release().pages.host().clone();
            let is_current = || Stamp::of_release(root).is_as(&now);
            match self.rebuild(host, is_current).await {
                Some(built) => {
                    *seen = now;
                    watched.failures.write().files = built.err();
                    self.tell_pages(watched);
                    let microseconds = started.elapsed().as_micros() as u64;
                    tracing::debug!(microseconds, "the pages are as their files are");
                    return;
                }
                None => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// Makes releases from other sources from now on, and lets one take over.
    pub(crate) async fn replace_sources(&self, sources: Sources) {
        let Some(watched) = &self.0.watched else {
            return;
        };
        self.0.sources.store(Arc::new(sources));
        let host = self.release().pages.host().clone();
        let built = self.rebuild(host, || true).await;
        watched.failures.write().files = built.and_then(Result::err);
        self.tell_pages(watched);
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
        let sources = self.sources();
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
        let errors = dev_error::of_build(&self.0.root, error);
        BuildFailure { text, errors }
    }

    /// Tells open pages what they are made from now, and what is wrong with it.
    pub(crate) fn tell_pages(&self, watched: &Watched) {
        let release = self.release();
        let mut errors = watched.errors();
        if let Some(broken) = release.pages.broken().all() {
            errors.extend(dev_error::of_templates(&self.0.root, &broken));
        }
        let ahead = watched
            .ahead
            .read()
            .as_ref()
            .map(|(ahead, _)| ahead.clone());
        watched.pages.tell(LiveState::new(&release, ahead, errors));
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
        let is_same = now.is_as(&seen);
        seen = now;
        if is_same {
            continue;
        }
        tracing::info!("the components' sources changed: they are compiled");
        let started = Instant::now();
        let built = shop.with_new_components().await;
        if built.is_ok() {
            let milliseconds = started.elapsed().as_millis() as u64;
            tracing::info!(milliseconds, "the components are as their sources are");
        }
        watched.failures.write().components = built.err();
        *watched.ahead.write() = None;
        shop.tell_pages(watched);
    }
}

impl Shop {
    /// Compiles the components, while requests and other changes go on.
    async fn with_new_components(&self) -> Result<(), BuildFailure> {
        let before = self.release();
        let shop = self.clone();
        let announce = move |module: &BrowserModule, lane: Lane| shop.announce(module, lane);
        let host = build::current_components(&self.sources(), Some(&before), announce).await;
        let host = host.map_err(|error| self.failure(&error))?;
        self.rebuild(host, || true).await.unwrap_or(Ok(()))
    }
}

impl Shop {
    /// Open pages may go on in this module from now on.
    fn announce(&self, module: &BrowserModule, lane: Lane) {
        let Some(watched) = &self.0.watched else {
            return;
        };
        let asset = browser_runtime::module_asset(module).never_compressed();
        let ahead = Ahead {
            module: assets::hashed_url(assets::MODULE, &asset.hash()),
            lane: lane.name(),
        };
        *watched.ahead.write() = Some((ahead, Arc::new(asset)));
        self.tell_pages(watched);
    }
}

/// The components' sources as they are; `None` when that cannot be known any more.
async fn sources(directory: &Path) -> Option<Stamp> {
    let directory = directory.to_owned();
    let read = tokio::task::spawn_blocking(move || Stamp::of_components(&directory));
    read.await.ok()
}
