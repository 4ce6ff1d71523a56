//! `[budget]`: the most bytes that a visitor downloads of each kind.

use serde::{Deserialize, Serialize};

/// `[budget]`: bytes as browsers get them, compressed with Brotli. `build --out` and `check` fail
/// over them. 0: no bound.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Budget {
    /// The components' module. TinyGo makes it about ten times smaller than Go does.
    pub module_bytes: u64,
    /// All scripts: the runtime with all that it loads later, and those in `static/`.
    pub script_bytes: u64,
    /// All style sheets.
    pub style_bytes: u64,
    /// The largest picture in `static/`.
    pub picture_bytes: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Budget {
            module_bytes: 1_000_000,
            script_bytes: 60_000,
            style_bytes: 40_000,
            picture_bytes: 500_000,
        }
    }
}
