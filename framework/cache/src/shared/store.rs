//! Entries, leases and purges in the shared server.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use redis::{Client, ScriptInvocation};
use serde::Serialize;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::config::{SharedConfig, SharedError};
use super::connection_task::{self, OnPurge};
use super::link::{Link, Unavailable, get};
use super::purge_script::purge_script;
use super::scripts;
use super::token::token;
use crate::policy::{Policy, Share};
use crate::purge::Purge;

/// The largest shared value, in bytes.
const LARGEST: usize = 4 * 1024 * 1024;
/// The delay between two look-ups while another node loads: initial and largest.
const FIRST_LOOK: Duration = Duration::from_millis(5);
const LONGEST_LOOK: Duration = Duration::from_millis(100);
/// Instead of a lease's duration: none is requested.
const NO_LEASE: u64 = 0;
/// Instead of a lease: the server has no memory for it.
const NO_MEMORY: u8 = 2;
/// How often a purge is sent before it is queued.
const SENT: u32 = 3;
/// Results of the script that stores a value.
const STORED: i64 = 1;
const UNCOUNTED: i64 = -1;
const FULL: i64 = -2;

/// The shared layer of one node.
pub(crate) struct Shared {
    link: Arc<Link>,
    /// The duration of a lease: the longest that others wait for a node that died.
    lease: Duration,
    hits: AtomicU64,
    stored: AtomicU64,
    task: JoinHandle<()>,
}

/// What a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Any entry that may be served, fresh or stale.
    Usable,
    /// An entry that is newer than its own.
    Fresh,
}

/// The result of a look-up.
pub(crate) enum Fetched {
    Found(SharedEntry),
    /// Nothing: the value has to be loaded; with a ticket it can be stored.
    Missing(Option<Ticket>),
}

/// The entry of another node.
pub(crate) struct SharedEntry {
    pub body: Bytes,
    pub facts: Facts,
}

/// What is known about a value besides the value.
pub(crate) struct Facts {
    pub tags: Vec<String>,
    pub policy: Policy,
    pub age: Duration,
}

/// The right to store the value that is loaded now. Returned by [`Shared::put`] or
/// [`Shared::release`].
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    epoch: String,
    seq: u64,
    token: String,
    /// Whether other nodes wait for this load.
    is_lease: bool,
}

/// A value for other nodes.
pub(crate) struct SharedValue<'a> {
    pub body: Bytes,
    pub tags: Vec<&'a str>,
    pub policy: Policy,
    /// The time since it was loaded.
    pub age: Duration,
    /// Whether it counts in the budget of bytes.
    pub is_budgeted: bool,
}

/// The shared layer for operators. Counts are of this node, since its start.
#[derive(Clone, Debug, Serialize)]
pub struct SharedStats {
    /// Whether the server is connected.
    pub connected: bool,
    /// Values that were found there.
    pub hits: u64,
    /// Values that were stored there.
    pub stored: u64,
    /// Commands that failed or timed out.
    pub failures: u64,
    /// How often the connection was lost.
    pub outages: u64,
    /// Values that were rejected because the server had no memory.
    pub full: u64,
    /// Bytes that pages use there, when this node last stored one.
    pub page_bytes: u64,
    /// Bytes that they may use.
    pub page_budget: u64,
}

/// The result of the script: epoch, seq, leased, found, body, tags, age, softened, fresh, swr, sie.
type Reply = (
    String,
    u64,
    u8,
    bool,
    Vec<u8>,
    String,
    u64,
    u8,
    u64,
    u64,
    u64,
);

impl Shared {
    /// Starts to connect, in the background.
    pub(crate) fn start(
        config: SharedConfig,
        lease: Duration,
        on_purge: OnPurge,
    ) -> Result<Self, SharedError> {
        let client = Client::open(config.url.as_str()).map_err(SharedError::Address)?;
        let node = token().ok_or(SharedError::Randomness)?;
        let link = Arc::new(Link::new(config, node)?);
        Ok(Self {
            task: tokio::spawn(connection_task::run(Arc::clone(&link), client, on_purge)),
            link,
            lease,
            hits: AtomicU64::new(0),
            stored: AtomicU64::new(0),
        })
    }

    /// Looks up an entry. With `lease` it waits while another node loads the entry; otherwise the
    /// caller may load it at the same time.
    pub(crate) async fn fetch(&self, key: &str, asked: Asked, lease: bool) -> Fetched {
        let Some(token) = token() else {
            return Fetched::Missing(None);
        };
        let until = Instant::now() + self.link.config.load_wait;
        let mut pause = FIRST_LOOK;
        loop {
            let mut script = self.script(&scripts::FETCH, key);
            script
                .arg(&token)
                .arg(if lease { millis(self.lease) } else { NO_LEASE })
                .arg(u8::from(asked == Asked::Usable));
            let Ok(reply) = self.link.call::<Reply>(&script).await else {
                return Fetched::Missing(None);
            };
            let (epoch, seq, leased) = (reply.0.clone(), reply.1, reply.2);
            if epoch.is_empty() {
                self.link.lose("the server lost its record of purges");
                return Fetched::Missing(None);
            }
            if let Some(entry) = entry_of(reply) {
                self.hits.fetch_add(1, Ordering::Relaxed);
                return Fetched::Found(entry);
            }
            if leased == NO_MEMORY {
                self.link.has_no_memory();
                return Fetched::Missing(None);
            }
            if leased == 1 || !lease || Instant::now() >= until {
                let ticket = Ticket {
                    epoch,
                    seq,
                    token,
                    is_lease: lease,
                };
                return Fetched::Missing(Some(ticket));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_LOOK);
        }
    }

