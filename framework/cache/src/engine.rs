//! Look up, load once, revalidate in the background, purge.

use std::error::Error;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::broadcast;
use tracing::Instrument;

use super::clock::Clock;
use super::entry::{Entry, Parts};
use super::found::{Found, How};
use super::in_flight::{InFlight, Join, Leader, Outcome};
use super::load::{Load, LoadError};
use super::memory::Memory;
use super::policy::{Policy, Share, Use};
use super::purge::Purge;
use super::purges::Purges;
use super::shared::{
    Asked, Facts, Fetched, Shared, SharedConfig, SharedError, SharedValue, Ticket,
};
use super::stats::{Counters, HOTTEST, HotKey, Stats};
use super::tags::PurgeState;
use super::value::Cached;

/// How often a request joins a load whose result a purge made useless for it, before it loads on
/// its own.
const JOINS: usize = 3;
/// How long a stale entry is not revalidated again after a failure.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a key is remembered as one whose value cannot be shared (hit-for-miss).
const UNSHARED_FOR: Duration = Duration::from_secs(30);
/// How many such keys are remembered.
const UNSHARED_KEYS: u64 = 10_000;
/// How many keys are remembered as asked for once, and for how long.
const ASKED_KEYS: u64 = 50_000;
const ASKED_FOR: Duration = Duration::from_secs(3_600);
/// The interval between two checks whether the server is connected.
const CONNECT_LOOK: Duration = Duration::from_millis(100);
/// How much longer than the loader's time limit waiters wait, in case the loader does not even
/// notice its own limit.
const GRACE: Duration = Duration::from_secs(1);
/// How long a process that ends waits for values on their way to other nodes.
const SETTLE: Duration = Duration::from_secs(2);

/// Limits of a cache.
#[derive(Clone, Debug)]
pub struct Config {
    /// Bytes of memory above which entries are evicted.
    pub capacity: u64,
    /// The time limit of a loader.
    pub load_time: Duration,
}

impl Default for Config {
    /// 128 MiB and ten seconds.
    fn default() -> Self {
        Self {
            capacity: 128 * 1024 * 1024,
            load_time: Duration::from_secs(10),
        }
    }
}

/// A cache. Clones share all of it.
#[derive(Clone, Debug)]
pub struct Cache(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    clock: Clock,
    memory: Memory,
    purges: Arc<Purges>,
    in_flight: InFlight,
    unshared: moka::sync::Cache<Arc<str>, ()>,
    /// Digests of keys that were loaded once, and are sent to other nodes when they are asked for
    /// again.
    asked: moka::sync::Cache<u64, ()>,
    digests: RandomState,
    counters: Counters,
    shared: Option<Shared>,
    /// Values that are being sent to the shared layer.
    sending: AtomicUsize,
}

impl Cache {
    /// An empty cache in memory.
    pub fn new(config: Config) -> Self {
        Self::of(config, Arc::default(), None)
    }

    /// An empty cache in memory, in front of a layer that other nodes share. It does not wait for
    /// the server: while that is unavailable it works with memory alone. Must be called within a
    /// Tokio runtime.
    pub fn with_shared(config: Config, shared: SharedConfig) -> Result<Self, SharedError> {
        let purges = Arc::<Purges>::default();
        let on_purge = {
            let purges = Arc::clone(&purges);
            move |purge: &Purge| purges.happened(purge)
        };
        let lease = config.load_time;
        let shared = Shared::start(shared, lease, Arc::new(on_purge))?;
        Ok(Self::of(config, purges, Some(shared)))
    }

    fn of(config: Config, purges: Arc<Purges>, shared: Option<Shared>) -> Self {
        let unshared = moka::sync::Cache::builder()
            .max_capacity(UNSHARED_KEYS)
            .time_to_live(UNSHARED_FOR)
            .build();
        Self(Arc::new(Inner {
            memory: Memory::new(config.capacity),
            config,
            clock: Clock::new(),
            purges,
            in_flight: InFlight::default(),
            unshared,
            asked: moka::sync::Cache::builder()
                .max_capacity(ASKED_KEYS)
                .eviction_policy(moka::policy::EvictionPolicy::lru())
                .time_to_live(ASKED_FOR)
                .build(),
            digests: RandomState::new(),
            counters: Counters::default(),
            shared,
            sending: AtomicUsize::new(0),
        }))
    }

