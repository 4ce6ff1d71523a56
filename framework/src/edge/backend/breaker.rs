//! A breaker: after some failures a backend is given a rest, then one call tries it again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde::Serialize;

use crate::guest::BreakerSettings;

/// Whether a backend is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// It is.
    Closed,
    /// It is not: it failed lately.
    Open,
    /// One call may try, or is trying.
    HalfOpen,
}

pub(super) struct Breaker {
    settings: BreakerSettings,
    inner: Mutex<Inner>,
}

enum Inner {
    Closed { failures: u32 },
    Open { since: Instant },
    Trying,
}

impl Breaker {
    pub fn new(settings: BreakerSettings) -> Breaker {
        Breaker {
            settings,
            inner: Mutex::new(Inner::Closed { failures: 0 }),
        }
    }

    pub fn state(&self) -> BreakerState {
        self.state_at(Instant::now())
    }

    fn state_at(&self, now: Instant) -> BreakerState {
        match *self.inner.lock() {
            Inner::Closed { .. } => BreakerState::Closed,
            Inner::Open { since } if now.duration_since(since) < self.rest() => BreakerState::Open,
            Inner::Open { .. } | Inner::Trying => BreakerState::HalfOpen,
        }
    }

    /// The right to call; `None` while the breaker is open.
    pub fn admit(self: &Arc<Breaker>) -> Option<Permit> {
        self.admit_at(Instant::now())
    }

    fn admit_at(self: &Arc<Breaker>, now: Instant) -> Option<Permit> {
        let mut inner = self.inner.lock();
        let trying = match *inner {
            Inner::Closed { .. } => false,
            Inner::Open { since } if now.duration_since(since) >= self.rest() => {
                *inner = Inner::Trying;
                true
            }
            Inner::Open { .. } | Inner::Trying => return None,
        };
        Some(Permit {
            breaker: self.clone(),
            trying,
            verdict: None,
        })
    }

    fn rest(&self) -> Duration {
        Duration::from_millis(self.settings.open_ms)
    }

    fn judge(&self, trying: bool, verdict: Option<bool>, now: Instant) {
        let mut inner = self.inner.lock();
        match (&mut *inner, trying, verdict) {
            // A call that began before the breaker opened says nothing about now.
            (Inner::Open { .. } | Inner::Trying, false, _) => {}
            (_, _, Some(true)) => *inner = Inner::Closed { failures: 0 },
            // A trial that nobody waited for leaves the next one to another.
            (_, true, Some(false) | None) => *inner = Inner::Open { since: now },
            (Inner::Closed { failures }, false, Some(false)) => {
                *failures = failures.saturating_add(1);
                if *failures >= self.settings.failures {
                    *inner = Inner::Open { since: now };
                }
            }
            (_, false, None) => {}
        }
    }
}

/// The right to make one call. Its end without a verdict counts against a trial only.
pub(super) struct Permit {
    breaker: Arc<Breaker>,
    trying: bool,
    verdict: Option<bool>,
}

impl Permit {
    pub fn succeeded(mut self) {
        self.verdict = Some(true);
    }

    pub fn failed(mut self) {
        self.verdict = Some(false);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.breaker
            .judge(self.trying, self.verdict, Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaker(failures: u32, open_ms: u64) -> Arc<Breaker> {
        Arc::new(Breaker::new(BreakerSettings { failures, open_ms }))
    }

    fn fail(breaker: &Arc<Breaker>, times: u32) {
        for _ in 0..times {
            breaker.admit().unwrap().failed();
        }
    }

    #[test]
    fn failures_in_a_row_open_it_and_a_success_between_them_starts_anew() {
        let breaker = breaker(3, 60_000);
        fail(&breaker, 2);
        breaker.admit().unwrap().succeeded();
        fail(&breaker, 2);
        assert_eq!(breaker.state(), BreakerState::Closed);
        fail(&breaker, 1);
        assert_eq!(breaker.state(), BreakerState::Open);
        assert!(breaker.admit().is_none());
    }

    #[test]
    fn after_its_rest_one_call_tries_and_decides() {
        let breaker = breaker(1, 1_000);
        fail(&breaker, 1);
        let later = Instant::now() + Duration::from_secs(2);
        assert_eq!(breaker.state_at(later), BreakerState::HalfOpen);
        let trial = breaker.admit_at(later).unwrap();
        assert!(breaker.admit_at(later).is_none(), "only one");
        trial.failed();
        assert_eq!(breaker.state(), BreakerState::Open);
        breaker.admit_at(later).unwrap().succeeded();
        assert_eq!(breaker.state(), BreakerState::Closed);
    }

    #[test]
    fn a_trial_that_nobody_waited_for_does_not_keep_others_out() {
        let breaker = breaker(1, 1_000);
        fail(&breaker, 1);
        let later = Instant::now() + Duration::from_secs(2);
        drop(breaker.admit_at(later).unwrap());
        assert!(breaker.admit_at(later).is_some());
    }

    #[test]
    fn a_call_from_before_does_not_close_an_open_breaker() {
        let breaker = breaker(1, 60_000);
        let early = breaker.admit().unwrap();
        fail(&breaker, 1);
        early.succeeded();
        assert_eq!(breaker.state(), BreakerState::Open);
    }
}
