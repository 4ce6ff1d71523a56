//! What a module is built for: by which toolchain, with which instructions.

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
    /// Its name in snapshots and manifests: `tinygo` or `go`.
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum LaneChoice {
    /// The module in dist/ if it matches the sources, else TinyGo, else Go; in development Go comes
    /// before TinyGo, for components.
    #[default]
    Auto,
    /// The module in dist/ if it matches the sources, else TinyGo.
    TinyGo,
    /// The standard Go toolchain.
    Go,
}

/// What a module is built for. Its name is in file names of artifacts, in dist/manifest.json and in
/// keys of the artifact directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Variant {
    /// The toolchain.
    pub lane: Lane,
    /// It uses 128-bit SIMD, which not every browser supports.
    pub simd: bool,
}

impl Variant {
    /// `tinygo`, `go`, `tinygo-simd` or `go-simd`.
    pub fn name(self) -> &'static str {
        match (self.lane, self.simd) {
            (lane, false) => lane.name(),
            (Lane::TinyGo, true) => "tinygo-simd",
            (Lane::Go, true) => "go-simd",
        }
    }

    /// The variant with this name.
    pub fn from_name(name: &str) -> Option<Variant> {
        let (lane, simd) = match name.strip_suffix("-simd") {
            Some(lane) => (lane, true),
            None => (name, false),
        };
        let lane = [Lane::TinyGo, Lane::Go]
            .into_iter()
            .find(|known| known.name() == lane)?;
        Some(Variant { lane, simd })
    }

    /// Whether every browser runs it.
    pub fn runs_in_every_browser(self) -> bool {
        !self.simd
    }
}

impl From<Lane> for Variant {
    /// Without SIMD, the default.
    fn from(lane: Lane) -> Variant {
        Variant { lane, simd: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_is_known_by_its_name() {
        for lane in [Lane::TinyGo, Lane::Go] {
            for simd in [false, true] {
                let variant = Variant { lane, simd };
                assert_eq!(Variant::from_name(variant.name()), Some(variant));
            }
        }
        for name in ["", "-simd", "rust", "tinygo-", "simd"] {
            assert_eq!(Variant::from_name(name), None, "{name}");
        }
    }
}
