//! Logs failures of components, at a limited rate.

use std::time::Instant;

use protium_types::LogQuota;

use super::outcome::{Cause, Failed};
use crate::text::sanitise;

/// Writes a limited number of failures per period to the log.
#[derive(Default)]
pub(super) struct FailureLog {
    quota: LogQuota,
}

impl FailureLog {
    /// Logs one failure, or counts it.
    pub fn write(&self, failed: &Failed) {
        // It was logged when the component was switched off.
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
