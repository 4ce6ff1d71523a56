//! Opens a shop: data directory, catalogue, components, files, templates; and the commands that
//! need a part of that.

use std::path::Path;
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use crate::app::import_file;
use crate::app::shop::{Inner, Shop};
use crate::app::start::{self, StartError};
use crate::config::Config;
use crate::edge_node::api::OriginInfo;
use crate::http::assets::{Asset, Assets};
use crate::http::csp::SecurityHeaders;
use crate::http::forwarded::TrustedProxies;
use crate::http::origin;
use crate::page_cache::catalogue_watcher;
use crate::page_cache::layer::PageCache;
use crate::page_cache::store::{self, Names};
use crate::prewarm::answers::Answers;
use crate::prewarm::prewarmer::{self, Warming};
use crate::release::previous_assets::PreviousAssets;
use crate::request::session::SessionKey;
use crate::storefront::cart_counts::CartCounts;
use crate::storefront::cart_limits::CartLimits;
use crate::storefront::template_cache::TemplateCache;
use protium_commerce::import::ImportReport;
use protium_commerce::sqlite::{Options, Store};
use protium_commerce::{Context, Currency};
use protium_page::{
    self, BrokenTemplates, BrowserAssets, BuildParts, Filters, Pages, PagesConfig, TemplateError,
    TemplateLayer,
};
use protium_types::LogQuota;
use protium_types::locale::{Locale, Table};
use protium_wasm::{BrowserModule, GuestError, Host, HostConfig, ModuleSource, Value};

/// The base theme's styles and pictures.
static THEME_FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/theme/static");
/// The base theme's templates.
static THEME_TEMPLATES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/theme/templates");
/// The browser runtime, as `client/` builds it.
static RUNTIME: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/assets");

/// The products a new data directory is filled with, in the shop's directory.
const DEMO: &str = "data/catalogue.csv";

impl Shop {
    /// Opens the shop in `root`. A new data directory is made, and filled with the shop's own
    /// catalogue file.
    pub async fn open(root: &Path, config: Config) -> Result<Shop, StartError> {
        start::prepare_data(&config.data)?;
        let secret = start::secret(&config)?;
        prewarmer::say_what_is_never_run(&config);
        let locale = Locale::new(&config.shop.locale, &config.shop.currency)?;
        let currency = currency(&config)?;
        let layers = vec![
            TemplateLayer::Embedded(&THEME_TEMPLATES),
            TemplateLayer::Folder(root.join("templates")),
        ];
        // Before the components, which may take a minute to build.
        let broken = protium_page::check(&layers)?;
        let errors = broken.all();
        report(errors.iter().flat_map(|errors| &errors.0));
        refuse(config.dev, &broken)?;
        let (store, host) = tokio::join!(
            open_store(config.data.clone(), root.join(DEMO), currency),
            Host::start(host_config(&config)),
        );
        let (store, host) = (store?, host?);

        let mut assets = Assets::new(&THEME_FILES, root.join("static"), &config.theme, config.dev)?;
        let browser = add_runtime(&mut assets, host.browser_module())?;
        let assets = Arc::new(assets);
        let pages = {
            let runtime = RUNTIME.files().map(include_dir::File::contents);
            let build = BuildParts::new([host.browser_module().wasm.as_ref()], runtime);
            let table = locale.table.clone();
            let files = Arc::clone(&assets);
            let filters = Filters::new(
                move |minor, _| table.money(minor),
                move |name| files.url(name),
            );
            let assets = browser.clone();
            Pages::load(
                PagesConfig {
                    layers,
                    filters,
                    assets,
                    build,
                    dev: config.dev,
                },
                Arc::new(host),
            )?
        };
        pages.broken(|broken| {
            let known = errors.map_or(Vec::new(), |errors| errors.0);
            let found = broken.all().map_or(Vec::new(), |errors| errors.0);
            report(found.iter().filter(|error| !known.contains(error)));
            refuse(config.dev, broken)
        })??;
        let build = pages.build()?;
        let names = Names::new(&config, &secret, &build, &assets);
        let cache = store::open(&config, &names)?;
        let warming = match &cache {
            Some(cache) if prewarmer::is_configured(&config) => {
                let life = prewarmer::lifetime(&config);
                let answers = Answers::open(cache.clone(), &config.data, life);
                Some(Warming::new(answers, &store))
            }
            _ => None,
        };
        let for_all_builds = store::for_all_builds(&config, &names.shop)?;
        let earlier = Arc::new(PreviousAssets::new(&config.data, for_all_builds));
        tokio::spawn(Arc::clone(&earlier).remember(Arc::clone(&assets)));
        let security = SecurityHeaders::new(&[&browser.capture]);
        let session_key = SessionKey::new(&secret).with_previous(config.previous_secret.as_bytes());
        let module = (browser.module_url, pages.host().browser_module());
        let shop = Shop(Arc::new(Inner {
            origin_info: OriginInfo::new(&config, names, &build, module, &session_key, &security),
            warming,
            earlier,
            page_cache: cache.map(|cache| PageCache::new(cache, build)),
            values: TemplateCache::new(&config, &locale.dir),
            security,
            session_key,
            cart_counts: CartCounts::default(),
            cart_limits: CartLimits::new(&config.carts),
            failures: LogQuota::default(),
            trusted_proxies: TrustedProxies::parse(&config.trusted_proxies).unwrap_or_default(),
            own_host: origin::host_of(&config.shop.url),
            asking: Context::new(&config.shop.locale, currency),
            context: context(&locale, config.dev)?,
            config,
            locale,
            store,
            pages,
            assets,
        }));
        catalogue_watcher::start(&shop).await;
        Ok(shop)
    }

