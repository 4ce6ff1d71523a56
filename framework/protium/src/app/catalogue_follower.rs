//! Looks at the catalogue, again and again: whatever process changes it, the filter and the page
//! cache follow.

use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::app::Shop;
use crate::app::catalogue_filter::Followed;
use crate::app::filter_keeper::FilterKeeper;
use crate::app::shop::Inner;
use crate::page_cache::catalogue_watcher::CatalogueWatcher;
use crate::telemetry::with_causes;

/// How often the catalogue is looked at: a read of one row.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

#[derive(Default)]
struct Follower {
    keeper: FilterKeeper,
    watcher: CatalogueWatcher,
}

/// Follows the catalogue for as long as the shop is open. When this returns, what was kept from
/// before is as new as the catalogue.
pub(crate) async fn start(shop: &Shop) {
    let mut follower = Follower::default();
    follower.look(shop).await;
    tokio::spawn(follow(Arc::downgrade(&shop.0), follower));
}

async fn follow(shop: Weak<Inner>, mut follower: Follower) {
    loop {
        tokio::time::sleep(POLL_INTERVAL).await;
        let Some(shop) = shop.upgrade().map(Shop) else {
            return;
        };
        follower.look(&shop).await;
    }
}

impl Follower {
    async fn look(&mut self, shop: &Shop) {
        let store = &shop.0.store;
        let state = match store.state() {
            Ok(state) => state,
            // It is tried again at the next look.
            Err(error) => {
                let error = with_causes(&error);
                tracing::debug!(error, "the catalogue does not say whether it has changed");
                return;
            }
        };
        // Before pages are purged: what is made from here on has to be as the catalogue is.
        match shop.0.filter.follow(store, &state).await {
            Ok(Followed::UpToDate) => {}
            Ok(Followed::Outdated) => self.keeper.make(shop),
            Err(problem) => shop.0.filter.failed(&problem),
        }
        if let Some(cache) = shop.cache() {
            self.watcher.look(shop, cache, &state).await;
        }
    }
}
