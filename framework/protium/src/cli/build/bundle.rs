//! A directory with all that production needs: the program, what it reads, modules that are built,
//! files that are compressed, and what starts it.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::BuildError;
use super::manifest::{self, Manifest, failed};
use crate::app::Shop;
use crate::cli::downloads::Download;
use crate::cli::error::CommandError;
use crate::config::{self, Config};
use crate::release::build::COMPRESSED;
use crate::release::components;
use protium_wasm::module_and_package;

/// Folders of the shop that its program reads while it runs.
const FOLDERS: [&str; 4] = ["data", "messages", "static", "templates"];
/// What every data directory has.
const DATABASE: &str = "shop.db";
/// The folder of the shop's Go module.
const COMPONENTS: &str = "components";
/// What starts the program: in a container, and as a service.
const LAUNCHERS: [(&str, &str); 2] = [
    (
        "Dockerfile",
        include_str!("../../../additions/bundle/Dockerfile"),
    ),
    (
        "shop.service",
        include_str!("../../../additions/bundle/shop.service"),
    ),
];

/// Fails when there is something at the path that was not made by this command.
pub fn check_place(out: &Path) -> Result<(), BuildError> {
    let is_empty = || fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_none());
    let is_ours = || {
        fs::read_to_string(out.join(manifest::FILE)).is_ok_and(|text| {
            let known: Result<serde_json::Value, _> = serde_json::from_str(&text);
            known.is_ok_and(|manifest| manifest.get("protium").is_some())
        })
    };
    match out.symlink_metadata().is_err() || is_empty() || is_ours() {
        true => Ok(()),
        false => Err(BuildError::Taken {
            path: out.to_owned(),
        }),
    }
}

/// Makes the directory, whole or not at all, in place of one that this command has made before.
pub async fn make(
    shop: &Shop,
    downloads: &[Download],
    out: &Path,
) -> Result<Manifest, CommandError> {
    let manifest = Manifest::of_no_files(shop, downloads)?;
    let place = match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(place).map_err(failed(place))?;
    let temporary = tempfile::Builder::new()
        .prefix(".protium-build-")
        .tempdir_in(place)
        .map_err(failed(place))?;
    // Only the user may enter the temporary directory; this one has the usual permissions.
    let made = temporary.path().join("shop");
    fs::create_dir(&made).map_err(failed(&made))?;
    let (root, config) = (&shop.0.root, shop.config());
    check_source(root, out)?;
    write_program(&made, &manifest.program)?;
    write_configuration(root, config, &made)?;
    for folder in FOLDERS {
        copy(&root.join(folder), &made.join(folder))?;
    }
    let dist = made.join(COMPONENTS).join("dist");
    components::build_dist(config, Some(&dist)).await?;
    let compressed = made.join(COMPRESSED);
    let assets = &shop.release().assets;
    assets
        .write_compressed(&compressed)
        .map_err(failed(&compressed))?;
    let program = &manifest.program;
    for (name, text) in LAUNCHERS {
        let file = match name.split_once('.') {
            Some((_, ending)) => made.join(format!("{program}.{ending}")),
            None => made.join(name),
        };
        fs::write(&file, text.replace("__program__", program)).map_err(failed(&file))?;
    }
    let manifest = manifest.with_files_of(&made)?;
    let file = made.join(manifest::FILE);
    let text = manifest.to_json().map_err(BuildError::Manifest)?;
    fs::write(&file, format!("{text}\n")).map_err(failed(&file))?;

    replace(&made, out, &temporary.path().join("before"))?;
    Ok(manifest)
}

/// Puts the directory that was made into its place. One that was there is moved away first, and
/// back when that fails.
fn replace(made: &Path, out: &Path, before: &Path) -> Result<(), BuildError> {
    check_place(out)?;
    let is_there = out.symlink_metadata().is_ok();
    if is_there {
        fs::rename(out, before).map_err(failed(out))?;
    }
    let moved = fs::rename(made, out);
    if moved.is_err() && is_there {
        fs::rename(before, out).map_err(failed(out))?;
    }
    moved.map_err(failed(out))
}

/// Fails when the directory would be within a folder that is copied into it.
fn check_source(root: &Path, out: &Path) -> Result<(), BuildError> {
    let whole = std::path::absolute(out).map_err(failed(out))?;
    let root = std::path::absolute(root).map_err(failed(root))?;
    let mut folders = FOLDERS.iter().map(|folder| root.join(folder));
    match folders.find(|folder| whole.starts_with(folder)) {
        Some(copied) => Err(BuildError::Within {
            path: out.to_owned(),
            copied,
        }),
        None => Ok(()),
    }
}

fn write_program(made: &Path, name: &str) -> Result<(), BuildError> {
    let program = std::env::current_exe().map_err(BuildError::Program)?;
    let copied = fs::copy(&program, made.join(name));
    copied.map_err(failed(&program)).map(|_| ())
}

/// `protium.toml` with the place that the components have in the directory, and the modules that it
/// names.
fn write_configuration(root: &Path, config: &Config, made: &Path) -> Result<(), BuildError> {
    let file = root.join(config::FILE);
    let text = match fs::read_to_string(&file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read.map_err(failed(&file))?,
    };
    let (_, package) = module_and_package(&config.components);
    let text = with_components(&text, &package);
    let file = made.join(config::FILE);
    fs::write(&file, text).map_err(failed(&file))?;
    for (name, module) in &config.modules {
        let Some(file) = &module.file else { continue };
        let Ok(path) = file.strip_prefix(root) else {
            return Err(BuildError::Outside {
                key: format!("modules.{name}.file"),
                path: file.clone(),
            });
        };
        let to = made.join(path);
        let folder = to.parent().unwrap_or(made);
        fs::create_dir_all(folder).map_err(failed(folder))?;
        fs::copy(file, &to).map_err(failed(file))?;
    }
    Ok(())
}

