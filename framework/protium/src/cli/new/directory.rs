//! A directory that appears with all of its files, or not at all.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::error::NewError;

/// The directory that `target` is in, without links in its path. Fails when there is something at
/// `target` already, a link that leads nowhere included.
pub fn place_for(target: &Path) -> Result<PathBuf, NewError> {
    match target.symlink_metadata() {
        Ok(_) => {
            return Err(NewError::Exists {
                path: target.to_owned(),
            });
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(source) => return Err(failed(target)(source)),
    }
    let parent = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !parent.is_dir() {
        return Err(NewError::NoParent {
            path: parent.to_owned(),
        });
    }
    parent.canonicalize().map_err(failed(parent))
}

/// Makes the directory with these files, by their paths in it.
///
/// They are written into a temporary directory beside it, which is removed whatever happens, and
/// moved from there. If something has taken the directory's place meanwhile the move fails, unless
/// that is an empty directory.
pub fn make<'a>(
    target: &Path,
    files: impl IntoIterator<Item = (&'a Path, &'a [u8])>,
) -> Result<(), NewError> {
    let place = place_for(target)?;
    let temporary = tempfile::Builder::new()
        .prefix(".protium-new-")
        .tempdir_in(&place)
        .map_err(failed(target))?;
    // Only the user may enter the temporary directory; this one has the usual permissions.
    let whole = temporary.path().join("shop");
    fs::create_dir(&whole).map_err(failed(target))?;
    for (path, content) in files {
        let file = whole.join(path);
        let folder = file.parent().unwrap_or(&whole);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&file, content))
            .map_err(failed(&target.join(path)))?;
    }
    fs::rename(&whole, target).map_err(failed(target))
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> NewError {
    move |source| NewError::Write {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is in a directory.
    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).expect("a directory");
        let mut names: Vec<String> = entries
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    fn file(path: &str) -> (&Path, &[u8]) {
        (Path::new(path), b"content")
    }

    #[test]
    fn all_files_are_there_at_once_and_nothing_else_is() {
        let shops = tempfile::tempdir().expect("a directory");
        let target = shops.path().join("tea");
        make(&target, [file("Cargo.toml"), file("src/main.rs")]).expect("made");
        assert_eq!(names(shops.path()), ["tea"]);
        assert_eq!(names(&target), ["Cargo.toml", "src"]);
        assert_eq!(
            fs::read(target.join("src/main.rs")).expect("read"),
            b"content"
        );
    }

    #[test]
    fn nothing_is_left_half_written_when_it_fails() {
        let shops = tempfile::tempdir().expect("a directory");
        let target = shops.path().join("tea");
        // The second file needs a folder where the first one is.
        let error = make(&target, [file("src"), file("src/main.rs")]).expect_err("it fails");
        assert!(error.to_string().contains("tea/src/main.rs"), "{error}");
        assert!(names(shops.path()).is_empty(), "{:?}", names(shops.path()));
    }

    #[test]
    fn what_exists_is_never_written_into() {
        let shops = tempfile::tempdir().expect("a directory");
        let empty = shops.path().join("empty");
        fs::create_dir(&empty).expect("made");
        let note = shops.path().join("note");
        fs::write(&note, "mine").expect("written");
        for taken in [&empty, &note] {
            let error = make(taken, [file("a")]).expect_err("refused").to_string();
            assert!(error.contains("name another directory"), "{error}");
        }
        assert!(names(&empty).is_empty());
        assert_eq!(fs::read_to_string(&note).expect("read"), "mine");
        assert_eq!(names(shops.path()), ["empty", "note"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_exists_too() {
        let shops = tempfile::tempdir().expect("a directory");
        let link = shops.path().join("tea");
        std::os::unix::fs::symlink("nowhere", &link).expect("linked");
        let error = make(&link, [file("a")]).expect_err("refused");
        assert!(matches!(error, NewError::Exists { .. }), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn the_directory_has_the_permissions_that_others_get() {
        use std::os::unix::fs::PermissionsExt;
        let shops = tempfile::tempdir().expect("a directory");
        let (made, other) = (shops.path().join("tea"), shops.path().join("other"));
        make(&made, [file("a")]).expect("made");
        fs::create_dir(&other).expect("made");
        let mode = |path: &Path| path.metadata().expect("there").permissions().mode();
        assert_eq!(mode(&made), mode(&other));
    }

    #[test]
    fn a_directory_that_it_would_be_in_is_not_made() {
        let shops = tempfile::tempdir().expect("a directory");
        let error = make(&shops.path().join("more/tea"), [file("a")]).expect_err("refused");
        assert!(error.to_string().contains("make it first"), "{error}");
        assert!(names(shops.path()).is_empty());
    }
}
