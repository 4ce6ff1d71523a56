//! Circuit breakers for guests that waste processor time: a component shows its fallback, a module
//! is not run, for a while.
//!
//! Only the time of failed calls counts, in units of the limit on one call: three units switch off,
//! and one is forgiven each second. After a pause one call tries again; if it succeeds, the state
//! is reset.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// The number of wasted limits that switches off.
const TOLERATED: u32 = 3;
/// The time in which one limit is forgiven.
const FORGIVING: Duration = Duration::from_secs(1);
/// How long a trial keeps others from trying.
const TRIAL: Duration = Duration::from_secs(1);
/// The interval of log lines about something that is switched off repeatedly.
const SAID_AGAIN: Duration = Duration::from_secs(60);

/// What is switched off, for the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// The limit of processor time on one call.
    pub limit: Duration,
    /// How long it is switched off; zero: never.
    pub rest: Duration,
}

/// The breaker of one component or module.
#[derive(Debug, Default)]
struct Circuit {
    /// Wasted time, at `since`.
    wasted: Duration,
    since: Option<Instant>,
    /// When the next call may try again; unset while it is on.
    off_until: Option<Instant>,
    said: Option<Instant>,
}

impl Circuit {
    fn admits(&mut self, now: Instant) -> bool {
        match self.off_until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                self.off_until = Some(now + TRIAL);
                true
            }
        }
    }

    /// Whether this call switched it off.
    fn wasted(&mut self, rules: Rules, computed: Duration, now: Instant) -> bool {
        let forgiven = self.since.map_or(Duration::ZERO, |since| {
            let time = now.saturating_duration_since(since);
            rules
                .limit
                .mul_f64(time.as_secs_f64() / FORGIVING.as_secs_f64())
        });
        self.wasted = self.wasted.saturating_sub(forgiven) + computed;
        self.since = Some(now);
        let was_on = self.off_until.is_none();
        if was_on && self.wasted < rules.limit * TOLERATED {
            return false;
        }
        self.off_until = Some(now + rules.rest);
        was_on
    }
}

/// The breakers of everything that has failed, by name.
#[derive(Debug)]
pub(crate) struct Circuits {
    rules: Rules,
    /// How many are off: while none is, the map is not read.
    off: AtomicUsize,
    circuits: Mutex<BTreeMap<String, Circuit>>,
}

impl Circuits {
    pub fn new(rules: Rules) -> Circuits {
        Circuits {
            rules,
            off: AtomicUsize::new(0),
            circuits: Mutex::default(),
        }
    }

    /// Whether everything is on, the usual case.
    pub fn are_on(&self) -> bool {
        self.off.load(Ordering::Relaxed) == 0
    }

    /// Whether this may be called now.
    pub fn admits(&self, name: &str) -> bool {
        self.admits_at(name, Instant::now())
    }

    fn admits_at(&self, name: &str, now: Instant) -> bool {
        if self.are_on() {
            return true;
        }
        let mut circuits = self.circuits.lock();
        circuits
            .get_mut(name)
            .is_none_or(|circuit| circuit.admits(now))
    }

    /// A call failed after using this much time. Returns the pause if this switched it off and the
    /// log should say so.
    #[must_use = "the log says what is switched off"]
    pub fn failed(&self, name: &str, computed: Duration) -> Option<Duration> {
        self.failed_at(name, computed, Instant::now())
    }

    fn failed_at(&self, name: &str, computed: Duration, now: Instant) -> Option<Duration> {
        if computed == Duration::ZERO || self.rules.rest == Duration::ZERO {
            return None;
        }
        let mut circuits = self.circuits.lock();
        let circuit = match circuits.get_mut(name) {
            Some(circuit) => circuit,
            None => circuits.entry(name.to_owned()).or_default(),
        };
        if !circuit.wasted(self.rules, computed, now) {
            return None;
        }
        self.off.fetch_add(1, Ordering::Relaxed);
        let is_news = circuit
            .said
            .is_none_or(|said| now.saturating_duration_since(said) >= SAID_AGAIN);
        is_news.then(|| {
            circuit.said = Some(now);
            self.rules.rest
        })
    }

