//! How long a run waits for backends that fail. While a breaker rests, the SKUs of its region wait
//! with it instead of being refused one after the other; then one of them tries.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, MutexGuard};

use crate::prewarm::job::modules::Modules;

/// Between two attempts: at first, and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// How long a run waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How often a SKU is asked for whose backend has no answer.
    pub attempts: u32,
    /// How long a region may take after its backends failed for the first time without one success
    /// between.
    pub outage: Duration,
}

impl Patience {
    /// Of a run that somebody started and waits for.
    pub const BATCH: Patience = Patience {
        attempts: 5,
        outage: Duration::from_secs(60),
    };
    /// Of a run that the next one follows soon.
    pub const SCHEDULED: Patience = Patience {
        attempts: 2,
        outage: Duration::from_secs(5),
    };
}

/// The backends of one region, in one run.
pub(crate) struct RegionCare {
    region: String,
    outage: Duration,
    /// Held by the one who waits for the breakers and tries.
    trial: Mutex<Outage>,
    gave_up: AtomicBool,
}

#[derive(Default)]
pub(crate) struct Outage {
    began: Option<Instant>,
    trials: u32,
}

/// The right to ask, while backends fail: for one at a time, until this is dropped.
pub(crate) struct RetryPermit<'a>(Option<MutexGuard<'a, Outage>>);

impl RegionCare {
    pub(crate) fn new(region: &str, patience: Patience) -> RegionCare {
        RegionCare {
            region: region.to_owned(),
            outage: patience.outage,
            trial: Mutex::default(),
            gave_up: AtomicBool::new(false),
        }
    }

    /// Whether its backends failed for so long that nothing is waited for any more.
    pub(crate) fn gave_up(&self) -> bool {
        self.gave_up.load(Ordering::Relaxed)
    }

    /// Returns when the backends may be asked: at once while they answer, or when the region was
    /// given up. Between two trials that fail it takes longer and longer.
    pub(crate) async fn wait(&self, modules: &Modules) -> RetryPermit<'_> {
        if self.gave_up() || modules.edge().rest_left(&self.region).is_none() {
            return RetryPermit(None);
        }
        let mut outage = self.trial.lock().await;
        let began = *outage.began.get_or_insert_with(Instant::now);
        let mut pause = pause(outage.trials);
        loop {
            let Some(rest) = modules.edge().rest_left(&self.region) else {
                *outage = Outage::default();
                return RetryPermit(None);
            };
            let left = self.outage.saturating_sub(began.elapsed());
            if self.gave_up() || left.is_zero() {
                self.gave_up.store(true, Ordering::Relaxed);
                return RetryPermit(None);
            }
            if rest.is_zero() && pause.is_zero() {
                outage.trials = outage.trials.saturating_add(1);
                return RetryPermit(Some(outage));
            }
            tokio::time::sleep(rest.max(pause).min(left)).await;
            pause = Duration::ZERO;
        }
    }
}

impl RetryPermit<'_> {
    /// Whether it is one: else the backends answer, or are not waited for any more.
    pub(crate) fn is_one(&self) -> bool {
        self.0.is_some()
    }
}

/// How long after so many failed trials, or attempts, the next one is.
pub(crate) fn pause(failed: u32) -> Duration {
    match failed {
        0 => Duration::ZERO,
        failed => (FIRST_PAUSE * 2_u32.saturating_pow(failed - 1).min(1 << 10)).min(LONGEST_PAUSE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound() {
        let millis = [0, 1, 2, 3, 100].map(|failed| pause(failed).as_millis());
        assert_eq!(millis, [0, 100, 200, 400, 4_000]);
    }
}
