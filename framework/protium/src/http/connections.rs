//! The open connections, and which of them are closed: those that wait too long for a request's
//! head, and when there are too many, the longest idle ones first, of the address with the most
//! connections.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::http::forwarded::TrustedProxies;

/// The most connections, if the limit of open files allows it.
const MOST: usize = 4096;
/// The fewest, whatever the limit of open files is.
const FEWEST: usize = 16;
/// File descriptors that are reserved for everything else: the database, Redis, compiled modules.
const OTHER_FILES: u64 = 128;
/// The share of all connections that one address may have.
const SHARE: usize = 4;
/// A connection is not closed before it was idle for this long.
const GRACE: Duration = Duration::from_secs(1);
/// How long after a client has connected its first request may be on the way.
const NEW: Duration = Duration::from_millis(500);
/// The share of all connections that is closed at once when there are too many.
const BATCH: usize = 64;

/// The limits on connections.
#[derive(Clone, Debug)]
pub struct Capacity {
    /// All of them.
    pub connections: usize,
    /// For one address that is not a trusted proxy.
    pub per_address: usize,
    trusted: TrustedProxies,
}

impl Capacity {
    /// Limits that follow from the limit of open files, which is raised as far as this process may.
    /// `files` is the number of file descriptors per connection. Logs the result.
    pub fn of_this_process(files: u64, trusted: TrustedProxies) -> Capacity {
        let wanted = OTHER_FILES + MOST as u64 * files;
        let limit = rlimit::increase_nofile_limit(wanted).unwrap_or(wanted);
        let connections = limit.saturating_sub(OTHER_FILES) / files;
        let connections = usize::try_from(connections).unwrap_or(MOST);
        let capacity = Capacity::new(connections.clamp(FEWEST, MOST), trusted);
        let Capacity {
            connections,
            per_address,
            ..
        } = capacity;
        if connections < MOST {
            tracing::warn!(
                connections,
                per_address,
                open_files = limit,
                "there can be fewer connections than {MOST}: raise the hard limit of open files \
                 (ulimit -Hn, LimitNOFILE)"
            );
        } else {
            tracing::info!(
                connections,
                per_address,
                open_files = limit,
                "connections at the same time"
            );
        }
        capacity
    }

    /// A fixed number of connections.
    pub fn new(connections: usize, trusted: TrustedProxies) -> Capacity {
        Capacity {
            connections,
            per_address: (connections / SHARE).max(1),
            trusted,
        }
    }
}

/// A connection, shared by the server and its streams.
#[derive(Debug)]
pub struct ConnectionState {
    began: Instant,
    /// When bytes were last sent or received, in milliseconds after `began`.
    moved: AtomicU64,
    /// A request is being handled.
    is_answering: AtomicBool,
    /// Bodies that are still sent or received: of a request, and of its answer.
    bodies: AtomicUsize,
    /// When the last of them ended, or bytes were last sent, in milliseconds after `began`.
    finished: AtomicU64,
    /// A handler waits for more of its body.
    awaits_body: AtomicBool,
    /// The body arrived too slowly.
    is_body_late: AtomicBool,
    /// Notified when the connection is to be closed.
    dropped: Notify,
}

impl ConnectionState {
    pub(crate) fn new() -> ConnectionState {
        ConnectionState {
            began: Instant::now(),
            moved: AtomicU64::new(0),
            is_answering: AtomicBool::new(false),
            bodies: AtomicUsize::new(0),
            finished: AtomicU64::new(0),
            awaits_body: AtomicBool::new(false),
            is_body_late: AtomicBool::new(false),
            dropped: Notify::new(),
        }
    }

    /// Bytes were received.
    pub(crate) fn moved(&self) {
        self.moved_at(Instant::now());
    }

    /// Bytes were sent.
    pub(crate) fn sent(&self) {
        self.sent_at(Instant::now());
    }

    fn sent_at(&self, now: Instant) {
        self.moved_at(now);
        self.finished.store(self.millis(now), Ordering::Relaxed);
    }

    fn moved_at(&self, now: Instant) {
        self.moved.store(self.millis(now), Ordering::Relaxed);
    }

    /// Milliseconds after `began`.
    fn millis(&self, now: Instant) -> u64 {
        let after = now.saturating_duration_since(self.began).as_millis();
        u64::try_from(after).unwrap_or(u64::MAX)
    }

    /// The head of a request has arrived, a moment ago.
    pub(crate) fn asked(&self) {
        self.awaits_body.store(false, Ordering::Relaxed);
        self.is_body_late.store(false, Ordering::Relaxed);
        self.is_answering.store(true, Ordering::Relaxed);
    }

    /// There is an answer, whose body has begun.
    pub(crate) fn answered(&self) {
        self.moved();
        // Whoever sees this sees the body too.
        self.is_answering.store(false, Ordering::Release);
    }

