//! What is under way when a release takes over: a page is finished on its own release whenever that
//! is, and a run of an edge module is ended after the grace period.

use std::sync::Arc;

use protium::prelude::*;
use tokio::sync::Notify;

use super::program::build_module;
use super::{TOKEN, mark_of, release};
use crate::app::{Directory, router, runtime};
use crate::cache::premises::get;

const MANIFEST: &str = "[shop]\nname = \"Paper Boat\"\n\n[modules.wait]\nfile = \"wait.wasm\"\n\n\
                        [modules.wait.limits]\nwall_ms = 60000\n\n\
                        [modules.wait.grants]\nenvironment = [\"SKU_ID\"]\n";
const FILES: &[(&str, &str)] = &[
    ("protium.toml", MANIFEST),
    (
        "templates/slow.html",
        "{% extends \"layout.html\" %}{% block main %}<p>at last</p>{% endblock %}",
    ),
];

/// Opened when slow pages may be finished, and told when a slow run begins.
#[derive(Clone, Default)]
struct Gate {
    open: Arc<Notify>,
    begun: Arc<Notify>,
}

async fn slow(_: Visitor, State(gate): State<Gate>) -> Page {
    gate.begun.notify_one();
    gate.open.notified().await;
    Page::new("slow.html")
}

async fn ask(shop: Shop, Path(sku): Path<String>, State(gate): State<Gate>) -> String {
    gate.begun.notify_one();
    match shop.edge("wait").ask(&sku).await {
        Ok(answer) => answer.text().unwrap_or_default().to_owned(),
        Err(error) => error.to_string(),
    }
}

/// Has pages bear a mark, and the edge module answer with it.
fn mark(directory: &Directory, mark: &str) {
    let layout = format!(
        "{{% extends \"theme/layout.html\" %}}{{% block head %}}\
         <meta name=\"mark\" content=\"{mark}\">{{% endblock %}}"
    );
    let templates = directory.path().join("templates");
    std::fs::write(templates.join("layout.html"), layout).expect("written");
    build_module(
        &directory.path().join("wait.wasm"),
        &format!(
            "package main\n\nimport (\n\t\"os\"\n\t\"time\"\n)\n\nfunc main() {{\n\
             \tif os.Getenv(\"SKU_ID\") == \"slow\" {{\n\t\ttime.Sleep(time.Minute)\n\t}}\n\
             \tos.Stdout.WriteString(\"{mark}\")\n}}\n"
        ),
    );
}

#[test]
fn a_page_is_finished_on_its_release_and_a_run_is_ended_after_the_grace_period() {
    let directory = Directory::new(FILES);
    mark(&directory, "one");
    let gate = Gate::default();
    let app = directory
        .app()
        .page("/slow", slow)
        .route("/api/ask/{sku}", axum::routing::get(ask))
        .state(gate.clone())
        .configure(|config| TOKEN.clone_into(&mut config.operator_token));
    runtime().block_on(async {
        let router = router(app).await;
        let asked = get(&router, "/api/ask/quick", &[]).await;
        assert_eq!(asked.text(), "one");
        gate.begun.notified().await;
        let begin = |path: &'static str| {
            let router = router.clone();
            tokio::spawn(async move { get(&router, path, &[]).await })
        };
        let page = begin("/slow");
        gate.begun.notified().await;
        let run = begin("/api/ask/slow");
        gate.begun.notified().await;

        mark(&directory, "two");
        let released = release(&router, "").await;
        assert_eq!(released.status, StatusCode::OK, "{}", released.text());
        let asked = get(&router, "/api/ask/quick", &[]).await;
        assert_eq!(asked.text(), "two", "a new run is one of the new module");

        let run = run.await.expect("an answer");
        assert!(
            run.text().contains("another release of the shop took over"),
            "{}",
            run.text()
        );
        assert!(!page.is_finished());
        gate.open.notify_one();
        let page = page.await.expect("an answer");
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        assert_eq!(mark_of(&page.text()), "one");
        assert_eq!(mark_of(&get(&router, "/", &[]).await.text()), "two");
    });
}

#[test]
fn a_changed_module_that_only_handlers_ask_is_a_release_of_its_own() {
    let directory = Directory::new(FILES);
    mark(&directory, "one");
    let app = directory
        .app()
        .route("/api/ask/{sku}", axum::routing::get(ask))
        .state(Gate::default())
        .configure(|config| TOKEN.clone_into(&mut config.operator_token));
    runtime().block_on(async {
        let router = router(app).await;
        let said = async || get(&router, "/api/ask/quick", &[]).await.text();
        assert_eq!(said().await, "one");
        let layout = directory.path().join("templates/layout.html");
        let before = std::fs::read(&layout).expect("read");
        mark(&directory, "two");
        std::fs::write(&layout, before).expect("written");
        assert_eq!(release(&router, "").await.json()["current"], 2);
        assert_eq!(said().await, "two");
        let nothing_new = release(&router, "").await.json();
        assert_eq!(nothing_new["current"], 2, "{nothing_new}");
        std::fs::write(directory.path().join("wait.wasm"), b"\0asm no more").expect("written");
        let refused = release(&router, "").await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains("wait"), "{}", refused.text());
        assert_eq!(said().await, "two");
    });
}
