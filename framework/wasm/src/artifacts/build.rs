//! Builds a module from its sources with a toolchain on PATH, or with the TinyGo that the
//! repository's script installed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

use parking_lot::Mutex;

use super::cache::{Cache, Key};
use super::error::ArtifactError;
use super::files::read;
use crate::variant::{Lane, LaneChoice, Variant};

/// The oldest TinyGo that can build the components.
const OLDEST_TINYGO: (u32, u32) = (0, 39);
/// The end of a failed build's output, in bytes, that an error shows.
const SHOWN_OUTPUT: usize = 4 << 10;

/// TinyGo's target file, in the folder of the Go module or of the kit.
pub(super) const TARGET: &str = "tinygo-target.json";
/// The same with SIMD.
pub(super) const TARGET_SIMD: &str = "tinygo-target-simd.json";
/// The first Go with SIMD for WebAssembly, an experiment (`GOEXPERIMENT=simd`), and its toolchain,
/// which an older Go downloads.
const GO_SIMD: (u32, u32) = (1, 27);
const GO_SIMD_TOOLCHAIN: &str = "go1.27.3";
/// The script that installs TinyGo, in the same folders.
const INSTALLER: &str = "scripts/install-tinygo.sh";
const INSTALL_TINYGO: &str = "TinyGo 0.39 or newer (https://tinygo.org/getting-started/install/)";
const INSTALL_GO: &str = "Go 1.26 or newer (https://go.dev/dl/)";
const INSTALL_EITHER: &str = "TinyGo 0.39 or newer (https://tinygo.org/getting-started/install/), \
                              which makes small modules, or Go 1.26 or newer \
                              (https://go.dev/dl/)";

/// What to build, and why.
pub(super) struct Job<'a> {
    /// The folder of Go components.
    pub directory: &'a Path,
    /// The folder of the kit, which may be the same.
    pub kit: &'a Path,
    /// The module's name.
    pub name: &'a str,
    /// The package, `./NAME`.
    pub package: &'a str,
    /// The digest of the sources.
    pub sources: &'a str,
    /// It is built with SIMD.
    pub simd: bool,
    /// Why the module in dist/ cannot be used.
    pub reason: String,
}

impl Job<'_> {
    /// How TinyGo optimises the module: components for size, because every browser downloads them,
    /// edge modules for speed.
    fn optimisation(&self) -> &'static str {
        match self.package.starts_with("./edge/") {
            true => "-opt=2",
            false => "-opt=s",
        }
    }

    /// The path of the script that installs TinyGo.
    pub fn installer(&self) -> Option<PathBuf> {
        Some(self.kit.join(INSTALLER)).filter(|script| script.is_file())
    }
}

/// A built module.
pub(super) struct Built {
    /// The bytes.
    pub wasm: Vec<u8>,
    /// Its toolchain and instructions; `None` if it was built elsewhere.
    pub variant: Option<Variant>,
}

/// Where toolchains are searched.
pub(super) struct Tools {
    /// Folders of programs, in order of precedence.
    folders: Vec<PathBuf>,
    /// Go before TinyGo: it builds in a tenth of the time.
    pub prefers_go: bool,
}

/// A toolchain that was found.
pub(super) struct Found {
    lane: Lane,
    program: PathBuf,
    /// What it says of its version.
    pub version: String,
    arguments: Vec<&'static str>,
}

impl Tools {
    /// The folders on PATH, then those of `components-go/scripts/install-tinygo.sh`.
    pub fn of_environment(prefers_go: bool) -> Tools {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let variable = |name: &str| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let cache = variable("PROTIUM_TOOLCHAIN").or_else(|| {
            let caches = variable("XDG_CACHE_HOME");
            let caches = caches.or_else(|| Some(variable("HOME")?.join(".cache")))?;
            Some(caches.join("protium"))
        });
        let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        folders.extend(cache.iter().flat_map(|cache| installed(cache)));
        Tools {
            folders,
            prefers_go,
        }
    }

    /// This folder only.
    #[cfg(test)]
    pub fn of_folder(folder: &Path) -> Tools {
        Tools {
            folders: vec![folder.to_owned()],
            prefers_go: false,
        }
    }

    /// Builds the module, or takes a cached build of the same sources with the same tool.
    pub fn build(
        &self,
        job: &Job<'_>,
        lane: LaneChoice,
        cache: &Cache,
    ) -> Result<Built, ArtifactError> {
        let found = self
            .choose(lane)
            .map_err(|(missing, install)| ArtifactError::NoToolchain {
                name: job.name.to_owned(),
                reason: job.reason.clone(),
                missing,
                install: match (lane, job.installer()) {
                    (LaneChoice::Auto | LaneChoice::TinyGo, Some(script)) => {
                        format!("{install} (on Debian {} does that)", script.display()).into()
                    }
                    _ => install.into(),
                },
            })?;
        let variant = Variant {
            lane: found.lane,
            simd: job.simd,
        };
        let key = Key::new("wasm", 2)
            .part(job.name.as_bytes())
            .part(variant.name().as_bytes())
            .part(job.sources.as_bytes())
            .part(found.version.as_bytes())
            .part(found.arguments.join(" ").as_bytes())
            .part(job.optimisation().as_bytes());
        let wasm = cache.get_or_make(key, || {
            tracing::info!(
                module = job.name,
                tool = found.version,
                reason = job.reason,
                "building the components"
            );
            run(&found, job, cache)
        })?;
        Ok(Built {
            wasm,
            variant: Some(variant),
        })
    }

