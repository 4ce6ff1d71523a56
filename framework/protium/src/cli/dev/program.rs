//! The program of a shop: where it is, and what it is made from.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::compiler::{Compiler, MANIFEST};
use crate::release::dev_error::DevError;
use crate::release::stamp::Stamp;
use crate::release::watcher::Watcher;

/// The program of a shop.
pub struct Program {
    root: PathBuf,
    /// Absent where the shop has no program of its own.
    compiler: Option<Compiler>,
    /// The program, once it was compiled, and that it is this one.
    compiled: Option<(PathBuf, Stamp)>,
    /// Its sources, as they were when it was last compiled.
    sources: Stamp,
    folders: BTreeSet<PathBuf>,
    watcher: Watcher,
}

/// The program that runs, for a shop without one of its own.
pub fn of_this_process() -> Result<PathBuf, Vec<DevError>> {
    std::env::current_exe().map_err(|error| vec![DevError::new(&error.to_string())])
}

impl Program {
    /// That of the shop in `root`, which may not be compiled yet.
    pub async fn of(root: &Path) -> Program {
        let compiler = match root.join(MANIFEST).is_file() {
            true => Some(Compiler::of(root).await),
            false => None,
        };
        Program {
            root: root.to_owned(),
            compiler,
            compiled: None,
            sources: Stamp::default(),
            folders: BTreeSet::new(),
            watcher: Watcher::shallow(Vec::new()),
        }
    }

    /// What compiles it, from now on, as its sources are now.
    pub fn compiler(&mut self) -> Option<&Compiler> {
        self.look();
        self.compiler.as_ref()
    }

    /// Where it is, once it was compiled.
    pub fn path(&self) -> Option<&Path> {
        self.compiled.as_ref().map(|(path, _)| &**path)
    }

    /// It was compiled, and is here. Returns whether it is another one than before.
    pub fn is_now(&mut self, path: PathBuf) -> bool {
        let stamp = Stamp::of([path.clone()]);
        let before = self.compiled.replace((path, stamp.clone()));
        self.watch();
        before.is_none_or(|(_, before)| !stamp.is_as(&before))
    }

    /// Resolves once its sources are others than those that were last compiled.
    pub async fn changed(&mut self) {
        if self.compiler.is_none() {
            return std::future::pending().await;
        }
        loop {
            self.watcher.changed().await;
            if self.look() {
                return;
            }
        }
    }

    /// Looks at the sources; returns whether they are others.
    fn look(&mut self) -> bool {
        self.watch();
        let now = Stamp::of(self.files());
        let is_same = now.is_as(&self.sources);
        self.sources = now;
        !is_same
    }

    /// Watches the folders with sources.
    fn watch(&mut self) {
        let files = self.files();
        let folders: BTreeSet<PathBuf> = files
            .iter()
            .filter_map(|file| file.parent().map(Path::to_owned))
            .collect();
        if folders != self.folders {
            self.watcher = Watcher::shallow(folders.iter().cloned().collect());
            self.folders = folders;
        }
    }

    /// Its manifest and sources: those that Cargo named when it was compiled, and the first ones
    /// that a program has.
    fn files(&self) -> BTreeSet<PathBuf> {
        let first = [MANIFEST, "build.rs", "src/main.rs", "src/lib.rs"];
        let mut files: BTreeSet<PathBuf> = first.map(|name| self.root.join(name)).into();
        if let Some(program) = self.path() {
            let output = program.parent().unwrap_or(program);
            let named = std::fs::read_to_string(program.with_extension("d"));
            let named = dependencies(&named.unwrap_or_default());
            // What a build made is no source.
            files.extend(named.into_iter().filter(|file| !file.starts_with(output)));
        }
        files
    }
}

/// The files of a rule as make writes it: `TARGET: FILE FILE`, with backslashes before spaces.
fn dependencies(rules: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let rules = rules.lines().filter_map(|line| line.split_once(": "));
    for (_, names) in rules {
        let mut name = String::new();
        let mut letters = names.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' if letters.next_if_eq(&' ').is_some() => name.push(' '),
                ' ' => files.push(std::mem::take(&mut name)),
                letter => name.push(letter),
            }
        }
        files.push(name);
    }
    let files = files.into_iter().filter(|name| !name.is_empty());
    files.map(PathBuf::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_that_cargo_names_are_read() {
        let rules = "/t/debug/shop: /shop/build.rs /shop/my\\ src/main.rs  /kit/a.rs\n\n/t/x:\n";
        let names = ["/shop/build.rs", "/shop/my src/main.rs", "/kit/a.rs"];
        assert_eq!(dependencies(rules), names.map(PathBuf::from));
    }
}
