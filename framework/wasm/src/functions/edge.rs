//! All edge modules of a node.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use super::config::{EdgeConfig, ModuleConfig, RegionConfig};
use super::error::{Cause, EdgeError, RunError};
use super::module::EdgeModule;
use super::prepare::{ModuleError, Preparation, Prepared, prepare};
use super::run::{Answer, REDIS, REGION, Run};
use super::state::Services;
use crate::artifacts::ModuleSource;
use crate::capabilities::{
    self, BackendStatus, Backends, Database, RemoteStores, StoreError, Stores,
};
use crate::engine::{Engine, EngineConfig, Limits, Pool};
use crate::variant::LaneChoice;
use protium_types::LogQuota;

/// What a node's modules are made from.
pub struct EdgeSetup {
    /// `[edge]`
    pub edge: EdgeConfig,
    /// `[modules.NAME]`
    pub modules: BTreeMap<String, ModuleConfig>,
    /// The Go module with the packages of kit modules, and `dist/`.
    pub components: PathBuf,
    /// The directory of artifacts, with a folder for each module.
    pub artifacts: PathBuf,
    /// Which build of kit modules is used.
    pub lane: LaneChoice,
    /// The server's environment, of which a module sees the variables that its manifest names.
    pub environment: BTreeMap<String, String>,
    /// Variables for modules whose manifest names none.
    pub standard_environment: Vec<String>,
    /// Shared stores by address; without them, there is only the embedded one.
    pub remote_stores: Option<Arc<dyn RemoteStores>>,
    /// The server's database; without one, it is unavailable to modules.
    pub database: Option<Arc<dyn Database>>,
}

/// All modules of a node. Clones share all of it.
#[derive(Clone)]
pub struct Edge {
    modules: Arc<BTreeMap<String, EdgeModule>>,
    stores: Arc<Stores>,
    regions: Arc<BTreeMap<String, RegionConfig>>,
    own_region: Arc<str>,
    cancelled: Arc<Notify>,
    unused_grants: Arc<[(String, &'static str)]>,
    digest: [u8; 32],
}

impl Edge {
    /// Loads the modules on an engine of their own, with room for these only.
    pub async fn open(setup: EdgeSetup) -> Result<Edge, EdgeError> {
        let limits = setup.modules.values().map(|module| &module.limits);
        let config = EngineConfig {
            components: 0,
            ..EngineConfig::new(&Limits::default(), &Pool::default())
        };
        let engine = Engine::new(&config.with_functions(limits)).map_err(EdgeError::Engine)?;
        Edge::open_on(&engine, setup).await
    }

    /// Finds or builds all modules and prepares them on this engine, beside others. Slow work is
    /// done on blocking threads, and cached for the next start.
    pub async fn open_on(engine: &Engine, setup: EdgeSetup) -> Result<Edge, EdgeError> {
        // Creating the client reads the system's certificates, which takes a while.
        let calls = |module: &ModuleConfig| !module.grants.backends.is_empty();
        let client = match setup.modules.values().any(calls) {
            true => Some(capabilities::client().map_err(EdgeError::Client)?),
            false => None,
        };
        let stores = Arc::new(Stores::new(setup.edge.store_bytes, setup.remote_stores));
        let mut modules = BTreeMap::new();
        let mut digest = Sha256::new();
        let mut unused = Vec::new();
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
            let backends = Backends::new(&grants.backends, client.clone());
            let backends = backends.map_err(|source| EdgeError::Backend {
                module: name.clone(),
                source,
            })?;
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
                unused_grants,
                digest: own_digest,
            } = prepared.map_err(|source| EdgeError::Module {
                module: name.clone(),
                source,
            })?;
            digest.update(own_digest);
            unused.extend(unused_grants.into_iter().map(|grant| (name.clone(), grant)));
            let variables = match &grants.environment {
                Some(named) => named,
                None => &setup.standard_environment,
            };
            let services = Services {
                module: name.clone(),
                variables: variables.clone(),
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
                .filter(|(key, _)| services.variables.contains(key))
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
            own_region: setup.edge.own_region().into(),
            regions: Arc::new(setup.edge.regions),
            cancelled: Arc::new(Notify::new()),
            unused_grants: unused.into(),
            digest: digest.finalize().into(),
        })
    }

    /// The names of all modules.
    pub fn modules(&self) -> impl Iterator<Item = &str> {
        self.modules.keys().map(String::as_str)
    }

    /// Grants that modules import nothing for: the module's name, and the key below `grants`.
    pub fn unused_grants(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.unused_grants
            .iter()
            .map(|(module, grant)| (module.as_str(), *grant))
    }

    /// Runs a module in this node's own region with `input` as the input of its `Handle`, and
    /// returns its answer. Dropping the future ends the run. An error names the module, and the
    /// limit or trap that ended it.
    ///
    /// ```
    /// use protium_wasm::functions::{Edge, RunError};
    ///
    /// /// When a book can be there, by the module `[modules.availability]` of protium.toml.
    /// async fn availability(edge: &Edge, isbn: &str) -> Result<String, RunError> {
    ///     let answer = edge.ask("availability", isbn).await?;
    ///     Ok(String::from_utf8_lossy(&answer.body).into_owned())
    /// }
    /// ```
    pub async fn ask(&self, module: &str, input: impl Into<String>) -> Result<Answer, RunError> {
        let run = Run {
            input: input.into(),
            ..Run::in_region(&*self.own_region)
        };
        self.run(module, &run).await
    }

    /// Runs a module with this environment. Dropping the future ends the run.
    pub async fn run(&self, module: &str, run: &Run) -> Result<Answer, RunError> {
        let result = match self.modules.get(module) {
            Some(found) => {
                let cancelled = self.cancelled.notified();
                let run = self.placed(run);
                tokio::select! {
                    answer = found.run(&run) => answer,
                    () = cancelled => Err(Cause::Cancelled),
                }
            }
            None => Err(Cause::Unknown),
        };
        result.map_err(|cause| RunError {
            module: module.to_owned(),
            cause,
        })
    }

    /// A digest that changes with any module.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Ends all runs in progress, but not later ones.
    pub fn cancel(&self) {
        self.cancelled.notify_waiters();
    }

    /// Removes a key from the store of a region, whichever module stored it.
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

    /// How long the backends of a region must not be called after failures: until then a run's
    /// calls are refused. Zero: one run may try. `None`: all may be called.
    pub fn retry_after(&self, region: &str) -> Option<Duration> {
        let modules = self.modules.values();
        let waits = modules.filter_map(|module| module.services().backends.retry_after(region));
        waits.max()
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
