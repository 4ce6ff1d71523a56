//! Pages of a shop in the page cache: what is kept, for whom, and what makes it anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::middleware::from_fn;
use protium::prelude::*;
use protium::serde_json::Value;

use super::{Directory, router, runtime};
use crate::cache::premises::{Answer, get};

const FILES: &[(&str, &str)] = &[
    (
        "templates/made.html",
        "<!doctype html><title>x</title><p>made {{ times }} {{ more }}</p>",
    ),
    ("data/events.json", "[\"Poetry\"]"),
];

/// How often the handlers of one shop have run.
#[derive(Clone, Default)]
struct Times(Arc<AtomicUsize>);

impl Times {
    fn page(&self) -> Page {
        let times = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        Page::new("made.html")
            .data("times", &times)
            .data("more", "")
    }
}

#[derive(protium::serde::Deserialize)]
#[serde(crate = "protium::serde")]
struct Paging {
    #[serde(default)]
    page: u32,
}

async fn kept(State(times): State<Times>) -> Page {
    times
        .page()
        .header("x-hand", "left")
        .tag(Tag::new("post", "one"))
}

async fn paged(State(times): State<Times>, Params(paging): Params<Paging>) -> Page {
    times.page().data("more", &paging.page)
}

async fn private(State(times): State<Times>, _: Visitor) -> Page {
    times.page()
}

async fn says_private(State(times): State<Times>) -> Page {
    times.page().private()
}

async fn says_uncached(State(times): State<Times>) -> Page {
    times.page().uncached()
}

async fn raw(State(times): State<Times>, headers: HeaderMap) -> Page {
    let name = headers.get("x-name").and_then(|name| name.to_str().ok());
    times.page().data("more", name.unwrap_or("nobody"))
}

async fn cookie(State(times): State<Times>) -> Page {
    times.page().header(SET_COOKIE, "a=b")
}

async fn events(ctx: Ctx, State(times): State<Times>) -> Result<Page> {
    let events: Value = ctx.json("data/events.json")?;
    Ok(times.page().data("more", &events))
}

async fn within(State(times): State<Times>, visitor: Inside) -> Page {
    times.page().data("more", &visitor.0)
}

/// An extractor of the shop's own that has the visitor inside.
struct Inside(i64);

impl axum::extract::FromRequestParts<protium::Shop> for Inside {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        shop: &protium::Shop,
    ) -> std::result::Result<Inside, Self::Rejection> {
        let visitor = Visitor::from_request_parts(parts, shop).await?;
        Ok(Inside(visitor.cart_count()))
    }
}

fn app(directory: &Directory) -> App {
    directory
        .app()
        .page("/kept", kept)
        .page("/paged", paged)
        .page("/private", private)
        .page("/says-private", says_private)
        .page("/says-uncached", says_uncached)
        .page("/raw", raw)
        .page("/cookie", cookie)
        .page("/events", events)
        .page("/within", within)
        .state(Times::default())
}

fn is_hit(answer: &Answer) -> bool {
    answer.header("cache-status").contains("; hit")
}

#[test]
fn a_page_is_made_once_and_its_headers_come_out_of_the_cache() {
    let directory = Directory::new(FILES);
    runtime().block_on(async {
        let router = router(app(&directory)).await;
        let first = get(&router, "/kept", &[]).await;
        let second = get(&router, "/kept?utm_source=x&made=up", &[]).await;
        assert!(!is_hit(&first) && is_hit(&second), "{:?}", second.headers);
        for answer in [&first, &second] {
            assert_eq!(answer.status, StatusCode::OK);
            assert_eq!(answer.header("x-hand"), "left");
            assert!(answer.text().contains("made 1 "), "{}", answer.text());
        }
        assert_eq!(second.header("cache-control"), "public, no-cache");
    });
}

#[test]
fn a_purge_of_its_tag_makes_it_anew() {
    let directory = Directory::new(FILES);
    runtime().block_on(async {
        let shop = app(&directory).open().await.expect("the shop opens");
        let router = shop.router();
        for _ in 0..2 {
            assert!(get(&router, "/kept", &[]).await.text().contains("made 1 "));
        }
        let cache = shop.cache().expect("a cache");
        cache
            .purge(&protium_cache::Purge::tag(Tag::new("post", "two")))
            .await;
        assert!(is_hit(&get(&router, "/kept", &[]).await));
        cache
            .purge(&protium_cache::Purge::tag(Tag::new("post", "one")))
            .await;
        assert!(get(&router, "/kept", &[]).await.text().contains("made 2 "));
    });
}

