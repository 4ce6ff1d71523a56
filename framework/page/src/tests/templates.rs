//! Tera's own errors, in the author's lines; layers; changed files.

use std::fs;
use std::sync::Arc;

use super::super::build_id::BuildParts;
use super::super::filters::Filters;
use super::super::layer::{self, TemplateLayer};
use super::super::template::Templates;
use super::{Given, compile, manifest, page, refused};

const ELEMENTS: &str =
    "<go-counter\n  start=\"{{ 1 }}\"\n  label=\"a{{ 'b\n c' }}\"\n/>\n<go-box>\n</go-box>\n";

#[test]
fn syntax_errors_have_the_authors_line_and_column() {
    for (bad, column) in [("{{ a b }}", 6), ("{% fi a %}", 4)] {
        let source = format!("{ELEMENTS}x {bad}");
        let message = refused(&[("t.html", &source)]);
        assert!(
            message.starts_with(&format!("t.html:8:{}:", column + 2)),
            "{message}"
        );
        assert!(message.contains(&format!("| x {bad}")), "{message}");
    }
    let message = refused(&[("t.html", "a\n<go-counter label=\"x\" start=\"{{ 1 + }}\"/>")]);
    assert!(message.starts_with("t.html:2:"), "{message}");
    assert!(message.contains("| <go-counter label="), "{message}");
}

#[test]
fn unknown_filters_and_parents_are_named_with_their_line() {
    let source = format!("{ELEMENTS}{{{{ 1 | shout }}}} {{{{ 2 | cry }}}}");
    let message = refused(&[("t.html", &source)]);
    assert!(
        message.contains("t.html:8:8:") || message.contains("t.html:8:6:"),
        "{message}"
    );
    assert!(
        message.contains("shout") && message.contains("cry"),
        "{message}"
    );
    let message = refused(&[("t.html", "{% extends 'none.html' %}")]);
    assert!(message.contains("none.html"), "{message}");
}

#[test]
fn errors_while_rendering_have_the_authors_line_and_column() {
    let cases = [
        (
            format!("{ELEMENTS}<p>{{{{ product.titel }}}}</p>"),
            "t.html:8:15: Field `titel` is not defined",
        ),
        (
            "\n<go-counter\n  label=\"x\" start=\"{{ product.price }}\"/>".to_owned(),
            "t.html:2:1: <go-counter>: `start` takes",
        ),
        (
            "\n<go-counter label=\"x\"\n  start=\"{{ product.a.b }}\"/>".to_owned(),
            "t.html:3:21: Field `a` is not defined",
        ),
        ("<p>{{ 1.5 | money }}</p>".to_owned(), "t.html:1:"),
        ("<p>\n{{ 'none.css' | asset }}</p>".to_owned(), "t.html:2:"),
    ];
    for (source, wanted) in cases {
        let compiled = compile(&[("t.html", &source)]).expect("compiled");
        let mut given = Given::default();
        given.context.insert(
            "product",
            &serde_json::json!({"title": "Cup", "price": 1.5}),
        );
        let message = page(&compiled, "t.html", given)
            .expect_err("refused")
            .to_string();
        assert!(
            message.starts_with(wanted),
            "{source}\n  wanted {wanted}\n  got    {message}"
        );
    }
}

#[test]
fn an_error_in_an_included_file_names_both_files() {
    let files = [
        ("a.html", "<p>\n{% include 'b.html' %}"),
        ("b.html", "\n\n{{ missing }}"),
    ];
    let compiled = compile(&files).expect("compiled");
    let message = page(&compiled, "a.html", Given::default())
        .expect_err("refused")
        .to_string();
    assert!(
        message.starts_with("b.html:3:4:") && message.contains("(called from a.html:2)"),
        "{message}"
    );
}

#[test]
fn a_later_layer_replaces_files_by_name_and_changes_are_seen() {
    let theme = tempfile::tempdir().expect("folder");
    let shop = tempfile::tempdir().expect("folder");
    let write = |dir: &tempfile::TempDir, name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        fs::write(path, text).expect("written");
    };
    write(&theme, "home.html", "{% include 'parts/foot.html' %}");
    write(&theme, "parts/foot.html", "theme");
    write(&theme, "notes.txt", "{{ not a template");
    let layers = vec![
        TemplateLayer::Folder(theme.path().to_owned()),
        TemplateLayer::Folder(shop.path().to_owned()),
    ];
    let load = || {
        let filters = Arc::new(Filters::new(|minor, _| minor.to_string(), |_| None));
        let build = BuildParts::new([], []);
        let sources = (layer::read(&layers).expect("read"), &[][..]);
        Templates::new(sources, &Arc::new(manifest()), &filters, &build, true).expect("loaded")
    };
    let show = || page(&load(), "home.html", Given::default()).map(|page| page.html);
    let first_build = load().build.clone();
    assert_eq!(show().expect("page"), "theme");
    write(&shop, "parts/foot.html", "the shop's own");
    assert_eq!(show().expect("page"), "the shop's own");
    assert_ne!(load().build, first_build);
    write(&shop, "parts/foot.html", "{{ broken");
    assert!(
        show()
            .expect_err("broken")
            .to_string()
            .starts_with("parts/foot.html:1:1:")
    );
    write(&shop, "parts/foot.html", "whole again");
    assert_eq!(show().expect("page"), "whole again");
}

#[test]
fn a_template_that_does_not_exist_is_named() {
    let compiled = compile(&[]).expect("compiled");
    let message = page(&compiled, "gone.html", Given::default())
        .expect_err("missing")
        .to_string();
    assert!(message.contains("gone.html"), "{message}");
}
