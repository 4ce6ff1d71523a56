//! The machine's date jumps, forward and back, while the program runs.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Answer, Running, example};

/// The date of one program, in a file that it reads at every look at the clock.
struct Date(tempfile::TempDir);

impl Date {
    /// The date of this machine.
    fn of_the_machine() -> Date {
        let date = Date(tempfile::tempdir().expect("a directory"));
        date.jumps("+0");
        date
    }

    /// From now on it is off by this much.
    fn jumps(&self, by: &str) {
        std::fs::write(self.0.path().join("date"), by).expect("a file");
    }

    fn rules(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", library())
            .env("FAKETIME_TIMESTAMP_FILE", self.0.path().join("date"))
            .env("FAKETIME_NO_CACHE", "1")
            // A date that is set does not move the time since the start.
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }
}

fn library() -> PathBuf {
    tests::packages::program("faketime", "faketime").unwrap_or_else(|error| panic!("{error}"));
    let folders = std::fs::read_dir("/usr/lib").expect("a directory");
    folders
        .filter_map(|folder| Some(folder.ok()?.path().join("faketime/libfaketimeMT.so.1")))
        .find(|library| Path::is_file(library))
        .expect("the package has its library")
}

fn header(answer: &Answer, name: &str) -> String {
    let line = answer
        .head
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_default().to_owned()
}

/// The time that the page was made at, as components see it.
fn made_at(answer: &Answer) -> i64 {
    let text = answer.text();
    let time = text
        .split("\"time\":")
        .nth(1)
        .expect("a page with its time");
    let digits: String = time.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().expect("milliseconds")
}

#[test]
fn pages_are_kept_as_long_as_before_when_the_date_jumps() {
    let (date, data) = (
        Date::of_the_machine(),
        tempfile::tempdir().expect("a directory"),
    );
    let mut command = example(data.path());
    date.rules(&mut command);
    let running = Running::start(&mut command);
    let page = "/collections/all";
    let made = made_at(&running.get(page));
    for by in ["+400d", "-400d", "+0"] {
        date.jumps(by);
        let kept = running.get(page);
        let status = header(&kept, "cache-status");
        assert!(status.starts_with("Protium; hit; ttl="), "{by}: {status}");
        let age: u64 = header(&kept, "age").parse().expect("seconds");
        assert!(age < 60, "{by}: {age}");
        assert_eq!(made_at(&kept), made, "{by}");
        // A page that is made now is of the new date.
        let fresh = running.get(&format!("{page}?sort=price-asc&at={}", by.len()));
        assert_eq!(fresh.status, 200, "{by}");
    }
    date.jumps("+400d");
    let day = 86_400_000;
    let later = made_at(&running.get("/collections/all?sort=title-asc")) - made;
    assert!(
        (399 * day..401 * day).contains(&later),
        "the date did jump: {later}"
    );
}
