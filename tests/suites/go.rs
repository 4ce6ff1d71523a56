//! The component kit's and the components' tests, in Go, without a browser.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde::Deserialize;
use tests::workspace::{command, display, output, path};
use tests::{Error, Result, toolchain};

use crate::Selection;
use crate::tally::Tally;

/// A line of `go test -json`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    action: String,
    #[serde(default)]
    package: String,
    #[serde(default)]
    test: String,
    #[serde(default)]
    output: String,
}

fn go_test() -> Result<Command> {
    let mut command = command(toolchain::go()?, path("components-go"));
    command.args(["test", "-json"]);
    Ok(command)
}

/// `PACKAGE.TEST`, with the package's whole import path.
fn name(event: &Event) -> String {
    format!("{}.{}", event.package, event.test)
}

pub fn list() -> Result<Vec<String>> {
    let text = output(go_test()?.args(["-list", ".", "./..."]))?;
    let events = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Event>(line).ok());
    let named = events
        .filter(|event| event.action == "output")
        .filter_map(|mut event| {
            // Beside the names there is a line for each package: "ok  	PACKAGE	0.1s".
            let line = event.output.trim_end();
            let test = ["Test", "Example", "Fuzz", "Benchmark"]
                .iter()
                .any(|kind| line.starts_with(kind));
            test.then(|| line.to_owned()).map(|test| {
                event.test = test;
                event
            })
        });
    Ok(named
        .filter(|event| !event.test.starts_with("Benchmark"))
        .map(|event| name(&event))
        .collect())
}

pub fn run(selection: Selection) -> Result<Tally> {
    let mut tally = Tally::default();
    match selection {
        Selection::All => run_one(go_test()?.args(["-count=1", "./..."]), &mut tally)?,
        Selection::Only(names) => {
            let mut packages = BTreeMap::<_, Vec<_>>::new();
            for (package, test) in names.iter().filter_map(|name| name.rsplit_once('.')) {
                packages.entry(package).or_default().push(test);
            }
            for (package, tests) in packages {
                let pattern = format!("^({})$", tests.join("|"));
                run_one(
                    go_test()?.args(["-count=1", "-run", &pattern, package]),
                    &mut tally,
                )?;
            }
        }
    }
    Ok(tally)
}

fn run_one(command: &mut Command, tally: &mut Tally) -> Result<()> {
    let shown = display(command);
    let spawn = |source| Error::Spawn {
        command: shown.clone(),
        source,
    };
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(spawn)?;
    // What a test printed is shown when it failed.
    let mut printed = HashMap::<String, String>::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout)
            .split(b'\n')
            .map_while(std::result::Result::ok)
        {
            let Ok(event) = serde_json::from_slice::<Event>(&line) else {
                println!("{}", String::from_utf8_lossy(&line));
                continue;
            };
            let name = name(&event);
            let is_test = !event.test.is_empty();
            match event.action.as_str() {
                "output" | "build-output" => {
                    printed.entry(name).or_default().push_str(&event.output)
                }
                "pass" if is_test => {
                    tally.pass();
                    println!("test {name} ... ok");
                }
                "skip" if is_test => {
                    tally.skip();
                    println!(
                        "test {name} ... skipped\n{}",
                        printed.remove(&name).unwrap_or_default()
                    );
                }
                "fail" => {
                    println!(
                        "test {name} ... FAILED\n{}",
                        printed.remove(&name).unwrap_or_default()
                    );
                    if is_test {
                        tally.fail(name);
                    }
                }
                "build-fail" => println!("{}", printed.values().cloned().collect::<String>()),
                _ => {}
            }
        }
    }
    let status = child.wait().map_err(spawn)?;
    tally.check(status.success(), "go test");
    Ok(())
}
