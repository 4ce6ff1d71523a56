//! Keeps a shop's filter as new as its catalogue.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use crate::app::Shop;
use crate::app::catalogue_filter::Followed;
use crate::app::shop::Inner;
use crate::page_cache::cached_page::KIND;
use protium_cache::Purge;

/// How often the catalogue is asked whether it has changed: a read of one row.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// After columns were made, none are made for so many times as long as that took.
const PAUSE: u32 = 3;
/// When a filter could not be made, the next one is tried after this time.
const RETRY: Duration = Duration::from_secs(60);

/// Keeps the filter as new as the catalogue, for as long as the shop is open.
pub(crate) fn start(shop: &Shop) {
    tokio::spawn(keep(Arc::downgrade(&shop.0)));
}

async fn keep(shop: Weak<Inner>) {
    let mut not_before = Instant::now();
    loop {
        {
            let Some(shop) = shop.upgrade().map(Shop) else {
                return;
            };
            step(&shop, &mut not_before).await;
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

async fn step(shop: &Shop, not_before: &mut Instant) {
    let filter = &shop.0.filter;
    let store = &shop.0.store;
    let done = match filter.try_to_follow(store).await {
        Ok(Followed::Outdated) if Instant::now() >= *not_before => {
            let began = Instant::now();
            let built = filter.build(store).await;
            let pause = match built {
                Ok(()) => (began.elapsed() * PAUSE).max(POLL_INTERVAL * 10),
                Err(_) => RETRY,
            };
            *not_before = Instant::now() + pause;
            if let (Ok(()), Some(cache)) = (&built, shop.cache()) {
                // Lists that were made meanwhile are as the filter before this one had them.
                let lists = Purge::prefix(format!("{KIND}/collections/"));
                cache.purge(&lists.soft()).await;
            }
            built
        }
        Ok(Followed::Outdated | Followed::UpToDate) => Ok(()),
        Err(problem) => Err(problem),
    };
    if let Err(problem) = done {
        filter.failed(&problem);
    }
}
