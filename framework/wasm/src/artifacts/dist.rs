//! Writes `dist/`: built modules beside their sources, for machines without Go and TinyGo.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::build::{Job, TARGET, TARGET_SIMD, Tools};
use super::cache::Cache;
use super::error::ArtifactError;
use super::source::{Dist, DistModule, FORMAT, all_inputs, digest, kit_of, package_of, shown_name};
use super::strip;
use crate::go_mod::GoMod;
use crate::variant::LaneChoice;
use protium_types::hex;

/// A module in `dist/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltModule {
    /// The file.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: u64,
}

/// Builds these packages of the Go module in `directory` into the folder `dist`, with the manifest
/// that [`ModuleSource::Components`](crate::ModuleSource::Components) reads in a module's folder
/// `dist/`. `cache` is a directory of artifacts. Blocks.
pub fn write_dist(
    directory: &Path,
    packages: &[String],
    lane: LaneChoice,
    cache: &Path,
    dist: &Path,
) -> Result<Vec<BuiltModule>, ArtifactError> {
    let cache = Cache::open(cache)?;
    let tools = Tools::of_environment(false);
    let go_mod = GoMod::of(directory);
    let kit = kit_of(directory, &go_mod);
    let inputs = inputs(directory, &go_mod)?;
    let all = digest(directory, &all_inputs(directory, &go_mod)?)?;
    let sources = digest(directory, &inputs)?;
    fs::create_dir_all(dist).map_err(failed(dist))?;
    let mut modules = BTreeMap::new();
    let mut built = Vec::new();
    for name in packages {
        let package = package_of(name);
        let job = Job {
            directory,
            kit: &kit,
            name: &shown_name(directory, name),
            package: &package,
            sources: &all,
            simd: false,
            reason: "dist/ is made".to_owned(),
        };
        let wasm = tools.build(&job, lane, &cache)?.wasm;
        let wasm = strip::without_debug(&wasm)?.unwrap_or(wasm);
        let file = match name.as_str() {
            "." => "components.wasm".to_owned(),
            name => format!("{}.wasm", name.replace('/', "-")),
        };
        let path = dist.join(&file);
        write(&path, &wasm)?;
        let bytes = wasm.len() as u64;
        built.push(BuiltModule { path, bytes });
        let module = DistModule {
            file,
            package,
            inputs: inputs.clone(),
            sources: sources.clone(),
            sha256: hex(&Sha256::digest(&wasm)),
            bytes,
            variant: None,
            simd: None,
        };
        modules.insert(name.clone(), module);
    }
    let path = dist.join("manifest.json");
    let manifest = Dist {
        format: FORMAT,
        modules,
    };
    let text =
        serde_json::to_string_pretty(&manifest).map_err(|error| ArtifactError::DistManifest {
            path: path.clone(),
            problem: error.to_string(),
        })?;
    write(&path, format!("{text}\n").as_bytes())?;
    Ok(built)
}

/// The module's inputs in the folder. The kit is identified by its version in go.mod.
fn inputs(directory: &Path, go_mod: &GoMod) -> Result<Vec<String>, ArtifactError> {
    let mut inputs = all_inputs(directory, go_mod)?;
    inputs.retain(|input| {
        let is_source = ["go.mod", "go.sum", TARGET, TARGET_SIMD].contains(&input.as_str());
        let is_inside = !input.starts_with(['.', '/']);
        is_source || is_inside && (input.ends_with(".go") || directory.join(input).is_dir())
    });
    inputs.sort();
    Ok(inputs)
}

/// Writes a file atomically: a server may start meanwhile.
fn write(path: &Path, content: &[u8]) -> Result<(), ArtifactError> {
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let written = fs::write(&beside, content).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written.map_err(failed(path))
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> ArtifactError {
    move |source| ArtifactError::Write {
        path: path.to_owned(),
        source,
    }
}
