//! Configuration of a module of components.

use std::path::PathBuf;

use crate::artifacts::ModuleSource;
use crate::engine::{Limits, Pool};
use crate::variant::LaneChoice;

/// How a module is found, cached and run.
#[derive(Clone, Debug)]
pub struct HostConfig {
    /// Where the module comes from.
    pub source: ModuleSource,
    /// The directory of compiled artifacts. Created with mode 0700 if it is missing; refused if
    /// others can write to it, because native code is loaded from it.
    pub cache: PathBuf,
    /// Which toolchain's module is used.
    pub lane: LaneChoice,
    /// Limits on calls.
    pub limits: Limits,
    /// The pool of instances, for an engine of the host's own.
    pub pool: Pool,
    /// Development: everything is rendered twice with different seeds, and differences are
    /// reported; the module is built as quickly as can be.
    pub dev: bool,
}

impl HostConfig {
    /// The module of the package `name` in the directory of Go components, with default limits.
    pub fn new(
        components: impl Into<PathBuf>,
        name: impl Into<String>,
        cache: impl Into<PathBuf>,
    ) -> HostConfig {
        HostConfig {
            source: ModuleSource::Components {
                directory: components.into(),
                name: name.into(),
            },
            cache: cache.into(),
            lane: LaneChoice::default(),
            limits: Limits::default(),
            pool: Pool::default(),
            dev: false,
        }
    }
}
