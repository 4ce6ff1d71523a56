//! Purges the pages that were made from a data file within a second of its change.

use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::app::Shop;
use crate::app::data_files;
use crate::app::shop::Inner;
use protium_cache::Purge;

/// How often files are looked at.
const LOOK: Duration = Duration::from_millis(500);

/// Watches the files for as long as the shop is open.
pub(crate) fn start(shop: &Shop) {
    if shop.cache().is_some() {
        tokio::spawn(watch(Arc::downgrade(&shop.0)));
    }
}

async fn watch(shop: Weak<Inner>) {
    loop {
        tokio::time::sleep(LOOK).await;
        let Some(shop) = shop.upgrade().map(Shop) else {
            return;
        };
        let looking = shop.clone();
        let look = move || looking.0.data_files.changed(&looking.0.root);
        // A panic there is in the log; the next look is soon.
        let changed = tokio::task::spawn_blocking(look).await.unwrap_or_default();
        for name in changed {
            if let Some(cache) = shop.cache() {
                cache.purge(&Purge::tag(data_files::tag(&name))).await;
            }
        }
    }
}