    /// Returns the value of `key` from the cache, or from `load`, which runs once for all
    /// concurrent requests. All values of a key must have one type.
    ///
    /// A fresh entry is returned at once, and so is a stale one, while `load` runs in the
    /// background. Otherwise all requests wait for one `load`. It runs in a task of its own, so
    /// that the others still get its value when the first request is cancelled. Errors are not
    /// stored; if the policy says so, the stale entry is returned instead.
    pub async fn get_or_load<T, F, Fut, E>(
        &self,
        key: &str,
        policy: Policy,
        load: F,
    ) -> Result<Found<T>, LoadError>
    where
        T: Cached,
        F: FnOnce(Load) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>> + Send + 'static,
    {
        if policy.is_none() {
            self.0.counters.bypassed.add();
            return self.load_alone(key, load).await;
        }
        let mut fallback = None;
        for _ in 0..JOINS {
            fallback = match self.look(key) {
                (Use::Fresh, Some(found)) => {
                    self.0.counters.hits.add();
                    return Ok(found);
                }
                (Use::WhileRevalidating, Some(found)) => {
                    self.0.counters.stale.add();
                    self.revalidate(&found, policy, load);
                    return Ok(found);
                }
                (_, found) => found,
            };
            if self.is_unshared(key) {
                break;
            }
            let asked_at = self.0.purges.marks.count();
            let leader = match self.0.in_flight.join(key) {
                Join::Leader(leader) => leader,
                Join::Waiter(waiter) => {
                    let limit = self.0.config.load_time;
                    let waited = tokio::time::timeout(limit + GRACE, waiter.wait())
                        .instrument(tracing::debug_span!("cache"))
                        .await;
                    let key = || Arc::from(key);
                    let failed = match waited {
                        Ok(Some(Outcome::Loaded(entry))) => {
                            // A value that was loaded before the last purge this request knows of
                            // is too old for it.
                            let too_old = entry.is_older_than(asked_at)
                                && entry.purge_state(&self.0.purges.marks) == PurgeState::Removed;
                            match self.found(&entry, How::Joined) {
                                Some(found) if !too_old => {
                                    self.0.counters.misses.add();
                                    self.0.counters.joined.add();
                                    return Ok(found);
                                }
                                _ => continue,
                            }
                        }
                        Ok(Some(Outcome::Unshared)) => break,
                        Ok(Some(Outcome::Failed(error))) => error,
                        Ok(None) => LoadError::Abandoned { key: key() },
                        Err(_) => LoadError::TimedOut { key: key(), limit },
                    };
                    self.0.counters.misses.add();
                    self.0.counters.joined.add();
                    return self.or_fallback(failed, fallback);
                }
            };
            // Another load may have ended between the look-up and joining.
            if let (Use::Fresh, Some(found)) = self.look(key) {
                self.0.counters.hits.add();
                return Ok(found);
            }
            self.0.counters.misses.add();
            let key = leader.key();
            let load = self
                .clone()
                .load_and_store(leader, policy, load, Asked::Usable);
            let task = tokio::spawn(load.in_current_span());
            return match task.await {
                Ok(Ok(found)) => Ok(found),
                Ok(Err(error)) => self.or_fallback(error, fallback),
                Err(_) => {
                    self.0.counters.failures.add();
                    self.or_fallback(LoadError::Abandoned { key }, fallback)
                }
            };
        }
        self.0.counters.bypassed.add();
        match self.load_alone(key, load).await {
            Err(error) => self.or_fallback(error, fallback),
            found => found,
        }
    }

    /// Returns the value of `key` if it is fresh, which counts as a hit. Otherwise nothing is
    /// counted.
    pub fn get<T: Cached>(&self, key: &str) -> Option<Found<T>> {
        let entry = self.0.memory.get(key)?;
        let now = self.0.clock.now();
        if entry.usable(now, &self.0.purges.marks) != Use::Fresh {
            return None;
        }
        let found = Found::of(&entry, How::Hit, now)?;
        entry.count_hit();
        self.share_again(&entry, &found);
        self.0.counters.hits.add();
        Some(found)
    }

