//! Entries, leases and purges in the server.

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
use super::keeper::{self, OnPurge};
use super::link::{Link, Unavailable, get};
use super::purge_script::purge_script;
use super::scripts;
use super::token::token;
use crate::policy::{Policy, Share};
use crate::purge::Purge;

/// The largest value that is shared, in bytes.
const LARGEST: usize = 4 * 1024 * 1024;
/// Between two looks for what another node loads: at first, and at most.
const FIRST_LOOK: Duration = Duration::from_millis(5);
const LONGEST_LOOK: Duration = Duration::from_millis(100);
/// In place of a lease's time: none is wanted.
const NO_LEASE: u64 = 0;
/// In place of a lease: the server has no memory for one.
const NO_MEMORY: u8 = 2;
/// How often a purge is sent before it is kept for later.
const SENT: u32 = 3;
/// Answers of the script that stores a value.
const STORED: i64 = 1;
const UNCOUNTED: i64 = -1;
const FULL: i64 = -2;

/// The shared layer of one node.
pub(crate) struct Shared {
    link: Arc<Link>,
    /// How long a load may take: a node that has a lease and dies keeps the others waiting no
    /// longer.
    lease: Duration,
    hits: AtomicU64,
    stored: AtomicU64,
    keeper: JoinHandle<()>,
}

/// What a request wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Anything that may be shown.
    Usable,
    /// Something newer than what it has.
    Fresh,
}

/// What came of asking.
pub(crate) enum Fetched {
    Found(SharedEntry),
    /// Nothing: it is to be loaded, and with a ticket it can be stored.
    Missing(Option<Ticket>),
}

/// An entry as other nodes have it.
pub(crate) struct SharedEntry {
    pub body: Bytes,
    pub tags: Vec<String>,
    pub policy: Policy,
    pub age: Duration,
}

/// The right to store what is loaded now. Given back by [`Shared::put`] or [`Shared::release`].
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    epoch: String,
    seq: u64,
    token: String,
    /// The others wait for what is loaded with it.
    is_lease: bool,
}

/// A value for other nodes.
pub(crate) struct SharedValue<'a> {
    pub body: Bytes,
    pub tags: Vec<&'a str>,
    pub policy: Policy,
    /// How long ago it was loaded.
    pub age: Duration,
    /// It counts in the budget of bytes.
    pub is_budgeted: bool,
}

/// What operators see of the shared layer. Counts are since the start, and of this node.
#[derive(Clone, Debug, Serialize)]
pub struct SharedStats {
    /// Whether the server answers.
    pub connected: bool,
    /// Values that came from there.
    pub hits: u64,
    /// Values that went there.
    pub stored: u64,
    /// Commands that failed or were late.
    pub failures: u64,
    /// Times the connection was lost.
    pub outages: u64,
    /// Values that the server had no memory for.
    pub full: u64,
    /// Bytes that pages take there, as this node heard last.
    pub page_bytes: u64,
    /// Bytes that they may take.
    pub page_budget: u64,
}

/// What the script answers: epoch, seq, leased, found, body, tags, age, softened, fresh, swr, sie.
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
    /// Begins to connect, and goes on in the background.
    pub(crate) fn start(
        config: SharedConfig,
        lease: Duration,
        on_purge: OnPurge,
    ) -> Result<Self, SharedError> {
        let client = Client::open(config.url.as_str()).map_err(SharedError::Address)?;
        let node = token().ok_or(SharedError::Randomness)?;
        let link = Arc::new(Link::new(config, node)?);
        Ok(Self {
            keeper: tokio::spawn(keeper::keep(Arc::clone(&link), client, on_purge)),
            link,
            lease,
            hits: AtomicU64::new(0),
            stored: AtomicU64::new(0),
        })
    }

    /// Looks for an entry. Who is going to `lease` it waits while another node loads it; the others
    /// load at the same time.
    pub(crate) async fn fetch(&self, key: &str, asked: Asked, lease: bool) -> Fetched {
        let Some(token) = token() else {
            return Fetched::Missing(None);
        };
        let until = Instant::now() + self.link.config.patience;
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
            if let Some(kept) = kept(reply) {
                self.hits.fetch_add(1, Ordering::Relaxed);
                return Fetched::Found(kept);
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

    /// An entry that may be shown, as it is now.
    pub(crate) async fn look(&self, key: &str) -> Option<SharedEntry> {
        let mut script = self.script(&scripts::FETCH, key);
        script.arg("").arg(NO_LEASE).arg(u8::from(true));
        let kept = kept(self.link.call(&script).await.ok()?)?;
        self.hits.fetch_add(1, Ordering::Relaxed);
        Some(kept)
    }

    /// Stores a value, unless it was purged since the ticket was given.
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

    /// Gives a ticket back without a value.
    pub(crate) async fn release(&self, key: &str, ticket: Ticket) {
        if !ticket.is_lease {
            return;
        }
        let mut script = scripts::RELEASE.key(self.link.build_key("lease", key));
        script.arg(ticket.token);
        // A lease that is not given back ends by itself.
        let _ = self.link.call::<u8>(&script).await;
    }

    /// Purges for all nodes; when the server is away, as soon as it is back.
    pub(crate) async fn purge(&self, purge: &Purge) {
        let script = purge_script(&self.link, purge);
        let mut sent = Err(Unavailable);
        // A busy machine may be late once; that the purge happens twice then does no harm.
        for _ in 0..SENT {
            sent = self.link.call::<i64>(&script).await;
            if matches!(sent, Ok(seq) if seq >= 0) {
                return;
            }
            if sent.is_ok() || !self.link.is_up() {
                break;
            }
        }
        // First kept, then cut: the connection comes back only after this purge.
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

    /// A script about one entry, with the keys and the first argument that all of them have.
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

/// The entry in a reply.
fn kept(reply: Reply) -> Option<SharedEntry> {
    let (_, _, _, found, body, tags, age, softened, fresh, swr, sie) = reply;
    if !found {
        return None;
    }
    let age = Duration::from_millis(age);
    let fresh_for = Duration::from_millis(fresh);
    Some(SharedEntry {
        body: body.into(),
        tags: tags.lines().map(str::to_owned).collect(),
        policy: Policy {
            // What was softened is stale from here on.
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
    })
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.keeper.abort();
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
