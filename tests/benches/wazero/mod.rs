//! wazero, in a Go program of its own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tests::{toolchain, workspace};

use super::{Figures, TASKS};
use crate::report::Fallible;

/// The program, built.
pub struct Wazero(PathBuf);

impl Wazero {
    pub fn build() -> Fallible<Wazero> {
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("edge-wazero");
        let mut build =
            workspace::command(toolchain::go()?, workspace::path("tests/benches/wazero"));
        build
            .args(["build", "-trimpath", "-o"])
            .arg(&program)
            .arg(".");
        workspace::output(&mut build)?;
        Ok(Wazero(program))
    }

    /// Runs of a module whose instances serve so many each.
    pub fn figures(&self, module: &Path, reuse: u32, time: Duration) -> Fallible<Figures> {
        let mut run = workspace::command(&self.0, workspace::root());
        run.arg("-module").arg(module);
        run.arg(format!("-tasks={TASKS}"));
        run.arg(format!("-reuse={reuse}"));
        run.arg(format!("-time={}ms", time.as_millis()));
        let line: Value = serde_json::from_str(&workspace::output(&mut run)?)?;
        let figure = |name: &str| {
            line[name]
                .as_f64()
                .ok_or(format!("wazero: no {name} in {line}"))
        };
        Ok(Figures {
            per_second: figure("runs_per_second")?,
            p50: figure("p50_us")?,
            p99: figure("p99_us")?,
        })
    }
}

/// The module as standard Go builds it.
pub fn inventory_of_go() -> Fallible<PathBuf> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("edge-inventory-go.wasm");
    let mut build = workspace::command(toolchain::go()?, workspace::path("components-go"));
    build.args([
        "build",
        "-buildmode=c-shared",
        "-trimpath",
        "-ldflags=-s -w",
        "-o",
    ]);
    build.arg(&file).arg("./edge/inventory");
    build.env("GOOS", "wasip1").env("GOARCH", "wasm");
    workspace::output(&mut build)?;
    Ok(file)
}
