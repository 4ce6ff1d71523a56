//! How long an entry is fresh, and how long it may be served stale.

use std::time::Duration;

/// The lifetime of an entry. Both stale windows begin when freshness ends.
///
/// ```
/// # use protium_cache::Policy;
/// # use std::time::Duration;
/// let menu = Policy {
///     fresh_for: Duration::from_secs(60),
///     ..Policy::NONE
/// };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How long the entry is served without revalidation.
    pub fresh_for: Duration,
    /// How much longer it is served while it is revalidated in the background.
    pub stale_while_revalidate: Duration,
    /// How much longer it is served when revalidation fails.
    pub stale_if_error: Duration,
    /// When it is stored in the shared layer.
    pub share: Share,
}

/// When an entry is stored in the shared layer, if there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Share {
    /// When it is loaded: one node loads it for all.
    #[default]
    AtOnce,
    /// When it is asked for a second time: for keys that visitors choose, most of which are asked
    /// for once.
    OnSecondUse,
}

/// The longest lifetime.
pub(super) const LONGEST: Duration = Duration::from_secs(30 * 86_400);

impl Policy {
    /// Never stored, and never shared between requests.
    pub const NONE: Policy = Policy {
        fresh_for: Duration::ZERO,
        stale_while_revalidate: Duration::ZERO,
        stale_if_error: Duration::ZERO,
        share: Share::AtOnce,
    };

    /// Whether this policy stores nothing.
    pub fn is_none(&self) -> bool {
        self.lifetime().is_zero()
    }

    /// The age from which an entry is unusable.
    pub fn lifetime(&self) -> Duration {
        let stale = self.stale_while_revalidate.max(self.stale_if_error);
        self.fresh_for.saturating_add(stale).min(LONGEST)
    }

    /// How an entry of this age may be used. `softened`: a soft purge made it stale.
    pub(super) fn at(&self, age: Duration, softened: bool) -> Use {
        let until = |window: Duration| self.fresh_for.saturating_add(window).min(LONGEST);
        if age < self.fresh_for.min(LONGEST) && !softened {
            Use::Fresh
        } else if age < until(self.stale_while_revalidate) && !self.stale_while_revalidate.is_zero()
        {
            Use::WhileRevalidating
        } else if age < until(self.stale_if_error) && !self.stale_if_error.is_zero() {
            Use::IfError
        } else {
            Use::Nothing
        }
    }
}

/// How an entry may be used at its age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Fresh,
    WhileRevalidating,
    IfError,
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    const ALL: Policy = Policy {
        fresh_for: s(10),
        stale_while_revalidate: s(20),
        stale_if_error: s(60),
        share: Share::AtOnce,
    };

    #[test]
    fn an_entry_is_fresh_then_revalidated_then_kept_for_errors_then_gone() {
        let uses = [0, 9, 10, 29, 30, 69, 70].map(|age| ALL.at(s(age), false));
        use Use::*;
        assert_eq!(
            uses,
            [
                Fresh,
                Fresh,
                WhileRevalidating,
                WhileRevalidating,
                IfError,
                IfError,
                Nothing
            ]
        );
        assert_eq!(ALL.lifetime(), s(70));
    }

    #[test]
    fn a_softened_entry_is_stale_at_once_and_no_longer_than_before() {
        assert_eq!(ALL.at(s(0), true), Use::WhileRevalidating);
        assert_eq!(ALL.at(s(70), true), Use::Nothing);
        let strict = Policy {
            fresh_for: s(10),
            ..Policy::NONE
        };
        assert_eq!(strict.at(s(0), true), Use::Nothing);
    }

    #[test]
    fn what_lives_for_no_time_is_not_stored() {
        assert!(Policy::NONE.is_none() && !ALL.is_none());
    }

    #[test]
    fn no_lifetime_overflows() {
        let forever = Policy {
            fresh_for: Duration::MAX,
            stale_while_revalidate: Duration::MAX,
            stale_if_error: Duration::MAX,
            share: Share::AtOnce,
        };
        assert_eq!(forever.lifetime(), LONGEST);
        assert_eq!(forever.at(LONGEST, false), Use::Nothing);
    }
}
