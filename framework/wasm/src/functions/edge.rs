//! All modules of a node.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::config::{EdgeConfig, ModuleConfig, RegionConfig};
use super::error::{Cause, EdgeError, RunError};
use super::module::EdgeModule;
use super::prepare::{ModuleError, Preparation, Prepared, prepare};
use super::run::{Answer, REDIS, REGION, Run};
use super::state::Services;
use crate::artifacts::ModuleSource;
use crate::capabilities::{self, BackendStatus, Backends, StockDatabase, StoreError, Stores};
use crate::engine::{Engine, EngineConfig, Limits, Pool};
use crate::lane::LaneChoice;
use protium_cache::ShopKeys;
use protium_types::LogQuota;

/// What a node's modules are made from.
pub struct EdgeSetup {
    /// The shop's name in stores that it shares with others.
    pub shop: String,
    /// `[edge]`
    pub edge: EdgeConfig,
    /// `[modules.NAME]`
    pub modules: BTreeMap<String, ModuleConfig>,
    /// The Go module with the packages of kit modules, and `dist/`.
    pub components: PathBuf,
    /// The directory of artifacts; each module has one of its own in it.
    pub artifacts: PathBuf,
    /// Which build of kit modules is used.
    pub lane: LaneChoice,
    /// The server's environment, of which a module sees what its manifest names.
    pub environment: BTreeMap<String, String>,
    /// The shop's database; without one, it is unavailable to modules.
    pub database: Option<Arc<dyn StockDatabase>>,
}

/// All modules of a node. Clones share everything.
#[derive(Clone)]
pub struct Edge {
    modules: Arc<BTreeMap<String, EdgeModule>>,
    stores: Arc<Stores>,
    regions: Arc<BTreeMap<String, RegionConfig>>,
}

impl Edge {
    /// The modules on an engine of their own, which has room for these alone.
    pub async fn open(setup: EdgeSetup) -> Result<Edge, EdgeError> {
        let limits = setup.modules.values().map(|module| &module.limits);
        let config = EngineConfig {
            components: 0,
            ..EngineConfig::new(&Limits::default(), &Pool::default())
        };
        let engine = Engine::new(&config.with_functions(limits)).map_err(EdgeError::Engine)?;
        Edge::open_on(&engine, setup).await
    }

    /// Finds or builds all modules and prepares them on this engine, beside what is there. What
    /// takes long is done beside the async threads and kept for the next start.
    pub async fn open_on(engine: &Engine, setup: EdgeSetup) -> Result<Edge, EdgeError> {
        // It reads the certificates of the system, which takes a while.
        let calls = |module: &ModuleConfig| !module.grants.backends.is_empty();
        let client = match setup.modules.values().any(calls) {
            true => {
                let client = capabilities::client();
                Some(client.map_err(|error| EdgeError::of_backend("", error))?)
            }
            false => None,
        };
        let stores = Arc::new(Stores::new(
            setup.edge.store_bytes,
            ShopKeys::of(&setup.shop)?,
        ));
        let mut modules = BTreeMap::new();
        for (name, config) in setup.modules {
            let preparation = Preparation {
                source: source(&name, &config, &setup.components),
                lane: setup.lane,
                cache: setup.artifacts.join(&name),
                reused: config.reuse > 0,
            };
            let ModuleConfig {
                grants,
                limits,
                reuse,
                ..
            } = config;
            let backends = Backends::new(&grants.backends, client.clone())
                .map_err(|error| EdgeError::of_backend(&name, error))?;
            let (on, own_grants) = (engine.clone(), grants.clone());
            let prepared = tokio::task::spawn_blocking(move || {
                prepare(&on, preparation, &own_grants, &limits)
            });
            let prepared = prepared.await.unwrap_or_else(|panic| {
                Err(ModuleError::Panicked {
                    message: panic.to_string(),
                })
            });
            let Prepared {
                module,
                kind,
                places,
            } = prepared.map_err(|source| EdgeError::Module {
                module: name.clone(),
                source,
            })?;
            let services = Services {
                module: name.clone(),
                backends,
                grants,
                limits,
                stores: stores.clone(),
                database: setup.database.clone(),
                places,
                lines: LogQuota::default(),
            };
            let own = setup
                .environment
                .iter()
                .filter(|(key, _)| services.grants.environment.contains(key))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            let module = EdgeModule::new(engine.clone(), (module, kind), services, own, reuse);
            let module = module.map_err(|source| EdgeError::Runtime {
                module: name.clone(),
                source,
            })?;
            modules.insert(name, module);
        }
        Ok(Edge {
            modules: Arc::new(modules),
            stores,
            regions: Arc::new(setup.edge.regions),
        })
    }

    /// The names of all modules.
    pub fn modules(&self) -> impl Iterator<Item = &str> {
        self.modules.keys().map(String::as_str)
    }

    /// Runs a module. Dropping the future ends the run.
    pub async fn run(&self, module: &str, run: &Run) -> Result<Answer, RunError> {
        let result = match self.modules.get(module) {
            Some(found) => found.run(&self.placed(run)).await,
            None => Err(Cause::Unknown),
        };
        result.map_err(|cause| RunError {
            module: module.to_owned(),
            cause,
        })
    }

    /// Removes a key from the store of a region, whichever module keeps it there.
    pub async fn forget(&self, region: &str, key: &str) -> Result<(), StoreError> {
        let address = self.regions.get(region).map_or("", |region| &region.redis);
        self.stores.at(address)?.remove(key).await
    }

    /// The run with the Redis of its region, unless it names one itself.
    fn placed<'r>(&self, run: &'r Run) -> Cow<'r, Run> {
        let region = self.regions.get(run.variable(REGION));
        match region {
            Some(region) if !region.redis.is_empty() && run.variable(REDIS).is_empty() => {
                Cow::Owned(run.clone().with(REDIS, &region.redis))
            }
            _ => Cow::Borrowed(run),
        }
    }

    /// How long the backends of a region have to be left alone, since they failed: a run before
    /// that is refused what it asks of them. Zero: one run may try. `None` when none has to.
    pub fn rest_left(&self, region: &str) -> Option<Duration> {
        let modules = self.modules.values();
        let rests = modules.filter_map(|module| module.services().backends.rest_left(region));
        rests.max()
    }

    /// The backends that were called, and their breakers.
    pub fn backends(&self) -> Vec<BackendStatus> {
        let status = |module: &EdgeModule| {
            let services = module.services();
            services.backends.status(&services.module)
        };
        self.modules.values().flat_map(status).collect()
    }
}

fn source(name: &str, config: &ModuleConfig, components: &std::path::Path) -> ModuleSource {
    match &config.file {
        Some(file) => ModuleSource::File(file.clone()),
        None => ModuleSource::Components {
            directory: components.to_owned(),
            name: config.package_of(name),
        },
    }
}
