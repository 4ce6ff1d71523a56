//! A date that jumps, for one program.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::packages;

/// The date of one program, in a file that it reads at every look at the clock.
pub struct Date(TempDir);

impl Date {
    /// The date of this machine.
    pub fn of_the_machine() -> Date {
        let date = Date(TempDir::new().expect("a directory"));
        date.jumps("+0");
        date
    }

    /// From now on it is off by this much.
    pub fn jumps(&self, by: &str) {
        std::fs::write(self.0.path().join("date"), by).expect("a file");
    }

    /// Runs a program under this date.
    pub fn rules(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", library())
            .env("FAKETIME_TIMESTAMP_FILE", self.0.path().join("date"))
            .env("FAKETIME_NO_CACHE", "1")
            // A date that is set does not move the time since the start.
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }
}

fn library() -> PathBuf {
    packages::program("faketime", "faketime").unwrap_or_else(|error| panic!("{error}"));
    let folders = std::fs::read_dir("/usr/lib").expect("a directory");
    folders
        .filter_map(|folder| Some(folder.ok()?.path().join("faketime/libfaketimeMT.so.1")))
        .find(|library| Path::is_file(library))
        .expect("the package has its library")
}
