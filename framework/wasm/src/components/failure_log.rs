//! Failures of components in the log, not more often than a person can read.

use std::time::Instant;

use protium_types::LogQuota;

use super::outcome::{Cause, Failed};
use crate::text::sanitise;

/// Writes failures to the log, at most so many in a period.
#[derive(Default)]
pub(super) struct FailureLog {
    quota: LogQuota,
}

impl FailureLog {
    /// Writes one failure, or counts it.
    pub fn write(&self, failed: &Failed) {
        // That was said when it was switched off.
        if failed.cause == Cause::SwitchedOff {
            return;
        }
        let Some(suppressed) = self.quota.admit(Instant::now()) else {
            return;
        };
        if suppressed > 0 {
            tracing::warn!(
                suppressed,
                "more components failed than were written to the log"
            );
        }
        tracing::warn!(
            component = sanitise(&failed.component),
            id = sanitise(&failed.id),
            cause = %failed.cause,
            message = failed.message,
            "a component failed and shows its fallback"
        );
    }
}
