//! A limit on log lines of one kind, so that clients cannot fill the log.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// The most lines in one period; further ones are only counted.
const LINES: u32 = 20;
const PERIOD: Duration = Duration::from_secs(10);

/// Allows a number of lines in each period.
#[derive(Default)]
pub struct LogQuota {
    period: Mutex<Option<Period>>,
}

struct Period {
    began: Instant,
    lines: u32,
}

impl LogQuota {
    /// A quota that is not used yet.
    pub const fn new() -> LogQuota {
        LogQuota {
            period: Mutex::new(None),
        }
    }

    /// Whether a line may be written now. `Some` has the number of lines that were suppressed in
    /// the last period.
    pub fn admit(&self, now: Instant) -> Option<u32> {
        let mut period = self.period.lock();
        let current = period.get_or_insert(Period {
            began: now,
            lines: 0,
        });
        let mut suppressed = 0;
        if now.duration_since(current.began) >= PERIOD {
            suppressed = current.lines.saturating_sub(LINES);
            *current = Period {
                began: now,
                lines: 0,
            };
        }
        current.lines = current.lines.saturating_add(1);
        (current.lines <= LINES).then_some(suppressed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_counted_instead_of_written() {
        let log = LogQuota::default();
        let start = Instant::now();
        let written = (0..100).filter(|_| log.admit(start).is_some()).count();
        assert_eq!(written, LINES as usize);
        assert_eq!(log.admit(start + PERIOD), Some(100 - LINES));
        assert_eq!(log.admit(start + PERIOD), Some(0));
    }
}
