//! A shop as a member of the Cargo workspace around it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use toml_edit::{Array, DocumentMut, Item, TableLike, value};

use super::dependency::relative;
use super::error::NewError;

/// What makes a shop a member.
#[derive(Debug)]
pub struct Membership {
    manifest: PathBuf,
    /// The manifest with the shop in it; `None` when it has the shop already, by a pattern.
    text: Option<String>,
}

impl Membership {
    /// Of the shop in this directory, in the workspace of this manifest.
    pub fn of(manifest: &Path, shop: &Path) -> Result<Membership, NewError> {
        let failed = |problem: String| NewError::Workspace {
            manifest: manifest.to_owned(),
            problem,
        };
        let text = fs::read_to_string(manifest).map_err(|error| failed(error.to_string()))?;
        let document: Result<DocumentMut, _> = text.parse();
        let mut document = document.map_err(|error| failed(error.to_string()))?;
        let place = manifest.parent().unwrap_or(manifest);
        let path = relative(
            &place.canonicalize().unwrap_or_else(|_| place.to_owned()),
            shop,
        );
        let path = path
            .to_str()
            .map(|path| path.replace(std::path::MAIN_SEPARATOR, "/"));
        let path = path.ok_or_else(|| failed("the path to the shop is not UTF-8".to_owned()))?;
        let workspace = document
            .get_mut("workspace")
            .and_then(Item::as_table_like_mut);
        let workspace = workspace.ok_or_else(|| failed("there is no [workspace]".to_owned()))?;
        if listed(workspace, "exclude").any(|excluded| is_within(&path, excluded)) {
            return Err(failed(format!(
                "`workspace.exclude` has {path}: take it out first"
            )));
        }
        let manifest = manifest.to_owned();
        if listed(workspace, "members").any(|pattern| is_of(pattern, &path)) {
            return Ok(Membership {
                manifest,
                text: None,
            });
        }
        let members = workspace.entry("members").or_insert(value(Array::new()));
        let Some(members) = members.as_array_mut() else {
            return Err(failed("`workspace.members` is no list".to_owned()));
        };
        // On a line of its own where the others are.
        let before = members
            .iter()
            .last()
            .and_then(|last| last.decor().prefix()?.as_str());
        let before = before.map(str::to_owned);
        members.push(path);
        if let (Some(before), Some(last)) = (before, members.len().checked_sub(1))
            && let Some(member) = members
                .get_mut(last)
                .filter(|_| last > 1 || before.contains('\n'))
        {
            member.decor_mut().set_prefix(before);
        }
        Ok(Membership {
            manifest,
            text: Some(document.to_string()),
        })
    }

    /// The manifest of the workspace.
    pub fn manifest(&self) -> &Path {
        &self.manifest
    }

    /// Writes the manifest, whole or not at all.
    pub fn write(&self) -> Result<(), NewError> {
        let Some(text) = &self.text else {
            return Ok(());
        };
        let write = || {
            let folder = self.manifest.parent().unwrap_or(&self.manifest);
            let mut beside = tempfile::NamedTempFile::new_in(folder)?;
            beside.write_all(text.as_bytes())?;
            fs::set_permissions(beside.path(), self.manifest.metadata()?.permissions())?;
            beside.persist(&self.manifest)?;
            Ok(())
        };
        write().map_err(|error: std::io::Error| NewError::Workspace {
            manifest: self.manifest.clone(),
            problem: error.to_string(),
        })
    }
}

/// The texts of a list.
fn listed<'a>(table: &'a dyn TableLike, key: &str) -> impl Iterator<Item = &'a str> {
    let list = table.get(key).and_then(Item::as_array);
    list.into_iter().flatten().filter_map(|one| one.as_str())
}

fn is_within(path: &str, folder: &str) -> bool {
    Path::new(path).starts_with(folder)
}

/// Whether a pattern of `members` is for a path. Cargo has more patterns than `*` for one name;
/// what is not seen here is listed twice, which Cargo accepts.
fn is_of(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.trim_start_matches("./"), path);
    let same = |(pattern, name): (&str, &str)| pattern == "*" || pattern == name;
    pattern.split('/').count() == path.split('/').count()
        && pattern.split('/').zip(path.split('/')).all(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The manifest of a workspace after a shop in it became a member; `None`: as it was.
    fn joined(before: &str, shop: &str) -> Result<Option<String>, NewError> {
        let place = tempfile::tempdir().expect("a directory");
        let root = place.path().canonicalize().expect("a path");
        let manifest = root.join("Cargo.toml");
        fs::write(&manifest, before).expect("written");
        let membership = Membership::of(&manifest, &root.join(shop))?;
        membership.write()?;
        let after = fs::read_to_string(&manifest).expect("read");
        Ok((after != before).then_some(after))
    }

    #[test]
    fn a_member_stands_where_the_others_do() {
        for (before, after) in [
            ("[workspace]\n", "[workspace]\nmembers = [\"shops/tea\"]\n"),
            (
                "[workspace]\nmembers = [\n    \"a\",\n    \"b\",\n]\n",
                "[workspace]\nmembers = [\n    \"a\",\n    \"b\",\n    \"shops/tea\",\n]\n",
            ),
        ] {
            let found = joined(before, "shops/tea").expect("joined");
            assert_eq!(found.as_deref(), Some(after));
        }
        for pattern in ["shops/tea", "shops/*", "./shops/*"] {
            let before = format!("[workspace]\nmembers = [\"{pattern}\"]\n");
            assert_eq!(joined(&before, "shops/tea").expect("it is one"), None);
        }
    }

    #[test]
    fn what_leaves_the_shop_out_is_named() {
        for (before, words) in [
            ("[workspace]\nexclude = [\"shops\"]\n", "workspace.exclude"),
            ("[workspace]\nmembers = 1\n", "no list"),
            ("[workspace\n", "TOML parse error"),
        ] {
            let refused = joined(before, "shops/tea")
                .expect_err("refused")
                .to_string();
            assert!(refused.contains(words), "{words}: {refused}");
        }
    }
}
