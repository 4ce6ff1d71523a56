//! The Go modules of a shop: its components, which pages are made with, and all that `protium
//! build` makes.

use std::fmt::Write;
use std::path::Path;

use crate::app::start_error::StartError;
use crate::config::Config;
use crate::kit;
use crate::prewarm::edge_setup::edge_setup;
use protium_wasm::functions::Edge;
use protium_wasm::{
    BrowserModule, Engine, Host, HostConfig, Lane, ModuleSource, module_and_package, write_dist,
};

/// The components on this engine, built with the kit of this program where they have to be built.
/// In development, what browsers get is announced once it is built.
pub(crate) async fn start_on(
    engine: &Engine,
    config: &Config,
    announce: impl FnOnce(&BrowserModule, Lane) + Send + 'static,
) -> Result<Host, StartError> {
    lay_out_kit(config).await?;
    Ok(Host::start_announced(engine, host_config(config), announce).await?)
}

/// Builds the components and all edge modules, so that the next start is quick; a line for each
/// says what came of it.
pub(crate) async fn build(config: &Config) -> Result<String, StartError> {
    lay_out_kit(config).await?;
    let host = Host::start(host_config(config)).await?;
    let module = host.browser_module();
    let mut said = format!(
        "{} components, lane {}: {} bytes of wasm",
        host.manifest().components.len(),
        host.lane(),
        module.wasm.len(),
    );
    if let Some(compressed) = &module.compressed {
        let _ = write!(said, ", {} with brotli", compressed.brotli.len());
    }
    if !config.modules.is_empty() {
        let edge = Edge::open(edge_setup(config, "build", None)?).await?;
        let names: Vec<&str> = edge.modules().collect();
        let _ = write!(said, "\nedge modules: {}", names.join(", "));
    }
    Ok(said)
}

/// Builds the components and all edge modules that have sources into a folder, for machines without
/// Go and TinyGo: when it is not named, `dist/` beside the sources.
pub(crate) async fn build_dist(config: &Config, dist: Option<&Path>) -> Result<String, StartError> {
    lay_out_kit(config).await?;
    let (directory, package) = module_and_package(&config.components);
    let dist = dist.map_or_else(|| directory.join("dist"), Path::to_owned);
    let mut packages = vec![package];
    for (name, module) in config.modules.iter().filter(|(_, one)| one.file.is_none()) {
        packages.push(module.package_of(name));
    }
    let (lane, artifacts) = (config.lane, config.data.join("artifacts"));
    let built = blocking(move || {
        let built = write_dist(&directory, &packages, lane, &artifacts, &dist);
        Ok(built.map_err(protium_wasm::GuestError::from)?)
    });
    let mut said = String::new();
    for module in built.await? {
        let _ = writeln!(said, "{}: {} bytes", module.path.display(), module.bytes);
    }
    Ok(said.trim_end().to_owned())
}

async fn lay_out_kit(config: &Config) -> Result<(), StartError> {
    let (directory, _) = module_and_package(&config.components);
    blocking(move || Ok(kit::lay_out(&directory)?)).await
}

/// Runs what takes long on a thread for that.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StartError> + Send + 'static,
) -> Result<T, StartError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| StartError::Runtime(std::io::Error::other(error)))?
}

/// Where the components of a shop are, and with which limits they run.
fn host_config(config: &Config) -> HostConfig {
    let (directory, name) = module_and_package(&config.components);
    HostConfig {
        source: ModuleSource::Components { directory, name },
        cache: config.data.join("artifacts"),
        lane: config.lane,
        limits: config.limits,
        pool: config.pool,
        dev: config.dev,
    }
}
