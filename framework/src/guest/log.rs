//! What guests say, made fit for a log: one line, bounded, and not more often than a person can read.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::outcome::Failed;

/// Characters of a guest's message that are kept.
const LENGTH: usize = 500;
/// Lines in one period; what is over is counted.
const LINES: u32 = 20;
const PERIOD: Duration = Duration::from_secs(10);

/// One line of at most 500 characters, without control characters and without those that turn the direction of text.
pub(crate) fn sanitise(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(LENGTH));
    for (count, character) in text.chars().enumerate() {
        if count == LENGTH - 1 {
            out.push('…');
            break;
        }
        out.push(if is_plain(character) { character } else { ' ' });
    }
    out.trim().to_owned()
}

fn is_plain(character: char) -> bool {
    !(character.is_control()
        || matches!(character, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}'))
}

/// Writes failures to the log, at most so many in a period.
#[derive(Default)]
pub(super) struct FailureLog {
    quota: Quota,
}

/// How many lines may be written: so many in a period.
#[derive(Default)]
pub(crate) struct Quota {
    period: Mutex<Option<Period>>,
}

struct Period {
    began: Instant,
    lines: u32,
}

impl FailureLog {
    /// Writes one failure, or counts it.
    pub fn write(&self, failed: &Failed) {
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

impl Quota {
    /// Whether a line may be written now; then how many were not, in the last period.
    pub(crate) fn admit(&self, now: Instant) -> Option<u32> {
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
    use proptest::prelude::*;

    #[test]
    fn a_message_cannot_forge_lines_or_colours() {
        assert_eq!(
            sanitise(" panic:\r\n\x1b[31mred\u{202E}\0 \n"),
            "panic:   [31mred"
        );
    }

    #[test]
    fn a_flood_is_counted_instead_of_written() {
        let log = Quota::default();
        let start = Instant::now();
        let written = (0..100).filter(|_| log.admit(start).is_some()).count();
        assert_eq!(written, LINES as usize);
        assert_eq!(log.admit(start + PERIOD), Some(100 - LINES));
        assert_eq!(log.admit(start + PERIOD), Some(0));
    }

    proptest! {
        #[test]
        fn any_message_becomes_one_bounded_line(text in any::<String>()) {
            let line = sanitise(&text);
            prop_assert!(line.chars().count() <= LENGTH && !line.chars().any(char::is_control));
        }
    }
}
