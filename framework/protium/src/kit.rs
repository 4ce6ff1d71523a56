//! The Go kit's sources, which travel inside the program: component kit, theme and edge kit are
//! laid out in the folder of a shop's Go module, where its go.mod finds them.
//!
//! The version of the kit is the program's. `go get`, `go mod tidy`, editors and both toolchains
//! see an ordinary `replace`, so nothing has to be downloaded, go.sum has other modules alone, and
//! those come from wherever the user's Go takes modules from.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use protium_wasm::GoMod;

/// The kit as a Go module.
const MODULE: &str = "protium.dev/components";
/// Its version, as go.mod writes it.
pub(crate) const VERSION: &str = concat!("v", env!("CARGO_PKG_VERSION"));
/// Where it is laid out, in the folder of the shop's Go module.
const FOLDER: &str = ".protium/components";
/// How go.mod names that folder.
const REPLACEMENT: &str = "./.protium/components";
/// Its files: paths, with what is in them.
static FILES: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/kit.rs"));

/// Why a shop's components cannot be built with the kit.
///
/// ```
/// use protium::{KitError, StartError};
///
/// fn is_of_another_version(error: &StartError) -> bool {
///     matches!(error, StartError::Kit(KitError::Version { .. }))
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KitError {
    /// The shop's go.mod asks for the kit of another version of the server.
    #[error(
        "{}: it requires {MODULE} {found}, and this server has {VERSION}: {}run \
         `go mod edit -require={MODULE}@{VERSION}` in that folder",
        go_mod.display(), if_newer(found)
    )]
    Version {
        /// The shop's go.mod.
        go_mod: PathBuf,
        /// The version there.
        found: String,
    },
    /// The shop's go.mod does not say where the kit is.
    #[error(
        "{}: it requires {MODULE}, which this server lays out itself: run \
         `go mod edit -replace={MODULE}={REPLACEMENT}` in that folder", go_mod.display()
    )]
    NotReplaced {
        /// The shop's go.mod.
        go_mod: PathBuf,
    },
    /// The kit cannot be written.
    #[error("the Go kit cannot be laid out in {} ({source})", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// What to do first about a kit that is newer than this program's.
fn if_newer(found: &str) -> String {
    let numbers = |version: &str| -> Vec<u64> {
        let plain = version.trim_start_matches('v').split(['-', '+']).next();
        let parts = plain.unwrap_or_default().split('.');
        parts.map(|part| part.parse().unwrap_or_default()).collect()
    };
    match numbers(found) > numbers(VERSION) {
        true => format!(
            "the shop is of a newer version, so build its program with Protium {found} \
             (`protium` in its Cargo.toml); or, to go back, "
        ),
        false => String::new(),
    }
}

/// Whether the Go module in this folder gets the kit from here: its go.mod requires it, and names
/// no folder that it puts in the kit's place, which is nobody's business. Fails when go.mod asks
/// for another version.
pub(crate) fn check(module: &Path) -> Result<bool, KitError> {
    let go_mod = GoMod::of(module);
    let Some(version) = go_mod.required(MODULE) else {
        return Ok(false);
    };
    let path = || module.join("go.mod");
    match go_mod.folder_of(MODULE) {
        Some(REPLACEMENT) => {}
        Some(_) => return Ok(false),
        None => return Err(KitError::NotReplaced { go_mod: path() }),
    }
    if version != VERSION {
        return Err(KitError::Version {
            go_mod: path(),
            found: version.to_owned(),
        });
    }
    Ok(true)
}

/// Lays the kit out for the Go module in this folder, when its go.mod requires it. What is there
/// already is left as it is.
pub(crate) fn lay_out(module: &Path) -> Result<(), KitError> {
    if !check(module)? {
        return Ok(());
    }
    match write(module) {
        // What is built already needs no kit: a server may not be allowed to write here.
        Err(KitError::Write { path, source }) if module.join("dist/manifest.json").is_file() => {
            tracing::debug!(path = %path.display(), %source, "the Go kit is not laid out");
            Ok(())
        }
        done => done,
    }
}

/// The Go sources of the base theme's components.
pub(crate) fn theme_sources() -> impl Iterator<Item = &'static str> {
    let files = FILES.iter().filter(|(path, _)| path.starts_with("theme/"));
    files.filter_map(|(_, content)| std::str::from_utf8(content).ok())
}

/// Whether the Go code of the base theme's components has this text in it.
pub(crate) fn theme_has(text: &str) -> bool {
    theme_sources().any(|source| source.contains(text))
}

fn write(module: &Path) -> Result<(), KitError> {
    let folder = module.join(FOLDER);
    let wanted: HashSet<PathBuf> = FILES.iter().map(|(path, _)| folder.join(path)).collect();
    remove_others(&folder, &wanted).map_err(failed(&folder))?;
    for (path, content) in FILES {
        write_file(&folder.join(path), content)?;
    }
    // Nothing here belongs to the shop's own history.
    let ignore = module.join(".protium/.gitignore");
    write_file(&ignore, b"*\n")
}