    /// Imports a file of products into the shop's catalogue.
    pub async fn import(config: &Config, file: &Path) -> Result<ImportReport, StartError> {
        start::prepare_data(&config.data)?;
        let currency = currency(config)?;
        let (data, file) = (config.data.clone(), file.to_owned());
        blocking(move || Ok(import_file::run(&file, &data, currency)?)).await
    }

    /// Builds the components into the data directory and says what came of it.
    pub async fn build(config: &Config) -> Result<String, StartError> {
        start::prepare_data(&config.data)?;
        let host = Host::start(host_config(config)).await?;
        let module = host.browser_module();
        Ok(format!(
            "{} components, lane {}: {} bytes of wasm, {} with brotli",
            host.manifest().components.len(),
            host.lane(),
            module.wasm.len(),
            module.brotli.len(),
        ))
    }
}

/// Templates that a shop cannot do without.
const ESSENTIAL: [&str; 7] = [
    "home.html",
    "product.html",
    "collection.html",
    "search.html",
    "cart.html",
    "404.html",
    "error.html",
];

/// Says what is wrong with templates.
fn report<'a>(errors: impl IntoIterator<Item = &'a TemplateError>) {
    for error in errors {
        tracing::error!("a template cannot be used: {error}");
    }
}

/// A page of the shop's own that is broken fails by itself. A shop without a page that every shop
/// has does not open; in development it does, and shows the error in place of the page.
fn refuse(dev: bool, broken: &BrokenTemplates) -> Result<(), StartError> {
    match ESSENTIAL.iter().find_map(|name| broken.errors_of(name)) {
        Some(errors) if !dev => Err(StartError::Pages(errors.into())),
        _ => Ok(()),
    }
}

fn currency(config: &Config) -> Result<Currency, StartError> {
    Currency::from_code(&config.shop.currency).ok_or_else(|| {
        protium_types::locale::LocaleError::UnknownCurrency(config.shop.currency.clone()).into()
    })
}

async fn open_store(
    data: std::path::PathBuf,
    demo: std::path::PathBuf,
    currency: Currency,
) -> Result<Store, StartError> {
    blocking(move || {
        let store = Store::open(data, Options::default())?;
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

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StartError> + Send + 'static,
) -> Result<T, StartError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| StartError::Runtime(std::io::Error::other(error)))?
}

fn host_config(config: &Config) -> HostConfig {
    let name = config
        .components
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let directory = config
        .components
        .parent()
        .map(Path::to_owned)
        .unwrap_or_default();
    HostConfig {
        source: ModuleSource::Components { directory, name },
        cache: config.data.join("artifacts"),
        lane: config.lane,
        limits: config.limits,
        pool: config.pool,
        dev: config.dev,
    }
}

/// Adds the browser runtime and the components' module to the files.
fn add_runtime(assets: &mut Assets, module: &BrowserModule) -> Result<BrowserAssets, StartError> {
    let (mut capture, mut runtime_url, mut rest_url) = (None, None, None);
    for file in RUNTIME.files() {
        let Some(name) = file.path().file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let url = format!("/_protium/{name}");
        match name {
            "capture.js" => capture = file.contents_utf8().map(str::to_owned),
            "runtime.js" => runtime_url = Some(assets.add(&url, Asset::new(name, file.contents()))),
            _ => {
                assets.add_immutable(&url, Asset::new(name, file.contents()));
                if name.starts_with("rest-") {
                    rest_url = Some(url);
                }
            }
        }
    }
    let wasm = Asset::compressed(
        "store.wasm",
        module.wasm.clone(),
        module.brotli.clone(),
        module.gzip.clone(),
    );
    Ok(BrowserAssets {
        capture: capture.ok_or(StartError::NoRuntime)?,
        runtime_url: runtime_url.ok_or(StartError::NoRuntime)?,
        rest_url: rest_url.ok_or(StartError::NoRuntime)?,
        module_url: assets.add("/_protium/store.wasm", wasm),
    })
}

/// The entries of the protocol's context that are the same for every request (section 5).
fn context(locale: &Locale, dev: bool) -> Result<Vec<(String, Value)>, GuestError> {
    let text = |text: &str| Value::from(text);
    let table = table(&locale.table).shared()?;
    Ok([
        ("locale", text(&locale.name)),
        ("lang", text(&locale.lang)),
        ("dir", text(&locale.dir)),
        ("currency", text(&locale.currency)),
        ("dev", Value::Bool(dev)),
        ("table", table),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into())
}

fn table(table: &Table) -> Value {
    let text = |text: &str| Value::from(text);
    let list =
        |texts: &[String]| Value::List(texts.iter().map(|one| Value::from(one.as_str())).collect());
    Value::record([
        ("decimal", text(&table.decimal)),
        ("group", text(&table.group)),
        ("minus", text(&table.minus)),
        ("primary", Value::Int(table.primary)),
        ("secondary", Value::Int(table.secondary)),
        ("symbol", text(&table.symbol)),
        ("digits", Value::Int(table.digits)),
        ("money", text(&table.money)),
        ("money_neg", text(&table.money_neg)),
        ("months", list(&table.months)),
        ("months_short", list(&table.months_short)),
        ("days", list(&table.days)),
        ("days_short", list(&table.days_short)),
        ("date_short", text(&table.date_short)),
        ("date_medium", text(&table.date_medium)),
        ("date_long", text(&table.date_long)),
        ("plural", text(&table.plural)),
    ])
}
