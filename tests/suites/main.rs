//! Runs every test of every language and ends with the totals.
//!
//! It is the one test target that a plain `cargo test` in the root has (see `default-members` in
//! the workspace's Cargo.toml), so nothing that cargo prints follows its last line; the Rust tests
//! are run by a cargo within. Test names carry their suite in front, `e2e[go]::cart.spec.ts › …`,
//! and cargo's name filter looks at the whole name; one that begins with a suite's name and `::`
//! chooses from that suite alone.

mod arguments;
mod client;
mod e2e;
mod go;
mod rust;
mod tally;

use std::process::ExitCode;
use std::time::Instant;

use arguments::Arguments;
use tally::Tally;
use tests::Result;
use tests::store::Lane;

/// Set for the cargo within, whose `suites` must not start all over again.
const NESTED: &str = "PROTIUM_TESTS_NESTED";

/// What a suite is asked to run.
enum Selection<'a> {
    All,
    /// Tests by their names, without the suite's prefix; never empty.
    Only(&'a [String]),
}

enum Suite {
    Rust,
    Go,
    Client,
    EndToEnd(Lane),
}

impl Suite {
    const ALL: [Suite; 5] = [
        Suite::Rust,
        Suite::Go,
        Suite::Client,
        Suite::EndToEnd(Lane::TinyGo),
        Suite::EndToEnd(Lane::Go),
    ];

    fn name(&self) -> String {
        match self {
            Suite::Rust => "rust".into(),
            Suite::Go => "go".into(),
            Suite::Client => "client".into(),
            Suite::EndToEnd(lane) => format!("e2e[{}]", lane.name()),
        }
    }

    fn list(&self) -> Result<Vec<String>> {
        match self {
            Suite::Rust => rust::list(),
            Suite::Go => go::list(),
            Suite::Client => client::list(),
            Suite::EndToEnd(lane) => e2e::list(*lane),
        }
    }

    fn run(&self, selection: Selection) -> Result<Tally> {
        match self {
            Suite::Rust => rust::run(selection),
            Suite::Go => go::run(selection),
            Suite::Client => client::run(selection),
            Suite::EndToEnd(lane) => e2e::run(*lane, selection),
        }
    }

    /// Runs what the arguments choose; `None` when that is nothing.
    fn run_chosen(&self, arguments: &Arguments) -> Result<Option<Tally>> {
        let tally = if arguments.choose_all() {
            self.run(Selection::All)?
        } else {
            let prefix = self.name();
            // Listing compiles a suite.
            if !arguments.may_choose_from(&prefix, &Suite::ALL.map(|suite| suite.name())) {
                return Ok(None);
            }
            let mut chosen = self.list()?;
            chosen.retain(|name| arguments.choose(&format!("{prefix}::{name}")));
            if chosen.is_empty() {
                return Ok(None);
            }
            self.run(Selection::Only(&chosen))?
        };
        Ok(Some(if tally.is_empty() {
            Tally::broken("no test ran")
        } else {
            tally
        }))
    }
}

fn main() -> ExitCode {
    if std::env::var_os(NESTED).is_some() {
        return ExitCode::SUCCESS;
    }
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::from(2);
        }
    };
    if arguments.list {
        list(&arguments)
    } else {
        run(&arguments)
    }
}

fn list(arguments: &Arguments) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for suite in Suite::ALL {
        match suite.list() {
            Ok(names) => {
                let names = names.iter().map(|name| format!("{}::{name}", suite.name()));
                names
                    .filter(|name| arguments.choose(name))
                    .for_each(|name| println!("{name}: test"));
            }
            Err(error) => {
                eprintln!("error: {} cannot be listed: {error}", suite.name());
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}

fn run(arguments: &Arguments) -> ExitCode {
    let started = Instant::now();
    let mut tallies = Vec::new();
    for suite in Suite::ALL {
        let name = suite.name();
        println!("\n== {name}");
        let suite_started = Instant::now();
        let tally = match suite.run_chosen(arguments) {
            Ok(None) => {
                println!("nothing here has that name");
                continue;
            }
            Ok(Some(tally)) => tally,
            // The other suites still run: one missing tool should not hide what else is broken.
            Err(error) => {
                println!("error: the suite cannot run: {error}");
                Tally::broken("it cannot run, see above")
            }
        };
        tallies.push((name, tally, suite_started.elapsed().as_secs()));
    }

    let mut total = Tally::default();
    println!();
    for (name, tally, seconds) in &tallies {
        println!("{name:12} {tally}, in {seconds} s");
        total.add(tally, name);
    }
    if !total.failures.is_empty() {
        println!("\nfailures:");
        total
            .failures
            .iter()
            .for_each(|failure| println!("    {failure}"));
    }
    println!("\ntotal: {total}, in {} s", started.elapsed().as_secs());
    if total.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
