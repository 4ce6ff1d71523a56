//! The connection to the server, and what happens when it is lost.

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

/// Commands in a row that may be too late before the connection is given up, and the time since the
/// first of them was sent: on a busy machine many are late at once, and the server is there
/// nevertheless.
const LATE: u32 = 3;
const LATE_FOR: Duration = Duration::from_secs(1);
/// How long something may take that no request waits for.
const BESIDE: Duration = Duration::from_secs(2);
/// Purges that wait for the server to come back. When there are more, all of them become one purge
/// of everything.
const PENDING: usize = 1_024;

/// What the keeper and the requests share.
#[derive(Debug)]
pub(super) struct Link {
    pub config: SharedConfig,
    pub keys: ShopKeys,
    /// This node among the others.
    pub node: String,
    state: Mutex<State>,
    /// Someone found the connection broken.
    pub broken: Notify,
    /// The sum of bytes that pages take is lost.
    pub uncounted: Notify,
    /// The state is looked at without its lock.
    up: AtomicBool,
    late: Mutex<Late>,
    pub limits: Limits,
    pub failures: AtomicU64,
    pub outages: AtomicU64,
}

/// What is known of the server's memory.
#[derive(Debug, Default)]
pub(super) struct Limits {
    /// The bytes that pages may take.
    pub budget: AtomicU64,
    /// The bytes that they took when one was stored last.
    pub used: AtomicU64,
    /// Values that it had no memory for.
    pub full: AtomicU64,
    /// It runs scripts of which it is told that they may, without memory left.
    pub allows_oom: AtomicBool,
    /// Its last command said that it has no memory left.
    is_full: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    connection: Option<MultiplexedConnection>,
    pending: VecDeque<Purge>,
}

/// Commands that were too late, since the last one that was not.
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

    /// The name of something that the shop has once.
    pub(super) fn shop_key(&self, what: &str) -> Key {
        self.keys.one(what)
    }

    /// The name of something of this build.
    pub(super) fn build_key(&self, what: &str, key: &str) -> Key {
        self.keys.of_build(what, &self.config.build, key)
    }

    pub(super) fn is_up(&self) -> bool {
        self.up.load(Ordering::Acquire)
    }

    /// Runs a script, within the time a command has. Failure is counted, and may end the
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

    /// Runs a script that no request waits for: it may take longer.
    pub(super) async fn call_in_background<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, Unavailable> {
        self.call_within(self.patience(), script).await
    }

    /// How long something may take that no request waits for.
    pub(super) fn patience(&self) -> Duration {
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

    /// Runs a script over a connection that is not open for requests yet, or not for them.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        connection: &mut MultiplexedConnection,
        script: &ScriptInvocation<'_>,
    ) -> RedisResult<T> {
        within(self.patience(), script.invoke_async(connection)).await
    }

    /// A command was answered in time.
    pub(super) fn in_time(&self) {
        *self.late.lock() = Late::default();
    }

    /// A command that was sent then is too late; whether the server is to be given up for it.
    pub(super) fn is_too_late(&self, sent: Instant) -> bool {
        let mut late = self.late.lock();
        late.times = late.times.saturating_add(1);
        let since = late.since.map_or(sent, |since| since.min(sent));
        late.since = Some(since);
        late.times >= LATE && since.elapsed() >= LATE_FOR
    }

    /// The server has no memory left. Said once, until it has some.
    pub(super) fn has_no_memory(&self) {
        self.limits.full.fetch_add(1, Ordering::Relaxed);
        if !self.limits.is_full.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "the shared cache's server has no memory left (maxmemory): purges go on, nothing \
                 new is shared"
            );
        }
    }

    /// The server stored something.
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
                "the shared cache is unavailable: this node goes on with its memory"
            );
            self.broken.notify_one();
        }
    }

    /// Keeps a purge for when the server is back.
    pub(super) fn postpone(&self, purge: Purge) {
        let mut state = self.state.lock();
        if state.pending.len() >= PENDING {
            state.pending.clear();
            state.pending.push_back(Purge::all());
        } else {
            state.pending.push_back(purge);
        }
    }

    /// The purge that waits longest. It stays until [`Link::sent`].
    pub(super) fn next_pending(&self) -> Option<Purge> {
        self.state.lock().pending.front().cloned()
    }

    /// A purge was sent.
    pub(super) fn sent(&self, purge: &Purge) {
        let mut state = self.state.lock();
        if state.pending.front() == Some(purge) {
            state.pending.pop_front();
        }
    }

    /// Opens the way for requests, unless purges still wait. Tells whether it is open.
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

/// Whether a server says that it has no memory left.
pub(super) fn is_full(error: &RedisError) -> bool {
    error.code() == Some("OOM") || error.to_string().contains("OOM command not allowed")
}

/// Does something with the server within this time.
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

/// An atomic that is only looked at.
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
