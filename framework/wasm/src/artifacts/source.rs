//! The source of a module: the committed build in dist/ if it matches the sources, else a build of
//! them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::build::{Built, Job, TARGET, TARGET_SIMD, Tools};
use super::cache::Cache;
use super::error::ArtifactError;
use super::files::read;
use crate::go_mod::GoMod;
use crate::variant::{Lane, LaneChoice, Variant};
use protium_types::hex;

/// Where a module comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModuleSource {
    /// A Go module with the package `name` (a folder of that name with package main), and its built
    /// modules in `dist/`.
    Components {
        /// The folder with go.mod and dist/.
        directory: PathBuf,
        /// The package, and the name in dist/manifest.json.
        name: String,
    },
    /// A module that was built elsewhere, in memory.
    File(PathBuf),
    /// The module itself.
    Bytes(Bytes),
}

/// The Go module of kit and theme.
const KIT: &str = "protium.dev/components";

/// The format of dist/manifest.json.
pub(super) const FORMAT: u32 = 1;

/// dist/manifest.json.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Dist {
    pub format: u32,
    pub modules: BTreeMap<String, DistModule>,
}

/// A built module in dist/.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct DistModule {
    pub file: String,
    pub package: String,
    pub inputs: Vec<String>,
    pub sources: String,
    pub sha256: String,
    pub bytes: u64,
    /// The name of a [`Variant`]; unset: `tinygo`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The same module with SIMD, if there is one: not every browser runs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simd: Option<DistFile>,
}

/// Another build of the same sources in dist/.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct DistFile {
    pub file: String,
    pub sha256: String,
    pub bytes: u64,
}

/// Which build of a module is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub lane: LaneChoice,
    pub simd: bool,
    /// It is built as quickly as can be.
    pub dev: bool,
}

impl Wanted {
    /// Without SIMD.
    pub fn of(lane: LaneChoice, dev: bool) -> Wanted {
        let simd = false;
        Wanted { lane, simd, dev }
    }
}

/// The module.
pub(super) fn wasm(
    source: &ModuleSource,
    wanted: Wanted,
    cache: &Cache,
) -> Result<Built, ArtifactError> {
    let as_it_is = |wasm| Built {
        wasm,
        variant: None,
    };
    match source {
        ModuleSource::File(path) => read(path).map(as_it_is),
        ModuleSource::Bytes(bytes) => Ok(as_it_is(bytes.to_vec())),
        ModuleSource::Components { directory, name } => {
            let tools = Tools::of_environment(wanted.dev);
            from_components(directory, name, wanted, &tools, cache)
        }
    }
}

fn from_components(
    directory: &Path,
    name: &str,
    wanted: Wanted,
    tools: &Tools,
    cache: &Cache,
) -> Result<Built, ArtifactError> {
    let Wanted { lane, simd, .. } = wanted;
    let dist = read_dist(directory, name)?;
    let package = match &dist {
        Some(dist) => dist.package.clone(),
        None => package_of(name),
    };
    let go_mod = GoMod::of(directory);
    let kit = kit_of(directory, &go_mod);
    let has_sources = has_go_files(&directory.join(&package));
    let sources = match &dist {
        Some(dist) => digest(directory, &dist.inputs)?,
        None => digest(directory, &all_inputs(directory, &go_mod)?)?,
    };
    let reason = if lane == LaneChoice::Go {
        "the lane is set to go".to_owned()
    } else if let Some(dist) = &dist {
        if has_sources && sources != dist.sources {
            "its sources differ from those that the module in dist/ was built from".to_owned()
        } else {
            match dist_module(directory, dist, simd)? {
                Ok(built) => return Ok(built),
                Err(reason) => reason,
            }
        }
    } else {
        "dist/ does not have it".to_owned()
    };
    let shown = shown_name(directory, name);
    if !has_sources {
        return Err(ArtifactError::NothingThere {
            name: shown.into_owned(),
            directory: directory.to_owned(),
        });
    }
    let job = Job {
        directory,
        kit: &kit,
        name: &shown,
        package: &package,
        sources: &sources,
        simd,
        reason,
    };
    let built = tools.build(&job, lane, cache)?;
    let is_go = built
        .variant
        .is_some_and(|variant| variant.lane == Lane::Go);
    if is_go && lane == LaneChoice::Auto && !tools.prefers_go {
        let installer = job.installer();
        tracing::warn!(
            module = job.name,
            go_bytes = built.wasm.len(),
            tinygo_bytes = dist.map(|dist| dist.bytes),
            installer = installer.map(|script| script.display().to_string()),
            "TinyGo 0.39 or newer is not on PATH: the module was built with go; TinyGo makes it \
             about thirty times smaller"
        );
    }
    Ok(built)
}

