//! The release that requests get.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::Release;

/// The releases of a running shop.
pub(crate) struct Releases {
    current: ArcSwap<Release>,
}

impl Releases {
    pub fn new(first: Release) -> Releases {
        Releases {
            current: ArcSwap::from_pointee(first),
        }
    }

    /// The release that a request gets which begins now.
    pub fn current(&self) -> Arc<Release> {
        self.current.load_full()
    }
}