    /// The toolchain for modules of this lane; else what is missing, and what to install.
    pub fn choose(&self, lane: LaneChoice) -> Result<Found, (String, &'static str)> {
        match lane {
            LaneChoice::Auto if self.prefers_go => self.go().or_else(|no_go| {
                self.tinygo()
                    .map_err(|no_tinygo| (format!("{no_go} and {no_tinygo}"), INSTALL_GO))
            }),
            LaneChoice::TinyGo => self.tinygo().map_err(|missing| (missing, INSTALL_TINYGO)),
            LaneChoice::Go => self.go().map_err(|missing| (missing, INSTALL_GO)),
            LaneChoice::Auto => self.tinygo().or_else(|no_tinygo| {
                self.go()
                    .map_err(|no_go| (format!("{no_tinygo} and {no_go}"), INSTALL_EITHER))
            }),
        }
    }

    fn tinygo(&self) -> Result<Found, String> {
        let mut problem = "there is no `tinygo` on PATH".to_owned();
        for program in self.find("tinygo") {
            let version = match version_of(&program) {
                Ok(version) => version,
                Err(why) => {
                    problem = why;
                    continue;
                }
            };
            match tinygo_version(&version) {
                Some(found) if found >= OLDEST_TINYGO => {
                    return Ok(Found {
                        lane: Lane::TinyGo,
                        arguments: tinygo_arguments(&program),
                        program,
                        version,
                    });
                }
                _ => {
                    problem = format!(
                        "{} says {version:?}, which is older than 0.39",
                        program.display()
                    );
                }
            }
        }
        Err(problem)
    }

    fn go(&self) -> Result<Found, String> {
        let program = self.find("go").next().ok_or("there is no `go` on PATH")?;
        let version = version_of(&program)?;
        Ok(Found {
            lane: Lane::Go,
            program,
            version,
            arguments: GO_ARGUMENTS.to_vec(),
        })
    }

    fn find(&self, name: &str) -> impl Iterator<Item = PathBuf> {
        let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        self.folders
            .iter()
            .map(move |folder| folder.join(&name))
            .filter(|program| program.is_file())
    }
}

/// The folders of installed TinyGos, the newest first.
fn installed(toolchains: &Path) -> Vec<PathBuf> {
    let mut found: Vec<(Vec<u32>, PathBuf)> = std::fs::read_dir(toolchains)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name();
            let version = name.to_str()?.strip_prefix("tinygo-")?;
            let parts = version.split('.').map(|part| part.parse().unwrap_or(0));
            Some((parts.collect(), entry.path().join("bin")))
        })
        .filter(|(_, folder)| folder.is_dir())
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, folder)| folder).collect()
}

/// Go's runtime reports the source line of a panic by itself.
const GO_ARGUMENTS: [&str; 5] = [
    "build",
    "-buildmode=c-shared",
    // Asking for the commit takes time, and would make another module of the same sources.
    "-buildvcs=false",
    "-trimpath",
    "-ldflags=-s -w",
];
/// The file in a TinyGo's runtime that stores the message of a panic (`install-tinygo.sh` puts it
/// there), and its build tag.
const SAY: (&str, &str) = ("src/runtime/protium_say.go", "-tags=protium_say");

fn tinygo_arguments(program: &Path) -> Vec<&'static str> {
    let (file, tag) = SAY;
    let root = Command::new(program)
        .args(["env", "TINYGOROOT"])
        .stdin(Stdio::null())
        .output();
    let says = root.is_ok_and(|root| {
        let root = String::from_utf8_lossy(&root.stdout).trim().to_owned();
        Path::new(&root).join(file).is_file()
    });
    // The debug information stays on the server, to find the source line of a panic.
    let mut arguments = vec!["build"];
    if says {
        arguments.push(tag);
    }
    arguments
}

/// What a program says of its version. It is asked again when it is another file.
fn version_of(program: &Path) -> Result<String, String> {
    static KNOWN: Mutex<BTreeMap<(PathBuf, SystemTime), String>> = Mutex::new(BTreeMap::new());
    let modified = program.metadata().and_then(|about| about.modified()).ok();
    let key = modified.map(|modified| (program.to_owned(), modified));
    if let Some(key) = &key
        && let Some(known) = KNOWN.lock().get(key)
    {
        return Ok(known.clone());
    }
    let version = ask_for_version(program)?;
    if let Some(key) = key {
        KNOWN.lock().insert(key, version.clone());
    }
    Ok(version)
}

