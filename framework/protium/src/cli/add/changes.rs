//! Files that are made or changed: all of them, or none.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::AddError;

/// Files with their new content, by their paths in the shop.
#[derive(Debug, Default)]
pub struct Changes {
    made: Vec<(String, String)>,
    changed: Vec<(String, String)>,
}

impl Changes {
    /// A file that is not there yet.
    pub fn make(&mut self, path: String, content: String) {
        self.made.push((path, content));
    }

    /// A file that is there.
    pub fn change(&mut self, path: String, content: String) {
        self.changed.push((path, content));
    }

    /// A line for each file.
    pub fn sentences(&self, is_dry_run: bool) -> String {
        let (make, change) = match is_dry_run {
            false => ("made    ", "changed "),
            true => ("would make   ", "would change "),
        };
        let made = self.made.iter().map(|(path, _)| (make, path));
        let changed = self.changed.iter().map(|(path, _)| (change, path));
        let lines = made.chain(changed);
        lines
            .map(|(verb, path)| format!("{verb} {path}\n"))
            .collect()
    }

    /// Writes them. When one cannot be written those before it are removed, and the folders that
    /// were made for them.
    pub fn apply(&self, root: &Path) -> Result<(), AddError> {
        if let Some((path, _)) = self.made.iter().find(|(path, _)| root.join(path).exists()) {
            return Err(AddError::Exists { path: path.into() });
        }
        let paths = self.made.iter().map(|(path, _)| root.join(path));
        let folders = paths.flat_map(|path| missing_folders(&path));
        let folders: Vec<PathBuf> = folders.collect();
        let mut written: Vec<PathBuf> = Vec::new();
        let made = self.made.iter().map(|file| (file, true));
        let changed = self.changed.iter().map(|file| (file, false));
        for ((path, content), is_new) in made.chain(changed) {
            let file = root.join(path);
            if let Err(source) = write(&file, content, is_new) {
                for file in written {
                    let _ = fs::remove_file(file);
                }
                for folder in folders {
                    // One that has something in it stays.
                    let _ = fs::remove_dir(folder);
                }
                let path = PathBuf::from(path);
                return Err(match source.kind() {
                    io::ErrorKind::AlreadyExists => AddError::Exists { path },
                    _ => AddError::Write { path, source },
                });
            }
            if is_new {
                written.push(file);
            }
        }
        Ok(())
    }
}

/// The folders of a file that are not there yet, the innermost first.
fn missing_folders(file: &Path) -> Vec<PathBuf> {
    let folders = file
        .ancestors()
        .skip(1)
        .take_while(|folder| !folder.exists());
    folders.map(Path::to_owned).collect()
}

/// Writes a file whole: into one beside it, which then takes its place.
fn write(file: &Path, content: &str, is_new: bool) -> io::Result<()> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)?;
    let mut beside = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let usual = match file.metadata() {
            Ok(metadata) => metadata.permissions(),
            Err(_) => fs::Permissions::from_mode(0o666),
        };
        beside.permissions(usual);
    }
    let mut beside = beside.tempfile_in(folder)?;
    beside.write_all(content.as_bytes())?;
    match is_new {
        true => beside.persist_noclobber(file)?,
        false => beside.persist(file)?,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_one_cannot_be_written_none_is_there() {
        let shop = tempfile::tempdir().expect("a directory");
        fs::write(shop.path().join("tests"), "a file").expect("written");
        let mut changes = Changes::default();
        changes.make("templates/a.html".to_owned(), "a".to_owned());
        changes.make("tests/a.rs".to_owned(), "a".to_owned());
        let failed = changes.apply(shop.path()).expect_err("it fails");
        assert!(failed.to_string().contains("tests/a.rs"), "{failed}");
        assert!(!shop.path().join("templates").exists());
    }
}