#[test]
fn declared_parameters_are_in_the_key_and_no_others() {
    let directory = Directory::new(FILES);
    runtime().block_on(async {
        let router = router(app(&directory)).await;
        let text = async |path: &str| get(&router, path, &[]).await.text();
        let second = text("/paged?page=2").await;
        assert!(second.contains(" 2</p>"), "{second}");
        assert_eq!(text("/paged?x=1&page=2&page=7").await, second);
        assert_eq!(text("/paged?page=2").await, second);
        let plain = text("/paged").await;
        assert!(plain.contains(" 0</p>"), "{plain}");
        assert_eq!(text("/paged?Page=2").await, plain);
        let wrong = get(&router, "/paged?page=many", &[]).await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    });
}

#[test]
fn who_extracts_the_visitor_is_private_by_that_alone() {
    let directory = Directory::new(FILES);
    runtime().block_on(async {
        let router = router(app(&directory)).await;
        for path in ["/private", "/says-private", "/within"] {
            let (first, second) = (get(&router, path, &[]).await, get(&router, path, &[]).await);
            for answer in [&first, &second] {
                assert_eq!(
                    answer.header("cache-control"),
                    "private, no-cache",
                    "{path}"
                );
                assert!(answer.headers.contains_key("etag"), "{path}");
                assert!(!is_hit(answer), "{path}");
            }
            assert_ne!(first.text(), second.text(), "{path} is made for each");
        }
    });
}

#[test]
fn who_extracts_raw_headers_is_uncached_and_has_them() {
    let directory = Directory::new(FILES);
    runtime().block_on(async {
        let router = router(app(&directory)).await;
        let named = get(&router, "/raw", &[("x-name", "Ada")]).await;
        assert!(named.text().contains("made 1 Ada"), "{}", named.text());
        assert!(
            get(&router, "/raw", &[])
                .await
                .text()
                .contains("made 2 nobody")
        );
        for path in ["/raw", "/says-uncached"] {
            let answer = get(&router, path, &[]).await;
            assert_eq!(
                answer.header("cache-control"),
                "private, no-store",
                "{path}"
            );
        }
    });
}

#[test]
fn a_page_that_sets_a_cookie_is_not_kept() {
    let directory = Directory::new(FILES);
    runtime().block_on(async {
        let router = router(app(&directory)).await;
        for _ in 0..2 {
            let answer = get(&router, "/cookie", &[]).await;
            assert_eq!(answer.header("set-cookie"), "a=b");
            assert!(!is_hit(&answer));
            assert!(answer.header("cache-control").starts_with("private"));
        }
    });
}

#[test]
fn a_page_layer_runs_while_a_page_is_made_and_not_for_hits() {
    let directory = Directory::new(FILES);
    let ran = Arc::new(AtomicUsize::new(0));
    let counting = {
        let ran = Arc::clone(&ran);
        from_fn(move |request, next: axum::middleware::Next| {
            ran.fetch_add(1, Ordering::Relaxed);
            next.run(request)
        })
    };
    let app = app(&directory)
        .page_layer(counting)
        .page_layer(SetHeader::response("x-made", "by-hand"));
    runtime().block_on(async {
        let router = router(app).await;
        for _ in 0..3 {
            let answer = get(&router, "/kept", &[]).await;
            assert_eq!(answer.header("x-made"), "by-hand");
        }
        assert_eq!(ran.load(Ordering::Relaxed), 1);
        get(&router, "/private", &[]).await;
        get(&router, "/private", &[]).await;
        assert_eq!(ran.load(Ordering::Relaxed), 3);
        get(&router, "/static/theme.css", &[]).await;
        assert_eq!(ran.load(Ordering::Relaxed), 3);
    });
}

#[test]
fn a_changed_data_file_makes_its_pages_anew() {
    let directory = Directory::new(FILES);
    runtime().block_on(async {
        let router = router(app(&directory)).await;
        for _ in 0..2 {
            let page = get(&router, "/events", &[]).await.text();
            assert!(
                page.contains("made 1 ") && page.contains("Poetry"),
                "{page}"
            );
        }
        std::fs::write(
            directory.path().join("data/events.json"),
            "[\"Prose and tea\"]",
        )
        .expect("written");
        let mut page = String::new();
        for _ in 0..100 {
            page = get(&router, "/events", &[]).await.text();
            if page.contains("Prose and tea") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("still {page}");
    });
}
