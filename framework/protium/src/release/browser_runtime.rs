//! What browsers load beside the shop's own files: the runtime, the components' module, and the
//! catalogue filter.

use include_dir::{Dir, include_dir};

use crate::app::start_error::StartError;
use crate::http::assets::{Asset, Assets, FILTER, FILTER_SIMD, MODULE};
use protium_page::{BrowserAssets, BuildParts};
use protium_wasm::BrowserModule;

/// The browser runtime, as `client/` builds it.
static RUNTIME: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/assets");
/// The catalogue filter's modules, for pages that filter by themselves.
static FILTER_MODULES: [(&str, &[u8]); 2] = [
    (
        FILTER,
        include_bytes!("../../../../components-go/dist/filter.wasm"),
    ),
    (
        FILTER_SIMD,
        include_bytes!("../../../../components-go/dist/filter-simd.wasm"),
    ),
];

/// What follows from this program and the components' module alone.
#[derive(Clone)]
pub(crate) struct BrowserRuntime {
    /// What pages load for islands.
    pub assets: BrowserAssets,
    /// The part of BUILD.
    pub build: BuildParts,
    /// The digest of the components' module.
    module: String,
}

impl BrowserRuntime {
    /// Adds the files. Those of the release before are taken as they are, if it has the same
    /// module: that has megabytes, and in development a release is made for every save of a
    /// template.
    pub(super) fn add_to(
        assets: &mut Assets,
        before: Option<(&Assets, &BrowserRuntime)>,
        module: &BrowserModule,
    ) -> Result<BrowserRuntime, StartError> {
        if let Some((files, runtime)) = before
            && runtime.module == module.sha256
        {
            assets.share_runtime(files);
            return Ok(runtime.clone());
        }
        let before = before.map(|(files, _)| files);
        let runtime = RUNTIME.files().map(include_dir::File::contents);
        Ok(BrowserRuntime {
            build: BuildParts::new([module.wasm.as_ref()], runtime),
            assets: add_files(assets, before, module)?,
            module: module.sha256.clone(),
        })
    }
}

/// The components' module as a file.
pub(super) fn module_asset(module: &BrowserModule) -> Asset {
    Asset::new("store.wasm", module.wasm.clone())
}

fn add_files(
    assets: &mut Assets,
    before: Option<&Assets>,
    module: &BrowserModule,
) -> Result<BrowserAssets, StartError> {
    let (mut capture, mut runtime_url, mut rest_url) = (None, None, None);
    for file in RUNTIME.files() {
        let Some(name) = file.path().file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let url = format!("/_protium/{name}");
        match name {
            "capture.js" => capture = file.contents_utf8().map(str::to_owned),
            "runtime.js" => {
                runtime_url = Some(assets.add(&url, Asset::new(name, file.contents()), before));
            }
            _ => {
                assets.add_immutable(&url, Asset::new(name, file.contents()));
                if name.starts_with("rest-") {
                    rest_url = Some(url);
                }
            }
        }
    }
    for (url, module) in FILTER_MODULES {
        assets.add(url, Asset::new(url, module), before);
    }
    let wasm = module_asset(module);
    let wasm = match module.compressed.clone() {
        Some(compressed) => wasm.with_compressed(compressed.brotli, compressed.gzip),
        None => wasm,
    };
    Ok(BrowserAssets {
        capture: capture.ok_or(StartError::NoRuntime)?,
        runtime_url: runtime_url.ok_or(StartError::NoRuntime)?,
        rest_url: rest_url.ok_or(StartError::NoRuntime)?,
        module_url: assets.add(MODULE, wasm, before),
    })
}
