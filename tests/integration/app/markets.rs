//! Markets are chosen by host and path alone, and each has pages of its own.

use protium::prelude::*;

use super::{Directory, router, runtime};
use crate::cache::premises::get;

const CONFIG: &str = "[shop]\nname = \"Paper Boat\"\n\
    [markets.de]\nhost = \"buch.example\"\nlocale = \"de-DE\"\ncountry = \"DE\"\n\
    [price_lists.us]\ncurrency = \"USD\"\n\
    [markets.us]\nprefix = \"/us\"\nlocale = \"en-US\"\nprice_list = \"us\"\n";

const FILES: &[(&str, &str)] = &[
    ("protium.toml", CONFIG),
    (
        "templates/market.html",
        "<!doctype html><title>x</title><p>{{ name }} {{ market.currency }} {{ path }}</p>",
    ),
];

async fn market(market: Market) -> Page {
    Page::new("market.html").data("name", &market.name)
}

#[test]
fn host_and_path_choose_the_market_and_a_hit_is_of_the_same_market() {
    let directory = Directory::new(FILES);
    let app = directory.app().page("/market", market);
    runtime().block_on(async {
        let router = router(app).await;
        let german = [("host", "buch.example"), ("accept-language", "fr")];
        let other = [("host", "books.example"), ("accept-language", "de")];
        for _ in 0..2 {
            let page = get(&router, "/market", &german).await.text();
            assert!(page.contains("<p>de EUR /market</p>"), "{page}");
            let page = get(&router, "/market", &other).await.text();
            assert!(page.contains("<p>default EUR /market</p>"), "{page}");
            let page = get(&router, "/us/market", &other).await.text();
            assert!(page.contains("<p>us USD /market</p>"), "{page}");
        }
        let missing = get(&router, "/usual", &other).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
    });
}

const GERMAN: &str = r#"{"error": {
    "gone_title": "Diese Seite gibt es nicht.",
    "headline": {"not_found": "Nicht gefunden", "refused": "Das ging nicht"},
    "missing_field": "„{field}“ fehlt.",
    "not_found": "Hier ist nichts."
}}"#;

#[test]
fn errors_are_in_the_language_of_the_market() {
    let directory = Directory::new(&[("protium.toml", CONFIG), ("messages/de.json", GERMAN)]);
    let app = directory.app();
    runtime().block_on(async {
        let router = router(app).await;
        let german = ("host", "buch.example");
        let json = ("accept", "application/json");
        let page = get(&router, "/missing", &[german]).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        let page = page.text();
        assert!(page.contains("<title>Nicht gefunden"), "{page}");
        assert!(page.contains("Diese Seite gibt es nicht."), "{page}");
        let body = get(&router, "/missing", &[german, json]).await.text();
        assert!(body.contains("Hier ist nichts."), "{body}");
        let form = http::Request::post("/cart/add")
            .header("host", "buch.example")
            .header("origin", "http://buch.example")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(axum::body::Body::empty())
            .expect("a request");
        let page = tower::ServiceExt::oneshot(router.clone(), form).await;
        let page = page.expect("an answer").into_body();
        let page = axum::body::to_bytes(page, 1 << 20).await.expect("a page");
        let page = String::from_utf8_lossy(&page);
        assert!(page.contains("„variant_id“ fehlt."), "{page}");
        assert!(page.contains("Das ging nicht"), "{page}");
        // What the shop has not translated, and every other market, is in English.
        assert!(page.contains("To the front page"), "{page}");
        let page = get(&router, "/missing", &[("host", "books.example")]).await;
        let page = page.text();
        assert!(page.contains("This page is not here."), "{page}");
    });
}

#[test]
fn templates_write_days_and_messages_as_the_market_does() {
    let template = "<!doctype html><title>x</title><p>{{ day | date }}, \
        {{ 0 | date(style=\"short\") }}: {{ t(key=\"cart.badge_items\", n=1200) }}</p>";
    let messages = r#"{"cart": {"badge_items": {"one": "eins", "other": "{n} Artikel"}}}"#;
    let directory = Directory::new(&[
        ("protium.toml", CONFIG),
        ("messages/de.json", messages),
        ("templates/day.html", template),
    ]);
    let day = || async { Page::new("day.html").data("day", "2026-03-01T23:30:00+01:00") };
    let app = directory.app().page("/day", day);
    runtime().block_on(async {
        let router = router(app).await;
        let page = get(&router, "/day", &[("host", "buch.example")]).await;
        let page = page.text();
        assert!(
            page.contains("<p>1. März 2026, 01.01.70: 1.200 Artikel</p>"),
            "{page}"
        );
        let page = get(&router, "/us/day", &[("host", "books.example")]).await;
        let page = page.text();
        assert!(
            page.contains("<p>March 1, 2026, 1/1/70: Cart, 1,200 items</p>"),
            "{page}"
        );
    });
}
