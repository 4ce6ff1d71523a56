//! Monotonic time within the process, whatever happens to the system clock.

use std::time::{Duration, Instant};

/// The start of the clock. It is far from zero, so that entries which another node stored long ago
/// have a moment too.
const START: Duration = Duration::from_secs(1 << 32);

/// A source of moments. Clones share one time.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    started: Instant,
    /// What a test adds to the time.
    #[cfg(test)]
    ahead: std::sync::Arc<std::sync::atomic::AtomicU64>,
}

/// A point in time of this process. Comparable only with moments of the same clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Timestamp(Duration);

impl Clock {
    pub(super) fn new() -> Self {
        Self {
            started: Instant::now(),
            #[cfg(test)]
            ahead: std::sync::Arc::default(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        let elapsed = self.started.elapsed();
        #[cfg(test)]
        let elapsed =
            elapsed + Duration::from_millis(self.ahead.load(std::sync::atomic::Ordering::SeqCst));
        Timestamp(START + elapsed)
    }

    #[cfg(test)]
    pub(super) fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).expect("a test's time");
        self.ahead
            .fetch_add(by, std::sync::atomic::Ordering::SeqCst);
    }
}

impl Timestamp {
    /// The time from `earlier` to here; zero when it is later.
    pub(super) fn since(self, earlier: Timestamp) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// The moment `age` before this one.
    pub(super) fn before(self, age: Duration) -> Timestamp {
        Timestamp(self.0.saturating_sub(age))
    }

    /// Milliseconds since the clock's start, for an atomic.
    pub(super) fn millis(self) -> u64 {
        u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX)
    }
}
