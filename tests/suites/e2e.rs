//! The store in a browser, by Playwright, in one lane at a time.

use std::process::Command;

use serde::Deserialize;
use tests::bookshop::Bookshop;
use tests::node::Packages;
use tests::store::{self, Lane, Shop, Store};
use tests::workspace::{command, create_dir, display, output, read, target};
use tests::{Error, Result, chromium};

use crate::Selection;
use crate::tally::Tally;

/// Playwright's JSON report: a tree with a suite for each file and each `describe`.
#[derive(Deserialize)]
struct Report {
    suites: Vec<Node>,
    #[serde(default)]
    errors: Vec<Failure>,
}

#[derive(Deserialize)]
struct Node {
    title: String,
    #[serde(default)]
    suites: Vec<Node>,
    #[serde(default)]
    specs: Vec<Spec>,
}

#[derive(Deserialize)]
struct Spec {
    title: String,
    file: String,
    line: u32,
    tests: Vec<Test>,
}

#[derive(Deserialize)]
struct Test {
    status: String,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(default)]
    message: String,
}

/// A test's titles from its file on, joined as Playwright shows them, and where it stands.
struct Found<'a> {
    name: String,
    spec: &'a Spec,
}

impl Report {
    fn parse(text: &[u8]) -> Result<Self> {
        serde_json::from_slice(text).map_err(|error| Error::Unexpected {
            what: "Playwright's report".into(),
            detail: error.to_string(),
        })
    }

    fn specs(&self) -> Vec<Found<'_>> {
        fn walk<'a>(node: &'a Node, titles: &str, found: &mut Vec<Found<'a>>) {
            let titles = if titles.is_empty() {
                node.title.clone()
            } else {
                format!("{titles} › {}", node.title)
            };
            found.extend(node.specs.iter().map(|spec| Found {
                name: format!("{titles} › {}", spec.title),
                spec,
            }));
            node.suites
                .iter()
                .for_each(|inner| walk(inner, &titles, found));
        }
        let mut found = Vec::new();
        self.suites
            .iter()
            .for_each(|node| walk(node, "", &mut found));
        found
    }
}

/// The tests of the shop outside the repository.
const BOOKSHOP: &str = "bookshop.spec.ts";

/// What runs in the standard Go lane too; with `PROTIUM_LONG` every test does.
const BOTH_LANES: &str = "@both-lanes";

fn playwright(packages: &Packages, lane: Lane) -> Command {
    let mut command = command(packages.tool("playwright"), packages.folder());
    command.arg("test");
    if lane == Lane::Go && !tests::long() {
        command.args(["--grep", BOTH_LANES]);
    }
    command
}

fn listed(packages: &Packages, lane: Lane) -> Result<Report> {
    let text = output(playwright(packages, lane).args(["--list", "--reporter=json"]))?;
    Report::parse(text.as_bytes())
}

pub fn list(lane: Lane) -> Result<Vec<String>> {
    let report = listed(&Packages::install("tests/e2e")?, lane)?;
    Ok(report.specs().into_iter().map(|found| found.name).collect())
}

pub fn run(lane: Lane, selection: Selection) -> Result<Tally> {
    let packages = Packages::install("tests/e2e")?;
    let browser = chromium::find(&packages)?;
    let program = store::build()?;
    let demo = Store::start(&program, Shop::Demo, lane)?;
    let imported = Store::start(&program, Shop::Imported, lane)?;
    let lab = Store::start(&program, Shop::Lab, lane)?;
    // Built by a cargo of its own: not for tests that do without it.
    let needs_it = match &selection {
        Selection::All => true,
        Selection::Only(names) => names.iter().any(|name| name.starts_with(BOOKSHOP)),
    };
    let bookshop = match needs_it {
        true => {
            let bookshop = Bookshop::build()?;
            let (program, root) = (bookshop.program(), bookshop.root());
            let open = Store::open(program, "bookshop", &root, &[], lane)?;
            Some((open, bookshop))
        }
        false => None,
    };

    let results = target().join("e2e").join(lane.name());
    let report = target()
        .join("e2e")
        .join(format!("report-{}.json", lane.name()));
    create_dir(&results)?;
    let _ = std::fs::remove_file(&report);

    let mut command = playwright(&packages, lane);
    command
        .env("PROTIUM_E2E_BASE_URL", demo.url())
        .env("PROTIUM_E2E_DATA", demo.data())
        .env("PROTIUM_E2E_IMPORTED_URL", imported.url())
        .env("PROTIUM_E2E_LAB_URL", lab.url())
        .env(
            "PROTIUM_E2E_BOOKSHOP_URL",
            bookshop.as_ref().map_or("", |(store, _)| store.url()),
        )
        .env("PROTIUM_E2E_STORE", &program)
        .env("PROTIUM_E2E_RESULTS", &results)
        .env("PROTIUM_E2E_REPORT", &report)
        .env("PROTIUM_CHROMIUM", browser)
        .env("PROTIUM_LANE", lane.name());
    if let Selection::Only(names) = selection {
        let all = listed(&packages, lane)?;
        let chosen = all
            .specs()
            .into_iter()
            .filter(|found| names.contains(&found.name));
        command.args(chosen.map(|found| format!("{}:{}", found.spec.file, found.spec.line)));
    }
    let shown = display(&command);
    let status = command.status().map_err(|source| Error::Spawn {
        command: shown,
        source,
    })?;

    let mut tally = Tally::default();
    let report = Report::parse(&read(&report)?)?;
    for failure in &report.errors {
        tally.fail(
            failure
                .message
                .lines()
                .next()
                .unwrap_or("an error outside the tests"),
        );
    }
    for found in report.specs() {
        for test in &found.spec.tests {
            match test.status.as_str() {
                "expected" => tally.pass(),
                "skipped" => tally.skip(),
                _ => tally.fail(&found.name),
            }
        }
    }
    tally.check(status.success(), "playwright");
    Ok(tally)
}
