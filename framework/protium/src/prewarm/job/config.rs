//! `[prewarm]` of `protium.toml`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::prewarm::answers::Lifetime;
use protium_wasm::functions::within;

/// `[prewarm]`: what the server does ahead of its visitors. It needs `[modules.inventory]` or
/// `[modules.price]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PrewarmConfig {
    /// Whether the server prewarms at all: at start, on schedule, after purges and changes of
    /// stock.
    pub enabled: bool,
    /// Seconds between two runs, give or take a fifth. Shorter than `fresh_seconds`, or else stock
    /// and prices on pages would become stale before anybody looked again.
    pub every_seconds: u64,
    /// Seconds that an answer is fresh, unless WASM_CACHE_TTL in the server's environment says
    /// otherwise.
    pub fresh_seconds: u64,
    /// Seconds that an answer is shown after that, with its age, while there is no newer one.
    pub stale_seconds: u64,
    /// SKUs that are worked on at one time, in each region.
    pub concurrency: u32,
    /// SKUs of a run at start and on schedule: those of the products that are looked at most, then
    /// the others in the order of the catalogue.
    pub most: u32,
}

impl Default for PrewarmConfig {
    fn default() -> Self {
        PrewarmConfig {
            enabled: true,
            every_seconds: 10,
            fresh_seconds: 30,
            stale_seconds: 600,
            concurrency: 8,
            most: 1_000,
        }
    }
}

impl PrewarmConfig {
    /// What is wrong: the key, and what to do.
    pub(crate) fn check(&self) -> Result<(), (String, String)> {
        for (key, value, most) in [
            ("prewarm.every_seconds", self.every_seconds, 86_400),
            ("prewarm.fresh_seconds", self.fresh_seconds, 86_400),
            ("prewarm.stale_seconds", self.stale_seconds, 7 * 86_400),
            ("prewarm.concurrency", self.concurrency.into(), 1_000),
            ("prewarm.most", self.most.into(), 1_000_000),
        ] {
            within(key, value, most)?;
        }
        if self.every_seconds >= self.fresh_seconds {
            let problem = format!(
                "answers are fresh for {} s (prewarm.fresh_seconds): look more often than that",
                self.fresh_seconds
            );
            return Err(("prewarm.every_seconds".to_owned(), problem));
        }
        Ok(())
    }

    /// The life of answers, where `time_to_live` is what WASM_CACHE_TTL says.
    pub fn lifetime(&self, time_to_live: Option<Duration>) -> Lifetime {
        let fresh = time_to_live.unwrap_or(Duration::from_secs(self.fresh_seconds));
        Lifetime::new(
            fresh,
            Duration::from_secs(self.every_seconds),
            Duration::from_secs(self.stale_seconds),
        )
    }

    /// The time between two runs: at most half of the time that answers are fresh.
    pub fn every(&self, life: Lifetime) -> Duration {
        Duration::from_secs(self.every_seconds).min(life.fresh / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_sound_and_what_makes_no_sense_is_named() {
        assert_eq!(PrewarmConfig::default().check(), Ok(()));
        let wrong = |change: &dyn Fn(&mut PrewarmConfig)| {
            let mut config = PrewarmConfig::default();
            change(&mut config);
            config.check().expect_err("wrong").0
        };
        assert_eq!(
            wrong(&|config| config.concurrency = 0),
            "prewarm.concurrency"
        );
        assert_eq!(wrong(&|config| config.most = u32::MAX), "prewarm.most");
        assert_eq!(
            wrong(&|config| config.every_seconds = 30),
            "prewarm.every_seconds"
        );
        assert_eq!(
            wrong(&|config| config.stale_seconds = u64::MAX),
            "prewarm.stale_seconds"
        );
    }

    #[test]
    fn the_environment_wins_and_runs_are_never_further_apart_than_half_of_it() {
        let config = PrewarmConfig::default();
        let life = config.lifetime(Some(Duration::from_secs(4)));
        assert_eq!(life.fresh, Duration::from_secs(4));
        assert_eq!(config.every(life), Duration::from_secs(2));
        let life = config.lifetime(None);
        assert_eq!(
            (life.fresh, config.every(life)),
            (Duration::from_secs(30), Duration::from_secs(10))
        );
    }
}
