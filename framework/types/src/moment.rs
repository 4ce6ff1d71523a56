//! Moments as milliseconds of Unix time, as other machines and files have them.

use std::time::{SystemTime, UNIX_EPOCH};

/// A moment; 0 for one before 1970.
pub fn unix_millis(at: SystemTime) -> i64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// This moment.
pub fn now_millis() -> i64 {
    unix_millis(SystemTime::now())
}
