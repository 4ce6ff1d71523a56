//! Development: a release after every change of a file. A change of templates, messages and static
//! files is seen by the next request. One of the components' sources takes over once they are
//! compiled; what cannot be used is shown in place of every page, until it is mended.

use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::build;
use super::watched::{files, stamp};
use crate::app::Shop;
use crate::app::shop::Inner;
use crate::telemetry::with_causes;

/// Between two looks at the components' sources.
const POLL_INTERVAL: Duration = Duration::from_millis(300);
impl Shop {
    /// Lets a new release take over when templates, messages or static files have changed.
    pub(crate) async fn reload_changed_files(&self) {
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
        watched.failures.write().files = built.err();
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
pub(crate) fn watch_components(shop: &Shop) {
    let (directory, _) = protium_wasm::module_and_package(&shop.config().components);
    tokio::spawn(watch(Arc::downgrade(&shop.0), directory));
}

async fn watch(shop: Weak<Inner>, directory: PathBuf) {
    let read_stamps = || {
        let directory = directory.clone();
        tokio::task::spawn_blocking(move || {
            let is_source = |name: &str| {
                let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
                matches!(ending, "go" | "mod" | "sum")
            };
            stamp(&directory, &is_source)
        })
    };
    let Ok(mut seen) = read_stamps().await else {
        return;
    };
    loop {
        tokio::time::sleep(POLL_INTERVAL).await;
        let Ok(now) = read_stamps().await else { return };
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
            watched.failures.write().components = built.err();
        }
    }
}
