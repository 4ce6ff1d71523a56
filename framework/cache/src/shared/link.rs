//! The state of the connection to the server, and what happens when it is lost.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use redis::aio::MultiplexedConnection;
use redis::{FromRedisValue, RedisError, RedisResult, ScriptInvocation};
use tokio::sync::Notify;
use tracing::Instrument;

use super::config::{SharedConfig, SharedError};
use super::keys::{Key, ShopKeys, is_name};
use crate::purge::Purge;

/// The connection is given up after this many timeouts in a row, over at least this time. On a busy
/// machine many commands time out at once although the server is available.
const LATE: u32 = 3;
const LATE_FOR: Duration = Duration::from_secs(1);
/// The time limit of something that no request waits for.
const BESIDE: Duration = Duration::from_secs(2);
/// The most purges that wait for the server. More of them are replaced by one purge of everything.
const PENDING: usize = 1_024;

/// What the connection task and the requests share.
#[derive(Debug)]
pub(super) struct Link {
    pub config: SharedConfig,
    pub keys: ShopKeys,
    /// The name of this node.
    pub node: String,
    state: Mutex<State>,
    /// Notified when the connection is found broken.
    pub broken: Notify,
    /// Notified when the sum of bytes of pages is lost.
    pub uncounted: Notify,
    /// The state, readable without its lock.
    up: AtomicBool,
    late: Mutex<Late>,
    pub limits: Limits,
    pub failures: AtomicU64,
    pub outages: AtomicU64,
}

/// What is known about the server's memory.
#[derive(Debug, Default)]
pub(super) struct Limits {
    /// The bytes that pages may use.
    pub budget: AtomicU64,
    /// The bytes that they used when one was last stored.
    pub used: AtomicU64,
    /// Values that were rejected for lack of memory.
    pub full: AtomicU64,
    /// It supports scripts that may run without free memory (`allow-oom`).
    pub allows_oom: AtomicBool,
    /// Its last command failed for lack of memory.
    is_full: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    connection: Option<MultiplexedConnection>,
    pending: VecDeque<Purge>,
}

/// Timeouts since the last answer.
#[derive(Debug, Default)]
struct Late {
    times: u32,
    since: Option<Instant>,
}

/// The server is unavailable, or did not answer in time: the caller goes on without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unavailable;

impl Link {
    pub(super) fn new(config: SharedConfig, node: String) -> Result<Self, SharedError> {
        if !is_name(&config.build) {
            return Err(SharedError::Name);
        }
        let limits = Limits::default();
        limits.budget.store(config.budget, Ordering::Relaxed);
        Ok(Self {
            keys: ShopKeys::of(&config.name)?,
            config,
            node,
            state: Mutex::default(),
            broken: Notify::new(),
            uncounted: Notify::new(),
            up: AtomicBool::new(false),
            late: Mutex::default(),
            limits,
            failures: AtomicU64::new(0),
            outages: AtomicU64::new(0),
        })
    }

    /// The name of a key of which the shop has only one.
    pub(super) fn shop_key(&self, what: &str) -> Key {
        self.keys.one(what)
    }

    /// The name of a key of this build.
    pub(super) fn build_key(&self, what: &str, key: &str) -> Key {
        self.keys.of_build(what, &self.config.build, key)
    }

    pub(super) fn is_up(&self) -> bool {
        self.up.load(Ordering::Acquire)
    }

    /// Runs a script within the timeout of a command. Failures are counted, and may end the
    /// connection.
    pub(super) async fn call<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, Unavailable> {
        let span = tracing::debug_span!(
            "cache",
            otel.kind = "client",
            db.system.name = "redis",
            db.operation.name = "EVALSHA",
        );
        let call = self.call_within(self.config.time_out, script);
        call.instrument(span).await
    }

    /// Runs a script that no request waits for, with a longer timeout.
    pub(super) async fn call_in_background<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, Unavailable> {
        self.call_within(self.background_timeout(), script).await
    }

    /// The time limit of something that no request waits for.
    pub(super) fn background_timeout(&self) -> Duration {
        BESIDE.max(self.config.time_out)
    }

