//! Releases: a shop's modules, templates and files change while visitors look at it.

mod canary;
mod dev;
mod grace;
mod program;
mod swaps;

use std::fs;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::http::Method;
use protium::Shop;
use tempfile::TempDir;
use tests::workspace::path;

use crate::cache::premises::{Answer, open, send};

const TOKEN: &str = "the operator of these releases, and nobody else";

/// Data that stay from one run of the tests to the next, with the artifacts in them.
fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("release-{name}"))
}

/// A shop's directory with the products of the example, whose pages bear a mark.
struct Directory(TempDir);

impl Directory {
    fn new() -> Directory {
        let directory = Directory(TempDir::new().expect("a directory"));
        let products = path("example-store/data/catalogue.csv");
        let products = fs::read_to_string(products).expect("products");
        directory.write("data/catalogue.csv", &products);
        directory
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        let file = self.path().join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        fs::write(file, text).expect("written");
    }

    /// Has every page, a page of its own and a style sheet bear this mark.
    fn mark(&self, mark: &str) {
        let layout = format!(
            "{{% extends \"theme/layout.html\" %}}{{% block head %}}\
             <meta name=\"mark\" content=\"{mark}\">\
             <link rel=\"stylesheet\" href=\"{{{{ \"mark.css\" | asset }}}}\">{{% endblock %}}"
        );
        self.write("templates/layout.html", &layout);
        self.write("static/mark.css", &format!("p {{ --mark: {mark} }}"));
    }
}

/// Limits that a busy machine keeps.
const PATIENCE: [(&str, &str); 3] = [
    ("PROTIUM_LIMITS_CPU_MS", "5000"),
    ("PROTIUM_LIMITS_WALL_MS", "20000"),
    ("PROTIUM_LIMITS_QUEUE_MS", "20000"),
];

/// Opens it, with the example's components.
async fn opened(directory: &Directory, data: &Path, vars: &[(&str, &str)]) -> (Shop, Router) {
    let components = path("components-go/store");
    let components = components.to_str().expect("a path");
    let own = [
        ("PROTIUM_OPERATOR_TOKEN", TOKEN),
        ("PROTIUM_COMPONENTS", components),
        ("PROTIUM_CARTS_NEW_PER_MINUTE", "0"),
        ("PROTIUM_CARTS_CHANGES_PER_MINUTE", "0"),
    ];
    let vars = [&own[..], &PATIENCE[..], vars].concat();
    let (shop, _) = open(directory.path(), data, &vars).await;
    let router = shop.router();
    (shop, router)
}

/// Posts to `/_protium/release`.
async fn release(router: &Router, query: &str) -> Answer {
    let token = format!("Bearer {TOKEN}");
    let address = format!("/_protium/release{query}");
    let headers = [("authorization", token.as_str())];
    send(router, Method::POST, &address, &headers).await
}

/// What `/_protium/release` says.
async fn status(router: &Router) -> serde_json::Value {
    let token = format!("Bearer {TOKEN}");
    let headers = [("authorization", token.as_str())];
    let answer = send(router, Method::GET, "/_protium/release", &headers).await;
    answer.json()
}

/// Every BUILD that a page names.
fn builds(text: &str) -> Vec<String> {
    let named = text.split("\"build\":\"").skip(1);
    let mut builds: Vec<String> = named
        .filter_map(|rest| rest.get(..16))
        .map(str::to_owned)
        .collect();
    builds.sort();
    builds.dedup();
    builds
}

/// What stands between two texts.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

fn mark_of(text: &str) -> &str {
    between(text, "name=\"mark\" content=\"", "\"").expect("every page bears a mark")
}
