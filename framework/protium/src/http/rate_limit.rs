//! A rate limit for each client address, per minute, with bursts.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use moka::sync::Cache;

use crate::http::connections::site;

/// The most addresses that are remembered; the least recently used are forgotten.
const ADDRESSES: u64 = 10_000;
/// After this time without requests an address has its full quota again, so that it can be
/// forgotten.
const MINUTE: Duration = Duration::from_secs(60);

/// A limit for each address, by the generic cell rate algorithm: each request costs a share of a
/// minute, and an address may be a minute in debt.
pub struct RateLimit {
    cost: Duration,
    began: Instant,
    /// When each address will be out of debt, in nanoseconds since `began`.
    addresses: Cache<IpAddr, Arc<AtomicU64>>,
}

impl RateLimit {
    /// A limit per minute; `None` for 0, which means no limit.
    pub fn per_minute(most: u32) -> Option<RateLimit> {
        Some(RateLimit {
            cost: MINUTE.checked_div(most)?,
            began: Instant::now(),
            addresses: Cache::builder()
                .max_capacity(ADDRESSES)
                .time_to_idle(MINUTE)
                .build(),
        })
    }

    /// Counts one request of this address; an error has the time that it has to wait.
    pub fn check(&self, address: IpAddr) -> Result<(), Duration> {
        self.check_at(address, self.began.elapsed())
    }

    fn check_at(&self, address: IpAddr, now: Duration) -> Result<(), Duration> {
        let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let (now, cost, most) = (
            nanoseconds(now),
            nanoseconds(self.cost),
            nanoseconds(MINUTE),
        );
        let free_at = self.addresses.get_with(site(address), Arc::default);
        let after = |free_at: u64| free_at.max(now).saturating_add(cost);
        let counted = free_at.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |free_at| {
            let after = after(free_at);
            (after - now <= most).then_some(after)
        });
        match counted {
            Ok(_) => Ok(()),
            Err(free_at) => Err(Duration::from_nanos(after(free_at) - now - most)),
        }
    }
}

/// Whether an address is private, and so probably a proxy's, not a visitor's.
pub fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local()
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn an_address_has_its_share_and_others_have_theirs() {
        let limit = RateLimit::per_minute(3).expect("a limit");
        let (one, other) = (address("203.0.113.9"), address("203.0.113.10"));
        for _ in 0..3 {
            assert_eq!(limit.check(one), Ok(()));
        }
        let wait = limit.check(one).expect_err("the fourth");
        assert!(wait <= MINUTE / 3, "{wait:?}");
        let later = limit.began.elapsed() + wait;
        assert_eq!(limit.check_at(one, later), Ok(()));
        assert!(limit.check_at(one, later).is_err());
        assert!(limit.check(address("::ffff:203.0.113.9")).is_err());
        assert_eq!(limit.check(other), Ok(()));
    }

    #[test]
    fn a_network_of_ipv6_is_one_visitor() {
        let limit = RateLimit::per_minute(1).expect("a limit");
        assert_eq!(limit.check(address("2001:db8::1")), Ok(()));
        assert!(limit.check(address("2001:db8::ffff:1")).is_err());
        assert_eq!(limit.check(address("2001:db8:0:1::1")), Ok(()));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let limit = RateLimit::per_minute(1).expect("a limit");
        for number in 0..3 * u32::try_from(ADDRESSES).expect("a number") {
            let _ = limit.check(IpAddr::from(number.to_be_bytes()));
        }
        limit.addresses.run_pending_tasks();
        assert!(limit.addresses.entry_count() <= ADDRESSES);
    }

    #[test]
    fn zero_is_no_limit() {
        assert!(RateLimit::per_minute(0).is_none());
    }
}
