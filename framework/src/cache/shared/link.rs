//! The connection to the server, and what happens when it is lost.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use parking_lot::Mutex;
use redis::aio::MultiplexedConnection;
use redis::{FromRedisValue, RedisError, RedisResult, ScriptInvocation};
use tokio::sync::Notify;

use super::config::SharedConfig;
use crate::cache::purge::Purge;

/// Commands in a row that may be too late before the connection is given up.
const PATIENCE: u32 = 3;
/// Purges that wait for the server to come back. When there are more, all of them become one purge of everything.
const PENDING: usize = 1_024;

/// What the keeper and the requests share.
#[derive(Debug)]
pub(super) struct Link {
    pub config: SharedConfig,
    /// This node among the others.
    pub node: String,
    state: Mutex<State>,
    /// Someone found the connection broken.
    pub broken: Notify,
    /// The state is looked at without its lock.
    up: AtomicBool,
    late: AtomicU32,
    pub failures: AtomicU64,
    pub outages: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    connection: Option<MultiplexedConnection>,
    pending: VecDeque<Purge>,
}

/// The server is away: everyone goes on without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Away;

impl Link {
    pub(super) fn new(config: SharedConfig, node: String) -> Self {
        Self {
            config,
            node,
            state: Mutex::default(),
            broken: Notify::new(),
            up: AtomicBool::new(false),
            late: AtomicU32::new(0),
            failures: AtomicU64::new(0),
            outages: AtomicU64::new(0),
        }
    }

    /// The name of something of this shop.
    pub(super) fn shop_key(&self, what: &str) -> String {
        format!("protium:{{{}}}:{what}", self.config.name)
    }

    /// The name of something of this build.
    pub(super) fn build_key(&self, what: &str, key: &str) -> String {
        let SharedConfig { name, build, .. } = &self.config;
        format!("protium:{{{name}}}:{what}:{build}:{key}")
    }

    pub(super) fn is_up(&self) -> bool {
        self.up.load(Ordering::Acquire)
    }

    /// Runs a script, within the time a command has. Failure is counted, and may end the connection.
    pub(super) async fn call<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, Away> {
        if !self.is_up() {
            return Err(Away);
        }
        let connection = self.state.lock().connection.clone();
        let Some(mut connection) = connection else {
            return Err(Away);
        };
        match self.run(&mut connection, script).await {
            Ok(reply) => {
                self.late.store(0, Ordering::Relaxed);
                Ok(reply)
            }
            Err(error) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
                let late = self.late.fetch_add(1, Ordering::Relaxed) + 1;
                if !error.is_timeout() || late >= PATIENCE {
                    self.lose(&error.to_string());
                }
                Err(Away)
            }
        }
    }

    pub(super) async fn run<T: FromRedisValue>(
        &self,
        connection: &mut MultiplexedConnection,
        script: &ScriptInvocation<'_>,
    ) -> RedisResult<T> {
        within(self, script.invoke_async(connection)).await
    }

    /// Gives up the connection.
    pub(super) fn lose(&self, why: &str) {
        self.up.store(false, Ordering::Release);
        if self.state.lock().connection.take().is_some() {
            self.outages.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(
                why,
                "the shared cache is away: this node goes on with its own"
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
        self.late.store(0, Ordering::Relaxed);
        self.up.store(true, Ordering::Release);
        true
    }
}

/// Does something with the server within the time a command has.
pub(super) async fn within<T>(
    link: &Link,
    what: impl Future<Output = RedisResult<T>>,
) -> RedisResult<T> {
    match tokio::time::timeout(link.config.time_out, what).await {
        Ok(result) => result,
        Err(_) => Err(RedisError::from(std::io::Error::from(
            std::io::ErrorKind::TimedOut,
        ))),
    }
}
