//! Who is in a market with a prefix stays there: by links, forms, redirects, and errors.

use std::collections::{BTreeSet, VecDeque};

use axum::Router;
use axum::http::Method;
use axum::routing::{get as route, post};
use protium::prelude::*;

use super::{Directory, router, runtime};
use crate::cache::premises::{Answer, get, send_body};

const FILES: &[(&str, &str)] = &[(
    "protium.toml",
    "[shop]\nname = \"Paper Boat\"\nurl = \"https://shop.example\"\n\
     [markets.fr]\nprefix = \"/fr\"\nlocale = \"fr-FR\"\ncountry = \"FR\"\n\
     [markets.de]\nhost = \"laden.example\"\nlocale = \"de-DE\"\n",
)];

/// The values of an attribute in the start tags of an element.
fn attributes(page: &str, element: &str, attribute: &str) -> Vec<String> {
    let start = format!("<{element} ");
    let starts = page.split(&start).skip(1);
    let tags = starts.filter_map(|rest| rest.split_once('>').map(|(tag, _)| format!(" {tag}")));
    let values = tags.filter_map(|tag| {
        let (_, rest) = tag.split_once(&format!(" {attribute}=\""))?;
        let (value, _) = rest.split_once('"')?;
        Some(value.replace("&amp;", "&"))
    });
    values.collect()
}

async fn form(router: &Router, path: &str, cookie: &str, body: &str) -> Answer {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
        ("cookie", cookie),
    ];
    send_body(router, Method::POST, path, &headers, body).await
}

/// The cookie that an answer sets.
fn cookie(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie").split(';').next();
    cookie.unwrap_or_default().to_owned()
}

/// A variant on sale, from the form on a card.
fn variant(page: &str) -> String {
    let (_, rest) = page
        .split_once("name=\"variant_id\" value=\"")
        .expect("a form");
    rest.split('"').next().expect("an id").to_owned()
}

#[test]
fn every_link_and_form_of_a_market_leads_to_the_market() {
    let directory = Directory::new(FILES);
    runtime().block_on(async {
        let router = router(directory.app()).await;
        let home = get(&router, "/fr", &[]).await.text();
        let added = format!("variant_id={}", variant(&home));
        let added = form(&router, "/fr/cart/add", "", &added).await;
        assert_eq!(added.header("location"), "/fr/cart");
        let cookie = cookie(&added);
        let mut seen = BTreeSet::from(["/fr".to_owned()]);
        let mut next = VecDeque::from(["/fr".to_owned()]);
        let (mut links, mut forms) = (0, 0);
        next.extend(["/fr/search?q=fork", "/fr/search?q=nothing", "/fr/missing"].map(Into::into));
        while let Some(path) = next.pop_front() {
            let page = get(&router, &path, &[("cookie", &cookie)]).await;
            assert_eq!(
                page.status == StatusCode::OK,
                path != "/fr/missing",
                "{path}"
            );
            let page = page.text();
            assert!(page.contains("<html lang=\"fr-FR\""), "{path}: {page}");
            for href in attributes(&page, "a", "href") {
                if href.starts_with('#') {
                    continue;
                }
                assert!(href.starts_with("/fr/"), "{path} leads to {href}");
                links += 1;
                if seen.insert(href.clone()) {
                    next.push_back(href);
                }
            }
            for action in attributes(&page, "form", "action") {
                assert!(action.starts_with("/fr/"), "{path} sends to {action}");
                forms += 1;
            }
            for canonical in attributes(&page, "link", "rel")
                .iter()
                .zip(attributes(&page, "link", "href"))
            {
                if canonical.0 == "canonical" {
                    let of_market = "https://shop.example/fr/";
                    assert!(canonical.1.starts_with(of_market), "{path}: {canonical:?}");
                }
            }
        }
        assert!(seen.iter().any(|path| path == "/fr/cart"), "{seen:?}");
        assert!(
            seen.len() > 40 && links > 400 && forms > 80,
            "{links} {forms} {seen:?}"
        );
    });
}