fn ask_for_version(program: &Path) -> Result<String, String> {
    let output = Command::new(program)
        .arg("version")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("`{}` cannot be run: {error}", program.display()))?;
    if !output.status.success() {
        return Err(format!(
            "`{} version` failed ({})",
            program.display(),
            output.status
        ));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Major and minor version in `tinygo version 0.41.1 linux/amd64 (…)`.
fn tinygo_version(said: &str) -> Option<(u32, u32)> {
    version_after("tinygo version ", said)
}

/// Major and minor version in `go version go1.26.8 linux/amd64`.
fn go_version(said: &str) -> Option<(u32, u32)> {
    version_after("go version go", said)
}

fn version_after(words: &str, said: &str) -> Option<(u32, u32)> {
    let version = said.strip_prefix(words)?.split_whitespace().next()?;
    let mut parts = version.split(['.', '-']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn run(found: &Found, job: &Job<'_>, cache: &Cache) -> Result<Vec<u8>, ArtifactError> {
    let scratch = cache.scratch()?;
    let wasm = scratch.path().join(format!("{}.wasm", found.lane.name()));
    let mut command = Command::new(&found.program);
    command.args(&found.arguments);
    if found.lane == Lane::TinyGo {
        let target = job.kit.join(if job.simd { TARGET_SIMD } else { TARGET });
        command
            .arg(job.optimisation())
            .arg("-target")
            .arg(std::path::absolute(&target).unwrap_or(target));
    }
    command.arg("-o").arg(&wasm).arg(job.package);
    command.current_dir(job.directory).stdin(Stdio::null());
    if found.lane == Lane::Go {
        command.env("GOOS", "wasip1").env("GOARCH", "wasm");
        if job.simd {
            command.env("GOEXPERIMENT", "simd");
            if go_version(&found.version).is_some_and(|version| version < GO_SIMD) {
                command.env("GOTOOLCHAIN", GO_SIMD_TOOLCHAIN);
            }
        }
    }
    let result = command.output();
    let failed = |status, output| ArtifactError::Build {
        command: format!(
            "{} {} {}",
            found.program.display(),
            found.arguments.join(" "),
            job.package
        ),
        directory: job.directory.to_owned(),
        status,
        output,
    };
    let output = result.map_err(|error| failed(error.to_string(), String::new()))?;
    if !output.status.success() {
        return Err(failed(output.status.to_string(), end_of(&output)));
    }
    read(&wasm)
}

fn end_of(output: &Output) -> String {
    let all = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let start = all.len().saturating_sub(SHOWN_OUTPUT);
    String::from_utf8_lossy(all.get(start..).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_tools_are_read_from_what_they_say() {
        let said =
            "tinygo version 0.41.1 linux/amd64 (using go version go1.26.8 and LLVM version 19.1.7)";
        assert_eq!(tinygo_version(said), Some((0, 41)));
        assert_eq!(
            tinygo_version("tinygo version 0.42.0-dev-3f1 linux/amd64"),
            Some((0, 42))
        );
        assert_eq!(tinygo_version("go version go1.26.8 linux/amd64"), None);
        assert_eq!(go_version("go version go1.26.8 linux/amd64"), Some((1, 26)));
    }

    #[test]
    fn tinygo_is_found_where_its_installer_put_it_the_newest_first() {
        let toolchains = tempfile::tempdir().unwrap();
        for name in [
            "tinygo-0.9.0/bin",
            "tinygo-0.41.1/bin",
            "tinygo-0.40.0/bin",
            "tinygo-0.42.0",
            "other/bin",
        ] {
            std::fs::create_dir_all(toolchains.path().join(name)).unwrap();
        }
        std::fs::write(toolchains.path().join("tinygo-0.41.1.lock"), "").unwrap();
        let found = installed(toolchains.path());
        let wanted = ["tinygo-0.41.1/bin", "tinygo-0.40.0/bin", "tinygo-0.9.0/bin"];
        assert_eq!(found, wanted.map(|name| toolchains.path().join(name)));
        assert!(installed(&toolchains.path().join("nowhere")).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_tinygo_that_is_too_old_does_not_hide_the_installed_one() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let mut folders = Vec::new();
        for version in ["0.38.0", "0.41.1"] {
            let folder = root.path().join(version);
            std::fs::create_dir(&folder).unwrap();
            let program = folder.join("tinygo");
            let script = format!("#!/bin/sh\necho tinygo version {version} linux/amd64\n");
            std::fs::write(&program, script).unwrap();
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
            folders.push(folder);
        }
        let found = Tools {
            folders,
            prefers_go: false,
        }
        .tinygo()
        .map(|found| found.program);
        assert_eq!(found, Ok(root.path().join("0.41.1/tinygo")));
    }
}