    async fn call_within<T: FromRedisValue>(
        &self,
        time: Duration,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, Unavailable> {
        if !self.is_up() {
            return Err(Unavailable);
        }
        let connection = self.state.lock().connection.clone();
        let Some(mut connection) = connection else {
            return Err(Unavailable);
        };
        let sent = Instant::now();
        match within(time, script.invoke_async(&mut connection)).await {
            Ok(reply) => {
                self.in_time();
                Ok(reply)
            }
            Err(error) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
                if is_full(&error) {
                    self.has_no_memory();
                } else if !error.is_timeout() || self.is_too_late(sent) {
                    self.lose(&error.to_string());
                }
                Err(Unavailable)
            }
        }
    }

    /// Runs a script over a connection that requests do not use.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        connection: &mut MultiplexedConnection,
        script: &ScriptInvocation<'_>,
    ) -> RedisResult<T> {
        within(self.background_timeout(), script.invoke_async(connection)).await
    }

    /// A command was answered in time.
    pub(super) fn in_time(&self) {
        *self.late.lock() = Late::default();
    }

    /// A command that was sent at `sent` has timed out; returns whether to give up the server.
    pub(super) fn is_too_late(&self, sent: Instant) -> bool {
        let mut late = self.late.lock();
        late.times = late.times.saturating_add(1);
        let since = late.since.map_or(sent, |since| since.min(sent));
        late.since = Some(since);
        late.times >= LATE && since.elapsed() >= LATE_FOR
    }

    /// The server has no free memory. Logged once, until it has some again.
    pub(super) fn has_no_memory(&self) {
        self.limits.full.fetch_add(1, Ordering::Relaxed);
        if !self.limits.is_full.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "the shared cache's server has no memory left (maxmemory): it stores nothing new, \
                 but purges still work"
            );
        }
    }

    /// The server stored a value.
    pub(super) fn has_memory(&self) {
        self.limits.is_full.store(false, Ordering::Relaxed);
    }

    /// Gives up the connection.
    pub(super) fn lose(&self, why: &str) {
        self.up.store(false, Ordering::Release);
        if self.state.lock().connection.take().is_some() {
            self.outages.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(
                why,
                "the shared cache is unavailable: this node uses its own memory"
            );
            self.broken.notify_one();
        }
    }

    /// Queues a purge until the server is available.
    pub(super) fn postpone(&self, purge: Purge) {
        let mut state = self.state.lock();
        if state.pending.len() >= PENDING {
            state.pending.clear();
            state.pending.push_back(Purge::all());
        } else {
            state.pending.push_back(purge);
        }
    }

    /// The oldest queued purge. It stays until [`Link::sent`].
    pub(super) fn next_pending(&self) -> Option<Purge> {
        self.state.lock().pending.front().cloned()
    }

    /// The oldest queued purge was sent.
    pub(super) fn sent(&self, purge: &Purge) {
        let mut state = self.state.lock();
        if state.pending.front() == Some(purge) {
            state.pending.pop_front();
        }
    }

    /// Opens the connection for requests, unless purges are queued. Returns whether it is open.
    pub(super) fn open(&self, connection: MultiplexedConnection) -> bool {
        let mut state = self.state.lock();
        if !state.pending.is_empty() {
            return false;
        }
        state.connection = Some(connection);
        self.in_time();
        self.up.store(true, Ordering::Release);
        true
    }
}

/// Whether an error says that the server has no free memory.
pub(super) fn is_full(error: &RedisError) -> bool {
    error.code() == Some("OOM") || error.to_string().contains("OOM command not allowed")
}

/// Limits the time of an operation.
pub(super) async fn within<T>(
    time: Duration,
    what: impl Future<Output = RedisResult<T>>,
) -> RedisResult<T> {
    match tokio::time::timeout(time, what).await {
        Ok(result) => result,
        Err(_) => Err(RedisError::from(std::io::Error::from(
            std::io::ErrorKind::TimedOut,
        ))),
    }
}

/// A relaxed atomic load.
pub(super) fn get(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Link {
        let config = SharedConfig::new("redis://127.0.0.1:1/", "shop", "b1");
        Link::new(config, "node".to_owned()).expect("names")
    }

    #[test]
    fn commands_that_are_late_at_once_on_a_busy_machine_do_not_lose_the_server() {
        let link = link();
        let now = Instant::now();
        assert!((0..100).all(|_| !link.is_too_late(now)));
        link.in_time();
        let earlier = now - 2 * LATE_FOR;
        assert!(!link.is_too_late(earlier) && !link.is_too_late(now));
        assert!(link.is_too_late(now), "none was answered for so long");
        link.in_time();
        assert!(!link.is_too_late(now));
    }
}