    /// Returns the value of `key` from memory or the shared layer, fresh or stale, without loading
    /// it: [`Found::how`] says which.
    pub async fn find<T: Cached>(&self, key: &str) -> Option<Found<T>> {
        let (usable, found) = self.look(key);
        if usable == Use::Fresh {
            return found;
        }
        let Some(shared) = self.0.shared.as_ref().filter(|_| T::SHARED) else {
            return found;
        };
        let stamp = self.0.purges.marks.count();
        let Some(kept) = shared.look(key).await else {
            return found;
        };
        let younger = |found: &Found<T>| found.age <= kept.facts.age;
        if found.as_ref().is_some_and(younger) {
            return found;
        }
        let Some(value) = T::decode(kept.body) else {
            return found;
        };
        let kept = self.keep(&key.into(), Arc::new(value), stamp, kept.facts, None);
        let how = match kept.fresh_for().is_zero() {
            true => How::Stale,
            false => How::Shared,
        };
        Some(Found { how, ..kept })
    }

    /// The number of purges so far: a value that was made before the last one may be out of date.
    pub fn purges(&self) -> u64 {
        self.0.purges.marks.count()
    }

    /// Subscribes to all purges from now on, of this node and of others. A receiver that lags far
    /// behind gets the number of those it missed.
    pub fn subscribe(&self) -> broadcast::Receiver<Purge> {
        self.0.purges.subscribe()
    }

    /// Returns the value of `key` from this node's memory, fresh or stale.
    pub fn peek<T: Cached>(&self, key: &str) -> Option<Found<T>> {
        self.look(key).1
    }

