//! Makes a shop's filter anew when the catalogue has changed by more than the filter can follow.

use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::app::Shop;
use crate::page_cache::cached_page::KIND;
use protium_cache::Purge;

/// The shortest pause after columns were made.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// After columns were made, none are made for so many times as long as that took.
const PAUSE: u32 = 3;
/// When a filter could not be made, the next one is tried after this time.
const RETRY: Duration = Duration::from_secs(60);

/// Makes one filter at a time.
#[derive(Default)]
pub(crate) struct FilterKeeper {
    /// Makes a filter, and ends when there may be another one.
    making: Option<JoinHandle<()>>,
}

impl FilterKeeper {
    /// Begins to make the filter anew, unless that is being done or was done just now.
    pub fn make(&mut self, shop: &Shop) {
        if self.making.as_ref().is_none_or(JoinHandle::is_finished) {
            let shop = shop.clone();
            self.making = Some(tokio::spawn(async move {
                let pause = make(&shop).await;
                drop(shop);
                tokio::time::sleep(pause).await;
            }));
        }
    }
}

/// Makes the filter; how long to wait before the next one.
async fn make(shop: &Shop) -> Duration {
    let filter = &shop.0.filter;
    let began = Instant::now();
    if let Err(problem) = filter.build(&shop.0.store).await {
        filter.failed(&problem);
        return RETRY;
    }
    let pause = (began.elapsed() * PAUSE).max(SHORTEST_PAUSE);
    if let Some(cache) = shop.cache() {
        // Lists that were made meanwhile are as the filter before this one had them.
        let lists = Purge::prefix(format!("{KIND}/collections/"));
        cache.purge(&lists.soft()).await;
    }
    pause
}
