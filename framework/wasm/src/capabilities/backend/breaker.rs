//! A circuit breaker: after some failures a backend is not called for a while, then one run tries
//! it again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde::Serialize;

use crate::capabilities::grants::BreakerSettings;

/// The state of a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// The backend is called.
    Closed,
    /// The backend is not called, because it failed recently.
    Open,
    /// One run may try it, or is trying.
    HalfOpen,
}

/// A run of a module: its concurrent calls try a backend together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RunId(u64);

impl RunId {
    /// A number that no earlier run has.
    pub fn new() -> RunId {
        static LAST: AtomicU64 = AtomicU64::new(0);
        RunId(LAST.fetch_add(1, Ordering::Relaxed))
    }
}

/// How often a waiting caller checks whether a trial has ended.
const TRIAL: Duration = Duration::from_millis(20);

pub(super) struct Breaker {
    settings: BreakerSettings,
    inner: Mutex<Inner>,
}

enum Inner {
    Closed { failures: u32 },
    Open { since: Instant },
    Trying { run: RunId },
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
            Inner::Open { .. } | Inner::Trying { .. } => BreakerState::HalfOpen,
        }
    }

    /// How long a caller must wait in order not to be refused; `None` while all calls are admitted.
    /// Zero: one may try now.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after_at(Instant::now())
    }

    fn retry_after_at(&self, now: Instant) -> Option<Duration> {
        match *self.inner.lock() {
            Inner::Closed { .. } => None,
            Inner::Open { since } => Some(self.rest().saturating_sub(now.duration_since(since))),
            Inner::Trying { .. } => Some(TRIAL),
        }
    }

    /// Permission for a run to call; `None` while the breaker is open.
    pub fn admit(self: &Arc<Breaker>, run: RunId) -> Option<Permit> {
        self.admit_at(run, Instant::now())
    }

    fn admit_at(self: &Arc<Breaker>, run: RunId, now: Instant) -> Option<Permit> {
        let mut inner = self.inner.lock();
        let trying = match *inner {
            Inner::Closed { .. } => false,
            Inner::Open { since } if now.duration_since(since) >= self.rest() => {
                *inner = Inner::Trying { run };
                true
            }
            Inner::Trying { run: trying } if trying == run => true,
            Inner::Open { .. } | Inner::Trying { .. } => return None,
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
            // A call from before the breaker opened says nothing about the present.
            (Inner::Open { .. } | Inner::Trying { .. }, false, _) => {}
            (_, _, Some(true)) => *inner = Inner::Closed { failures: 0 },
            // Other calls of its run were answered.
            (Inner::Closed { .. }, true, None) => {}
            // A trial that was cancelled leaves the next one to another run.
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

/// Permission for one call. Dropping it without a result only counts as a failed trial.
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

    /// A run with one call.
    fn admit(breaker: &Arc<Breaker>) -> Option<Permit> {
        breaker.admit(RunId::new())
    }

    fn fail(breaker: &Arc<Breaker>, times: u32) {
        for _ in 0..times {
            admit(breaker).unwrap().failed();
        }
    }

    #[test]
    fn failures_in_a_row_open_it_and_a_success_between_them_starts_anew() {
        let breaker = breaker(3, 60_000);
        fail(&breaker, 2);
        admit(&breaker).unwrap().succeeded();
        fail(&breaker, 2);
        assert_eq!(breaker.state(), BreakerState::Closed);
        fail(&breaker, 1);
        assert_eq!(breaker.state(), BreakerState::Open);
        assert!(admit(&breaker).is_none());
    }

    #[test]
    fn after_its_rest_one_run_tries_and_decides() {
        let breaker = breaker(1, 1_000);
        fail(&breaker, 1);
        let later = Instant::now() + Duration::from_secs(2);
        assert_eq!(breaker.state_at(later), BreakerState::HalfOpen);
        let run = RunId::new();
        let trial = breaker.admit_at(run, later).unwrap();
        assert!(breaker.admit_at(RunId::new(), later).is_none(), "only one");
        trial.failed();
        assert_eq!(breaker.state(), BreakerState::Open);
        breaker.admit_at(run, later).unwrap().succeeded();
        assert_eq!(breaker.state(), BreakerState::Closed);
    }

    #[test]
    fn it_says_how_long_it_rests() {
        let breaker = breaker(1, 1_000);
        assert_eq!(breaker.retry_after(), None);
        fail(&breaker, 1);
        let now = Instant::now();
        assert!(breaker.retry_after_at(now) > Some(Duration::from_millis(500)));
        let later = now + Duration::from_secs(2);
        assert_eq!(breaker.retry_after_at(later), Some(Duration::ZERO));
        let trial = breaker.admit_at(RunId::new(), later).unwrap();
        assert_eq!(breaker.retry_after_at(later), Some(TRIAL));
        trial.succeeded();
        assert_eq!(breaker.retry_after(), None);
    }

    #[test]
    fn the_calls_that_a_run_makes_together_try_together() {
        let breaker = breaker(1, 1_000);
        fail(&breaker, 1);
        let later = Instant::now() + Duration::from_secs(2);
        let run = RunId::new();
        let calls: Vec<Permit> = (0..3)
            .map(|_| breaker.admit_at(run, later).unwrap())
            .collect();
        let mut calls = calls.into_iter();
        calls.next().unwrap().succeeded();
        drop(calls);
        assert_eq!(breaker.state(), BreakerState::Closed);
    }

    #[test]
    fn a_trial_that_nobody_waited_for_does_not_keep_others_out() {
        let breaker = breaker(1, 1_000);
        fail(&breaker, 1);
        let later = Instant::now() + Duration::from_secs(2);
        drop(breaker.admit_at(RunId::new(), later).unwrap());
        assert!(breaker.admit_at(RunId::new(), later).is_some());
    }

    #[test]
    fn a_call_from_before_does_not_close_an_open_breaker() {
        let breaker = breaker(1, 60_000);
        let early = admit(&breaker).unwrap();
        fail(&breaker, 1);
        early.succeeded();
        assert_eq!(breaker.state(), BreakerState::Open);
    }
}
