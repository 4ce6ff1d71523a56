//! The starters inside the program: the files of a new shop, and the words in them that are
//! replaced by what is the shop's own.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::dependency::toml_string;
use super::reference;
use include_dir::{Dir, DirEntry, include_dir};

/// What every starter has.
static COMMON: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/starters/common");
static MINIMAL: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/starters/minimal");
static HEADLESS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/starters/headless");
static LANDING: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/starters/landing");
static STORE: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/starters/store");
/// The end of the name of a manifest, without which Cargo would take the starter for a package.
const SUFFIX: &str = ".starter";

/// What a shop begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Template {
    /// One page and one component
    Minimal,
    /// A shop with products, on the whole base theme
    Store,
    /// One product, which the first page sells
    Landing,
    /// Products as JSON and components as HTML, for pages that are made elsewhere
    Headless,
}

/// What is put into the files of a starter.
pub struct Replacements<'a> {
    /// `__name__`: the name of crate, Go module and browser tests.
    pub name: &'a str,
    /// `__title__`: the shop's name for visitors. Letters, digits and spaces.
    pub title: &'a str,
    /// `__kit__`: the version of the Go kit.
    pub kit: &'a str,
    /// `__protium__`: where Cargo takes Protium from, a value of TOML.
    pub protium: &'a str,
    /// `__workspace__`: a table of the manifest, or nothing.
    pub workspace: &'a str,
    /// `__profiles__`: tables of the manifest, or nothing.
    pub profiles: &'a str,
}

impl Template {
    /// The files by their paths in the shop: those of the template, and those of every starter
    /// that it does not replace.
    pub fn files(self, replacements: &Replacements<'_>) -> BTreeMap<PathBuf, Cow<'static, [u8]>> {
        let own = match self {
            Template::Minimal => &MINIMAL,
            Template::Store => &STORE,
            Template::Landing => &LANDING,
            Template::Headless => &HEADLESS,
        };
        let mut files = reference::files();
        for folder in [&COMMON, own] {
            collect(folder, replacements, &mut files);
        }
        files
    }
}

/// A file that every starter has, with its placeholders.
pub fn common_file(path: &str) -> Option<&'static str> {
    COMMON.get_file(path)?.contents_utf8()
}

fn collect(
    folder: &'static Dir<'static>,
    replacements: &Replacements<'_>,
    files: &mut BTreeMap<PathBuf, Cow<'static, [u8]>>,
) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(inner) => collect(inner, replacements, files),
            DirEntry::File(file) => {
                let content = match file.contents_utf8() {
                    Some(text) => Cow::Owned(replaced(text, replacements).into_bytes()),
                    None => Cow::Borrowed(file.contents()),
                };
                files.insert(path_in_shop(file.path()), content);
            }
        }
    }
}

fn path_in_shop(path: &Path) -> PathBuf {
    let text = path.to_string_lossy();
    PathBuf::from(text.strip_suffix(SUFFIX).unwrap_or(&text))
}

/// The text with its placeholders replaced. What is put in is not looked at again.
fn replaced(text: &str, replacements: &Replacements<'_>) -> String {
    let title = toml_string(replacements.title);
    let known = [
        ("__name__", replacements.name),
        ("\"__title__\"", &*title),
        ("__title__", replacements.title),
        ("__kit__", replacements.kit),
        ("__protium__", replacements.protium),
        ("__workspace__", replacements.workspace),
        ("__profiles__", replacements.profiles),
    ];
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let found = known.iter().filter_map(|(placeholder, value)| {
            let (before, after) = rest.split_once(placeholder)?;
            Some((before, value, after))
        });
        let Some((before, value, after)) = found.min_by_key(|(before, ..)| before.len()) else {
            written.push_str(rest);
            return written;
        };
        written.push_str(before);
        written.push_str(value);
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    const TEA: Replacements<'static> = Replacements {
        name: "tea-shop",
        title: "Tea Shop",
        kit: "v1.2.3",
        protium: "{ path = \"../protium\" }",
        workspace: "",
        profiles: "\n[profile.dev]\n\n[profile.dev.package]\n",
    };

    /// The texts of a template by their paths.
    fn texts(template: Template) -> Vec<(String, String)> {
        let files = template.files(&TEA).into_iter();
        let texts = files.filter_map(|(path, content)| {
            let text = String::from_utf8(content.into_owned()).ok()?;
            Some((path.display().to_string(), text))
        });
        texts.collect()
    }

    #[test]
    fn every_template_has_what_a_shop_needs() {
        for template in Template::value_variants() {
            let files = template.files(&TEA);
            for path in [
                ".github/workflows/ci.yml",
                ".gitignore",
                "Cargo.toml",
                "README.md",
                "components/go.mod",
                "components/main.go",
                "e2e/package-lock.json",
                "e2e/playwright.config.ts",
                "protium.toml",
                "src/main.rs",
                "tests/components.rs",
                "tests/shop.rs",
            ] {
                assert!(files.contains_key(Path::new(path)), "{template:?}: {path}");
            }
            for ending in ["_test.go", ".spec.ts"] {
                let is_test = |path: &PathBuf| path.to_string_lossy().ends_with(ending);
                assert!(
                    files.keys().any(is_test),
                    "{template:?} has no test *{ending}"
                );
            }
        }
    }

    #[test]
    fn no_placeholder_is_left_and_every_text_ends_with_its_line() {
        for template in Template::value_variants() {
            for (path, text) in texts(*template) {
                // Documents are as they are in the repository, with a cookie's name.
                let is_document = path.starts_with(".agents/protium/");
                assert!(
                    is_document || !text.contains("__"),
                    "{template:?}: {path}:\n{text}"
                );
                assert!(
                    text.ends_with('\n') && !text.ends_with("\n\n"),
                    "{template:?}: {path}"
                );
            }
        }
    }

    #[test]
    fn what_is_put_in_is_not_replaced_again() {
        let name = Replacements {
            name: "__title__",
            title: "__name__",
            ..TEA
        };
        let text = replaced("___name__ __title__ __other__ __", &name);
        assert_eq!(text, "___title__ __name__ __other__ __");
    }

    /// Cargo takes profiles from the project that is built.
    #[test]
    fn the_profile_of_a_new_shop_is_the_repositorys() {
        let profiles = |manifest: &str| -> Vec<String> {
            let tables = manifest.split("\n[");
            let tables = tables.filter(|table| table.starts_with("profile.dev"));
            tables.map(|table| table.trim().to_owned()).collect()
        };
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
        let repository = std::fs::read_to_string(repository).expect("the workspace's manifest");
        let starters = include_str!("../../../starters/profiles.toml");
        assert_eq!(profiles(starters), profiles(&repository));
        assert_eq!(profiles(starters).len(), 2);
    }
}
