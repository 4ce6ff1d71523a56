//! What the edge modules of a shop or of an edge node are loaded with.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::Config;
use crate::prewarm::error::NoPrewarm;
use crate::prewarm::job::Modules;
use crate::prewarm::redis_store::RedisStores;
use crate::prewarm::sku::{STANDARD_ENVIRONMENT, ShopDatabase, StockDatabase};
use protium_cache::{SharedError, ShopKeys};
use protium_wasm::functions::{Database, Edge, EdgeSetup};

/// Loads the modules of a server of the shop with this name, which ask this database.
pub(crate) async fn load(
    config: &Config,
    shop: &str,
    database: Arc<dyn StockDatabase>,
) -> Result<Modules, NoPrewarm> {
    let edge = Edge::open(edge_setup(config, shop, Some(database))?);
    Modules::of(edge.await?).ok_or(NoPrewarm::NoModules)
}

/// What all edge modules of the configuration are made from.
pub(crate) fn edge_setup(
    config: &Config,
    shop: &str,
    database: Option<Arc<dyn StockDatabase>>,
) -> Result<EdgeSetup, SharedError> {
    let (components, _) = protium_wasm::module_and_package(&config.components);
    Ok(EdgeSetup {
        edge: config.edge.clone(),
        modules: config.modules.clone(),
        components,
        artifacts: config.data.join("artifacts").join("edge"),
        lane: config.lane,
        environment: environment(),
        standard_environment: STANDARD_ENVIRONMENT.map(str::to_owned).to_vec(),
        remote_stores: Some(Arc::new(RedisStores::new(ShopKeys::of(shop)?))),
        database: database.map(|database| Arc::new(ShopDatabase(database)) as Arc<dyn Database>),
    })
}

/// The server's own environment, of which modules see what their manifest names.
fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