/// The name of a module in messages: the folder's, if it is the whole Go module.
pub(super) fn shown_name<'n>(directory: &'n Path, name: &'n str) -> Cow<'n, str> {
    match (name, directory.file_name()) {
        (".", Some(folder)) => folder.to_string_lossy(),
        _ => name.into(),
    }
}

/// The package of a module, as an argument for Go.
pub(super) fn package_of(name: &str) -> String {
    match name {
        "." => ".".to_owned(),
        name => format!("./{name}"),
    }
}

/// The folder of the kit: the target of `replace`, or the Go module itself.
pub(super) fn kit_of(directory: &Path, go_mod: &GoMod) -> PathBuf {
    match go_mod.folder_of(KIT) {
        Some(folder) => directory.join(folder.strip_prefix("./").unwrap_or(folder)),
        None => directory.to_owned(),
    }
}

/// The folder of the Go module with this package: this one, or else the kit's.
pub(crate) fn module_with(directory: &Path, package: &str) -> PathBuf {
    match directory.join(package).is_dir() {
        true => directory.to_owned(),
        false => kit_of(directory, &GoMod::of(directory)),
    }
}

fn read_dist(directory: &Path, name: &str) -> Result<Option<DistModule>, ArtifactError> {
    let path = directory.join("dist/manifest.json");
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(ArtifactError::Read { path, source }),
    };
    let wrong = |problem: String| ArtifactError::DistManifest {
        path: path.clone(),
        problem,
    };
    let mut dist: Dist =
        serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    if dist.format != FORMAT {
        return Err(wrong(format!(
            "format {} is not known, only {FORMAT}",
            dist.format
        )));
    }
    let Some(module) = dist.modules.remove(name) else {
        return Ok(None);
    };
    let variant = module.variant.as_deref().unwrap_or(Lane::TinyGo.name());
    match Variant::from_name(variant) {
        // Browsers get this module too.
        Some(variant) if variant.runs_in_every_browser() => {}
        Some(_) => {
            return Err(wrong(format!(
                "not every browser runs the variant {variant}"
            )));
        }
        None => return Err(wrong(format!("there is no variant {variant:?}"))),
    }
    let plain = |path: &str| {
        let path = path.strip_prefix("./").unwrap_or(path);
        !path.is_empty()
            && path
                .split('/')
                .all(|part| !part.is_empty() && part != "." && part != "..")
    };
    let simd = module.simd.iter().map(|simd| &simd.file);
    let paths = module
        .inputs
        .iter()
        .chain([&module.file, &module.package])
        .chain(simd);
    let is_root = |path: &str| path == "." && module.package == path;
    if let Some(path) = paths
        .into_iter()
        .find(|path| !plain(path) && !is_root(path))
    {
        return Err(wrong(format!("{path:?} is not a path inside the folder")));
    }
    Ok(Some(module))
}

/// The module in dist/, or else why it is not used.
fn dist_module(
    directory: &Path,
    dist: &DistModule,
    simd: bool,
) -> Result<Result<Built, String>, ArtifactError> {
    let (file, sha256) = match &dist.simd {
        _ if !simd => (&dist.file, &dist.sha256),
        Some(simd) => (&simd.file, &simd.sha256),
        None => return Ok(Err("dist/ does not have it with SIMD".to_owned())),
    };
    let path = directory.join("dist").join(file);
    let wasm = match fs::read(&path) {
        Ok(wasm) => Some(wasm),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(source) => return Err(ArtifactError::Read { path, source }),
    };
    let named = wasm.filter(|wasm| hex(&Sha256::digest(wasm)) == *sha256);
    let built = named.map(|wasm| Built {
        wasm,
        variant: Some(Variant {
            lane: Lane::TinyGo,
            simd,
        }),
    });
    Ok(built.ok_or_else(|| {
        format!("dist/{file} is missing or not the one that dist/manifest.json names")
    }))
}

