//! `protium check`: what is wrong with a shop that it nevertheless serves, or why it does not open.

mod accessibility;
mod finding;
mod pages;
mod policy;
mod selectors;
mod sources;
mod translations;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use self::finding::{Finding, Level, joined};
use self::sources::Sources;
use crate::app::Shop;
use crate::app::additions::Additions;
use crate::app::start_error::StartError;
use crate::cli::downloads;
use crate::cli::error::CommandError;
use crate::config::{Config, ConfigError, FILE};
use crate::prewarm::edge_setup::edge_setup;
use crate::telemetry::with_causes;
use protium_page::{PageError, TemplateError};
use protium_wasm::functions::Edge;

/// Say what is wrong with the shop: templates, links, messages, modules, accessibility, sizes
#[derive(Debug, clap::Args)]
pub struct Check {
    /// Write the findings as JSON
    #[arg(long)]
    json: bool,
    /// The most pages to look at
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    pages: usize,
}

/// All that was found.
#[derive(Debug, Serialize)]
struct Report {
    /// Things that are to be mended.
    errors: usize,
    /// Things that may be meant so.
    warnings: usize,
    /// Pages that were looked at.
    pages: usize,
    /// Addresses of the shop that were found and not asked for.
    pages_left_out: usize,
    findings: Vec<Finding>,
}

/// Writes what is wrong with the shop in `root`, with what its program adds. Returns whether it is
/// without errors.
pub async fn run(
    command: &Check,
    root: &Path,
    config: Result<Config, ConfigError>,
    additions: Arc<Additions<Shop>>,
    output: &mut impl Write,
) -> Result<bool, CommandError> {
    let (mut pages, mut pages_left_out) = (0, 0);
    let mut findings = Vec::new();
    match config {
        Err(error) => {
            let advice = "framework/docs names the keys";
            let finding = Finding::error("configuration", error.to_string(), advice);
            findings.push(finding.in_file(FILE, None));
        }
        // In development a shop opens with errors, and its files have other addresses.
        Ok(config) => match Shop::open_with(
            root,
            Config {
                dev: false,
                ..config
            },
            additions,
        )
        .await
        {
            Err(error) => findings.extend(of_start(root, error)),
            Ok(shop) => {
                findings.extend(templates(&shop, root));
                findings.extend(modules(&shop).await);
                findings.extend(translations::findings(&shop, root));
                findings.extend(budget(&shop));
                let looked = pages::look(&shop, root, command.pages).await;
                (pages, pages_left_out) = (looked.pages, looked.left_out);
                findings.extend(looked.findings);
            }
        },
    }
    let findings = joined(findings);
    let count = |level| {
        findings
            .iter()
            .filter(|finding| finding.level == level)
            .count()
    };
    let report = Report {
        errors: count(Level::Error),
        warnings: count(Level::Warning),
        pages,
        pages_left_out,
        findings,
    };
    write(command, &report, output).map_err(CommandError::Output)?;
    Ok(report.errors == 0)
}

fn write(command: &Check, report: &Report, output: &mut impl Write) -> std::io::Result<()> {
    if command.json {
        serde_json::to_writer_pretty(&mut *output, report)?;
        return writeln!(output);
    }
    for finding in &report.findings {
        writeln!(output, "{finding}")?;
    }
    let Report {
        errors,
        warnings,
        pages,
        pages_left_out,
        ..
    } = report;
    write!(
        output,
        "{errors} errors, {warnings} warnings, {pages} pages"
    )?;
    match pages_left_out {
        0 => writeln!(output),
        more => writeln!(output, "; --pages looks at more of the {more} others"),
    }
}

/// Why the shop does not open.
fn of_start(root: &Path, error: StartError) -> Vec<Finding> {
    let sources = Sources::read(root);
    match error {
        StartError::Pages(PageError::Templates(errors)) => errors
            .0
            .iter()
            .map(|error| template(&sources, error))
            .collect(),
        StartError::Pages(PageError::Messages { file, message }) => {
            let advice = "framework/docs/messages.md says what a message is";
            let finding = Finding::error("message-file", message, advice);
            vec![finding.in_file(format!("messages/{file}"), None)]
        }
        StartError::Pages(error @ PageError::NoMessage { .. }) => {
            let advice = "or take it from those that the component declares";
            let finding = Finding::error("translation", error.to_string(), advice);
            vec![finding.in_file("messages/en.json", None)]
        }
        error => {
            let advice = "the shop does not open until this is mended";
            vec![Finding::error("start", with_causes(&error), advice)]
        }
    }
}

/// Templates that cannot be used, and props that the shop's own ones leave out.
fn templates(shop: &Shop, root: &Path) -> Vec<Finding> {
    let sources = Sources::read(root);
    let release = shop.release();
    let broken = release
        .pages
        .broken()
        .all()
        .map_or(Vec::new(), |errors| errors.0);
    let broken = broken.iter().map(|error| template(&sources, error));
    let unset = release.pages.unset_props().into_iter();
    let unset = unset
        .filter(|prop| sources.has(&prop.at.template))
        .map(|prop| {
            let problem = format!("<go-{}> is not given `{}`", prop.component, prop.attribute);
            let advice = "it is empty or zero there: say so if that is meant";
            let file = format!("templates/{}", prop.at.template);
            Finding::warning("prop-unset", problem, advice).in_file(file, Some(prop.at.line))
        });
    broken.chain(unset).collect()
}

fn template(sources: &Sources, error: &TemplateError) -> Finding {
    let advice = "pages that use it fail";
    let finding = Finding::error("template", &*error.message, advice);
    match &error.at {
        Some(at) if sources.has(&at.template) => {
            finding.in_file(format!("templates/{}", at.template), Some(at.line))
        }
        Some(at) => finding.in_file(format!("the base theme's {}", at.template), Some(at.line)),
        None => finding,
    }
}

/// Edge modules that do not load, as where one imports what it is not granted; and grants that none
/// of their imports needs.
async fn modules(shop: &Shop) -> Vec<Finding> {
    let config = shop.config();
    if config.modules.is_empty() {
        return Vec::new();
    }
    let failed = |problem: String| {
        let advice = "the module cannot be asked until this is mended";
        vec![Finding::error("edge-module", problem, advice).in_file(FILE, None)]
    };
    let setup = match edge_setup(config, "check", None) {
        Ok(setup) => setup,
        Err(error) => return failed(with_causes(&error)),
    };
    match Edge::open(setup).await {
        Err(error) => failed(with_causes(&error)),
        Ok(edge) => {
            let unused = edge.unused_grants().map(|(module, grant)| {
                let problem = format!(
                    "the module `{module}` is granted `{grant}`, and imports \
                                       nothing for it"
                );
                let advice = format!("take it from [modules.{module}.grants]");
                Finding::warning("grant-unused", problem, advice).in_file(FILE, None)
            });
            unused.collect()
        }
    }
}

/// What visitors download too much of.
fn budget(shop: &Shop) -> Vec<Finding> {
    let over = downloads::of(shop)
        .into_iter()
        .filter(downloads::Download::is_over);
    let found = over.map(|download| {
        let advice = "or raise the bound, below [budget] in protium.toml";
        Finding::error("budget", download.problem(), advice)
    });
    found.collect()
}
