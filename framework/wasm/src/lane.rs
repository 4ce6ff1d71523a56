//! The toolchains that build modules.

use serde::{Deserialize, Serialize};

/// The toolchain that a module was built with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// TinyGo: small modules, no WASI.
    TinyGo,
    /// The standard Go toolchain: large modules that always work.
    Go,
}

impl Lane {
    /// The name that snapshots and manifests use: `tinygo` or `go`.
    pub fn name(self) -> &'static str {
        match self {
            Lane::TinyGo => "tinygo",
            Lane::Go => "go",
        }
    }
}

impl std::fmt::Display for Lane {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Which toolchain's module is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LaneChoice {
    /// The module in dist/ when it belongs to the sources, else TinyGo, else Go.
    #[default]
    Auto,
    /// The module in dist/ when it belongs to the sources, else TinyGo.
    TinyGo,
    /// The standard Go toolchain.
    Go,
}