    /// A body begins.
    pub(crate) fn body_begins(&self) {
        self.bodies.fetch_add(1, Ordering::Relaxed);
    }

    /// A body was sent or received, or is given up.
    pub(crate) fn body_ends(&self) {
        let now = self.millis(Instant::now());
        self.finished.store(now, Ordering::Relaxed);
        self.bodies.fetch_sub(1, Ordering::Release);
    }

    pub(crate) fn set_awaits_body(&self, awaits: bool) {
        self.awaits_body.store(awaits, Ordering::Relaxed);
    }

    pub(crate) fn set_body_late(&self) {
        self.is_body_late.store(true, Ordering::Relaxed);
    }

    /// Whether a handler waits for more of the request's body, or the body timed out.
    pub fn owes_body(&self) -> bool {
        self.awaits_body.load(Ordering::Relaxed) || self.is_body_late.load(Ordering::Relaxed)
    }

    /// Resolves when the connection is to be closed.
    pub(crate) async fn dropped(&self) {
        self.dropped.notified().await;
    }

    /// How long the head of a request has been awaited; `None` while one is answered. The rest of
    /// an answer may still be read slowly: that counts from the last bytes on.
    fn awaits_head_for(&self, now: Instant) -> Option<Duration> {
        let awaits_head =
            !self.is_answering.load(Ordering::Acquire) && self.bodies.load(Ordering::Acquire) == 0;
        let since = self.finished.load(Ordering::Relaxed);
        awaits_head.then(|| Duration::from_millis(self.millis(now).saturating_sub(since)))
    }

    /// Whether its first request may be on the way.
    fn is_new(&self, now: Instant) -> bool {
        let waited = self.awaits_head_for(now);
        self.finished.load(Ordering::Relaxed) == 0 && waited.is_some_and(|waited| waited < NEW)
    }

    /// How long it has been waiting for its client; `None` while the client waits for the server.
    fn idle_for(&self, now: Instant) -> Option<Duration> {
        let is_ours =
            self.is_answering.load(Ordering::Relaxed) && !self.awaits_body.load(Ordering::Relaxed);
        let moved = self.began + Duration::from_millis(self.moved.load(Ordering::Relaxed));
        (!is_ours).then(|| now.saturating_duration_since(moved))
    }
}

/// All open connections.
#[derive(Debug)]
pub(crate) struct Connections {
    capacity: Capacity,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    all: HashMap<u64, (IpAddr, Arc<ConnectionState>)>,
    by_address: HashMap<IpAddr, usize>,
}

/// A connection's entry, removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    connections: Arc<Connections>,
    number: u64,
    pub state: Arc<ConnectionState>,
}

impl Connections {
    pub(crate) fn new(capacity: Capacity) -> Arc<Connections> {
        Arc::new(Connections {
            capacity,
            open: Mutex::default(),
        })
    }

    /// Registers a connection from this address. `None` if the address has its share already; then
    /// its longest idle connection is closed, so that the next attempt succeeds.
    pub(crate) fn enter(self: &Arc<Connections>, peer: IpAddr) -> Option<Place> {
        let address = site(peer);
        let mut open = self.open.lock();
        let count = open.by_address.get(&address).copied().unwrap_or(0);
        if count >= self.capacity.per_address && !self.capacity.trusted.contains(peer) {
            open.drop_idle(Instant::now(), 1, Some(address));
            return None;
        }
        let number = open.next;
        open.next += 1;
        let state = Arc::new(ConnectionState::new());
        open.all.insert(number, (address, Arc::clone(&state)));
        *open.by_address.entry(address).or_default() += 1;
        Some(Place {
            connections: Arc::clone(self),
            number,
            state,
        })
    }

    /// Whether the first request of some connection may be on the way.
    pub(crate) fn expect_requests(&self, now: Instant) -> bool {
        let open = self.open.lock();
        open.all.values().any(|(_, state)| state.is_new(now))
    }

    /// If there are too many connections, closes idle ones, and returns how many.
    pub(crate) fn drop_idle(&self, now: Instant) -> usize {
        let most = (self.capacity.connections / BATCH).max(1);
        self.open.lock().drop_idle(now, most, None)
    }

    /// Closes the connections that have been waiting for the head of a request for so long.
    pub(crate) fn drop_late(&self, now: Instant, limit: Duration) {
        for (_, state) in self.open.lock().all.values() {
            if state.awaits_head_for(now).is_some_and(|time| time >= limit) {
                state.dropped.notify_one();
            }
        }
    }
}