    /// Waits until all loaded values are stored where other nodes find them, for at most two
    /// seconds. For a process that is about to end.
    pub async fn settle(&self) {
        let until = tokio::time::Instant::now() + SETTLE;
        while self.0.sending.load(Ordering::Relaxed) > 0 && tokio::time::Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits for at most `within` until the shared server is connected, and returns whether it is.
    /// Without one it returns at once.
    pub async fn connected(&self, within: Duration) -> bool {
        let Some(shared) = &self.0.shared else {
            return false;
        };
        let until = tokio::time::Instant::now() + within;
        while !shared.is_up() && tokio::time::Instant::now() < until {
            tokio::time::sleep(CONNECT_LOOK).await;
        }
        shared.is_up()
    }

    /// Whether other nodes share this cache.
    pub fn is_shared(&self) -> bool {
        self.0.shared.is_some()
    }

    /// Whether the last value of this key was not shareable: then it is not worth asking for it
    /// here.
    pub fn is_unshared(&self, key: &str) -> bool {
        self.0.unshared.contains_key(key)
    }

    /// Purges entries, and values that are being loaded, without searching for them. When it
    /// returns, this node no longer serves any of them; other nodes are notified through the shared
    /// layer, at once or when it is connected again.
    pub async fn purge(&self, purge: &Purge) {
        if !purge.is_sound() {
            return;
        }
        self.0.purges.happened(purge);
        if let Some(shared) = &self.0.shared {
            shared.purge(purge).await;
            // Values fetched from the shared layer in between were purged there a moment later.
            self.0.purges.marks.purge(purge);
        }
    }

    /// Counts, sizes, hottest keys, last purges. Iterates over all entries: for operators, not for
    /// every request.
    pub fn stats(&self) -> Stats {
        let Inner {
            config,
            memory,
            in_flight,
            counters,
            purges,
            shared,
            ..
        } = &*self.0;
        let (bytes, entries) = memory.size();
        Stats {
            hits: counters.hits.get(),
            stale: counters.stale.get(),
            misses: counters.misses.get(),
            joined: counters.joined.get(),
            bypassed: counters.bypassed.get(),
            loads: counters.loads.get(),
            failures: counters.failures.get(),
            hit_ratio: counters.hit_ratio(),
            bytes,
            capacity: config.capacity,
            entries,
            loading: in_flight.under_way(),
            hottest: memory
                .hottest(HOTTEST)
                .into_iter()
                .map(|(key, hits)| HotKey {
                    key: key.to_string(),
                    hits,
                })
                .collect(),
            purges: purges.last(),
            shared: shared.as_ref().map(Shared::stats),
        }
    }

    #[cfg(test)]
    pub(super) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Looks up a key, and whether its entry is usable.
    fn look<T: Cached>(&self, key: &str) -> (Use, Option<Found<T>>) {
        let Some(entry) = self.0.memory.get(key) else {
            return (Use::Nothing, None);
        };
        let usable = entry.usable(self.0.clock.now(), &self.0.purges.marks);
        let how = match usable {
            Use::Fresh => How::Hit,
            Use::WhileRevalidating => How::Stale,
            Use::IfError => How::StaleIfError,
            Use::Nothing => {
                self.0.memory.remove(&entry);
                return (Use::Nothing, None);
            }
        };
        entry.count_hit();
        match self.found(&entry, how) {
            Some(found) => {
                self.share_again(&entry, &found);
                (usable, Some(found))
            }
            None => (Use::Nothing, None),
        }
    }

    /// The entry's value, if it has this type.
    fn found<T: Cached>(&self, entry: &Arc<Entry>, how: How) -> Option<Found<T>> {
        Found::of(entry, how, self.0.clock.now())
    }

    fn or_fallback<T>(
        &self,
        error: LoadError,
        fallback: Option<Found<T>>,
    ) -> Result<Found<T>, LoadError> {
        let found = fallback.ok_or(error)?;
        self.0.counters.stale.add();
        Ok(found)
    }

    /// Revalidates a stale entry in the background, unless that is in progress or failed a moment
    /// ago.
    fn revalidate<T, F, Fut, E>(&self, stale: &Found<T>, policy: Policy, load: F)
    where
        T: Cached,
        F: FnOnce(Load) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>> + Send + 'static,
    {
        let Some(entry) = stale.entry.clone() else {
            return;
        };
        if !entry.is_due(self.0.clock.now()) {
            return;
        }
        let Some(leader) = self.0.in_flight.begin(&entry.key) else {
            return;
        };
        if let (Use::Fresh, Some(_)) = self.look::<T>(&entry.key) {
            return;
        }
        let cache = self.clone();
        tokio::spawn(async move {
            // Set before the load, so that also after a panic the next attempt waits.
            entry.retry_in(cache.0.clock.now(), PAUSE);
            if let Err(error) = cache
                .clone()
                .load_and_store(leader, policy, load, Asked::Fresh)
                .await
            {
                tracing::warn!(%error, "revalidation failed: the stale entry is served");
            }
        });
    }

    /// Fetches the value from another node, or runs the loader and stores its value; then notifies
    /// the waiters.
    async fn load_and_store<T, F, Fut, E>(
        self,
        leader: Leader,
        policy: Policy,
        load: F,
        asked: Asked,
    ) -> Result<Found<T>, LoadError>
    where
        T: Cached,
        F: FnOnce(Load) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>> + Send + 'static,
    {
        let key = leader.key();
        let stamp = self.0.purges.marks.count();
        let mut ticket = None;
        let at_once = T::SHARED && self.is_for_others(&key, policy);
        if let Some(shared) = self.0.shared.as_ref().filter(|_| T::SHARED) {
            match shared.fetch(&key, asked, at_once).await {
                Fetched::Missing(given) => ticket = given,
                Fetched::Found(kept) => {
                    if let Some(value) = T::decode(kept.body) {
                        let found = self.keep(&key, Arc::new(value), stamp, kept.facts, None);
                        let how = How::Shared;
                        return Ok(finish(leader, Found { how, ..found }));
                    }
                }
            }
        }
        let notes = Load::default();
        let value = match self.run(&key, load, notes.clone()).await {
            Ok(value) => Arc::new(value),
            Err(error) => {
                leader.finish(Outcome::Failed(error.clone()));
                self.give_back(&key, ticket).await;
                return Err(error);
            }
        };
        let noted = notes.noted();
        if noted.unstored {
            self.0.unshared.insert(Arc::clone(&key), ());
            leader.finish(Outcome::Unshared);
            self.give_back(&key, ticket).await;
            return Ok(Found::unshared(value));
        }
        let fresh_for = noted
            .freshness
            .map_or(policy.fresh_for, |limit| limit.min(policy.fresh_for));
        let facts = Facts {
            tags: noted.tags.into_iter().collect(),
            policy: Policy {
                fresh_for,
                ..policy
            },
            age: Duration::ZERO,
        };
        let (now, later) = match at_once {
            true => (ticket, None),
            false => (None, ticket),
        };
        let found = finish(leader, self.keep(&key, value, stamp, facts, later));
        if let (Some(ticket), Some(entry)) = (now, &found.entry) {
            self.send(entry, &found, ticket);
        }
        Ok(found)
    }

    /// Whether the value of a key is sent to other nodes as soon as it is loaded, not only when it
    /// is asked for again.
    fn is_for_others(&self, key: &str, policy: Policy) -> bool {
        if policy.share == Share::AtOnce || self.0.shared.is_none() {
            return true;
        }
        let digest = self.0.digests.hash_one(key);
        let was_asked = self.0.asked.contains_key(&digest);
        if !was_asked {
            self.0.asked.insert(digest, ());
        }
        was_asked
    }

    /// Sends an entry that was loaded for one request to other nodes, when it is asked for again.
    fn share_again<T: Cached>(&self, entry: &Arc<Entry>, found: &Found<T>) {
        if let Some(ticket) = entry.take_ticket() {
            self.send(entry, found, ticket);
        }
    }

    /// Sends an entry to other nodes in the background.
    fn send<T: Cached>(&self, entry: &Arc<Entry>, found: &Found<T>, ticket: Ticket) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let (cache, entry, value, age) = (
            self.clone(),
            Arc::clone(entry),
            Arc::clone(&found.value),
            found.age,
        );
        self.0.sending.fetch_add(1, Ordering::Relaxed);
        runtime.spawn(async move {
            if let Some(shared) = &cache.0.shared {
                match value.encode() {
                    Some(body) => {
                        let shared_value = SharedValue {
                            body,
                            tags: entry.tags().collect(),
                            policy: entry.policy,
                            age,
                            is_budgeted: T::BUDGETED,
                        };
                        shared.put(&entry.key, ticket, shared_value).await;
                    }
                    None => shared.release(&entry.key, ticket).await,
                }
            }
            cache.0.sending.fetch_sub(1, Ordering::Relaxed);
        });
    }

