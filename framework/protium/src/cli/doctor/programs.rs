//! The programs that build shops and test them.

use std::process::{Command, Stdio};

use protium_wasm::{Lane, toolchains};

use super::finding::{Finding, State};

/// A version: its first two numbers.
type Version = (u32, u32);

/// The oldest Rust that compiles Protium.
const RUST: &str = env!("CARGO_PKG_RUST_VERSION");
/// The oldest Go that compiles the kit.
const GO: Version = (1, 26);

/// A program besides the toolchains for components.
struct Program {
    name: &'static str,
    /// What it may be called.
    called: &'static [&'static str],
    needed_for: &'static str,
    oldest: Version,
    install: &'static str,
    required: bool,
}

/// All programs, the required ones first.
pub fn findings() -> Vec<Finding> {
    let rust = version(RUST).unwrap_or_default();
    let install_rust = "install Rust: https://rustup.rs";
    let programs = [
        Program {
            name: "cargo",
            called: &["cargo"],
            needed_for: "a shop's program",
            oldest: rust,
            install: install_rust,
            required: true,
        },
        Program {
            name: "rustc",
            called: &["rustc"],
            needed_for: "a shop's program",
            oldest: rust,
            install: install_rust,
            required: true,
        },
        Program {
            name: "node",
            called: &["node"],
            needed_for: "browser tests alone",
            oldest: (20, 0),
            install: "install Node 20 or newer: https://nodejs.org",
            required: false,
        },
        Program {
            name: "chromium",
            called: &["chromium", "chromium-browser", "google-chrome"],
            needed_for: "browser tests alone",
            oldest: (0, 0),
            install: "`npm --prefix e2e exec playwright install chromium` gets one for them",
            required: false,
        },
    ];
    let mut findings: Vec<Finding> = programs.iter().map(Program::finding).collect();
    findings.splice(2..2, components());
    findings
}

/// Go and TinyGo, as a build of the components finds them.
fn components() -> impl Iterator<Item = Finding> {
    toolchains().into_iter().map(|toolchain| {
        let (needed_for, required) = match toolchain.lane {
            Lane::Go => (
                "components; with `build --dist` not where a shop runs",
                true,
            ),
            Lane::TinyGo => ("components as small as visitors should get them", false),
        };
        let (state, found, install) = match toolchain.version {
            Ok(found) if toolchain.lane == Lane::Go && is_older(&found, GO) => {
                let install = "install Go 1.26 or newer: https://go.dev/dl/".to_owned();
                (State::Old, found, Some(install))
            }
            Ok(found) => (State::Ok, found, None),
            Err(missing) => {
                let install = format!("install {}", missing.install);
                (State::Missing, missing.problem, Some(install))
            }
        };
        Finding {
            state,
            name: toolchain.lane.name(),
            found,
            needed_for,
            advice: install,
            required,
        }
    })
}

impl Program {
    fn finding(&self) -> Finding {
        let said = self.called.iter().find_map(|name| says(name));
        let (state, found) = match said {
            Some(found) if is_older(&found, self.oldest) => (State::Old, found),
            Some(found) => (State::Ok, found),
            None => (State::Missing, "not on PATH".to_owned()),
        };
        Finding {
            state,
            name: self.name,
            found,
            needed_for: self.needed_for,
            advice: (state != State::Ok).then(|| self.install.to_owned()),
            required: self.required,
        }
    }
}

/// What a program says of its version, in one line; nothing when it is not there, or does not run.
fn says(program: &str) -> Option<String> {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next()?.trim();
    (output.status.success() && !line.is_empty()).then(|| line.to_owned())
}

/// Whether a text names a version before this one. One without a version may be anything.
fn is_older(text: &str, oldest: Version) -> bool {
    version(text).is_some_and(|found| found < oldest)
}

/// The first version in a text.
fn version(text: &str) -> Option<Version> {
    let words = text.split(|letter: char| !letter.is_ascii_digit() && letter != '.');
    words.into_iter().find_map(|word| {
        let (major, rest) = word.split_once('.')?;
        let minor = rest.split('.').next()?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_programs_say() {
        for (said, found) in [
            ("rustc 1.95.0 (0123456 2026-04-01)", Some((1, 95))),
            ("go version go1.26.8 linux/amd64", Some((1, 26))),
            ("v22.4.1", Some((22, 4))),
            ("1.95", Some((1, 95))),
            ("Chromium", None),
            ("a. b .5 6.", None),
        ] {
            assert_eq!(version(said), found, "{said}");
        }
        assert!(is_older("v18.20.0", (20, 0)));
        assert!(!is_older("v20.0.0", (20, 0)));
        assert!(!is_older("nightly", (20, 0)));
    }

    #[test]
    fn a_program_that_is_not_there_comes_with_what_to_do() {
        let missing = Program {
            name: "loom",
            called: &["no-such-loom"],
            needed_for: "cloth",
            oldest: (1, 0),
            install: "build one",
            required: true,
        };
        let finding = missing.finding();
        assert_eq!(finding.state, State::Missing);
        assert_eq!(finding.advice.as_deref(), Some("build one"));
        assert!(finding.prevents_serving());
    }

    #[test]
    fn what_this_test_was_built_with_is_found() {
        let findings = findings();
        let names: Vec<&str> = findings.iter().map(|finding| finding.name).collect();
        assert_eq!(
            names,
            ["cargo", "rustc", "go", "tinygo", "node", "chromium"]
        );
        assert_eq!(findings[0].state, State::Ok, "{}", findings[0]);
    }
}