fn write_file(path: &Path, content: &[u8]) -> Result<(), KitError> {
    if fs::read(path).is_ok_and(|found| found == content) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(failed(folder))?;
    // Another process may build with the file at this moment: it appears whole.
    let beside = folder.join(format!(".{}-{}", std::process::id(), fastrand::u64(..)));
    let written = fs::write(&beside, content)
        .and_then(|()| set_executable(&beside, path))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written.map_err(failed(path))
}

#[cfg(unix)]
fn set_executable(file: &Path, name: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    match name.extension().is_some_and(|extension| extension == "sh") {
        true => fs::set_permissions(file, fs::Permissions::from_mode(0o755)),
        false => Ok(()),
    }
}

#[cfg(not(unix))]
fn set_executable(_: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}

/// Removes what an earlier version of the kit had: Go builds every file of a package.
fn remove_others(folder: &Path, wanted: &HashSet<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            remove_others(&path, wanted)?;
        } else if path.extension().is_some_and(|extension| extension == "go")
            && !wanted.contains(&path)
        {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> KitError {
    move |source| KitError::Write {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(go_mod: &str) -> tempfile::TempDir {
        let module = tempfile::tempdir().expect("a directory");
        fs::write(module.path().join("go.mod"), go_mod).expect("written");
        module
    }

    fn requiring(version: &str) -> String {
        format!("module shop\n\nrequire {MODULE} {version}\n\nreplace {MODULE} => {REPLACEMENT}\n")
    }

    #[test]
    fn the_kit_is_laid_out_without_tests_and_the_repositorys_own_modules() {
        let module = module(&requiring(VERSION));
        lay_out(module.path()).expect("laid out");
        let kit = module.path().join(FOLDER);
        for there in [
            "go.mod",
            "tinygo-target.json",
            "ui/node.go",
            "theme/cart.go",
        ] {
            assert!(kit.join(there).is_file(), "{there}");
        }
        assert!(kit.join("edge/kit/module.go").is_file());
        assert!(kit.join("dist/filter.wasm").is_file());
        for away in [
            "store",
            "lab",
            "conformance",
            "dist/store.wasm",
            "edge/price",
            "ui/bench_test.go",
        ] {
            assert!(!kit.join(away).exists(), "{away}");
        }
        let all: usize = FILES.iter().map(|(_, content)| content.len()).sum();
        assert!(all < 512 << 10, "{all} bytes");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let script = kit
                .join("scripts/install-tinygo.sh")
                .metadata()
                .expect("there");
            assert_eq!(script.permissions().mode() & 0o111, 0o111);
        }
    }

    #[test]
    fn what_was_changed_or_left_over_is_put_right_and_the_rest_is_not_touched() {
        let module = module(&requiring(VERSION));
        lay_out(module.path()).expect("laid out");
        let kit = module.path().join(FOLDER);
        let written = |path: &str| kit.join(path).metadata().expect("there").modified();
        let before = written("ui/value.go").expect("a time");
        let original = fs::read(kit.join("ui/node.go")).expect("read");
        fs::write(kit.join("ui/node.go"), "package other\n").expect("written");
        fs::write(kit.join("ui/earlier.go"), "package ui\n").expect("written");
        lay_out(module.path()).expect("laid out");
        assert_eq!(fs::read(kit.join("ui/node.go")).expect("read"), original);
        assert!(!kit.join("ui/earlier.go").exists());
        assert_eq!(written("ui/value.go").expect("a time"), before);
    }

    #[test]
    fn another_version_is_refused_with_the_command_that_sets_it() {
        let module = module(&requiring("v0.0.1"));
        let error = lay_out(module.path()).expect_err("refused").to_string();
        let command = format!("go mod edit -require={MODULE}@{VERSION}");
        for words in ["go.mod", "v0.0.1", &command] {
            assert!(error.contains(words), "{words}: {error}");
        }
        assert!(!module.path().join(FOLDER).exists());
    }

    #[test]
    fn a_shop_of_a_newer_version_wants_a_newer_program() {
        for (version, is_newer) in [("v99.0.0", true), ("v0.1.10", true), ("v0.0.9", false)] {
            let module = module(&requiring(version));
            let error = check(module.path()).expect_err("refused").to_string();
            assert_eq!(error.contains("is of a newer version"), is_newer, "{error}");
        }
    }

    #[test]
    fn a_go_mod_that_does_not_say_where_the_kit_is_gets_the_command_for_it() {
        let module = module(&format!("module shop\n\nrequire {MODULE} {VERSION}\n"));
        let error = lay_out(module.path()).expect_err("refused").to_string();
        let command = format!("go mod edit -replace={MODULE}={REPLACEMENT}");
        assert!(error.contains(&command), "{error}");
    }

    #[test]
    fn a_module_without_the_kit_or_with_one_of_its_own_is_left_alone() {
        let own = format!("require {MODULE} v0.0.1\nreplace {MODULE} => ../components-go\n");
        for go_mod in ["module protium.dev/components\n", &own] {
            let module = module(go_mod);
            lay_out(module.path()).expect("nothing to do");
            assert!(!module.path().join(".protium").exists());
        }
        let nothing = tempfile::tempdir().expect("a directory");
        lay_out(&nothing.path().join("components")).expect("nothing to do");
    }
}
