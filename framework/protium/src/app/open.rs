//! Opens a shop: data directory, catalogue, cache, and its first release; and the commands that
//! need a part of that.

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::app::additions::{Additions, Setup};
use crate::app::catalogue_filter::CatalogueFilter;
use crate::app::catalogue_follower;
use crate::app::data_directory;
use crate::app::data_file_watcher;
use crate::app::data_files::DataFiles;
use crate::app::filtered_catalogue::FilteredCatalogue;
use crate::app::import_file;
use crate::app::profiler;
use crate::app::routes;
use crate::app::shop::{Inner, Shop};
use crate::app::start_error::StartError;
use crate::config::Config;
use crate::http::forwarded::TrustedProxies;
use crate::http::origin;
use crate::page_cache::fillings::Fillings;
use crate::page_cache::store;
use crate::prewarm::answers::Answers;
use crate::prewarm::state::{self as prewarm_state, PrewarmState};
use crate::prewarm::stock::ShopStock;
use crate::release::build;
use crate::release::components::{self, blocking};
use crate::release::dev;
use crate::release::previous_assets::PreviousAssets;
use crate::release::releases::Releases;
use crate::release::sources::Sources;
use crate::release::watched::Watched;
use crate::request::session::SessionKey;
use crate::storefront::cart_counts::CartCounts;
use crate::storefront::cart_limits::CartLimits;
use protium_commerce::import::ImportReport;
use protium_commerce::sqlite::{Options, Store};
use protium_commerce::{Context, Currency};
use protium_types::LogQuota;
use protium_types::locale::{Locale, LocaleError};
use protium_types::{Market, Markets, Region};
use protium_wasm::filter::FilterSetup;
use protium_wasm::module_and_package;

/// The products a new data directory is filled with, in the shop's directory.
const DEMO: &str = "data/catalogue.csv";

impl Shop {
    /// Opens the shop in `root`. A new data directory is made, and filled with the shop's own
    /// catalogue file.
    pub async fn open(root: &Path, config: Config) -> Result<Shop, StartError> {
        Shop::open_with(root, config, Arc::default()).await
    }

    /// The same, with what the shop's program adds.
    pub(crate) async fn open_with(
        root: &Path,
        config: Config,
        additions: Arc<Additions<Shop>>,
    ) -> Result<Shop, StartError> {
        if let Some(problem) = routes::problem(&additions) {
            return Err(StartError::Route(problem));
        }
        data_directory::prepare(&config.data)?;
        let secret = data_directory::secret(&config)?;
        prewarm_state::log_modules_not_prewarmed(&config);
        let locale = Locale::new(&config.shop.locale, &config.shop.currency)?;
        let currency = currency(&config)?;
        let config = Arc::new(config);
        let session_key = SessionKey::new(&secret).with_previous(config.previous_secret.as_bytes());
        let sources = Arc::new(Sources {
            root: root.to_owned(),
            config: Arc::clone(&config),
            shared_name: store::shared_name(&secret),
            session_key: session_key.clone(),
            templates: additions.templates.clone(),
            cached_routes: routes::cached(&additions, config.has_market_hosts()),
            engine: build::engine(&config)?,
        });
        let shared_name = sources.shared_name.clone();
        let watched = config.dev.then(|| Watched::new(root));
        let (store, release) = tokio::join!(
            open_store(Arc::clone(&config), root.join(DEMO), currency),
            build::build(Arc::clone(&sources), 1, None, None),
        );
        let (store, release) = (store?, release?);
        let cache = store::open(&config, &shared_name)?;
        let answers = match &cache {
            Some(cache) if prewarm_state::is_configured(&config) => {
                let life = prewarm_state::lifetime(&config);
                Some(Answers::open(cache.clone(), &config.data, life))
            }
            _ => None,
        };
        let for_all_builds = store::for_all_builds(&config, &shared_name)?;
        let previous_assets = Arc::new(PreviousAssets::new(&config.data, for_all_builds));
        tokio::spawn(Arc::clone(&previous_assets).remember(Arc::clone(&release.assets)));
        let markets = config.markets()?;
        if additions.catalogue.is_none() {
            check_currencies(&markets)?;
        }
        let provider_contexts = provider_contexts(&markets, &additions)?;
        let (go_module, _) = module_and_package(&config.components);
        let filter = FilterSetup {
            lane: config.lane,
            ..FilterSetup::new(go_module, config.data.join("artifacts"))
        };
        let filter = Arc::new(CatalogueFilter::new(filter, config.filter.from));
        let setup = Setup {
            root: root.to_owned(),
            config: Arc::clone(&config),
            catalogue: Arc::new(FilteredCatalogue {
                store: store.clone(),
                filter: Arc::clone(&filter),
            }),
            carts: Arc::new(store.clone()),
        };
        let catalogue = match &additions.catalogue {
            Some(connect) => connect(setup.clone()).await.map_err(StartError::Provider)?,
            None => Arc::clone(&setup.catalogue),
        };
        let carts = match &additions.carts {
            Some(connect) => connect(setup.clone()).await.map_err(StartError::Provider)?,
            None => Arc::clone(&setup.carts),
        };
        let region = Region::new(config.edge.own_region());
        let shop = Shop(Arc::new(Inner {
            markets,
            provider_contexts,
            filter,
            catalogue,
            carts,
            additions,
            region: region.ok_or_else(|| StartError::Region {
                given: config.edge.own_region().to_owned(),
            })?,
            root: root.to_owned(),
            data_files: DataFiles::default(),
            profiles: profiler::begin(config.dev),
            releases: Releases::new(release),
            sources: ArcSwap::new(sources),
            watched,
            stock: Arc::new(ShopStock::new(&store, answers.clone())),
            prewarm: answers.map(PrewarmState::new),
            previous_assets,
            cache,
            shared_name,
            session_key,
            cart_counts: CartCounts::default(),
            fillings: Fillings::default(),
            cart_limits: CartLimits::new(&config.carts),
            failures: LogQuota::default(),
            trusted_proxies: TrustedProxies::parse(&config.trusted_proxies).unwrap_or_default(),
            own_host: origin::host_of(&config.shop.url),
            config,
            locale,
            store,
        }));
        catalogue_follower::start(&shop).await;
        dev::watch(&shop);
        data_file_watcher::start(&shop);
        Ok(shop)
    }

