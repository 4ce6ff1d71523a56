//! Stamps: what files looked like at a moment, enough to notice that one was changed since.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use xxhash_rust::xxh3::xxh3_64;

/// How deep folders are looked into, and the most files that are looked at.
const DEPTH: usize = 12;
const MOST: usize = 20_000;
/// Folders of the components that are no sources.
const OUTPUT: [&str; 2] = ["dist", "node_modules"];
/// A file that is younger than this may be written again without another time: clocks of file
/// systems tick every few milliseconds, some every two seconds.
const TICK: Duration = Duration::from_millis(2_500);
/// A program that saves a file empties it first, and writes it within this time, on a busy machine
/// too.
const WRITTEN: Duration = Duration::from_secs(1);
/// Larger files take longer to write than a tick.
const READ: u64 = 4 << 20;

/// Some files as they were at a moment, sorted by path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stamp(Vec<File>);

/// A file that is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct File {
    path: PathBuf,
    modified: Option<SystemTime>,
    bytes: u64,
    /// A digest of what is in it, where time and length do not tell.
    content: Option<u64>,
}

impl File {
    /// `None`: there is no such file. What cannot be read is not there: who reads it to use it says
    /// why.
    fn of(path: PathBuf) -> Option<File> {
        let about = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
        let (modified, bytes) = (about.modified().ok(), about.len());
        let age = modified.and_then(|modified| modified.elapsed().ok());
        // One of the future has no age.
        let is_young = age.is_none_or(|age| age < TICK) && bytes <= READ;
        let content = is_young.then(|| digest(&path)).flatten();
        Some(File {
            path,
            modified,
            bytes,
            content,
        })
    }

    /// Whether the file is as it was then.
    fn is_as(&self, before: &File) -> bool {
        let same = self.path == before.path
            && self.modified == before.modified
            && self.bytes == before.bytes;
        same && match (before.content, self.content) {
            (None, _) => true,
            (before, None) => before == digest(&self.path),
            (before, now) => before == now,
        }
    }
}

impl Stamp {
    /// The templates, messages and static files of a shop.
    pub fn of_release(root: &Path) -> Stamp {
        let mut files = below(&root.join("templates"), &|name| name.ends_with(".html"));
        files.extend(below(&root.join("messages"), &|name| {
            name.ends_with(".json")
        }));
        files.extend(below(&root.join("static"), &|_| true));
        Stamp::of(files)
    }

    /// The sources of components in a Go module.
    pub fn of_components(directory: &Path) -> Stamp {
        Stamp::of(below(directory, &|name| {
            let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
            matches!(ending, "go" | "mod" | "sum")
        }))
    }

    /// These files, as far as they are there.
    pub fn of(paths: impl IntoIterator<Item = PathBuf>) -> Stamp {
        let mut files: Vec<File> = paths.into_iter().filter_map(File::of).collect();
        files.sort();
        Stamp(files)
    }

    /// Whether one of the files was emptied a moment ago: what is in it is about to be written.
    pub fn is_being_written(&self) -> bool {
        let age = |file: &File| file.modified.and_then(|modified| modified.elapsed().ok());
        let mut empty = self.0.iter().filter(|file| file.bytes == 0);
        empty.any(|file| age(file).is_some_and(|age| age < WRITTEN))
    }

    /// All files of both.
    pub fn and(mut self, other: Stamp) -> Stamp {
        self.0.extend(other.0);
        self.0.sort();
        self
    }

    /// Whether all files are as they were then. If so, this is the one to keep: of files that are
    /// older now it needs no digest.
    pub fn is_as(&self, before: &Stamp) -> bool {
        let (now, before) = (&self.0, &before.0);
        now.len() == before.len() && now.iter().zip(before).all(|(now, then)| now.is_as(then))
    }
}

fn digest(path: &Path) -> Option<u64> {
    std::fs::read(path).ok().map(|content| xxh3_64(&content))
}

/// The files in a folder and those below it.
fn below(folder: &Path, is_wanted: &dyn Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else {
                continue;
            };
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_dir() {
                if depth < DEPTH && !OUTPUT.contains(&name) {
                    folders.push((entry.path(), depth + 1));
                }
            } else if is_wanted(name) && files.len() < MOST {
                files.push(entry.path());
            }
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, content: &str, modified: SystemTime) {
        std::fs::write(path, content).expect("written");
        let file = std::fs::File::options().write(true).open(path);
        let file = file.expect("opened");
        file.set_modified(modified).expect("a time");
    }

    #[test]
    fn a_file_that_was_saved_twice_within_a_tick_of_the_clock_is_another_one() {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("a.html");
        let now = SystemTime::now();
        write(&path, "one", now);
        let seen = Stamp::of([path.clone()]);
        assert!(Stamp::of([path.clone()]).is_as(&seen));
        write(&path, "two", now);
        assert!(!Stamp::of([path]).is_as(&seen));
    }

    #[test]
    fn so_is_one_that_is_looked_at_again_only_later() {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("a.html");
        let now = SystemTime::now();
        write(&path, "one", now);
        let seen = Stamp::of([path.clone()]);
        write(&path, "two", now);
        // As it is once the file is old.
        let later = |content: Option<u64>| {
            let mut stamp = Stamp::of([path.clone()]);
            stamp.0[0].content = content;
            stamp
        };
        assert!(!later(None).is_as(&seen));
        write(&path, "one", now);
        assert!(later(None).is_as(&seen));
    }

    #[test]
    fn an_empty_file_is_being_written_while_it_is_new() {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("a.html");
        let stamp = || Stamp::of([path.clone()]);
        write(&path, "", SystemTime::now() + Duration::from_secs(1));
        assert!(
            !stamp().is_being_written(),
            "of the future, so its age is unknown"
        );
        write(&path, "", SystemTime::now() - 2 * WRITTEN);
        assert!(!stamp().is_being_written());
        // The clock goes on while this runs.
        let is_new = (0..100).any(|_| {
            write(&path, "", SystemTime::now());
            stamp().is_being_written()
        });
        assert!(is_new);
        write(&path, "one", SystemTime::now());
        assert!(!stamp().is_being_written());
    }

    #[test]
    fn what_comes_goes_or_gets_longer_is_a_change() {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("a.css");
        let old = SystemTime::now() - Duration::from_secs(3_600);
        let all = || Stamp::of(below(folder.path(), &|_| true));
        let empty = all();
        write(&path, "one", old);
        let one = all();
        assert!(!one.is_as(&empty) && all().is_as(&one));
        write(&path, "three", old);
        assert!(!all().is_as(&one));
        std::fs::remove_file(&path).expect("removed");
        assert!(!all().is_as(&one) && all().is_as(&empty));
    }
}
