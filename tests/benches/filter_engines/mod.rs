//! The shop's query by SQLite, DuckDB, Polars and tantivy, over the same rows.

mod rows;
mod sqlite;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use protium_wasm::filter::{Columns, Query};
use serde_json::{Value, json};

use crate::filter_native::Native;
use crate::report::{self, Fallible};
use crate::times::Times;
use sqlite::Sqlite;

/// Times of all engines that are there, by name, threads and selectivity. What they find is
/// compared with what Rust finds.
pub fn measure(
    columns: &Columns,
    asked: &[(&str, &[Query])],
    native: &mut Native,
) -> Fallible<Value> {
    let mut report = BTreeMap::new();
    let expected: BTreeMap<&str, Vec<u32>> = asked
        .iter()
        .map(|(selectivity, queries)| {
            let found = queries.iter().map(|query| native.query(query).total);
            (*selectivity, found.collect())
        })
        .collect();
    println!();
    Times::heading("other engines, the shop's query");
    let sqlite = Sqlite::new(columns)?;
    for (selectivity, queries) in asked {
        let mut times = Vec::new();
        let mut found = Vec::new();
        for query in *queries {
            let began = Instant::now();
            found.push(sqlite.answer(query)?);
            times.push(began.elapsed());
        }
        let what = format!("SQLite, {selectivity}");
        same(&what, &found, &expected[selectivity])?;
        let times = Times::of(times);
        times.show(&what);
        report.insert(what, times.json());
    }
    drop(sqlite);
    let directory = tempfile::tempdir()?;
    rows::write(directory.path(), columns, asked)?;
    for threads in ["1", "2"] {
        for output in [
            python(directory.path(), threads)?,
            tantivy(directory.path(), threads)?,
        ] {
            let engines = output.as_ref().and_then(Value::as_object);
            for (engine, measured) in engines.into_iter().flatten() {
                for (selectivity, _) in asked {
                    let numbers = |key: &str| -> Vec<f64> {
                        let values = measured[*selectivity][key].as_array();
                        let values = values.into_iter().flatten();
                        values.filter_map(Value::as_f64).collect()
                    };
                    let what = format!("{engine}, {threads} threads, {selectivity}");
                    let found: Vec<u32> = numbers("found").iter().map(|n| *n as u32).collect();
                    same(&what, &found, &expected[selectivity])?;
                    let times = Times::from_micros(numbers("ms").iter().map(|ms| ms * 1e3));
                    times.show(&what);
                    report.insert(what, times.json());
                }
            }
        }
    }
    Ok(json!(report))
}

fn python(directory: &Path, threads: &str) -> Fallible<Option<Value>> {
    let Some(python) = std::env::var_os("PROTIUM_BENCH_PYTHON") else {
        return Ok(None);
    };
    let mut command = Command::new(python);
    command.arg(in_benches("filter_engines/duckdb_polars.py"));
    command.arg(directory).arg(threads);
    json_of(&mut command).map(Some)
}

/// tantivy, in a project of its own: it is a third of the workspace's dependencies.
fn tantivy(directory: &Path, threads: &str) -> Fallible<Option<Value>> {
    if std::env::var("PROTIUM_BENCH_TANTIVY").is_ok_and(|set| set == "off") {
        return Ok(None);
    }
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "--release", "--locked", "--target-dir"]);
    command.arg(report::target().join("bench-tantivy"));
    command.args(["--", &directory.display().to_string(), threads]);
    command.current_dir(in_benches("filter_tantivy"));
    json_of(&mut command).map(Some)
}

fn in_benches(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("benches")
        .join(path)
}

fn json_of(command: &mut Command) -> Fallible<Value> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn same(what: &str, found: &[u32], expected: &[u32]) -> Fallible<()> {
    match found == expected {
        true => Ok(()),
        false => Err(format!("{what}: {found:?} products instead of {expected:?}").into()),
    }
}
