//! The machine's date jumps, forward and back, while the program runs.

use tests::date::Date;

use super::{Answer, Running, example};

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