    /// Imports a file of products into the shop's catalogue.
    pub async fn import(config: &Config, file: &Path) -> Result<ImportReport, StartError> {
        data_directory::prepare(&config.data)?;
        let currency = currency(config)?;
        let (config, file) = (config.clone(), file.to_owned());
        blocking(move || {
            let store = store_with_lists(&config)?;
            Ok(import_file::into_store(&store, &file, currency)?)
        })
        .await
    }

    /// Builds the components and edge modules into the data directory, or into `dist/` beside
    /// their sources, and says what came of it.
    pub async fn build(config: &Config, into_dist: bool) -> Result<String, StartError> {
        data_directory::prepare(&config.data)?;
        match into_dist {
            true => components::build_dist(config, None).await,
            false => components::build(config).await,
        }
    }
}

/// The context of providers' calls in each market.
fn provider_contexts(
    markets: &Markets,
    additions: &Additions<Shop>,
) -> Result<Vec<(String, Context)>, StartError> {
    let contexts = markets.iter().map(|market| {
        let currency = Currency::from_code(&market.currency)
            .ok_or_else(|| LocaleError::UnknownCurrency(market.currency.clone()))?;
        let list = market.price_list.as_str();
        let context = Context {
            price_list: (!list.is_empty()).then(|| list.into()),
            cart_rules: additions.cart_rules.clone(),
            ..Context::new(&market.locale, currency)
        };
        Ok((market.name.clone(), context))
    });
    contexts.collect()
}

fn currency(config: &Config) -> Result<Currency, StartError> {
    Currency::from_code(&config.shop.currency).ok_or_else(|| {
        protium_types::locale::LocaleError::UnknownCurrency(config.shop.currency.clone()).into()
    })
}

/// Whether every market without a price list is in the currency of the shop's own prices.
fn check_currencies(markets: &Markets) -> Result<(), StartError> {
    let own = &markets.default_market().currency;
    let is_other = |market: &&Market| market.price_list.is_empty() && market.currency != *own;
    match markets.iter().find(is_other) {
        Some(market) => Err(StartError::MarketCurrency {
            market: market.name.clone(),
            currency: market.currency.clone(),
            own: own.clone(),
        }),
        None => Ok(()),
    }
}

/// The database, with the price lists of the configuration.
fn store_with_lists(config: &Config) -> Result<Store, StartError> {
    let store = Store::open(&config.data, Options::default())?;
    for (name, currency) in config.price_lists() {
        let added = store.add_price_list(&name, currency);
        added.map_err(|source| StartError::PriceList {
            name,
            currency: currency.code(),
            source,
        })?;
    }
    Ok(store)
}

async fn open_store(
    config: Arc<Config>,
    demo: std::path::PathBuf,
    currency: Currency,
) -> Result<Store, StartError> {
    blocking(move || {
        let store = store_with_lists(&config)?;
        let state = store.state()?;
        if state.version == 0 && demo.is_file() {
            let report = import_file::into_store(&store, &demo, currency)?;
            tracing::info!(
                products = report.created,
                collections = report.collections,
                "the catalogue was filled"
            );
            for warning in &report.warnings {
                tracing::info!("{}: {warning}", demo.display());
            }
        }
        Ok(store)
    })
    .await
}