/// Everything besides dist/ that the Go tools may read, and the replacements of other Go modules:
/// the inputs of a module without a manifest.
pub(super) fn all_inputs(directory: &Path, go_mod: &GoMod) -> Result<Vec<String>, ArtifactError> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => {
            return Err(ArtifactError::Read {
                path: directory.to_owned(),
                source,
            });
        }
    };
    let mut inputs: Vec<String> = go_mod
        .folders()
        .flat_map(|folder| {
            [
                folder.to_owned(),
                format!("{folder}/go.mod"),
                format!("{folder}/{TARGET}"),
                format!("{folder}/{TARGET_SIMD}"),
            ]
        })
        .collect();
    for entry in entries {
        let entry = entry.map_err(|source| ArtifactError::Read {
            path: directory.to_owned(),
            source,
        })?;
        if let Ok(name) = entry.file_name().into_string()
            && !ignored(&name)
            && name != "dist"
        {
            inputs.push(name);
        }
    }
    Ok(inputs)
}

/// The digest of a module's sources: SHA-256 over a line `SHA-256  PATH` for each file, sorted by
/// path.
pub(super) fn digest(directory: &Path, inputs: &[String]) -> Result<String, ArtifactError> {
    let mut files = BTreeMap::new();
    for input in inputs {
        let input = input.strip_prefix("./").unwrap_or(input);
        let path = directory.join(input);
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_file() => {
                files.insert(input.to_owned(), hex(&Sha256::digest(read(&path)?)));
            }
            Ok(metadata) if metadata.is_dir() => collect(&path, input, &mut files)?,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(ArtifactError::Read { path, source }),
        }
    }
    let mut digest = Sha256::new();
    for (path, file) in files {
        digest.update(format!("{file}  {path}\n"));
    }
    Ok(hex(&digest.finalize()))
}

fn collect(
    folder: &Path,
    prefix: &str,
    files: &mut BTreeMap<String, String>,
) -> Result<(), ArtifactError> {
    let failed = |source| ArtifactError::Read {
        path: folder.to_owned(),
        source,
    };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        // A name that is not UTF-8 cannot be a Go source.
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if ignored(&name) {
            continue;
        }
        let kind = entry.file_type().map_err(failed)?;
        let path = format!("{prefix}/{name}");
        if kind.is_dir() && name != "testdata" {
            collect(&entry.path(), &path, files)?;
        } else if kind.is_file() && name.ends_with(".go") && !name.ends_with("_test.go") {
            files.insert(path, hex(&Sha256::digest(read(&entry.path())?)));
        }
    }
    Ok(())
}

/// Whether a folder is a Go package.
fn has_go_files(folder: &Path) -> bool {
    let mut entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.any(|entry| entry.path().extension().is_some_and(|end| end == "go"))
}

