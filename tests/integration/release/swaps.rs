//! Releases take over from each other under load.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::Method;
use tokio::task::JoinSet;

use super::{Directory, between, builds, data, mark_of, opened, release, status};
use crate::cache::premises::{get, send_body};

/// Releases that take over while visitors ask.
const SWAPS: usize = 20;
/// Visitors who ask at one time.
const VISITORS: usize = 8;

/// Requests across all swaps.
fn requests() -> usize {
    match std::env::var_os("PROTIUM_LONG") {
        Some(_) => 10_000,
        None => 600,
    }
}

/// What the answers of one BUILD say, which is the same for all of them.
type Seen = Arc<Mutex<BTreeMap<String, String>>>;

/// A variant that is sold, and the page of its product.
async fn product(router: &Router) -> (String, String) {
    let all = get(router, "/collections/all", &[]).await.text();
    let handle = between(&all, "href=\"/products/", "\"").expect("a product");
    let variant = between(&all, "name=\"variant_id\" value=\"", "\"").expect("a variant");
    (format!("/products/{handle}"), variant.to_owned())
}

/// The cookie of somebody with one thing in the cart.
async fn with_a_cart(router: &Router, variant: &str) -> String {
    let headers = [
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let body = format!("variant_id={variant}&quantity=1");
    let answer = send_body(router, Method::POST, "/cart/add", &headers, &body).await;
    let cookie = answer.header("set-cookie").split(';').next();
    cookie.expect("a cookie").to_owned()
}

/// Asks for a page and everything that it names, as somebody with or without a cart: all of it is
/// of one release.
async fn visit(router: &Router, page: &str, cookie: &str, seen: &Seen) -> usize {
    let answer = get(router, page, &[("cookie", cookie)]).await;
    let text = answer.text();
    assert_eq!(answer.status, 200, "{page}: {text}");
    let of_page = builds(&text);
    assert_eq!(of_page.len(), 1, "{page} mixes {of_page:?}");
    let build = of_page.into_iter().next().expect("one");
    let mark = mark_of(&text).to_owned();
    let known = {
        let mut seen = seen.lock().expect("nobody panicked");
        seen.entry(build.clone()).or_insert(mark.clone()).clone()
    };
    assert_eq!(known, mark, "{page} of BUILD {build}");
    let badge = match cookie.is_empty() {
        true => "Cart, empty",
        false => "Cart, 1 item",
    };
    assert!(text.contains(badge), "{page} for `{cookie}`");
    // The files that it names are there, and are of the same release.
    let style = between(&text, "href=\"/static/mark-", "\"").expect("a style");
    let style = get(router, &format!("/static/mark-{style}"), &[]).await;
    assert_eq!(style.status, 200, "{page}: its style");
    assert!(style.text().contains(&format!("--mark: {mark} ")), "{page}");
    let script = between(&text, "/_protium/runtime-", "\"").expect("a script");
    let script = get(router, &format!("/_protium/runtime-{script}"), &[]).await;
    assert_eq!(script.status, 200, "{page}: its script");
    3
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_under_way_finish_on_their_release_and_no_answer_mixes_two() {
    let directory = Directory::new();
    directory.mark("m0");
    let about = "{% extends \"layout.html\" %}{% block main %}<h1>About</h1>{% endblock %}";
    directory.write("templates/pages/about.html", about);
    let (_shop, router) = opened(&directory, &data("router"), &[]).await;
    let (product, variant) = product(&router).await;
    let cart = with_a_cart(&router, &variant).await;
    let (asked, is_over) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let seen = Seen::default();
    let mut visitors = JoinSet::new();
    for visitor in 0..VISITORS {
        let (router, seen, product) = (router.clone(), Arc::clone(&seen), product.clone());
        let (asked, is_over) = (Arc::clone(&asked), Arc::clone(&is_over));
        let cookie = match visitor % 2 {
            0 => cart.clone(),
            _ => String::new(),
        };
        visitors.spawn(async move {
            let pages = ["/", &product, "/collections/all", "/pages/about"];
            for round in visitor.. {
                let page = pages.get(round % pages.len()).expect("a page");
                // What is in the cache is answered at once: somebody else may run, too.
                tokio::time::sleep(Duration::from_millis(1)).await;
                let answers = visit(&router, page, &cookie, &seen).await;
                let all = asked.fetch_add(answers, Ordering::Relaxed);
                if is_over.load(Ordering::Relaxed) && all >= requests() {
                    return;
                }
            }
        });
    }
    for swap in 1..=SWAPS {
        // Requests spread over all swaps.
        while asked.load(Ordering::Relaxed) < swap * requests() / (SWAPS + 1) {
            if let Some(Err(failed)) = visitors.try_join_next() {
                std::panic::resume_unwind(failed.into_panic());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        directory.mark(&format!("m{swap}"));
        let answer = release(&router, "").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let now = get(&router, "/", &[]).await.text();
        assert_eq!(mark_of(&now), format!("m{swap}"), "it is there at once");
    }
    is_over.store(true, Ordering::Relaxed);
    while let Some(visitor) = visitors.join_next().await {
        visitor.expect("no visit fails");
    }
    assert!(asked.load(Ordering::Relaxed) >= requests());
    let seen = seen.lock().expect("nobody panicked").len();
    assert!(seen > SWAPS / 2, "visitors saw {seen} releases");
    let status = status(&router).await;
    assert_eq!(status["current"], SWAPS + 1);
    assert_eq!(status["releases"].as_array().map(Vec::len), Some(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_made_before_a_release_takes_over_and_a_rollback_has_the_old_ones() {
    let directory = Directory::new();
    directory.mark("one");
    let (_shop, router) = opened(&directory, &data("router"), &[]).await;
    let (product, _) = product(&router).await;
    assert_eq!(release(&router, "?rollback").await.status, 409);
    for _ in 0..3 {
        get(&router, &product, &[]).await;
    }
    directory.mark("two");
    assert_eq!(release(&router, "").await.status, 200);
    for page in [product.as_str(), "/"] {
        let answer = get(&router, page, &[]).await;
        assert_eq!(mark_of(&answer.text()), "two");
        let how = answer.header("cache-status");
        assert!(how.contains("; hit"), "{page}: {how}");
    }
    let old_style = {
        let before = release(&router, "?rollback").await;
        assert_eq!(before.json()["current"], 1, "{}", before.text());
        let answer = get(&router, &product, &[]).await;
        assert_eq!(mark_of(&answer.text()), "one");
        assert!(answer.header("cache-status").contains("; hit"));
        let text = answer.text();
        between(&text, "href=\"/static/mark-", "\"")
            .expect("a style")
            .to_owned()
    };
    // The same directory once more: a release of its own number, and the old one's files stay.
    let again = release(&router, "").await.json();
    assert_eq!(again["current"], 3);
    let style = get(&router, &format!("/static/mark-{old_style}"), &[]).await;
    assert_eq!(style.status, 200);
    let nothing_new = release(&router, "").await.json();
    assert_eq!(nothing_new["current"], 3, "{nothing_new}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_with_a_broken_template_is_refused_with_its_place() {
    let directory = Directory::new();
    directory.mark("one");
    let (_shop, router) = opened(&directory, &data("router"), &[]).await;
    let home = "{% extends \"theme/home.html\" %}\n{% block hero %}{% if shop %}{% endblock %}";
    for (source, reason) in [
        (home, "home.html:2:"),
        ("{{ nothing.at.all.of.this }}", "home.html:1:"),
    ] {
        directory.write("templates/home.html", source);
        let answer = release(&router, "").await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        let message = answer.json()["error"]["message"].to_string();
        assert!(message.contains(reason), "{message}");
        let status = status(&router).await;
        let refused = status["last"]["refused"].to_string();
        assert!(refused.contains(reason), "{refused}");
        assert_eq!(status["current"], 1);
        assert_eq!(mark_of(&get(&router, "/", &[]).await.text()), "one");
    }
    for query in ["?share=0", "?share=100", "?rollback&promote", "?other=1"] {
        assert_eq!(release(&router, query).await.status, 400, "{query}");
    }
    assert_eq!(release(&router, "?promote").await.status, 409);
}