impl Open {
    fn drop_idle(&self, now: Instant, most: usize, of: Option<IpAddr>) -> usize {
        let mut idle: Vec<_> = self
            .all
            .values()
            .filter(|(address, _)| of.is_none_or(|of| of == *address))
            .filter_map(|(address, state)| {
                let time = state.idle_for(now).filter(|time| *time >= GRACE)?;
                Some((
                    self.by_address.get(address).copied().unwrap_or(0),
                    time,
                    state,
                ))
            })
            .collect();
        idle.sort_by_key(|(count, time, _)| std::cmp::Reverse((*count, *time)));
        idle.truncate(most);
        for (_, _, state) in &idle {
            state.dropped.notify_one();
        }
        idle.len()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock();
        let Some((address, _)) = open.all.remove(&self.number) else {
            return;
        };
        if let Some(count) = open.by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                open.by_address.remove(&address);
            }
        }
    }
}

/// Groups addresses: of IPv6, those with the same 64 bits are one site.
pub(crate) fn site(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from(network))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn connections(most: usize) -> Arc<Connections> {
        let trusted = TrustedProxies::parse(&["10.0.0.1".to_owned()]).expect("an address");
        Connections::new(Capacity::new(most, trusted))
    }

    async fn is_dropped(place: &Place) -> bool {
        let dropped = place.state.dropped();
        tokio::time::timeout(Duration::from_millis(1), dropped)
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn one_address_has_its_share_and_a_trusted_proxy_has_all() {
        let connections = connections(8);
        let greedy: Vec<_> = (0..5)
            .map(|_| connections.enter(address("192.0.2.1")))
            .collect();
        assert_eq!(greedy.iter().flatten().count(), 2);
        assert!(connections.enter(address("192.0.2.2")).is_some());
        let proxy: Vec<_> = (0..5)
            .map(|_| connections.enter(address("10.0.0.1")))
            .collect();
        assert_eq!(proxy.iter().flatten().count(), 5);
        drop(greedy);
        assert!(connections.enter(address("192.0.2.1")).is_some());
    }

    #[tokio::test]
    async fn one_site_has_many_addresses_of_the_newer_kind() {
        let connections = connections(8);
        let all: Vec<_> = (0..5)
            .map(|host| connections.enter(address(&format!("2001:db8::{host}"))))
            .collect();
        assert_eq!(all.iter().flatten().count(), 2);
        let mapped = connections.enter(address("::ffff:192.0.2.1"));
        assert!(mapped.is_some());
    }

    #[tokio::test]
    async fn the_idlest_of_the_greediest_goes_first_and_nobody_who_waits_for_us() {
        let connections = connections(64);
        let enter = |text: &str| connections.enter(address(text)).expect("a place");
        let old = enter("192.0.2.2");
        let greedy = [enter("192.0.2.1"), enter("192.0.2.1"), enter("192.0.2.1")];
        greedy[0].state.asked();
        assert_eq!(
            connections.drop_idle(Instant::now()),
            0,
            "nobody is idle yet"
        );
        let later = Instant::now() + Duration::from_secs(4);
        greedy[1].state.moved_at(later - Duration::from_secs(2));
        assert_eq!(connections.drop_idle(later), 1);
        assert!(is_dropped(&greedy[2]).await);
        assert!(!is_dropped(&greedy[0]).await && !is_dropped(&greedy[1]).await);
        assert!(!is_dropped(&old).await);
        drop(greedy);
        assert_eq!(connections.drop_idle(later), 1);
        assert!(is_dropped(&old).await);
    }

    #[tokio::test]
    async fn who_owes_a_body_is_idle() {
        let connections = connections(64);
        let place = connections.enter(address("192.0.2.1")).expect("a place");
        place.state.asked();
        let later = Instant::now() + Duration::from_secs(2);
        assert_eq!(connections.drop_idle(later), 0);
        place.state.set_awaits_body(true);
        assert_eq!(connections.drop_idle(later), 1);
    }

    #[tokio::test]
    async fn whoever_takes_too_long_for_a_head_is_late_and_nobody_else() {
        let connections = connections(64);
        let enter = || connections.enter(address("192.0.2.1")).expect("a place");
        let limit = Duration::from_secs(30);
        let (slow, asking, sending, reading) = (enter(), enter(), enter(), enter());
        for place in [&asking, &sending, &reading] {
            place.state.asked();
        }
        // The body of a request that is answered already.
        sending.state.body_begins();
        sending.state.answered();
        reading.state.body_begins();
        reading.state.answered();
        let later = Instant::now() + limit;
        // A byte now and then is no head.
        slow.state.moved_at(later);
        connections.drop_late(later, limit);
        assert!(is_dropped(&slow).await);
        for place in [&asking, &sending, &reading] {
            assert!(!is_dropped(place).await);
        }
        reading.state.body_ends();
        connections.drop_late(Instant::now(), limit);
        assert!(!is_dropped(&reading).await, "another request may follow");
        let later = Instant::now() + limit;
        reading.state.sent_at(later - Duration::from_secs(1));
        connections.drop_late(later, limit);
        assert!(!is_dropped(&reading).await, "it reads slowly");
        connections.drop_late(later + limit, limit);
        assert!(is_dropped(&reading).await);
        assert!(!is_dropped(&asking).await && !is_dropped(&sending).await);
    }
}
