//! What a shop's program makes of its pages reaches visitors through a node: headers of its
//! handlers, and releases that take over while the node runs.

use std::path::Path;

use protium::prelude::*;
use tempfile::TempDir;

use super::{HIT, SECRET, TOKEN, free_address, get_as, node, origin, with_a_cart};
use crate::app::{Directory, router, runtime};
use crate::program::Running;

async fn reading_room() -> Page {
    Page::new("room.html")
        .header("x-reading-room", "open")
        .fresh_for(hours(1))
}

#[track_caller]
fn until(what: &str, is_so: impl Fn() -> bool) {
    let limit = std::time::Instant::now() + crate::program::SOON;
    while !is_so() {
        assert!(
            std::time::Instant::now() < limit,
            "it did not happen that {what}"
        );
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn headers_of_a_handler_come_out_of_a_nodes_cache() {
    let page = "{% extends \"layout.html\" %}{% block main %}<p>Come in</p>{% endblock %}";
    let directory = Directory::new(&[("templates/room.html", page)]);
    let app = directory
        .app()
        .page("/room", reading_room)
        .configure(|config| {
            TOKEN.clone_into(&mut config.operator_token);
            SECRET.clone_into(&mut config.secret);
        });
    let (listener, router) = runtime().block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        (listener, router(app).await)
    });
    let address = listener.local_addr().expect("an address");
    let serving = runtime().spawn(async move { axum::serve(listener, router).await });
    let data = TempDir::new().expect("a directory");
    let node = node(address, &data.path().join("node"), SECRET, None);
    until("the node has the page", || {
        node.get("/room").head.contains(HIT)
    });
    let cached = node.get("/room");
    assert!(cached.text().contains("Come in"));
    assert_eq!(cached.header("x-reading-room"), "open", "{}", cached.head);
    // For a visitor with a cart too, whose page is filled by the node.
    let cart = with_a_cart(&node, 1);
    let own = get_as(&node, "/room", &cart);
    assert!(own.text().contains("Cart, 1 item"));
    assert_eq!(own.header("x-reading-room"), "open", "{}", own.head);
    serving.abort();
}

/// Has every page bear a mark.
fn mark(root: &Path, mark: &str) {
    let templates = root.join("templates");
    std::fs::create_dir_all(&templates).expect("made");
    let layout = format!(
        "{{% extends \"theme/layout.html\" %}}{{% block head %}}\
         <meta name=\"mark\" content=\"{mark}\">{{% endblock %}}"
    );
    std::fs::write(templates.join("layout.html"), layout).expect("written");
}

fn release(origin: &Running, query: &str) {
    let request =
        format!("POST /_protium/release{query} HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\n");
    let answer = origin.sends(&request, "");
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[test]
fn a_release_takes_over_behind_a_node_and_no_page_mixes_two() {
    let (root, data) = (
        TempDir::new().expect("a root"),
        TempDir::new().expect("data"),
    );
    std::fs::create_dir_all(root.path().join("data")).expect("made");
    let products = tests::workspace::path("example-store/data/catalogue.csv");
    std::fs::copy(products, root.path().join("data/catalogue.csv")).expect("copied");
    mark(root.path(), "one");
    let address = free_address();
    let origin = origin(root.path(), address, &data.path().join("origin"), None);
    let node = node(address, &data.path().join("node"), SECRET, None);
    let bears = |mark: &str| {
        let page = node.get("/collections/all");
        page.head.contains(HIT) && page.text().contains(&format!("content=\"{mark}\""))
    };
    until("the node has the page", || bears("one"));
    let cart = with_a_cart(&node, 2);
    for name in ["two", "three"] {
        mark(root.path(), name);
        release(&origin, "");
        until("the node has the new release's page", || bears(name));
        let own = get_as(&node, "/collections/all", &cart);
        assert_eq!(own.status, 200);
        assert!(own.text().contains(&format!("content=\"{name}\"")));
        assert!(own.text().contains("Cart, 2 items"));
        assert_eq!(super::builds(&own).len(), 1);
    }
    release(&origin, "?rollback");
    until("the node has the page of the release before", || {
        bears("two")
    });
}
