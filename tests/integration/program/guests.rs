//! A shop whose components do what a host must survive: its pages stay, and its log says what
//! happened.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tests::workspace::path;

use super::{Running, shop};

/// The theme's templates, which name components that this shop does not have.
const THEME: [&str; 8] = [
    "layout",
    "home",
    "product",
    "collection",
    "search",
    "cart",
    "404",
    "error",
];

/// The shop's directory, with one page of these components.
fn hostile(components: &[&str]) -> TempDir {
    let dir = TempDir::new().expect("a temporary directory");
    let templates = dir.path().join("templates");
    fs::create_dir_all(templates.join("pages")).expect("made");
    let page = "<!doctype html><html><head><title>x</title></head>\
                <body>{% block main %}{% endblock %}</body></html>";
    for name in THEME {
        fs::write(templates.join(format!("{name}.html")), page).expect("written");
    }
    let islands: String = components
        .iter()
        .map(|name| {
            format!("<go-{name}><template fallback>instead of {name}</template></go-{name}>\n")
        })
        .collect();
    let page =
        format!("{{% extends \"layout.html\" %}}{{% block main %}}{islands}{{% endblock %}}");
    fs::write(templates.join("pages/guests.html"), page).expect("written");
    dir
}

/// Serves it. The artifacts stay from one run of the tests to the next.
fn serve(dir: &Path, settings: &[(&str, &str)]) -> Running {
    let data: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile-shop");
    let mut command = shop(dir);
    command
        .env("PROTIUM_DATA", data)
        .env("PROTIUM_COMPONENTS", path("tests/guests/hostile/hostile"))
        .env("PROTIUM_LIMITS_CPU_MS", "1000")
        .env("PROTIUM_LIMITS_WALL_MS", "20000")
        .envs(settings.iter().copied());
    Running::start(&mut command)
}

#[test]
fn what_fails_shows_its_fallback_and_is_in_the_log() {
    for (culprit, cause, message) in [
        (
            "trap",
            "trap",
            "component trap: the  [31mpanic  of this test",
        ),
        ("loop", "cpu limit", ""),
        ("refuse", "refused", "this input is not for me"),
        ("few", "invalid output", "answered after 1 of 3 islands"),
        ("flood", "output", "bytes of HTML"),
    ] {
        let dir = hostile(&["fine", culprit, "fine"]);
        let running = serve(dir.path(), &[]);
        let page = running.get("/pages/guests");
        assert_eq!(page.status, 200);
        let page = page.text();
        assert_eq!(page.matches("\">fine</p>").count(), 2, "{culprit}: {page}");
        assert!(page.contains(&format!("instead of {culprit}")), "{page}");
        assert!(!page.contains("instead of fine"), "{page}");
        let line = running.logs("a component failed");
        let log: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        let said = |key: &str| log[key].as_str().unwrap_or_default().to_owned();
        let named = [said("component"), said("id")];
        assert_eq!(named, [culprit.to_owned(), format!("{culprit}-1")]);
        assert!(said("cause").contains(cause), "{line}");
        assert!(said("message").contains(message), "{line}");
    }
}

#[test]
fn a_page_with_a_personal_component_that_failed_is_kept_for_nobody() {
    let dir = hostile(&["own-fine", "own-trap"]);
    let running = serve(dir.path(), &[]);
    for _ in 0..3 {
        let page = running.get("/pages/guests");
        assert_eq!(page.status, 200);
        let text = page.text();
        assert!(text.contains("instead of own-trap"), "{text}");
        assert!(text.contains("\">fine</p>"), "{text}");
        assert_eq!(page.header("cache-control"), "private, no-store");
        // It was tried again for this visitor.
        running.logs("a component failed");
    }
    let dir = hostile(&["own-fine"]);
    let running = serve(dir.path(), &[]);
    running.get("/pages/guests");
    let page = running.get("/pages/guests");
    assert_eq!(page.header("cache-control"), "public, no-cache");
    assert!(page.header("cache-status").contains("; hit"));
}

#[test]
fn a_component_that_fails_again_and_again_does_not_fill_the_log() {
    let dir = hostile(&["refuse"]);
    let mut running = serve(dir.path(), &[]);
    let began = Instant::now();
    for _ in 0..200 {
        assert_eq!(running.get("/pages/guests").status, 200);
    }
    let periods = began.elapsed().as_secs() / 10 + 1;
    running.process.0.kill().expect("it runs");
    let log = running.log.lock().expect("one reader");
    let lines = log.iter();
    let failures = lines
        .filter(|line| line.contains("a component failed"))
        .count() as u64;
    assert!((20..=20 * periods).contains(&failures), "{failures} lines");
}

#[test]
fn when_no_instance_is_free_the_answer_is_503_and_comes_soon() {
    let dir = hostile(&["loop"]);
    let running = serve(
        dir.path(),
        &[
            ("PROTIUM_POOL_INSTANCES", "1"),
            ("PROTIUM_LIMITS_QUEUE_MS", "50"),
            ("PROTIUM_LIMITS_RESTARTS", "0"),
        ],
    );
    let answers: Vec<_> = std::thread::scope(|scope| {
        let visitors: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| running.get("/pages/guests")))
            .collect();
        visitors
            .into_iter()
            .map(|visitor| visitor.join().expect("an answer"))
            .collect()
    });
    let (busy, served): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 503);
    assert!(!busy.is_empty() && !served.is_empty());
    assert!(served.iter().all(|answer| answer.status == 200));
    for answer in busy {
        assert!(
            answer.head.contains("\r\nretry-after: 1\r\n"),
            "{}",
            answer.head
        );
        assert!(
            answer
                .head
                .contains("\r\ncache-control: private, no-cache\r\n")
        );
        assert!(
            answer.text().contains("One moment, please"),
            "{}",
            answer.text()
        );
    }
    let again = Instant::now();
    assert_eq!(
        running.get("/pages/guests").status,
        200,
        "the pool is free again"
    );
    assert!(again.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_component_that_loops_is_switched_off_and_the_log_says_so_once() {
    let dir = hostile(&["loop", "fine"]);
    let mut running = serve(dir.path(), &[("PROTIUM_LIMITS_CPU_MS", "20")]);
    for _ in 0..12 {
        let page = running.get("/pages/guests");
        assert_eq!(page.status, 200);
        let page = page.text();
        assert!(
            page.contains("instead of loop") && page.contains(">fine</p>"),
            "{page}"
        );
    }
    running.process.0.kill().expect("it runs");
    let log = running.log.lock().expect("one reader");
    let lines: Vec<String> = log.iter().collect();
    let count = |words: &str| lines.iter().filter(|line| line.contains(words)).count();
    assert_eq!(
        count("exceeded its processor time repeatedly"),
        1,
        "{lines:#?}"
    );
    let failures = count("a component failed");
    assert!(
        (3..12).contains(&failures),
        "{failures} failures: {lines:#?}"
    );
}
