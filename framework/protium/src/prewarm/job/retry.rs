//! Retries of a run whose backends fail. While a circuit breaker is open, the SKUs of its region
//! wait instead of failing one after the other; when it is half-open, one of them is asked for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, MutexGuard};

use crate::prewarm::job::modules::Modules;

/// Between two attempts: at first, and at most.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
const LONGEST_BACKOFF: Duration = Duration::from_secs(4);

/// How often and for how long a run retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often a SKU is asked for whose backend has no answer.
    pub attempts: u32,
    /// How long a region may take after its backends failed for the first time without one success
    /// between.
    pub outage: Duration,
}

impl RetryPolicy {
    /// Of a run that somebody started and waits for.
    pub const BATCH: RetryPolicy = RetryPolicy {
        attempts: 5,
        outage: Duration::from_secs(60),
    };
    /// Of a run that the next one follows soon.
    pub const SCHEDULED: RetryPolicy = RetryPolicy {
        attempts: 2,
        outage: Duration::from_secs(5),
    };
}

/// Retries in one region, in one run.
pub(crate) struct RegionRetry {
    region: String,
    outage: Duration,
    /// Locked by the worker that waits for the breakers and asks first.
    probe: Mutex<Outage>,
    gave_up: AtomicBool,
}

#[derive(Default)]
pub(crate) struct Outage {
    began: Option<Instant>,
    probes: u32,
}

/// The permit to ask while a breaker is half-open: one at a time, until this is dropped.
pub(crate) struct RetryPermit<'a>(Option<MutexGuard<'a, Outage>>);

impl RegionRetry {
    pub(crate) fn new(region: &str, retry_policy: RetryPolicy) -> RegionRetry {
        RegionRetry {
            region: region.to_owned(),
            outage: retry_policy.outage,
            probe: Mutex::default(),
            gave_up: AtomicBool::new(false),
        }
    }

    /// Whether its backends failed for so long that nothing is waited for any more.
    pub(crate) fn gave_up(&self) -> bool {
        self.gave_up.load(Ordering::Relaxed)
    }

    /// Returns when the backends may be asked: at once while the breakers are closed, or after the
    /// region was given up. The pause between two probes that fail grows.
    pub(crate) async fn wait(&self, modules: &Modules) -> RetryPermit<'_> {
        if self.gave_up() || modules.edge().retry_after(&self.region).is_none() {
            return RetryPermit(None);
        }
        let mut outage = self.probe.lock().await;
        let began = *outage.began.get_or_insert_with(Instant::now);
        let mut backoff = backoff(outage.probes);
        loop {
            let Some(wait) = modules.edge().retry_after(&self.region) else {
                *outage = Outage::default();
                return RetryPermit(None);
            };
            let left = self.outage.saturating_sub(began.elapsed());
            if self.gave_up() || left.is_zero() {
                self.gave_up.store(true, Ordering::Relaxed);
                return RetryPermit(None);
            }
            if wait.is_zero() && backoff.is_zero() {
                outage.probes = outage.probes.saturating_add(1);
                return RetryPermit(Some(outage));
            }
            tokio::time::sleep(wait.max(backoff).min(left)).await;
            backoff = Duration::ZERO;
        }
    }
}

impl RetryPermit<'_> {
    /// Whether this is a probe: otherwise the breakers are closed, or the region was given up.
    pub(crate) fn is_probe(&self) -> bool {
        self.0.is_some()
    }
}

/// The pause after so many failed probes or attempts.
pub(crate) fn backoff(failed: u32) -> Duration {
    match failed {
        0 => Duration::ZERO,
        failed => {
            (FIRST_BACKOFF * 2_u32.saturating_pow(failed - 1).min(1 << 10)).min(LONGEST_BACKOFF)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound() {
        let millis = [0, 1, 2, 3, 100].map(|failed| backoff(failed).as_millis());
        assert_eq!(millis, [0, 100, 200, 400, 4_000]);
    }
}
