//! When a cart has expired, and the sweep that deletes such carts.

use std::time::Duration;

use rusqlite::{Connection, params};

use crate::cart::first_version;

/// Carts that one sweep deletes at most, so that visitors' changes come in between.
const SWEEP_BATCH: u16 = 500;

/// Deletes some carts that have expired and says whether there may be more. What fails now is
/// tried again by the next sweep.
pub(super) fn sweep(connection: &mut Connection, lifetime: Duration) -> bool {
    let swept = connection.execute(
        "DELETE FROM cart WHERE id IN (SELECT id FROM cart WHERE changed_at < ?1 LIMIT ?2)",
        params![before(now(), lifetime), SWEEP_BATCH],
    );
    swept.inspect_err(|error| tracing::warn!(%error, "expired carts could not be deleted"))
        == Ok(usize::from(SWEEP_BATCH))
}

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    first_version() / 1_000
}

/// The second that lies so long before another one.
pub(super) fn before(now: i64, lifetime: Duration) -> i64 {
    now.saturating_sub(i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX))
}
