//! Parses go.mod: the modules that a Go module requires and replaces.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules that a Go module requires and replaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoMod {
    required: BTreeMap<String, String>,
    replaced: BTreeMap<String, String>,
}

impl GoMod {
    /// Parses `go.mod` in this folder; empty if there is none. Invalid lines are ignored: Go
    /// reports them when it builds.
    pub fn of(directory: &Path) -> GoMod {
        let text = fs::read_to_string(directory.join("go.mod")).unwrap_or_default();
        GoMod::parse(&text)
    }

    fn parse(text: &str) -> GoMod {
        let mut found = GoMod::default();
        let mut block: Option<&str> = None;
        for line in text.lines() {
            let line = line.split("//").next().unwrap_or_default();
            let words: Vec<&str> = line.split_whitespace().map(unquoted).collect();
            match (block, words.as_slice()) {
                (None, [directive, "("]) => block = Some(directive),
                (None, [directive, words @ ..]) => found.add(directive, words),
                (Some(_), [")"]) => block = None,
                (Some(directive), words) => found.add(directive, words),
                (None, []) => {}
            }
        }
        found
    }

    fn add(&mut self, directive: &str, words: &[&str]) {
        match (directive, words) {
            ("require", [path, version]) => {
                self.required
                    .insert((*path).to_owned(), (*version).to_owned());
            }
            ("replace", [path, "=>", to, ..] | [path, _, "=>", to, ..]) => {
                self.replaced.insert((*path).to_owned(), (*to).to_owned());
            }
            _ => {}
        }
    }

    /// The required version of a module.
    pub fn required(&self, path: &str) -> Option<&str> {
        self.required.get(path).map(String::as_str)
    }

    /// The replacement folder of a module, as written in go.mod.
    pub fn folder_of(&self, path: &str) -> Option<&str> {
        self.replaced
            .get(path)
            .map(String::as_str)
            .filter(is_folder)
    }

    /// All replacement folders, as written in go.mod.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        self.replaced.values().map(String::as_str).filter(is_folder)
    }
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '`'])
}

/// Go treats these as paths, all others as modules.
fn is_folder(place: &&str) -> bool {
    matches!(*place, "." | "..") || place.starts_with("./") || place.starts_with("../") || {
        Path::new(place).is_absolute()
    }
}

/// Splits the path of a Go package with components into the folder of its Go module and the package
/// in it: `.` if the folder is a Go module itself, or has one that is built already.
pub fn module_and_package(folder: &Path) -> (PathBuf, String) {
    let marks = ["go.mod", "dist/manifest.json"];
    if marks.iter().any(|mark| folder.join(mark).is_file()) {
        return (folder.to_owned(), ".".to_owned());
    }
    let module = folder.parent().map(Path::to_owned).unwrap_or_default();
    let package = folder.file_name().unwrap_or_default().to_string_lossy();
    (module, package.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_and_replacements_are_read_in_lines_and_blocks() {
        let go_mod = GoMod::parse(
            "module bookshop // ours\n\ngo 1.26\n\nrequire (\n\
             \tgithub.com/rivo/uniseg v0.4.7 // indirect\n\tprotium.dev/components v0.1.0\n)\n\
             require one.example v1.0.0\n\
             replace protium.dev/components => ./.protium/components\n\
             replace (\n\tone.example v1.0.0 => \"../one\"\n\
             \ttwo.example => three.example v1.2.3\n)\n",
        );
        assert_eq!(go_mod.required("protium.dev/components"), Some("v0.1.0"));
        assert_eq!(go_mod.required("github.com/rivo/uniseg"), Some("v0.4.7"));
        assert_eq!(go_mod.required("one.example"), Some("v1.0.0"));
        assert_eq!(go_mod.required("bookshop"), None);
        let folder = go_mod.folder_of("protium.dev/components");
        assert_eq!(folder, Some("./.protium/components"));
        assert_eq!(go_mod.folder_of("two.example"), None);
        let folders: Vec<_> = go_mod.folders().collect();
        assert_eq!(folders, ["../one", "./.protium/components"]);
    }

    #[test]
    fn what_is_no_go_mod_has_nothing() {
        for text in [
            "",
            ")",
            "require (",
            "replace =>",
            "require\n(\n\0",
            "replace a => ",
        ] {
            assert_eq!(GoMod::parse(text), GoMod::default(), "{text:?}");
        }
    }

    #[test]
    fn a_folder_with_a_go_mod_is_a_package_of_itself() {
        let shop = tempfile::tempdir().unwrap();
        let components = shop.path().join("components");
        fs::create_dir_all(components.join("store")).unwrap();
        fs::write(components.join("go.mod"), "module shop\n").unwrap();
        let own = module_and_package(&components);
        assert_eq!(own, (components.clone(), ".".to_owned()));
        let inner = module_and_package(&components.join("store"));
        assert_eq!(inner, (components, "store".to_owned()));
    }
}
