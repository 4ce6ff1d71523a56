//! Tells what comes again from what comes once, which is not worth remembering.

use std::sync::atomic::{AtomicU64, Ordering};

/// Each takes 8 bytes.
const PLACES: usize = 1024;

/// Marks of what was seen last, one in each place.
pub(super) struct Seen(Box<[AtomicU64]>);

impl Default for Seen {
    fn default() -> Seen {
        Seen((0..PLACES).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Seen {
    /// Whether this mark was the last that took its place. Now it is.
    pub(super) fn before(&self, mark: u64) -> bool {
        // Fibonacci hashing: marks may be addresses, which lie at multiples of 16.
        let place = mark.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - PLACES.ilog2());
        match self.0.get(place as usize) {
            Some(last) => last.swap(mark, Ordering::Relaxed) == mark,
            None => false,
        }
    }
}