    /// An entry that may be served, with its current age.
    pub(crate) async fn look(&self, key: &str) -> Option<SharedEntry> {
        let mut script = self.script(&scripts::FETCH, key);
        script.arg("").arg(NO_LEASE).arg(u8::from(true));
        let entry = entry_of(self.link.call(&script).await.ok()?)?;
        self.hits.fetch_add(1, Ordering::Relaxed);
        Some(entry)
    }

    /// Stores a value, unless it was purged since the ticket was issued.
    pub(crate) async fn put(&self, key: &str, ticket: Ticket, shared_value: SharedValue<'_>) {
        let SharedValue {
            body,
            tags,
            policy,
            age,
            is_budgeted,
        } = shared_value;
        let left = policy.lifetime().saturating_sub(age);
        if body.len() > LARGEST || left.is_zero() {
            return self.release(key, ticket).await;
        }
        let limits = &self.link.limits;
        let budget = if is_budgeted {
            get(&limits.budget).max(1)
        } else {
            0
        };
        let mut script = self.script(&scripts::PUT, key);
        script
            .key(self.link.shop_key("order"))
            .key(self.link.shop_key("sizes"))
            .arg(ticket.token)
            .arg(ticket.epoch)
            .arg(ticket.seq)
            .arg(tags.join("\n"))
            .arg(millis(policy.fresh_for))
            .arg(millis(policy.stale_while_revalidate))
            .arg(millis(policy.stale_if_error))
            .arg(millis(left).max(1))
            .arg(millis(age))
            .arg(budget)
            .arg(&body[..]);
        let Ok((answer, used)) = self.link.call_in_background::<(i64, u64)>(&script).await else {
            return;
        };
        limits.used.store(used, Ordering::Relaxed);
        match answer {
            STORED => {
                self.stored.fetch_add(1, Ordering::Relaxed);
                self.link.has_memory();
            }
            UNCOUNTED => self.link.uncounted.notify_one(),
            FULL => self.link.has_no_memory(),
            _ => {}
        }
    }

    /// Returns a ticket without a value.
    pub(crate) async fn release(&self, key: &str, ticket: Ticket) {
        if !ticket.is_lease {
            return;
        }
        let mut script = scripts::RELEASE.key(self.link.build_key("lease", key));
        script.arg(ticket.token);
        // A lease that is not released expires.
        let _ = self.link.call::<u8>(&script).await;
    }

    /// Purges on all nodes; if the server is unavailable, once it is back.
    pub(crate) async fn purge(&self, purge: &Purge) {
        let script = purge_script(&self.link, purge);
        let mut sent = Err(Unavailable);
        // A timeout may be due to a busy machine. Purging twice does no harm.
        for _ in 0..SENT {
            sent = self.link.call::<i64>(&script).await;
            if matches!(sent, Ok(seq) if seq >= 0) {
                return;
            }
            if sent.is_ok() || !self.link.is_up() {
                break;
            }
        }
        // Queued before the connection is given up: it opens again only after this purge.
        self.link.postpone(purge.clone());
        if sent != Err(Unavailable) || self.link.is_up() {
            self.link.lose("a purge was not answered");
        }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.link.is_up()
    }

    pub(crate) fn stats(&self) -> SharedStats {
        SharedStats {
            connected: self.link.is_up(),
            hits: self.hits.load(Ordering::Relaxed),
            stored: self.stored.load(Ordering::Relaxed),
            failures: get(&self.link.failures),
            outages: get(&self.link.outages),
            full: get(&self.link.limits.full),
            page_bytes: get(&self.link.limits.used),
            page_budget: get(&self.link.limits.budget),
        }
    }

    /// A script about one entry, with its usual keys and first argument.
    fn script(&self, script: &'static redis::Script, key: &str) -> ScriptInvocation<'static> {
        let mut script = script.prepare_invoke();
        script
            .key(self.link.shop_key("gen"))
            .key(self.link.shop_key("pre"))
            .key(self.link.build_key("entry", key))
            .key(self.link.build_key("lease", key))
            .arg(key);
        script
    }
}

/// Parses the entry of a reply.
fn entry_of(reply: Reply) -> Option<SharedEntry> {
    let (_, _, _, found, body, tags, age, softened, fresh, swr, sie) = reply;
    if !found {
        return None;
    }
    let age = Duration::from_millis(age);
    let fresh_for = Duration::from_millis(fresh);
    let facts = Facts {
        tags: tags.lines().map(str::to_owned).collect(),
        policy: Policy {
            // A softened entry is stale from now on.
            fresh_for: if softened == 0 {
                fresh_for
            } else {
                fresh_for.min(age)
            },
            stale_while_revalidate: Duration::from_millis(swr),
            stale_if_error: Duration::from_millis(sie),
            share: Share::AtOnce,
        },
        age,
    };
    Some(SharedEntry {
        body: body.into(),
        facts,
    })
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("connected", &self.link.is_up())
            .finish_non_exhaustive()
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
