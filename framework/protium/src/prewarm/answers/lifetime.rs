//! How long an answer is true, and when it is asked for anew.

use std::time::Duration;

use protium_cache::Policy;

/// The life of an answer, from its `ts` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// `WASM_CACHE_TTL`: how long it is shown as the stock and the price of now.
    pub fresh: Duration,
    /// At this age it is asked for anew, so that no page has to show a stale one.
    pub due: Duration,
    /// How long it is shown after that, with its age, when there is no newer one.
    pub stale: Duration,
}

/// The variable with the time that an answer is fresh.
pub const TIME_TO_LIVE: &str = "WASM_CACHE_TTL";

impl Lifetime {
    /// Of answers that are fresh for so long, and looked at by a job that runs `every` so often:
    /// what would become stale before the run after the next is due.
    pub fn new(fresh: Duration, every: Duration, stale: Duration) -> Lifetime {
        let ahead = every.min(fresh / 2) * 3 / 2;
        Lifetime {
            fresh,
            due: fresh - ahead.min(fresh),
            stale,
        }
    }

    /// In the cache an answer is fresh until it is due: so a job finds and skips what it need not
    /// ask for.
    pub(crate) fn policy(&self) -> Policy {
        Policy {
            fresh_for: self.due,
            stale_if_error: self.fresh - self.due + self.stale,
            ..Policy::NONE
        }
    }

    /// How much longer an answer of this age need not be asked for.
    pub(crate) fn until_due(&self, age: Duration) -> Duration {
        self.due.saturating_sub(age)
    }

    /// How much longer it is of any use.
    pub(crate) fn until_gone(&self, age: Duration) -> Duration {
        (self.fresh + self.stale).saturating_sub(age)
    }
}

/// The duration in a variable, as modules read it: `30` and `30s` are seconds, `500ms` are
/// milliseconds, `5m` are minutes. `None` when it makes no sense.
pub fn duration(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: u32 = digits.parse().ok().filter(|number| *number > 0)?;
    let number = u64::from(number);
    match text.get(digits.len()..)? {
        "" | "s" => Some(Duration::from_secs(number)),
        "ms" => Some(Duration::from_millis(number)),
        "m" => Some(Duration::from_secs(60 * number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn an_answer_is_renewed_before_it_is_stale_whichever_run_finds_it_due() {
        for (fresh, every) in [(30, 10), (30, 1), (30, 29), (2, 1), (600, 60)] {
            let life = Lifetime::new(s(fresh), s(every), s(600));
            // A run that comes a moment too early, and then one that is as late as jitter allows.
            let every = s(every).min(s(fresh) / 2);
            assert!(life.due + every * 6 / 5 < s(fresh), "{life:?}");
        }
    }

    #[test]
    fn an_answer_is_of_use_for_its_whole_life() {
        let life = Lifetime::new(s(30), s(10), s(600));
        assert_eq!(life.due, s(15));
        assert_eq!(life.policy().lifetime(), s(630));
        assert_eq!(life.until_due(s(10)), s(5));
        assert_eq!(life.until_gone(s(631)), Duration::ZERO);
    }

    #[test]
    fn durations_are_read_as_modules_read_them() {
        assert_eq!(duration("30"), Some(s(30)));
        assert_eq!(duration("30s"), Some(s(30)));
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(duration("5m"), Some(s(300)));
        for nonsense in ["", "0", "s", "1h", "-1", "1.5", "99999999999"] {
            assert_eq!(duration(nonsense), None, "{nonsense}");
        }
    }
}
