//! The filter's module: which variant this machine runs, found or built, and compiled.

use std::time::Duration;

use wasmtime::{Engine, InstancePre, Linker};

use super::setup::FilterSetup;
use super::state::State;
use crate::artifacts::{self, ArtifactError, ModuleSource, Wanted};
use crate::engine::{self, Bounds, RunLimits};
use crate::error::GuestError;
use crate::variant::{Lane, LaneChoice, Variant};

/// The package of the module.
const PACKAGE: &str = "edge/filter";
/// How long loading an image may take: it grows with the catalogue.
const LOADING: Duration = Duration::from_secs(30);

/// A module that can be instantiated, on an engine of its own.
pub(super) struct FilterModule {
    pub pre: InstancePre<State>,
    pub variant: Variant,
    pub bounds: Bounds,
    /// Ticks of the engine's clock that a query may take.
    pub query_ticks: u64,
    /// Ticks that loading an image or making changes may take.
    pub load_ticks: u64,
}

impl FilterModule {
    /// The fastest variant that this machine runs, and that is there or can be built. Blocks.
    pub fn find(setup: &FilterSetup) -> Result<FilterModule, GuestError> {
        let (engine, query_ticks) = engine::without_pool(setup.deadline)?;
        let module = |simd| FilterModule::variant(setup, &engine, query_ticks, simd);
        if !(setup.simd && runs_simd()) {
            return module(false);
        }
        match module(true) {
            Err(GuestError::Artifact(
                error @ (ArtifactError::NoToolchain { .. } | ArtifactError::Build { .. }),
            )) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "there is no filter module with SIMD: the one without is used, which is slower"
                );
                module(false)
            }
            found => found,
        }
    }

    fn variant(
        setup: &FilterSetup,
        engine: &Engine,
        query_ticks: u64,
        simd: bool,
    ) -> Result<FilterModule, GuestError> {
        let source = ModuleSource::Components {
            directory: artifacts::module_with(&setup.components, PACKAGE),
            name: PACKAGE.to_owned(),
        };
        let wanted = Wanted {
            simd,
            ..Wanted::of(setup.lane, false)
        };
        let wasm = artifacts::find(&source, wanted, &setup.artifacts)?;
        let module = artifacts::compiled(&wasm, engine)?;
        let mut linker = Linker::new(engine);
        engine::link_wasi(&mut linker, &module).map_err(GuestError::Engine)?;
        let lane = match setup.lane {
            LaneChoice::Go => Lane::Go,
            LaneChoice::Auto | LaneChoice::TinyGo => Lane::TinyGo,
        };
        Ok(FilterModule {
            pre: linker
                .instantiate_pre(&module)
                .map_err(GuestError::Engine)?,
            variant: wasm.variant.unwrap_or(Variant { lane, simd }),
            bounds: Bounds {
                memory_bytes: setup.memory_bytes,
                table_elements: RunLimits::TABLE_ELEMENTS,
                cpu: setup.deadline,
            },
            query_ticks,
            load_ticks: engine::ticks(LOADING),
        })
    }
}

/// Whether this processor runs WebAssembly's SIMD at speed.
fn runs_simd() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("sse4.1");
    #[cfg(not(target_arch = "x86_64"))]
    return cfg!(any(target_arch = "aarch64", target_arch = "s390x"));
}
