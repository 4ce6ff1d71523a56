//! README.md and `framework/docs/` lead to what exists.

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

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let folder = path("framework/docs");
    let mut links = 0;
    for entry in std::fs::read_dir(&folder).expect("the documents") {
        let document = entry.expect("a document").path();
        if document
            .extension()
            .is_none_or(|extension| extension != "md")
        {
            continue;
        }
        let text = read_to_string(&document).expect("a document");
        let targets = text.split("](").skip(1);
        for target in targets.filter_map(|rest| rest.split(')').next()) {
            if target.starts_with("http") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let linked = match file {
                "" => document.clone(),
                file => folder.join(file),
            };
            let document = document.display();
            assert!(linked.exists(), "{document} links to {target}");
            let has_heading = |text: String| {
                let mut headings = text.lines().filter_map(|line| line.strip_prefix("## "));
                headings.any(|line| line.to_lowercase().replace(' ', "-") == heading)
            };
            assert!(
                heading.is_empty() || read_to_string(&linked).is_ok_and(has_heading),
                "{document} links to {target}"
            );
            links += 1;
        }
    }
    assert!(links > 10, "{links} links");
}
