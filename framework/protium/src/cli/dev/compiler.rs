//! Compiles the program of a shop with Cargo, and reads what the compiler says.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use crate::release::dev_error::DevError;

/// The file that makes a directory a Cargo package.
pub const MANIFEST: &str = "Cargo.toml";
/// The most errors that are shown.
const MOST: usize = 8;
/// The most lines of Cargo's own messages that are shown.
const LINES: usize = 40;

/// Compiles the program of a shop.
#[derive(Clone)]
pub struct Compiler {
    root: PathBuf,
    /// The directory that the compiler names files from.
    workspace: PathBuf,
}

/// A line of `cargo build --message-format=json`: what is read of it.
#[derive(Deserialize)]
struct Line {
    reason: String,
    #[serde(default)]
    message: Option<Diagnostic>,
    #[serde(default)]
    manifest_path: Option<PathBuf>,
    #[serde(default)]
    executable: Option<PathBuf>,
}

/// What the compiler says.
#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    message: String,
    #[serde(default)]
    rendered: Option<String>,
    #[serde(default)]
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Span {
    file_name: PathBuf,
    line_start: usize,
    column_start: usize,
    is_primary: bool,
    #[serde(default)]
    label: Option<String>,
}

/// What came of the lines of a build.
#[derive(Default)]
struct Outcome {
    programs: Vec<PathBuf>,
    errors: Vec<DevError>,
}

impl Compiler {
    /// That of the package in `root`.
    pub async fn of(root: &Path) -> Compiler {
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let arguments = ["locate-project", "--workspace", "--message-format", "plain"];
        let located = cargo(&root).args(arguments).output().await;
        let manifest = located.ok().filter(|located| located.status.success());
        let manifest = manifest.and_then(|located| String::from_utf8(located.stdout).ok());
        let workspace = manifest.and_then(|path| Some(Path::new(path.trim()).parent()?.to_owned()));
        Compiler {
            workspace: workspace.unwrap_or_else(|| root.clone()),
            root,
        }
    }

    /// Compiles the program, and says where it is, or what is wrong. The build ends when the
    /// future is dropped.
    pub async fn compile(self) -> Result<PathBuf, Vec<DevError>> {
        let mut build = cargo(&self.root);
        build
            .args(["build", "--bins", "--message-format=json"])
            .stdout(Stdio::piped());
        let built = match build.spawn() {
            Ok(child) => self.read(child).await,
            Err(error) => Err(error),
        };
        let (status, outcome, said) = built.map_err(|error| {
            vec![DevError::new(&format!(
                "`cargo build` cannot be run: {error}"
            ))]
        })?;
        match (status.success(), self.chosen(&outcome.programs)) {
            (true, Some(program)) => Ok(program),
            (true, None) => Err(vec![DevError::new(&format!(
                "{} has no program",
                self.root.join(MANIFEST).display()
            ))]),
            (false, _) if outcome.errors.is_empty() => Err(vec![DevError::new(&said)]),
            (false, _) => Err(outcome.errors),
        }
    }

    /// Reads what a build says to its end, and shows it on the terminal.
    async fn read(&self, mut build: Child) -> std::io::Result<(ExitStatus, Outcome, String)> {
        let (stdout, stderr) = (build.stdout.take(), build.stderr.take());
        let mut outcome = Outcome::default();
        let messages = each_line(stdout, |line| {
            if let Ok(line) = serde_json::from_str(&line) {
                self.take(line, &mut outcome);
            }
        });
        let mut said = Vec::new();
        let progress = each_line(stderr, |line| {
            eprintln!("{line}");
            said.push(line);
        });
        let ((), (), status) = tokio::join!(messages, progress, build.wait());
        let last = said.len().saturating_sub(LINES);
        let said = said.split_off(last).join("\n");
        Ok((status?, outcome, said))
    }