    /// Stores a value, unless it was purged since `stamp`.
    fn keep<T: Cached>(
        &self,
        key: &Arc<str>,
        value: Arc<T>,
        stamp: u64,
        facts: Facts,
        ticket: Option<Ticket>,
    ) -> Found<T> {
        let entry = Arc::new(Entry::new(Parts {
            weight: value.weight(),
            value: Arc::clone(&value) as _,
            tags: self
                .0
                .purges
                .marks
                .tags(facts.tags.iter().map(String::as_str)),
            policy: facts.policy,
            stored: self.0.clock.now().before(facts.age),
            stamp,
            hits: self.0.memory.get(key).map_or(0, |entry| entry.hits()),
            key: Arc::clone(key),
            ticket,
        }));
        if entry.purge_state(&self.0.purges.marks) != PurgeState::Removed {
            self.0.memory.put(Arc::clone(&entry));
        }
        Found {
            value,
            how: How::Loaded,
            age: facts.age,
            entry: Some(entry),
        }
    }

    async fn give_back(&self, key: &str, ticket: Option<Ticket>) {
        if let (Some(shared), Some(ticket)) = (&self.0.shared, ticket) {
            shared.release(key, ticket).await;
        }
    }

    async fn load_alone<T, F, Fut, E>(&self, key: &str, load: F) -> Result<Found<T>, LoadError>
    where
        F: FnOnce(Load) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let value = self.run(&key.into(), load, Load::default()).await?;
        Ok(Found::unshared(Arc::new(value)))
    }

    /// Runs a loader within its time limit.
    async fn run<T, F, Fut, E>(&self, key: &Arc<str>, load: F, notes: Load) -> Result<T, LoadError>
    where
        F: FnOnce(Load) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        self.0.counters.loads.add();
        let limit = self.0.config.load_time;
        let key = Arc::clone(key);
        let error = match tokio::time::timeout(limit, load(notes)).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => LoadError::Failed {
                key,
                cause: error.into().into(),
            },
            Err(_) => LoadError::TimedOut { key, limit },
        };
        self.0.counters.failures.add();
        Err(error)
    }
}

fn finish<T>(leader: Leader, found: Found<T>) -> Found<T> {
    if let Some(entry) = &found.entry {
        leader.finish(Outcome::Loaded(Arc::clone(entry)));
    }
    found
}
