//! From a shop's directory to a release, or why it cannot be one.

use std::path::Path;
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use super::{Release, components, context};
use crate::app::start::StartError;
use crate::config::Config;
use crate::edge_node::api::OriginInfo;
use crate::http::assets::{Asset, Assets};
use crate::http::csp::SecurityHeaders;
use crate::page_cache::store;
use crate::request::session::SessionKey;
use crate::storefront::template_cache::TemplateCache;
use protium_page::{
    BrokenTemplates, BrowserAssets, BuildParts, Filters, Pages, PagesConfig, TemplateError,
    TemplateErrors, TemplateLayer,
};
use protium_types::locale::Locale;
use protium_wasm::{BrowserModule, Host};

/// The base theme's styles and pictures.
static THEME_FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/theme/static");
/// The base theme's templates.
static THEME_TEMPLATES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/theme/templates");
/// What the base theme's components say.
static THEME_MESSAGES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/theme/messages");
/// The browser runtime, as `client/` builds it.
static RUNTIME: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/assets");

/// The parts of a process that its releases are built with.
pub(crate) struct Parts<'a> {
    /// The shop's directory.
    pub root: &'a Path,
    pub config: &'a Config,
    pub locale: &'a Locale,
    /// The shop's name in stores that its nodes share.
    pub shared_name: &'a str,
    pub session_key: &'a SessionKey,
}

/// Builds the release that the shop's directory has now. May take minutes, when the components have
/// to be compiled.
pub(crate) async fn build(parts: Parts<'_>) -> Result<Release, StartError> {
    let config = parts.config;
    let layers = vec![
        TemplateLayer::Embedded(&THEME_TEMPLATES),
        TemplateLayer::Folder(parts.root.join("templates")),
    ];
    // Before the components, which may take a minute to build.
    let broken = protium_page::check(&layers)?;
    let known = broken.all();
    report(known.iter().flat_map(|errors| &errors.0));
    refuse(config.dev, &broken)?;
    let host = components::start(config).await?;
    assemble(&parts, layers, host, known)
}

/// A release of these components. Errors of templates that are `known` are in the log already.
fn assemble(
    parts: &Parts<'_>,
    layers: Vec<TemplateLayer>,
    host: Host,
    known: Option<TemplateErrors>,
) -> Result<Release, StartError> {
    let Parts { config, locale, .. } = *parts;
    let statics = parts.root.join("static");
    let mut assets = Assets::new(&THEME_FILES, statics, &config.theme, config.dev)?;
    let browser = add_runtime(&mut assets, host.browser_module())?;
    let assets = Arc::new(assets);
    let table = locale.table.clone();
    let files = Arc::clone(&assets);
    let filters = Filters::new(
        move |minor, _| table.money(minor),
        move |name| files.url(name),
    );
    let runtime = RUNTIME.files().map(include_dir::File::contents);
    let templates = PagesConfig {
        layers,
        messages: vec![
            TemplateLayer::Embedded(&THEME_MESSAGES),
            TemplateLayer::Folder(parts.root.join("messages")),
        ],
        filters,
        assets: browser.clone(),
        build: BuildParts::new([host.browser_module().wasm.as_ref()], runtime),
        dev: config.dev,
    };
    let pages = Pages::load(templates, Arc::new(host))?;
    pages.broken(|broken| {
        let known = known.map_or(Vec::new(), |errors| errors.0);
        let found = broken.all().map_or(Vec::new(), |errors| errors.0);
        report(found.iter().filter(|error| !known.contains(error)));
        refuse(config.dev, broken)
    })??;
    let build = pages.build()?;
    let generation = store::generation(config, &build, &assets);
    let security = SecurityHeaders::new(&[&browser.capture]);
    Ok(Release {
        origin_info: OriginInfo::new(
            config,
            (parts.shared_name, &generation, &build),
            (browser.module_url, pages.host().browser_module()),
            parts.session_key,
            &security,
        ),
        generation,
        values: TemplateCache::new(config, &locale.dir),
        security,
        context: context::entries(locale, config.dev)?,
        pages,
        assets,
    })
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
