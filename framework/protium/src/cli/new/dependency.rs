//! How a new shop depends on Protium: by the path of a checkout, or by a tag of a git repository.

use std::path::{Component, Path, PathBuf};

use figment::Figment;
use figment::providers::{Format, Toml};

use super::error::NewError;

/// The crate's folder in a checkout.
const CRATE: &str = "framework/protium";
/// Where Protium is developed; empty as long as that is nowhere in public.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");
/// The tag of this version.
const TAG: &str = concat!("v", env!("CARGO_PKG_VERSION"));

/// Where a shop takes Protium from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dependency {
    /// The crate's folder, without links in its path.
    Path(PathBuf),
    /// A tag in a repository.
    Git {
        /// The repository's address.
        address: String,
        /// The tag.
        tag: String,
    },
}

impl Dependency {
    /// A checkout: its directory, or that of the crate in it.
    pub fn of_checkout(directory: &Path) -> Result<Dependency, NewError> {
        let folders = [directory.join(CRATE), directory.to_owned()];
        let found = folders.iter().find(|folder| is_the_crate(folder));
        let found = found.and_then(|folder| folder.canonicalize().ok());
        found.map(Dependency::Path).ok_or(NewError::NoCheckout {
            path: directory.to_owned(),
        })
    }

    /// A repository: when it is not named, Protium's own; when no tag is named, this version's.
    pub fn of_repository(address: Option<&str>, tag: Option<&str>) -> Result<Dependency, NewError> {
        let address = address.unwrap_or(REPOSITORY).trim();
        if address.is_empty() {
            return Err(NewError::NoSource);
        }
        Ok(Dependency::Git {
            address: address.to_owned(),
            tag: tag.unwrap_or(TAG).to_owned(),
        })
    }

    /// Whether Protium's own repository is known, so that nobody has to name one.
    pub fn has_repository() -> bool {
        !REPOSITORY.is_empty()
    }

    /// The value in `[dependencies]` of a shop in this directory, whose path has no links.
    pub fn in_manifest(&self, shop: &Path) -> Result<String, NewError> {
        match self {
            Dependency::Path(folder) => {
                let path = relative(shop, folder);
                let Some(text) = path.to_str() else {
                    return Err(NewError::NotUnicode { path });
                };
                let text = text.replace(std::path::MAIN_SEPARATOR, "/");
                Ok(format!("{{ path = {} }}", toml_string(&text)))
            }
            Dependency::Git { address, tag } => Ok(format!(
                "{{ git = {}, tag = {} }}",
                toml_string(address),
                toml_string(tag)
            )),
        }
    }
}

fn is_the_crate(folder: &Path) -> bool {
    let manifest = Figment::from(Toml::file_exact(folder.join("Cargo.toml")));
    let name = manifest.extract_inner::<String>("package.name");
    name.is_ok_and(|name| name == "protium")
}

/// The path that leads from one directory to another. On Windows there is none between two drives.
pub fn relative(from: &Path, to: &Path) -> PathBuf {
    let pairs = from.components().zip(to.components());
    let common = pairs.take_while(|(from, to)| from == to).count();
    if common == 0 {
        return to.to_owned();
    }
    let up = from.components().skip(common).map(|_| Component::ParentDir);
    up.chain(to.components().skip(common)).collect()
}

/// The text as a string of TOML.
pub fn toml_string(text: &str) -> String {
    let mut written = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => written.extend(['\\', letter]),
            letter if letter.is_control() => {
                written.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            letter => written.push(letter),
        }
    }
    written.push('"');
    written
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn repository() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    #[test]
    fn a_checkout_is_named_by_its_directory_or_by_that_of_the_crate() {
        let of_root = Dependency::of_checkout(&repository()).expect("a checkout");
        let of_crate = Dependency::of_checkout(&repository().join(CRATE)).expect("the crate");
        assert_eq!(of_root, of_crate);
        let nothing = tempfile::tempdir().expect("a directory");
        for no_checkout in [nothing.path(), &repository().join("framework/page")] {
            let error = Dependency::of_checkout(no_checkout).expect_err("refused");
            assert!(
                error.to_string().contains("framework/protium/Cargo.toml"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_path_to_a_checkout_is_relative_to_the_shop() {
        let value = |shop: &str| {
            let checkout = Dependency::Path("/home/ada/protium/framework/protium".into());
            checkout.in_manifest(Path::new(shop)).expect("a path")
        };
        let path = "{ path = \"../protium/framework/protium\" }";
        assert_eq!(value("/home/ada/tea"), path);
        let path = "{ path = \"../../framework/protium\" }";
        assert_eq!(value("/home/ada/protium/shops/tea"), path);
        let path = "{ path = \"../../home/ada/protium/framework/protium\" }";
        assert_eq!(value("/srv/tea"), path);
    }

    #[test]
    fn a_repository_is_named_with_a_tag() {
        let value = |tag| {
            let git = Dependency::of_repository(Some("https://git.example/protium"), tag);
            let git = git.expect("a repository");
            git.in_manifest(Path::new("/tea")).expect("a value")
        };
        let of = |tag| format!("{{ git = \"https://git.example/protium\", tag = \"{tag}\" }}");
        assert_eq!(value(Some("v9")), of("v9"));
        assert_eq!(value(None), of(TAG));
        let error = Dependency::of_repository(Some(" "), None).expect_err("refused");
        assert!(error.to_string().contains("--path DIRECTORY"), "{error}");
    }

    proptest! {
        #[test]
        fn any_text_is_a_string_of_toml(text in any::<String>()) {
            let written = format!("text = {}", toml_string(&text));
            let read = Figment::from(Toml::string(&written)).extract_inner::<String>("text");
            prop_assert_eq!(read.ok(), Some(text));
        }
    }
}
