//! README.md says what is true.

use std::fs::read_to_string;

use tests::workspace::path;

fn readme() -> String {
    read_to_string(path("README.md")).expect("README.md is there")
}

#[test]
fn the_component_is_one_that_the_kits_examples_run() {
    let examples =
        read_to_string(path("components-go/ui/example_test.go")).expect("the examples are there");
    let readme = readme();
    let blocks: Vec<_> = readme
        .split("```go\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .map(|(code, _)| code)
        .collect();
    assert!(!blocks.is_empty());
    for code in blocks {
        assert!(examples.contains(code), "not in the examples:\n{code}");
    }
    assert!(examples.contains(r#"ui.Register("likes", func() ui.Component { return &Likes{} })"#));
}

#[test]
fn every_place_it_leads_to_is_there() {
    let readme = readme();
    let table = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let links = readme
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let places: Vec<_> = table.chain(links).collect();
    assert!(places.len() >= 6, "{places:?}");
    for place in places {
        assert!(path(place).exists(), "README.md names {place}");
    }
}