/// The configuration with this package of the Go module in `components/`. Keys that belong to no
/// table come before all tables.
fn with_components(text: &str, package: &str) -> String {
    let is_key = |line: &str| {
        let rest = line.trim_start().strip_prefix("components");
        rest.is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let mut is_in_table = false;
    let mut written = match package {
        "." => String::new(),
        package => format!("components = \"{COMPONENTS}/{package}\"\n"),
    };
    for line in text.split_inclusive('\n') {
        is_in_table |= line.trim_start().starts_with('[');
        if is_in_table || !is_key(line) {
            written.push_str(line);
        }
    }
    written
}

/// Copies a folder if it is there, without links, names that begin with a dot, and what has a
/// server's database: orders and secrets stay where they are.
fn copy(from: &Path, to: &Path) -> Result<(), BuildError> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        read => read.map_err(failed(from))?,
    };
    fs::create_dir_all(to).map_err(failed(to))?;
    for entry in entries {
        let entry = entry.map_err(failed(from))?;
        let (path, name) = (entry.path(), entry.file_name());
        if path.join(DATABASE).exists() || name.to_string_lossy().starts_with('.') {
            continue;
        }
        let kind = entry.file_type().map_err(failed(&path))?;
        let to: PathBuf = to.join(name);
        if kind.is_dir() {
            copy(&path, &to)?;
        } else if kind.is_file() {
            fs::copy(&path, &to).map_err(failed(&path))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use figment::Figment;
    use figment::providers::{Format, Toml};

    use super::*;

    #[test]
    fn the_components_have_the_place_that_they_are_put_at() {
        let components = |text: &str, package: &str| {
            let read = Figment::from(Toml::string(&with_components(text, package)));
            let name: Option<String> = read.extract_inner("shop.name").ok();
            assert_eq!(name.as_deref(), Some("components = 1"));
            read.extract_inner::<String>("components").ok()
        };
        let table = "[shop]\nname = \"components = 1\"\n";
        let elsewhere = format!("# A shop.\ncomponents = \"../go/store\"\ndev = true\n{table}");
        assert_eq!(components(table, "."), None);
        assert_eq!(components(&elsewhere, "."), None);
        let packed = Some("components/store".to_owned());
        assert_eq!(components(&elsewhere, "store"), packed);
        assert_eq!(components(table, "store"), packed);
    }

    #[test]
    fn what_somebody_else_made_is_never_replaced() {
        let place = tempfile::tempdir().expect("a directory");
        let out = place.path().join("out");
        check_place(&out).expect("nothing is there");
        fs::create_dir(&out).expect("made");
        check_place(&out).expect("it is empty");
        for (file, text) in [
            ("notes", "mine"),
            (manifest::FILE, "{ \"name\": \"mine\" }"),
        ] {
            fs::write(out.join(file), text).expect("written");
            let refused = check_place(&out).expect_err("refused").to_string();
            assert!(refused.contains("name another directory"), "{refused}");
        }
        fs::write(out.join(manifest::FILE), "{ \"protium\": \"0.1.0\" }").expect("written");
        check_place(&out).expect("it is replaced");
    }

    #[test]
    fn what_was_there_is_back_when_its_place_cannot_be_taken() {
        let place = tempfile::tempdir().expect("a directory");
        let path = |name: &str| place.path().join(name);
        fs::create_dir(path("out")).expect("made");
        fs::write(
            path("out").join(manifest::FILE),
            "{ \"protium\": \"0.1.0\" }",
        )
        .expect("it");
        let failed = replace(&path("made"), &path("out"), &path("before"));
        assert!(failed.is_err(), "nothing was made");
        assert!(path("out").join(manifest::FILE).is_file());
        fs::create_dir(path("made")).expect("made");
        replace(&path("made"), &path("out"), &path("before")).expect("replaced");
        assert!(!path("out").join(manifest::FILE).exists());
    }

    #[test]
    fn a_directory_within_what_is_copied_is_refused() {
        let root = Path::new("/shop");
        let within = check_source(root, Path::new("/shop/static/out")).expect_err("refused");
        assert!(within.to_string().contains("/shop/static"), "{within}");
        check_source(root, Path::new("/shop/target/out")).expect("it is elsewhere");
    }

    #[test]
    fn data_of_the_shop_is_copied_and_that_of_its_visitors_is_not() {
        let shop = tempfile::tempdir().expect("a directory");
        let write = |path: &str| {
            let file = shop.path().join(path);
            fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            fs::write(file, path).expect("written");
        };
        for path in [
            "data/catalogue.csv",
            "data/.key",
            "data/store/shop.db",
            "data/more/a.json",
        ] {
            write(path);
        }
        let (from, to) = (shop.path().join("data"), shop.path().join("out"));
        copy(&from, &to).expect("copied");
        for (path, is_there) in [
            ("catalogue.csv", true),
            ("more/a.json", true),
            (".key", false),
            ("store", false),
        ] {
            assert_eq!(to.join(path).exists(), is_there, "{path}");
        }
        copy(&shop.path().join("none"), &to).expect("there is nothing to copy");
    }
}
