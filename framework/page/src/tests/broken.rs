//! Templates that cannot be used, together with others that can.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::super::build_id::BuildParts;
use super::super::compile::check;
use super::super::filters::Filters;
use super::super::layer::{self, TemplateLayer};
use super::super::template::Templates;
use super::{Given, manifest, page};

const LAYOUT: &str = "<main>{% block main %}{% endblock %}</main>";

/// A theme with these files, and a shop with those.
fn layers(root: &Path, theme: &[(&str, &str)], shop: &[(&str, &str)]) -> Vec<TemplateLayer> {
    let mut layers = Vec::new();
    for (layer, files) in [("theme", theme), ("shop", shop)] {
        for (name, source) in files {
            let path = root.join(layer).join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, source).expect("written");
        }
        layers.push(TemplateLayer::Folder(root.join(layer)));
    }
    layers
}

fn load(layers: Vec<TemplateLayer>) -> Templates {
    let filters = Arc::new(Filters::new(|minor, _| minor.to_string(), |_| None));
    let build = BuildParts::new([], []);
    let sources = (layer::read(&layers).expect("read"), &[][..]);
    Templates::new(sources, &Arc::new(manifest()), &filters, &build, true).expect("loaded")
}

fn show(templates: &Templates, name: &str) -> Result<String, String> {
    page(templates, name, Given::default())
        .map(|page| page.html)
        .map_err(|error| error.to_string())
}

#[test]
fn one_broken_file_breaks_its_own_pages_and_no_other() {
    for (broken, place) in [
        ("\n{{ 1 + }}", "bad.html:2:"),
        ("{{ 1 | shout }}", "bad.html:1:"),
        (
            "<p>\n{% if a %}x",
            "bad.html:2:1: `{% if %}` is never closed",
        ),
        (
            "{% extends \"bad.html\" %}",
            "bad.html:1:1: bad.html extends itself",
        ),
        (
            "{% extends \"layuot.html\" %}",
            "bad.html:1:1: there is no `layuot.html`",
        ),
        (
            "{% include \"gone.html\" %}",
            "bad.html:1:1: there is no `gone.html`",
        ),
        (
            "{% block a %}{% endblock %}{% block a %}{% endblock %}",
            "bad.html:1:",
        ),
        ("<go-crad/>", "bad.html:1:"),
        ("{{ open", "bad.html:1:"),
    ] {
        let root = tempfile::tempdir().expect("a folder");
        let templates = load(layers(
            root.path(),
            &[("layout.html", LAYOUT)],
            &[
                (
                    "good.html",
                    "{% extends \"layout.html\" %}{% block main %}good{% endblock %}",
                ),
                ("bad.html", broken),
                ("user.html", "{% include \"bad.html\" %}"),
                ("user-of-user.html", "{% include \"user.html\" %}"),
            ],
        ));
        assert_eq!(
            show(&templates, "good.html").as_deref(),
            Ok("<main>good</main>"),
            "{broken}"
        );
        for name in ["bad.html", "user.html", "user-of-user.html"] {
            let error = show(&templates, name).expect_err(broken);
            assert!(error.starts_with(place), "{name}: {error}");
        }
    }
}

#[test]
fn a_shop_fills_a_block_of_the_theme_s_file_of_the_same_name() {
    let root = tempfile::tempdir().expect("a folder");
    let templates = load(layers(
        root.path(),
        &[
            ("layout.html", LAYOUT),
            (
                "product.html",
                "{% extends \"layout.html\" %}{% block main %}<h1>theme</h1>{% block notes %}{% \
                 endblock %}{% endblock %}",
            ),
        ],
        &[
            ("layout.html", "<body>{% block main %}{% endblock %}</body>"),
            (
                "product.html",
                "{% extends \"theme/product.html\" %}{% block notes %}<go-counter start=\"{{ 1 \
                 }}\" label=\"x\"/>{% endblock %}",
            ),
        ],
    ));
    let html = show(&templates, "product.html").expect("a page");
    assert!(html.starts_with("<body><h1>theme</h1>"), "{html}");
    assert!(html.contains("<counter id=counter-1>"), "{html}");
}

#[test]
fn what_is_wrong_is_found_without_the_components() {
    let root = tempfile::tempdir().expect("a folder");
    let layers = layers(
        root.path(),
        &[("layout.html", LAYOUT), ("product.html", "")],
        &[
            ("product.html", "{% extends \"product.html\" %}"),
            ("a.html", "{% for x in y %}"),
            ("b.html", "{{ 1 | shout }}"),
            ("c.html", "<go-anything at=\"{{ all }}\" />"),
        ],
    );
    let broken = check(&layers, tera::Tera::default()).expect("readable");
    for (name, message) in [
        (
            "product.html",
            "write `{% extends \"theme/product.html\" %}`",
        ),
        ("a.html", "a.html:1:1: `{% for %}` is never closed"),
        ("b.html", "shout"),
    ] {
        let error = broken.errors_of(name).expect(name).to_string();
        assert!(error.contains(message), "{error}");
    }
    assert!(broken.errors_of("c.html").is_none());
    assert_eq!(broken.all().map(|errors| errors.0.len()), Some(3));
}
