//! Private files and folders of the data directory: carts, the secret and compiled modules are
//! readable by their owner only, whatever the permissions of the directory above.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::path::Path;

/// Permissions of a file: read and write for the owner.
#[cfg(unix)]
const FILE: u32 = 0o600;
/// Permissions of a folder: the owner's.
#[cfg(unix)]
const FOLDER: u32 = 0o700;

/// Creates a folder, and missing ones above it.
pub fn create_dir_all(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, FOLDER);
    builder.create(path)
}

/// Options that create private files.
pub fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, FILE);
    options
}

/// Creates an empty file unless there is one. SQLite treats it as a new database, and gives the
/// files beside it the same permissions.
pub fn touch(path: &Path) -> io::Result<File> {
    options().create(true).append(true).open(path)
}

/// Writes a file, and replaces an existing one.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = options()
        .create(true)
        .write(true)
        .truncate(true)
        .open(path)?;
    file.write_all(content)
}

/// Removes the permissions of others from `path`, a file or a folder with its contents. Links are
/// not followed.
pub fn tighten(path: &Path) -> io::Result<()> {
    let about = match path.symlink_metadata() {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if about.is_symlink() {
        return Ok(());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if about.permissions().mode() & 0o077 != 0 {
            let mode = if about.is_dir() { FOLDER } else { FILE };
            std::fs::set_permissions(path, Permissions::from_mode(mode))?;
        }
    }
    if about.is_dir() {
        for entry in std::fs::read_dir(path)? {
            tighten(&entry?.path())?;
        }
    }
    Ok(())
}

/// Whether an error says that a disk is full.
pub fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// Whether nothing can be written in this folder because the disk is full.
pub fn is_disk_full(directory: &Path) -> bool {
    let path = directory.join(format!(".room-{}", std::process::id()));
    let written = write(&path, &[0; 8192]);
    let _ = std::fs::remove_file(&path);
    written.is_err_and(|error| is_full(&error))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn what_others_could_read_they_cannot_any_more() {
        let dir = tempfile::tempdir().expect("a directory");
        let of_others = dir.path().join("of-others");
        std::fs::write(&of_others, "x").expect("written");
        std::fs::set_permissions(&of_others, Permissions::from_mode(0o644)).expect("set");
        let data = dir.path().join("data");
        std::fs::create_dir_all(data.join("assets")).expect("made");
        std::fs::write(data.join("assets/a.css"), "x").expect("written");
        std::fs::set_permissions(data.join("assets/a.css"), Permissions::from_mode(0o664))
            .expect("set");
        symlink(&of_others, data.join("link")).expect("a link");
        tighten(&data).expect("tightened");
        tighten(&data.join("nothing")).expect("nothing to do");
        let mode = |path: &Path| path.metadata().expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&data.join("assets/a.css")), 0o600);
        assert_eq!(mode(&data.join("assets")), 0o700);
        assert_eq!(mode(&of_others), 0o644);
        write(&data.join("b"), b"x").expect("written");
        touch(&data.join("c")).expect("made");
        assert_eq!(
            (mode(&data.join("b")), mode(&data.join("c"))),
            (0o600, 0o600)
        );
    }
}
