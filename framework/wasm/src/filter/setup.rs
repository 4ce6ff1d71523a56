//! Where a filter's module comes from, and its limits.

use std::path::PathBuf;
use std::time::Duration;

use crate::variant::LaneChoice;

/// Where a filter's module comes from, and its limits.
#[derive(Clone, Debug)]
pub struct FilterSetup {
    /// The Go module with the package `edge/filter` and its `dist/`, or one that has the kit.
    pub components: PathBuf,
    /// The directory of compiled artifacts, as for other modules.
    pub artifacts: PathBuf,
    /// Which toolchain's module is used.
    pub lane: LaneChoice,
    /// The module with SIMD is used where the machine can run it.
    pub simd: bool,
    /// How long a query may take. It covers the module's call, not waiting for earlier ones.
    pub deadline: Duration,
    /// The most bytes of memory of the module, columns included.
    pub memory_bytes: usize,
}

impl FilterSetup {
    /// With SIMD, 100 ms for a query and 1 GiB of memory.
    pub fn new(components: impl Into<PathBuf>, artifacts: impl Into<PathBuf>) -> FilterSetup {
        FilterSetup {
            components: components.into(),
            artifacts: artifacts.into(),
            lane: LaneChoice::default(),
            simd: true,
            deadline: Duration::from_millis(100),
            memory_bytes: 1 << 30,
        }
    }
}
