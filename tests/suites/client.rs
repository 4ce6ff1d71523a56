//! The browser runtime's tests, by vitest.

use std::process::Command;

use serde::Deserialize;
use tests::node::Packages;
use tests::workspace::{command, create_dir, display, output, read, target};
use tests::{Error, Result};

use crate::Selection;
use crate::tally::Tally;

/// vitest's JSON report, which has the shape of jest's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    test_results: Vec<File>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    name: String,
    status: String,
    assertion_results: Vec<Assertion>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assertion {
    ancestor_titles: Vec<String>,
    title: String,
    status: String,
}

/// An entry of `vitest list --json`; its name joins the titles with " > ".
#[derive(Deserialize)]
struct Listed {
    name: String,
}

fn vitest(packages: &Packages) -> Command {
    command(packages.tool("vitest"), packages.folder())
}

pub fn list() -> Result<Vec<String>> {
    let packages = Packages::install("client")?;
    let mut command = vitest(&packages);
    let text = output(command.args(["list", "--json"]))?;
    let listed: Vec<Listed> = parse(text.as_bytes(), &display(&command))?;
    Ok(listed.into_iter().map(|test| test.name).collect())
}

pub fn run(selection: Selection) -> Result<Tally> {
    let packages = Packages::install("client")?;
    let report = target().join("node/client-report.json");
    create_dir(&target().join("node"))?;
    let _ = std::fs::remove_file(&report);

    let mut command = vitest(&packages);
    command.args(["run", "--reporter=verbose", "--reporter=json"]);
    command.arg(format!("--outputFile.json={}", report.display()));
    if let Selection::Only(names) = selection {
        // vitest matches against the titles joined by a space; a title may have the list's
        // separator in itself.
        let titles: Vec<_> = names
            .iter()
            .map(|name| escape(name).replace(" > ", " (> )?"))
            .collect();
        command.arg(format!("--testNamePattern=^({})$", titles.join("|")));
    }
    let shown = display(&command);
    let status = command.status().map_err(|source| Error::Spawn {
        command: shown,
        source,
    })?;

    let mut tally = Tally::default();
    let report: Report = parse(&read(&report)?, "vitest's report")?;
    for file in report.test_results {
        if file.status == "failed"
            && file
                .assertion_results
                .iter()
                .all(|test| test.status != "failed")
        {
            tally.fail(&file.name);
        }
        for test in file.assertion_results {
            let mut titles = test.ancestor_titles;
            titles.push(test.title);
            match test.status.as_str() {
                "passed" => tally.pass(),
                "failed" => tally.fail(titles.join(" > ")),
                // With a choice made, all that was not chosen is reported too.
                _ if matches!(selection, Selection::Only(_)) => {}
                _ => tally.skip(),
            }
        }
    }
    tally.check(status.success(), "vitest");
    Ok(tally)
}

fn parse<'a, T: Deserialize<'a>>(text: &'a [u8], what: &str) -> Result<T> {
    serde_json::from_slice(text).map_err(|error| Error::Unexpected {
        what: what.to_owned(),
        detail: error.to_string(),
    })
}

/// `text` as a regular expression of JavaScript that matches it.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\^$.*+?()[]{}|/".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
