//! Counts the bytes of pages in the server when the sum is unknown: after the server lost its data,
//! after an older version of this program used it, or when the server evicted part of the sum. Also
//! removes pages of old epochs.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use redis::RedisResult;
use redis::aio::MultiplexedConnection;

use super::keys::Key;
use super::link::{Link, within};
use super::scripts;

/// The number of keys per step of the scan.
const STEP: usize = 500;
/// The time limit of the whole count.
const ALL: Duration = Duration::from_secs(120);
/// How long a counting node keeps the others from counting.
const ALONE_MS: u64 = 10_000;

/// Counts in the background.
pub(super) fn count_in_background(link: &Arc<Link>, connection: MultiplexedConnection) {
    let link = Arc::clone(link);
    tokio::spawn(async move {
        if let Err(error) = count(&link, connection).await {
            tracing::debug!(%error, "the pages in the shared cache could not be counted");
        }
    });
}

async fn count(link: &Link, mut connection: MultiplexedConnection) -> RedisResult<()> {
    let connection = &mut connection;
    let mut alone = redis::cmd("SET");
    alone
        .arg(link.shop_key("counting"))
        .arg(&link.node)
        .arg("NX")
        .arg("PX")
        .arg(ALONE_MS);
    // A server without free memory refuses the lock; then two nodes may count, which does no harm.
    let alone: RedisResult<Option<String>> =
        within(link.background_timeout(), alone.query_async(connection)).await;
    if matches!(alone, Ok(None)) {
        return Ok(());
    }
    let counted = count_all(link, connection).await;
    let mut ends = scripts::RELEASE.key(link.shop_key("counting"));
    let ends = link.run::<u8>(connection, ends.arg(&link.node)).await;
    counted.and(ends.map(|_| ()))
}

async fn count_all(link: &Link, connection: &mut MultiplexedConnection) -> RedisResult<()> {
    let knows_flag = link.limits.allows_oom.load(Ordering::Relaxed);
    let counted = ["gen", "order", "sizes"].map(|what| link.shop_key(what));
    let mut anew = scripts::COUNT_ANEW.of(knows_flag).prepare_invoke();
    anew.key(&counted[..]);
    if link.run::<u8>(connection, &anew).await? == 0 {
        return Ok(());
    }
    let until = Instant::now() + ALL;
    let mut cursor = 0_u64;
    loop {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor)
            .arg("MATCH")
            .arg(link.keys.all_of("entry"))
            .arg("COUNT")
            .arg(STEP);
        let (next, found): (u64, Vec<Vec<u8>>) =
            within(link.background_timeout(), scan.query_async(connection)).await?;
        let found = found
            .into_iter()
            .filter_map(|name| String::from_utf8(name).ok());
        let entries: Vec<Key> = found.filter_map(|name| link.keys.known(name)).collect();
        if !entries.is_empty() {
            let mut count = scripts::COUNT.of(knows_flag).prepare_invoke();
            count.key(&counted[..]).key(&entries[..]);
            link.run::<u8>(connection, &count).await?;
        }
        if next == 0 || Instant::now() >= until {
            return Ok(());
        }
        cursor = next;
    }
}
