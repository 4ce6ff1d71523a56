//! The task that maintains the connection, and applies the purges of other nodes.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError, RedisResult};

use super::link::{Link, is_full, within};
use super::purge_script::purge_script;
use super::{page_bytes, scripts};
use crate::purge::{Purge, Scope};

/// The delay between two attempts to connect: initial and largest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// A notification may be lost, so the record of purges is also polled at this interval.
const LOOK: Duration = Duration::from_secs(2);
/// The interval after the server did not answer in time.
const AGAIN: Duration = Duration::from_millis(50);

/// What this node does for a purge of another node.
pub(super) type OnPurge = Arc<dyn Fn(&Purge) + Send + Sync>;

/// The last purge in the record that this node has applied.
#[derive(Debug, PartialEq, Eq)]
struct Read {
    epoch: String,
    seq: u64,
}

pub(super) async fn run(link: Arc<Link>, client: Client, on_purge: OnPurge) {
    let mut read = None;
    let mut pause = FIRST_PAUSE;
    loop {
        match maintain(&link, &client, &on_purge, &mut read, &mut pause).await {
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

/// One connection, from connecting to its end. Purges that were missed are applied before requests
/// may use it.
async fn maintain(
    link: &Arc<Link>,
    client: &Client,
    on_purge: &OnPurge,
    read: &mut Option<Read>,
    pause: &mut Duration,
) -> RedisResult<()> {
    let connect = link.background_timeout();
    // Subscribed before the record is read, so that no purge is lost in between.
    let mut messages = within(connect, client.get_async_pubsub()).await?;
    within(connect, messages.subscribe(link.shop_key("purges"))).await?;
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(connect))
        .set_response_timeout(Some(connect));
    let mut connection = within(
        connect,
        client.get_multiplexed_async_connection_with_config(&config),
    )
    .await?;
    let is_uncounted = check_server(link, &mut connection).await?;
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
    *pause = FIRST_PAUSE;
    if is_uncounted {
        page_bytes::count_in_background(link, connection.clone());
    }

    let mut messages = messages.on_message();
    let mut look = LOOK;
    loop {
        tokio::select! {
            message = messages.next() => {
                if message.is_none() {
                    link.lose("the connection for purges was closed");
                    return Ok(());
                }
            }
            () = tokio::time::sleep(look) => {}
            () = link.broken.notified() => return Ok(()),
            () = link.uncounted.notified() => {
                page_bytes::count_in_background(link, connection.clone());
                continue;
            }
        }
        let sent = Instant::now();
        look = match catch_up(link, &mut connection, on_purge, read).await {
            Ok(()) => {
                link.in_time();
                LOOK
            }
            // On a busy machine a timeout does not mean that the server is gone.
            Err(error) if error.is_timeout() && !link.is_too_late(sent) => AGAIN,
            Err(error) => return Err(error),
        };
    }
}

/// Reads what the server is, and makes sure that the record of purges began in this run of it: one
/// that comes from a snapshot may lack purges. Returns whether the bytes of pages have to be
/// counted.
async fn check_server(link: &Link, connection: &mut MultiplexedConnection) -> RedisResult<bool> {
    let server = info(link, connection, "server").await?;
    let memory = info(link, connection, "memory").await?;
    let run = field(&server, "run_id")
        .filter(|run| !run.is_empty())
        .ok_or_else(|| RedisError::from(std::io::Error::other("the server names no run_id")))?;
    let version = field(&server, "redis_version").and_then(|version| version.split('.').next());
    let knows_flag = version.and_then(|major| major.parse().ok()) >= Some(7_u32);
    link.limits.allows_oom.store(knows_flag, Ordering::Relaxed);
    let policy = field(&memory, "maxmemory_policy").unwrap_or("unknown");
    let maxmemory = field(&memory, "maxmemory").and_then(|bytes| bytes.parse().ok());
    check_memory(link, maxmemory.unwrap_or(0), policy);

    let epoch = super::token::token()
        .ok_or_else(|| RedisError::from(std::io::Error::other("the system has no randomness")))?;
    let mut hello = scripts::HELLO.of(knows_flag).prepare_invoke();
    for what in ["gen", "pre", "log", "order", "sizes", "counting"] {
        hello.key(link.shop_key(what));
    }
    hello.arg(run).arg(epoch);
    match link.run(connection, &hello).await {
        Err(error) if is_full(&error) => {
            link.has_no_memory();
            Err(error)
        }
        answer => answer,
    }
}

/// A section of the server's INFO.
async fn info(
    link: &Link,
    connection: &mut MultiplexedConnection,
    section: &str,
) -> RedisResult<String> {
    let mut info = redis::cmd("INFO");
    within(
        link.background_timeout(),
        info.arg(section).query_async(connection),
    )
    .await
}

fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = info.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = fields.find(|(found, _)| *found == name)?;
    Some(value.trim())
}

/// Logs how the server's memory is bounded, and limits the budget of pages to half of it.
fn check_memory(link: &Link, maxmemory: u64, policy: &str) {
    let asked = link.config.budget;
    let budget = match maxmemory {
        0 => asked,
        bytes => asked.min(bytes / 2),
    };
    link.limits.budget.store(budget, Ordering::Relaxed);
    tracing::info!(maxmemory, policy, budget, "connected to the shared cache");
    if budget < asked {
        tracing::warn!(
            maxmemory,
            redis_page_bytes = asked,
            budget,
            "pages in the shared cache are limited to half of its maxmemory: raise that, or lower \
             redis_page_bytes"
        );
    }
    if maxmemory > 0 && policy.starts_with("allkeys-") {
        tracing::warn!(
            policy,
            "the shared cache's server may evict the record of purges, and then every node drops \
             its pages: set maxmemory-policy to volatile-lru"
        );
    }
}

/// Applies what other nodes purged since the last time. If that cannot be known, everything is
/// purged.
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
    RedisError::from(std::io::Error::other(
        "the server lost its record of purges",
    ))
}
