//! Changes of the catalogue, by whatever process: an import, a sale, a price or stock changed by
//! SQL. They are noticed by one number in the database, and what depends on the products that
//! changed is purged; the prewarm follows these purges.

use std::time::{Duration, Instant};

use crate::app::Shop;
use crate::prewarm::answers;
use crate::telemetry::with_causes;
use protium_cache::{Cache, Purge};
use protium_commerce::ProviderError;
use protium_commerce::sqlite::CatalogueState;
use protium_types::Tag;

/// Products that are purged one by one; beyond, everything is.
const MOST: usize = 1_000;
/// The time that a look at what changed has.
const TIME: Duration = Duration::from_secs(10);

/// What was seen of the catalogue last.
#[derive(Default)]
pub(crate) struct CatalogueWatcher {
    seen: Option<CatalogueState>,
}

impl CatalogueWatcher {
    /// Purges what is not any more as the catalogue is.
    pub async fn look(&mut self, shop: &Shop, cache: &Cache, now: &CatalogueState) {
        if self.seen.is_some_and(|seen| seen.changed == now.changed) {
            return;
        }
        match follow(shop, cache, self.seen.as_ref(), now).await {
            Ok(()) => self.seen = Some(*now),
            // It is tried again at the next look.
            Err(error) => tracing::debug!(
                error = with_causes(&error),
                "the catalogue does not say what changed"
            ),
        }
    }
}

async fn follow(
    shop: &Shop,
    cache: &Cache,
    seen: Option<&CatalogueState>,
    now: &CatalogueState,
) -> Result<(), ProviderError> {
    let file = shop.answers().and_then(answers::Answers::file);
    let from = match seen {
        Some(seen) => Some(seen.changed),
        // What was kept on disk, or by other nodes, is as old as the last look of the previous run
        // of this shop.
        None => file.and_then(answers::file::AnswerFile::changes),
    };
    match from {
        Some(from) if from == now.changed => {}
        Some(from) if from < now.changed => purge(shop, cache, from).await?,
        Some(_) => purge_all(shop, cache).await,
        // Pages of other nodes may be older than a change while no node was running.
        None => {
            cache
                .purge(&Purge::prefix(crate::page_cache::cached_page::KIND).soft())
                .await;
        }
    }
    if seen.is_some_and(|seen| seen.changed_everywhere != now.changed_everywhere) {
        cache.purge(&Purge::tag(Tag::catalogue())).await;
    }
    if let Some(file) = file {
        file.put_changes(now.changed);
    }
    Ok(())
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
