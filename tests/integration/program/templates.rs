//! Templates that cannot be used: what stops a shop, and what only its own page.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use tests::workspace::path;

use super::{Running, fails_with, shop};

/// A shop with these templates and the example's components.
fn shop_with(root: &Path, templates: &[(&str, &str)]) -> Command {
    std::fs::write(root.join("protium.toml"), "").expect("written");
    for (name, source) in templates {
        let file = root.join("templates").join(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        std::fs::write(file, source).expect("written");
    }
    let mut command = shop(root);
    command.env("PROTIUM_COMPONENTS", path("components-go/store"));
    command
}

#[test]
fn a_template_that_extends_itself_is_said_before_the_components_are_built() {
    let root = TempDir::new().expect("a temporary directory");
    let itself = ("product.html", "{% extends \"product.html\" %}");
    let mut command = shop_with(root.path(), &[itself]);
    // Nothing can be built from there: who gets so far says so.
    command.env("PROTIUM_COMPONENTS", root.path().join("no-components"));
    let words = [
        "product.html:1:1",
        "extends itself",
        "{% extends \"theme/product.html\" %}",
    ];
    let said = fails_with(&mut command, &words);
    assert!(!said.contains("no-components"), "{said}");
}

#[test]
fn a_broken_page_of_the_shop_s_own_leaves_the_others() {
    for development in [false, true] {
        let root = TempDir::new().expect("a temporary directory");
        let mut command = shop_with(
            root.path(),
            &[
                (
                    "pages/about.html",
                    "{% extends \"layout.html\" %}{% block main %}\n{% if shop %}\n{% endblock %}",
                ),
                (
                    "pages/terms.html",
                    "{% extends \"layout.html\" %}{% block main %}our terms{% endblock %}",
                ),
            ],
        );
        if development {
            command.arg("--dev");
        }
        let running = Running::start(&mut command);
        running.logs("pages/about.html:2:1: `{% if %}` is never closed");
        assert_eq!(running.get("/").status, 200);
        let terms = running.get("/pages/terms");
        assert_eq!(terms.status, 200);
        assert!(terms.text().contains("our terms"));
        let about = running.get("/pages/about");
        assert_eq!(about.status, 500);
        let names_the_place = about.text().contains("pages/about.html:2:1");
        assert_eq!(names_the_place, development, "{}", about.text());
    }
}
