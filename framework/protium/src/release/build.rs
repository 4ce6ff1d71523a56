//! From a shop's directory to a release, or why it cannot be one.

use std::sync::Arc;
use std::time::SystemTime;

use include_dir::{Dir, include_dir};
use tokio::sync::OnceCell;

use super::browser_runtime::BrowserRuntime;
use super::sources::Sources;
use super::{Counts, Release, components, context};
use crate::app::start_error::StartError;
use crate::config::Config;
use crate::edge_node::origin_info::OriginInfo;
use crate::http::assets::Assets;
use crate::http::csp::SecurityHeaders;
use crate::page_cache::store;
use crate::storefront::template_cache::TemplateCache;
use protium_page::{
    BrokenTemplates, Filters, Pages, PagesConfig, TemplateError, TemplateErrors, TemplateLayer,
};
use protium_types::Market;
use protium_types::locale::Locale;
use protium_wasm::{BrowserModule, Effort, Engine, EngineConfig, GuestError, Host, Lane, Value};

/// The base theme's styles and pictures.
static THEME_FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/theme/static");
/// The base theme's templates.
static THEME_TEMPLATES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/theme/templates");
/// What the base theme's components say.
static THEME_MESSAGES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/theme/messages");

/// Where a shop that was put together for production has its files compressed.
pub(crate) const COMPRESSED: &str = "compressed";

/// Builds the release that the shop's directory has now, with these components or else those that
/// it has now, which may take minutes when they have to be compiled. What it has in common with
/// the release `before` is shared.
pub(crate) async fn build(
    sources: Arc<Sources>,
    number: u64,
    before: Option<Arc<Release>>,
    host: Option<Host>,
) -> Result<Release, StartError> {
    let layers = vec![
        TemplateLayer::Embedded(&THEME_TEMPLATES),
        TemplateLayer::Folder(sources.root.join("templates")),
    ];
    let (host, known) = match host {
        Some(host) => (host, None),
        None => {
            // Before the components, which may take a minute to build.
            let broken = protium_page::check(&layers, sources.templates.clone())?;
            let known = broken.all();
            report(known.iter().flat_map(|errors| &errors.0));
            refuse(sources.config.dev, &broken)?;
            let host = current_components(&sources, before.as_deref(), |_, _| {}).await?;
            (host, known)
        }
    };
    let assembled = tokio::task::spawn_blocking(move || {
        assemble(&sources, number, before.as_deref(), layers, host, known)
    });
    assembled
        .await
        .map_err(|error| StartError::Runtime(std::io::Error::other(error)))?
}

/// The components as they are now: those of the release before when they are the same. In
/// development, what browsers get is announced once it is built.
pub(crate) async fn current_components(
    sources: &Sources,
    before: Option<&Release>,
    announce: impl FnOnce(&BrowserModule, Lane) + Send + 'static,
) -> Result<Host, StartError> {
    let host = components::start_on(&sources.engine, &sources.config, announce).await?;
    let known = before.map(|before| before.pages.host());
    let same = known.filter(|known| known.browser_module().sha256 == host.browser_module().sha256);
    Ok(same.cloned().unwrap_or(host))
}

/// A release of these components. Errors of templates that are `known` are in the log already.
fn assemble(
    sources: &Sources,
    number: u64,
    before: Option<&Release>,
    layers: Vec<TemplateLayer>,
    host: Host,
    known: Option<TemplateErrors>,
) -> Result<Release, StartError> {
    let config = &*sources.config;
    let statics = sources.root.join("static");
    let files = before.map(|before| &*before.assets);
    let mut assets = Assets::new(&THEME_FILES, &statics, &config.theme, config.dev, files)?;
    let before = before.map(|before| (&*before.assets, &before.runtime));
    let runtime = BrowserRuntime::add_to(&mut assets, before, host.browser_module())?;
    assets.read_compressed(&sources.root.join(COMPRESSED));
    let assets = Arc::new(assets);
    let locales = locales(config)?;
    let tables: Arc<[Arc<Locale>]> = locales
        .iter()
        .map(|(_, locale)| Arc::new(locale.clone()))
        .collect();
    let of_context = move |ctx: &Value| {
        let is_of = |name: &str, text: &str| {
            ctx.get(name)
                .is_some_and(|value| *value == Value::from(text))
        };
        let shown = tables
            .iter()
            .find(|locale| is_of("locale", &locale.name) && is_of("currency", &locale.currency));
        shown.or_else(|| tables.first()).cloned()
    };
    let of_money = of_context.clone();
    let files = Arc::clone(&assets);
    let filters = Filters::new(
        move |minor, ctx| {
            let shown = of_money(ctx);
            shown
                .map(|locale| locale.table.money(minor))
                .unwrap_or_default()
        },
        move |name| files.url(name),
    )
    .with_locale(of_context)
    .with_own(sources.templates.clone());
    let templates = PagesConfig {
        layers,
        messages: vec![
            TemplateLayer::Embedded(&THEME_MESSAGES),
            TemplateLayer::Folder(sources.root.join("messages")),
        ],
        filters,
        assets: runtime.assets.clone(),
        build: runtime.build.clone(),
        dev: config.dev,
    };
    let pages = Pages::load(templates, Arc::new(host))?;
    let known = known.map_or(Vec::new(), |errors| errors.0);
    let found = pages.broken().all().map_or(Vec::new(), |errors| errors.0);
    report(found.iter().filter(|error| !known.contains(error)));
    refuse(config.dev, pages.broken())?;
    let generation = store::generation(&sources.root, config, pages.build(), &assets);
    let security = SecurityHeaders::new(&[&runtime.assets.capture], &config.csp);
    Ok(Release {
        number,
        origin_info: OriginInfo::new(
            config,
            (&sources.shared_name, &generation, pages.build()),
            sources.cached_routes.clone(),
            (
                runtime.assets.module_url.clone(),
                pages.host().browser_module(),
            ),
            &sources.session_key,
            &security,
        ),
        generation,
        template_cache: TemplateCache::new(config, &locales),
        security,
        context: {
            let entries = locales.iter().map(|(market, locale)| {
                let entries = context::entries(market, locale, config.dev)?;
                Ok((market.name.clone(), entries))
            });
            entries.collect::<Result<_, GuestError>>()?
        },
        locales,
        pages,
        assets,
        runtime,
        edge: OnceCell::new(),
        built_at: SystemTime::now(),
        counts: Counts::default(),
    })
}

/// How each market writes numbers and money; the default one first.
fn locales(config: &Config) -> Result<Vec<(Market, Locale)>, StartError> {
    let markets = config.markets()?;
    let locales = markets.iter().map(|market| {
        let locale = Locale::new(&market.locale, &market.currency)?;
        Ok((market.clone(), locale))
    });
    locales.collect()
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

/// The engine of a process with this configuration: with room for the edge modules of two releases,
/// one of which takes over from the other.
pub(crate) fn engine(config: &Config) -> Result<Engine, GuestError> {
    let functions = || config.modules.values().map(|module| &module.limits);
    let room = EngineConfig::new(&config.limits, &config.pool);
    let room = room.with_functions(functions()).with_functions(functions());
    Engine::new(&EngineConfig {
        components_effort: Effort::of(config.dev),
        ..room
    })
}