    /// A call succeeded: resets the breaker.
    pub fn succeeded(&self, name: &str) {
        if self.are_on() {
            return;
        }
        let mut circuits = self.circuits.lock();
        if let Some(circuit) = circuits.get_mut(name)
            && circuit.off_until.take().is_some()
        {
            circuit.wasted = Duration::ZERO;
            self.off.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_millis(50);
    const REST: Duration = Duration::from_secs(10);

    fn circuits() -> Circuits {
        Circuits::new(Rules {
            limit: LIMIT,
            rest: REST,
        })
    }

    #[test]
    fn three_limits_of_computing_in_vain_switch_off_and_the_log_hears_of_it_once() {
        let circuits = circuits();
        let now = Instant::now();
        assert_eq!(circuits.failed_at("loop", LIMIT, now), None);
        assert_eq!(circuits.failed_at("loop", LIMIT, now), None);
        assert!(circuits.admits_at("loop", now));
        assert_eq!(circuits.failed_at("loop", LIMIT, now), Some(REST));
        assert_eq!(circuits.failed_at("loop", LIMIT, now), None);
        assert!(!circuits.admits_at("loop", now));
        assert!(circuits.admits_at("other", now));
    }

    #[test]
    fn what_fails_at_once_or_seldom_is_not_switched_off() {
        let circuits = circuits();
        let now = Instant::now();
        for second in 0..100 {
            let later = now + FORGIVING * second;
            assert_eq!(circuits.failed_at("trap", Duration::ZERO, now), None);
            assert_eq!(circuits.failed_at("seldom", LIMIT, later), None);
        }
    }

    #[test]
    fn after_its_rest_one_call_tries_and_decides() {
        let circuits = circuits();
        let now = Instant::now();
        assert_eq!(circuits.failed_at("loop", LIMIT * 3, now), Some(REST));
        let later = now + REST;
        assert!(circuits.admits_at("loop", later));
        assert!(!circuits.admits_at("loop", later), "only one");
        assert_eq!(
            circuits.failed_at("loop", LIMIT, later),
            None,
            "it is off already"
        );
        assert!(!circuits.admits_at("loop", later + TRIAL));
        assert!(circuits.admits_at("loop", later + REST));
        circuits.succeeded("loop");
        assert!(circuits.admits_at("loop", later + REST));
        assert!(circuits.admits_at("loop", later + REST));
    }

    #[test]
    fn a_trial_that_nobody_waited_for_does_not_keep_others_out() {
        let circuits = circuits();
        let now = Instant::now();
        assert_eq!(circuits.failed_at("loop", LIMIT * 3, now), Some(REST));
        let later = now + REST;
        assert!(circuits.admits_at("loop", later));
        assert!(circuits.admits_at("loop", later + TRIAL));
    }

    #[test]
    fn successes_between_do_not_excuse_what_is_wasted() {
        let circuits = circuits();
        let now = Instant::now();
        for _ in 0..2 {
            assert_eq!(circuits.failed_at("sometimes", LIMIT, now), None);
            circuits.succeeded("sometimes");
        }
        assert_eq!(circuits.failed_at("sometimes", LIMIT, now), Some(REST));
    }

    #[test]
    fn what_is_switched_off_again_soon_is_not_said_again() {
        let circuits = circuits();
        let now = Instant::now();
        assert_eq!(circuits.failed_at("loop", LIMIT * 3, now), Some(REST));
        circuits.succeeded("loop");
        assert_eq!(circuits.failed_at("loop", LIMIT * 3, now + REST), None);
        assert!(!circuits.admits_at("loop", now + REST));
        circuits.succeeded("loop");
        let later = now + SAID_AGAIN;
        assert_eq!(circuits.failed_at("loop", LIMIT * 3, later), Some(REST));
    }
}