    fn take(&self, line: Line, outcome: &mut Outcome) {
        let manifest = self.root.join(MANIFEST);
        match (line.reason.as_str(), line.message, line.executable) {
            ("compiler-message", Some(said), _) => {
                if let Some(rendered) = &said.rendered {
                    eprint!("{rendered}");
                }
                let is_error = said.level.starts_with("error");
                if is_error && outcome.errors.len() < MOST {
                    outcome.errors.extend(self.error(said));
                }
            }
            ("compiler-artifact", _, Some(program)) if line.manifest_path == Some(manifest) => {
                outcome.programs.push(program);
            }
            _ => {}
        }
    }

    /// An error with its place; without one it only sums up others.
    fn error(&self, said: Diagnostic) -> Option<DevError> {
        let span = said.spans.into_iter().find(|span| span.is_primary)?;
        let path = self.workspace.join(&span.file_name);
        let file = path.strip_prefix(&self.root).unwrap_or(&span.file_name);
        let message = match span.label {
            Some(label) if !label.is_empty() => format!("{}\n{label}", said.message),
            _ => said.message,
        };
        let error = DevError {
            file: file.display().to_string(),
            line: span.line_start,
            column: span.column_start,
            ..DevError::new(&message)
        };
        Some(error.with_excerpt(&path))
    }

    /// Of several programs, the one that is called like this one.
    fn chosen(&self, programs: &[PathBuf]) -> Option<PathBuf> {
        let this = std::env::current_exe().ok();
        let name = this.as_deref().and_then(Path::file_name);
        let same = programs.iter().find(|path| path.file_name() == name);
        same.or_else(|| programs.first()).cloned()
    }
}

/// Cargo, in this directory.
fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(root)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Takes each line, to the end.
async fn each_line(from: Option<impl AsyncRead + Unpin>, mut take: impl FnMut(String)) {
    let Some(from) = from else {
        return;
    };
    let mut lines = BufReader::new(from).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        take(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_compiler_has_its_place_and_the_lines_around_it() {
        let folder = tempfile::tempdir().expect("a directory");
        let root = folder.path().join("shop");
        std::fs::create_dir_all(root.join("src")).expect("made");
        std::fs::write(root.join("src/main.rs"), "fn main() {\n    let a = b;\n}\n")
            .expect("written");
        let compiler = Compiler {
            root: root.clone(),
            workspace: folder.path().to_owned(),
        };
        let mut outcome = Outcome::default();
        let program = folder.path().join("target/debug/shop");
        let manifest = root.join(MANIFEST);
        for line in [
            serde_json::json!({"reason": "compiler-message", "message": {
                "level": "error", "message": "cannot find value `b`", "spans": [{
                    "file_name": "shop/src/main.rs", "line_start": 2, "column_start": 13,
                    "is_primary": true, "label": "not found in this scope",
                }],
            }}),
            serde_json::json!({"reason": "compiler-message", "message": {
                "level": "error", "message": "aborting due to 1 previous error", "spans": [],
            }}),
            serde_json::json!({"reason": "compiler-message", "message": {
                "level": "warning", "message": "unused", "spans": [],
            }}),
            serde_json::json!({"reason": "compiler-artifact", "manifest_path": "/other/Cargo.toml",
                "executable": "/other/program"}),
            serde_json::json!({"reason": "compiler-artifact", "manifest_path": manifest,
                "executable": program}),
        ] {
            compiler.take(serde_json::from_value(line).expect("a line"), &mut outcome);
        }
        assert_eq!(outcome.programs, [program]);
        let error = DevError {
            file: "src/main.rs".to_owned(),
            line: 2,
            column: 13,
            message: "cannot find value `b`\nnot found in this scope".to_owned(),
            excerpt: vec![
                (1, "fn main() {".to_owned()),
                (2, "    let a = b;".to_owned()),
                (3, "}".to_owned()),
            ],
        };
        assert_eq!(outcome.errors, [error]);
    }
}
