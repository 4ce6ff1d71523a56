//! The task that keeps the connection, and hears of the purges of other nodes.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError, RedisResult};

use super::link::{Link, within};
use super::scripts;
use super::store::purge_script;
use crate::cache::purge::{Purge, Scope};

/// Between two attempts to connect: at first, and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// A message may be lost: the book is looked at this often anyway.
const LOOK: Duration = Duration::from_secs(2);

/// What is done here when another node purged.
pub(super) type OnPurge = Arc<dyn Fn(&Purge) + Send + Sync>;

/// How far this node has read in the book of purges.
#[derive(Debug, PartialEq, Eq)]
struct Read {
    epoch: String,
    seq: u64,
}

pub(super) async fn keep(link: Arc<Link>, client: Client, on_purge: OnPurge) {
    let mut read = None;
    let mut pause = FIRST_PAUSE;
    loop {
        match hold(&link, &client, &on_purge, &mut read, &mut pause).await {
            Ok(()) => {}
            Err(error) => {
                tracing::debug!(%error, "no connection to the shared cache");
                link.lose(&error.to_string());
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// One connection, from the first word to the last. What was missed is made good before requests may use it.
async fn hold(
    link: &Link,
    client: &Client,
    on_purge: &OnPurge,
    read: &mut Option<Read>,
    pause: &mut Duration,
) -> RedisResult<()> {
    // Heard from before the book is read: no purge falls between.
    let mut messages = within(link, client.get_async_pubsub()).await?;
    within(link, messages.subscribe(link.shop_key("purges"))).await?;
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(link.config.time_out))
        .set_response_timeout(Some(link.config.time_out));
    let mut connection = within(
        link,
        client.get_multiplexed_async_connection_with_config(&config),
    )
    .await?;
    greet(link, &mut connection).await?;
    loop {
        while let Some(purge) = link.next_pending() {
            let seq: i64 = link
                .run(&mut connection, &purge_script(link, &purge))
                .await?;
            if seq < 0 {
                return Err(lost_book());
            }
            link.sent(&purge);
        }
        catch_up(link, &mut connection, on_purge, read).await?;
        if link.open(connection.clone()) {
            break;
        }
    }
    tracing::info!("the shared cache is there");
    *pause = FIRST_PAUSE;

    let mut messages = messages.on_message();
    loop {
        tokio::select! {
            message = messages.next() => {
                if message.is_none() {
                    link.lose("the connection for purges was closed");
                    return Ok(());
                }
            }
            () = tokio::time::sleep(LOOK) => {}
            () = link.broken.notified() => return Ok(()),
        }
        catch_up(link, &mut connection, on_purge, read).await?;
    }
}

/// Sees to it that the book was begun in this run of the server: one that comes from a snapshot may lack purges.
async fn greet(link: &Link, connection: &mut MultiplexedConnection) -> RedisResult<()> {
    let info: String = within(
        link,
        redis::cmd("INFO").arg("server").query_async(connection),
    )
    .await?;
    let run = info
        .lines()
        .find_map(|line| line.strip_prefix("run_id:"))
        .map(str::trim)
        .filter(|run| !run.is_empty())
        .ok_or_else(|| RedisError::from(std::io::Error::other("the server names no run_id")))?;
    let epoch = super::store::token()
        .ok_or_else(|| RedisError::from(std::io::Error::other("the system has no randomness")))?;
    let mut hello = scripts::HELLO.prepare_invoke();
    for what in ["gen", "pre", "log"] {
        hello.key(link.shop_key(what));
    }
    hello.arg(run).arg(epoch);
    let _: (String, u64) = link.run(connection, &hello).await?;
    Ok(())
}

/// Does what other nodes purged since the last look. When that cannot be known, everything goes.
async fn catch_up(
    link: &Link,
    connection: &mut MultiplexedConnection,
    on_purge: &OnPurge,
    read: &mut Option<Read>,
) -> RedisResult<()> {
    let last = read.as_ref().map_or(0, |read| read.seq);
    let mut since = scripts::SINCE.prepare_invoke();
    since
        .key(link.shop_key("gen"))
        .key(link.shop_key("log"))
        .arg(last);
    let reply: Vec<String> = link.run(connection, &since).await?;
    let [epoch, seq, purges @ ..] = reply.as_slice() else {
        return Err(lost_book());
    };
    if epoch.is_empty() {
        return Err(lost_book());
    }
    let now = Read {
        epoch: epoch.clone(),
        seq: seq.parse().map_err(|_| lost_book())?,
    };
    let is_known = read
        .as_ref()
        .is_some_and(|read| read.epoch == now.epoch && read.seq <= now.seq);
    if is_known {
        for purge in purges.chunks_exact(4) {
            if purge[3] == link.node {
                continue;
            }
            let scope = match purge[0].as_str() {
                "tag" => Scope::Tag(purge[2].clone()),
                "prefix" => Scope::Prefix(purge[2].clone()),
                _ => Scope::All,
            };
            let soft = purge[1] == "1";
            on_purge(&Purge { scope, soft });
        }
    } else {
        on_purge(&Purge::all());
    }
    *read = Some(now);
    Ok(())
}

fn lost_book() -> RedisError {
    RedisError::from(std::io::Error::other("the server lost the book of purges"))
}