/// What the Go tools ignore.
fn ignored(name: &str) -> bool {
    name.starts_with(['.', '_'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(directory: &Path, path: &str, content: impl AsRef<[u8]>) {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// A folder of components with a built module that matches its sources.
    fn components() -> (tempfile::TempDir, Cache) {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("components");
        write(&directory, "go.mod", "module shop\n");
        write(&directory, "store/main.go", "package main\n");
        write(&directory, "dist/store.wasm", "built");
        let inputs = ["go.mod".to_owned(), "store".to_owned()];
        let manifest = serde_json::json!({"format": 1, "toolchain": {}, "modules": {"store": {
            "file": "store.wasm", "package": "./store", "inputs": inputs, "bytes": 5, "brotli": 5,
            "sources": digest(&directory, &inputs).unwrap(), "sha256": hex(
                &Sha256::digest("built")
            ),
        }}});
        write(&directory, "dist/manifest.json", manifest.to_string());
        let cache = Cache::open(&root.path().join("cache")).unwrap();
        (root, cache)
    }

    /// The module on a machine whose PATH has only this folder.
    fn module(
        root: &tempfile::TempDir,
        cache: &Cache,
        lane: LaneChoice,
    ) -> Result<Vec<u8>, ArtifactError> {
        let tools = Tools::of_folder(&root.path().join("tools"));
        let directory = root.path().join("components");
        let built = from_components(&directory, "store", Wanted::of(lane, false), &tools, cache);
        built.map(|built| built.wasm)
    }

    /// A program that prints this version, and builds a file with its name as text.
    #[cfg(unix)]
    fn tool(root: &tempfile::TempDir, name: &str, version: &str) {
        use std::os::unix::fs::PermissionsExt;
        let script = format!(
            "#!/bin/sh\n[ \"$1\" = version ] && echo \"{version}\" && exit\n\
             while [ $# -gt 0 ]; do [ \"$1\" = -o ] && printf 'built by {name}' > \"$2\"; shift; \
             done\n"
        );
        write(root.path(), &format!("tools/{name}"), script);
        let path = root.path().join("tools").join(name);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn in_development_go_is_preferred_to_tinygo_and_the_module_in_dist_to_both() {
        let (root, cache) = components();
        tool(&root, "tinygo", "tinygo version 0.41.1 linux/amd64");
        tool(&root, "go", "go version go1.26.8 linux/amd64");
        let mut tools = Tools::of_folder(&root.path().join("tools"));
        tools.prefers_go = true;
        let directory = root.path().join("components");
        let wanted = Wanted::of(LaneChoice::Auto, true);
        let built = || from_components(&directory, "store", wanted, &tools, &cache);
        assert_eq!(built().unwrap().wasm, b"built");
        change_sources(&root);
        assert_eq!(built().unwrap().wasm, b"built by go");
    }

    fn change_sources(root: &tempfile::TempDir) {
        write(
            &root.path().join("components"),
            "store/main.go",
            "package main // changed\n",
        );
    }

    #[test]
    fn the_module_in_dist_is_used_when_it_belongs_to_the_sources() {
        let (root, cache) = components();
        assert_eq!(module(&root, &cache, LaneChoice::Auto).unwrap(), b"built");
    }

    #[test]
    fn the_module_with_simd_is_another_file_in_dist() {
        let (root, cache) = components();
        let path = root.path().join("components/dist/manifest.json");
        let simd = serde_json::json!({
            "file": "simd.wasm", "bytes": 4, "sha256": hex(&Sha256::digest("wide")),
        });
        let manifest = fs::read_to_string(&path).unwrap();
        let manifest = manifest.replace("\"package\"", &format!("\"simd\":{simd},\"package\""));
        fs::write(&path, manifest).unwrap();
        write(root.path(), "components/dist/simd.wasm", "wide");
        let tools = Tools::of_folder(&root.path().join("tools"));
        for (simd, expected) in [(false, "built"), (true, "wide")] {
            let wanted = Wanted {
                simd,
                ..Wanted::of(LaneChoice::Auto, false)
            };
            let directory = root.path().join("components");
            let built = from_components(&directory, "store", wanted, &tools, &cache).unwrap();
            assert_eq!(built.wasm, expected.as_bytes());
            assert_eq!(built.variant.map(|variant| variant.simd), Some(simd));
        }
    }

    #[test]
    fn tests_and_what_go_ignores_are_no_sources() {
        let (root, cache) = components();
        let directory = root.path().join("components");
        for path in [
            "store/a_test.go",
            "store/testdata/a.go",
            "store/_b/c.go",
            "store/.c.go",
            "store/d.txt",
            "other/e.go",
        ] {
            write(&directory, path, "package x\n");
        }
        assert_eq!(module(&root, &cache, LaneChoice::Auto).unwrap(), b"built");
    }

    #[test]
    fn the_digest_is_what_sha256sum_of_sha256sums_says() {
        let (root, _) = components();
        let directory = root.path().join("components");
        write(&directory, "store/b/x.go", "package b\n");
        write(&directory, "store/b.go", "package main\n");
        let inputs = ["store", "./go.mod", "missing"].map(str::to_owned);
        let shell = "sha256sum go.mod store/b.go store/b/x.go store/main.go | sha256sum";
        let output = std::process::Command::new("sh")
            .args(["-c", shell])
            .current_dir(&directory)
            .output()
            .unwrap();
        let expected = String::from_utf8(output.stdout).unwrap();
        assert_eq!(
            digest(&directory, &inputs).unwrap(),
            expected.split(' ').next().unwrap()
        );
    }

    #[test]
    fn without_sources_the_module_in_dist_is_used() {
        let (root, cache) = components();
        fs::remove_dir_all(root.path().join("components/store")).unwrap();
        assert_eq!(module(&root, &cache, LaneChoice::Auto).unwrap(), b"built");
    }

    #[test]
    fn changed_sources_without_a_toolchain_are_an_error_that_says_what_to_install() {
        let (root, cache) = components();
        change_sources(&root);
        let error = module(&root, &cache, LaneChoice::Auto)
            .unwrap_err()
            .to_string();
        for part in [
            "`store`",
            "differ",
            "no `tinygo` on PATH",
            "no `go` on PATH",
            "https://tinygo.org",
            "https://go.dev",
        ] {
            assert!(error.contains(part), "{part}: {error}");
        }
        let error = module(&root, &cache, LaneChoice::Go)
            .unwrap_err()
            .to_string();
        assert!(!error.contains("tinygo"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn changed_sources_are_built_with_tinygo_else_with_go() {
        let (root, cache) = components();
        change_sources(&root);
        tool(&root, "go", "go version go1.26.8 linux/amd64");
        assert_eq!(
            module(&root, &cache, LaneChoice::Auto).unwrap(),
            b"built by go"
        );
        tool(&root, "tinygo", "tinygo version 0.38.0 linux/amd64");
        assert_eq!(
            module(&root, &cache, LaneChoice::Auto).unwrap(),
            b"built by go"
        );
        assert!(
            module(&root, &cache, LaneChoice::TinyGo)
                .unwrap_err()
                .to_string()
                .contains("older than 0.39")
        );
        tool(&root, "tinygo", "tinygo version 0.41.1 linux/amd64");
        assert_eq!(
            module(&root, &cache, LaneChoice::Auto).unwrap(),
            b"built by tinygo"
        );
        assert_eq!(
            module(&root, &cache, LaneChoice::Go).unwrap(),
            b"built by go"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_module_in_dist_that_was_changed_is_not_used() {
        let (root, cache) = components();
        write(root.path(), "components/dist/store.wasm", "other");
        assert!(module(&root, &cache, LaneChoice::Auto).is_err());
        tool(&root, "tinygo", "tinygo version 0.41.1 linux/amd64");
        assert_eq!(
            module(&root, &cache, LaneChoice::Auto).unwrap(),
            b"built by tinygo"
        );
    }

    #[test]
    fn a_manifest_that_is_none_or_leaves_its_folder_is_refused() {
        let (root, cache) = components();
        let path = root.path().join("components/dist/manifest.json");
        let good = fs::read_to_string(&path).unwrap();
        for bad in [
            "{".to_owned(),
            good.replace("\"format\":1", "\"format\":2"),
            good.replace("store.wasm", "../../store.wasm"),
            good.replace("go.mod", "/etc/passwd"),
            good.replace("\"file\"", "\"variant\":\"rust\",\"file\""),
            good.replace("\"file\"", "\"variant\":\"tinygo-simd\",\"file\""),
        ] {
            fs::write(&path, bad).unwrap();
            let error = module(&root, &cache, LaneChoice::Auto).unwrap_err();
            assert!(
                matches!(error, ArtifactError::DistManifest { .. }),
                "{error}"
            );
        }
    }
}