#[test]
fn redirects_of_a_market_lead_to_the_market() {
    let directory = Directory::new(FILES);
    let app = directory
        .app()
        .route("/thanks", post(async || Redirect::to("/pages/thanks")))
        .route(
            "/out",
            route(async || Redirect::to("https://bank.example/pay")),
        );
    runtime().block_on(async {
        let router = router(app).await;
        let variant = variant(&get(&router, "/fr", &[]).await.text());
        for (return_to, location) in [
            ("/products/hand-fork", "/fr/products/hand-fork"),
            (
                "/fr/products/hand-fork?variant=1",
                "/fr/products/hand-fork?variant=1",
            ),
            ("/", "/fr/"),
            ("//evil.example", "/fr/cart"),
        ] {
            let fields = format!("variant_id={variant}&return_to={return_to}");
            let added = form(&router, "/fr/cart/add", "", &fields).await;
            assert_eq!(added.header("location"), location);
            let added = form(&router, "/cart/add", "", &fields).await;
            let outside = location
                .strip_prefix("/fr")
                .filter(|_| !return_to.starts_with("/fr"));
            assert_eq!(added.header("location"), outside.unwrap_or(return_to));
        }
        for (path, location) in [
            ("/fr/cart/add", "/fr/cart"),
            (
                "/fr/Products/Hand-Fork/?variant=1",
                "/fr/products/hand-fork?variant=1",
            ),
            ("/fr/collections", "/fr/collections/all"),
            ("/collections", "/collections/all"),
            ("/fr/out", "https://bank.example/pay"),
        ] {
            assert_eq!(
                get(&router, path, &[]).await.header("location"),
                location,
                "{path}"
            );
        }
        let thanks = form(&router, "/fr/thanks", "", "").await;
        assert_eq!(thanks.header("location"), "/fr/pages/thanks");
    });
}

#[test]
fn error_pages_are_in_the_market_of_the_address() {
    let directory = Directory::new(FILES);
    let fails = async || Err::<Page, _>(HttpError::internal("on purpose"));
    let busy = async || Err::<Page, _>(HttpError::of_status(StatusCode::SERVICE_UNAVAILABLE));
    let app = directory
        .app()
        .page("/fails", fails)
        .page("/busy", busy)
        .route(
            "/panics",
            route(async || -> String { panic!("on purpose") }),
        );
    runtime().block_on(async {
        let router = router(app).await;
        for (path, status) in [("/nothing", 404), ("/fails", 500), ("/panics", 500)] {
            let page = get(&router, &format!("/fr{path}"), &[]).await;
            assert_eq!(page.status, status);
            let page = page.text();
            assert!(page.contains("<html lang=\"fr-FR\""), "{path}: {page}");
            assert!(
                page.contains("href=\"/fr/collections/all\""),
                "{path}: {page}"
            );
            let here = get(&router, path, &[]).await.text();
            assert!(here.contains("<html lang=\"en-GB\""), "{path}: {here}");
            assert!(here.contains("href=\"/collections/all\""), "{path}: {here}");
            let there = get(&router, path, &[("host", "laden.example")])
                .await
                .text();
            assert!(there.contains("<html lang=\"de-DE\""), "{path}: {there}");
        }
        let busy = get(&router, "/fr/busy", &[]).await.text();
        assert!(busy.contains("href=\"/fr/\""), "{busy}");
    });
}

#[test]
fn the_canonical_address_is_at_the_markets_own_host() {
    let directory = Directory::new(FILES);
    runtime().block_on(async {
        let router = router(directory.app()).await;
        let page = get(&router, "/collections/all", &[("host", "laden.example")]).await;
        let canonical = "<link rel=\"canonical\" href=\"https://laden.example/collections/all\">";
        assert!(page.text().contains(canonical), "{}", page.text());
    });
}
