//! Changes of the catalogue, by whatever process: an import, a sale, a price or stock changed by
//! SQL. They are noticed by one number in the database, and what depends on the products that
//! changed is purged; the prewarm follows these purges.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use crate::app::Shop;
use crate::app::shop::Inner;
use crate::prewarm::answers;
use crate::telemetry::with_causes;
use protium_cache::{Cache, Purge};
use protium_commerce::ProviderError;
use protium_types::Tag;

/// How often the number is looked at: a read of one row.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// Products that are purged one by one; beyond, everything is.
const MOST: usize = 1_000;
/// The time that a look at what changed has.
const TIME: Duration = Duration::from_secs(10);

/// What was seen of the catalogue.
struct Seen {
    changes: i64,
    /// How many there were of what any page may show, such as collections.
    everywhere: i64,
}

/// Follows the catalogue for as long as the shop is open. When this returns, what was kept from
/// before is as new as the catalogue.
pub(crate) async fn start(shop: &Shop) {
    if let Some(cache) = shop.cache() {
        let mut seen = None;
        poll(shop, cache, &mut seen).await;
        let (shop, cache) = (Arc::downgrade(&shop.0), cache.clone());
        tokio::spawn(watch(shop, cache, seen));
    }
}

async fn watch(shop: Weak<Inner>, cache: Cache, mut seen: Option<Seen>) {
    loop {
        tokio::time::sleep(POLL_INTERVAL).await;
        let Some(shop) = shop.upgrade().map(Shop) else {
            return;
        };
        poll(&shop, &cache, &mut seen).await;
    }
}

async fn poll(shop: &Shop, cache: &Cache, seen: &mut Option<Seen>) {
    match step(shop, cache, seen.as_ref()).await {
        Ok(Some(now)) => *seen = Some(now),
        Ok(None) => {}
        // It is tried again at the next look.
        Err(error) => tracing::debug!(
            error = with_causes(&error),
            "the catalogue does not say what changed"
        ),
    }
}

/// One look. What was seen, when it is something new.
async fn step(
    shop: &Shop,
    cache: &Cache,
    seen: Option<&Seen>,
) -> Result<Option<Seen>, ProviderError> {
    let changes = shop.0.store.changed()?;
    if seen.is_some_and(|seen| seen.changes == changes) {
        return Ok(None);
    }
    let everywhere = shop.0.store.changed_everywhere()?;
    let file = shop.answers().and_then(answers::Answers::file);
    let from = match seen {
        Some(seen) => Some(seen.changes),
        // What was kept on disk, or by other nodes, is as old as the last look of the previous run
        // of this shop.
        None => file.and_then(answers::file::AnswerFile::changes),
    };
    match from {
        Some(from) if from == changes => {}
        Some(from) if from < changes => {
            // Lists that are made from here on have to be as the catalogue is.
            shop.0.filter.follow(&shop.0.store).await;
            purge(shop, cache, from).await?;
        }
        Some(_) => purge_all(shop, cache).await,
        // Pages of other nodes may be older than a change while no node was running.
        None => {
            cache
                .purge(&Purge::prefix(crate::page_cache::cached_page::KIND).soft())
                .await;
        }
    }
    if seen.is_some_and(|seen| seen.everywhere != everywhere) {
        cache.purge(&Purge::tag(Tag::catalogue())).await;
    }
    if let Some(file) = file {
        file.put_changes(changes);
    }
    Ok(Some(Seen {
        changes,
        everywhere,
    }))
}

/// Purges what depends on the products that changed.
async fn purge(shop: &Shop, cache: &Cache, from: i64) -> Result<(), ProviderError> {
    let until = Instant::now() + TIME;
    let store = &shop.0.store;
    let Some(products) = store.changes(until, from, MOST).await?.products else {
        purge_all(shop, cache).await;
        return Ok(());
    };
    let collections = store.collections_of(until, products.clone()).await?;
    for product in products {
        let tag = Tag::product(product);
        if let Some(answers) = shop.answers() {
            answers.forget(tag.as_str());
        }
        cache.purge(&Purge::tag(tag)).await;
    }
    // Their pages that show the product are purged already. On others its place may have changed.
    for (collection, _) in collections {
        cache
            .purge(&Purge::tag(Tag::collection(collection)).soft())
            .await;
    }
    Ok(())
}

async fn purge_all(shop: &Shop, cache: &Cache) {
    if let Some(answers) = shop.answers().cloned() {
        // A panic there is in the log, and what is left on disk is out of date soon.
        let _ = tokio::task::spawn_blocking(move || answers.clear()).await;
    }
    cache
        .purge(&Purge::prefix(crate::page_cache::cached_page::KIND))
        .await;
    cache.purge(&Purge::prefix(answers::KIND)).await;
}
