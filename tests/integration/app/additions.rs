//! Routes and pages of a shop stand inside what the framework's own have around them.

use std::sync::OnceLock;

use axum::Router;
use axum::http::{Method, StatusCode};
use protium::prelude::*;
use protium::tera::{Kwargs, State as TemplateState};

use super::{Directory, router, runtime};
use crate::cache::premises::{get, send, send_body};

const FILES: &[(&str, &str)] = &[
    (
        "templates/isbn.html",
        "{% extends \"layout.html\" %}{% block main %}\
         <p>{{ isbn | isbn }} of {{ series() }} {{ menu[0] }}</p>{% endblock %}",
    ),
    (
        "templates/product.html",
        "{% extends \"layout.html\" %}{% block main %}<p>our own {{ handle }}</p>{% endblock %}",
    ),
    (
        "templates/404.html",
        "{% extends \"layout.html\" %}{% block main %}\
         <p>No such book. {{ menu[0] }}</p>{% endblock %}",
    ),
    (
        "templates/error.html",
        "{% extends \"layout.html\" %}{% block main %}<p>A page fell out.</p>{% endblock %}",
    ),
    ("data/menu.json", "[\"Read aloud\"]"),
];

#[derive(Clone)]
struct Series(&'static str);

#[derive(Clone)]
struct NeverGiven;

fn isbn(text: &str, _: Kwargs, _: &TemplateState) -> String {
    text.replace('-', "")
}

fn series(_: Kwargs, _: &TemplateState) -> String {
    "nine".to_owned()
}

async fn book(Path(isbn): Path<String>, State(series): State<Series>) -> Result<Page> {
    let known = isbn.starts_with("978").then_some(isbn);
    let isbn = known.or_not_found()?;
    Ok(Page::new("isbn.html")
        .data("isbn", &isbn)
        .header("x-series", series.0))
}

async fn broken() -> Result<Page> {
    let number: i32 = "many".parse()?;
    Ok(Page::new("isbn.html").data("isbn", &number))
}

async fn own_product(Path(slug): Path<String>) -> Page {
    Page::new("product.html").data("handle", &slug)
}

async fn menu(ctx: Ctx) -> Result<Vec<String>> {
    Ok(ctx.json("data/menu.json")?)
}

struct Shop {
    router: Router,
    _directory: Directory,
}

fn shop() -> &'static Shop {
    static SHOP: OnceLock<Shop> = OnceLock::new();
    SHOP.get_or_init(|| {
        let directory = Directory::new(FILES);
        let echo = |body: String| async move { body };
        let app = directory
            .app()
            .page("/books/{isbn}", book)
            .page("/broken", broken)
            .page("/products/{slug}", own_product)
            .route("/api/isbn/{isbn}", get_isbn())
            .route("/api/echo", post(echo))
            .route("/api/panic", axum::routing::get(|| async { panic_now() }))
            .route(
                "/api/never",
                axum::routing::get(|_: State<NeverGiven>| async { "given" }),
            )
            .layer(SetHeader::response("x-reading-room", "open"))
            .filter("isbn", isbn)
            .function("series", series)
            .shared("menu", menu)
            .state(Series("nine"));
        let router = runtime().block_on(router(app));
        Shop {
            router,
            _directory: directory,
        }
    })
}

fn get_isbn() -> axum::routing::MethodRouter<protium::Shop> {
    axum::routing::get(|Path(isbn): Path<String>| async move { isbn.replace('-', "") })
}

fn panic_now() -> &'static str {
    panic!("a handler broke down")
}

#[test]
fn a_page_has_its_filter_function_state_and_shared_data() {
    let router = &shop().router;
    runtime().block_on(async {
        let page = get(router, "/books/978-3-16", &[]).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        assert!(
            page.text().contains("<p>978316 of nine Read aloud</p>"),
            "{}",
            page.text()
        );
        assert_eq!(page.header("x-series"), "nine");
        assert!(page.text().contains("<title>Paper Boat</title>"));
    });
}

#[test]
fn routes_stand_inside_bounds_origin_check_and_security_headers() {
    let router = &shop().router;
    runtime().block_on(async {
        let answer = get(router, "/api/isbn/978-3", &[]).await;
        assert_eq!(
            (answer.status, &*answer.body),
            (StatusCode::OK, b"9783".as_slice())
        );
        assert!(
            answer
                .header("content-security-policy")
                .contains("script-src 'self'")
        );
        assert!(answer.header("cache-status").contains("; detail=address"));
        let long = format!("/api/isbn/{}", "9".repeat(9_000));
        assert_eq!(
            get(router, &long, &[]).await.status,
            StatusCode::URI_TOO_LONG
        );
        let foreign = [("sec-fetch-site", "cross-site"), ("cookie", "a=b")];
        let refused = send(router, Method::POST, "/api/echo", &foreign).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let own = [("sec-fetch-site", "same-origin")];
        let answer = send_body(router, Method::POST, "/api/echo", &own, "hello").await;
        assert_eq!(&*answer.body, b"hello");
        let large = "x".repeat(70_000);
        let refused = send_body(router, Method::POST, "/api/echo", &own, &large).await;
        assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    });
}

#[test]
fn a_layer_runs_for_every_answer_also_for_hits_files_and_pages_that_are_not_there() {
    let router = &shop().router;
    runtime().block_on(async {
        for path in [
            "/books/978-1",
            "/books/978-1",
            "/static/theme.css",
            "/nowhere",
            "/cart",
        ] {
            let answer = get(router, path, &[]).await;
            assert_eq!(answer.header("x-reading-room"), "open", "{path}");
        }
        let hit = get(router, "/books/978-1", &[]).await;
        assert!(
            hit.header("cache-status").contains("; hit"),
            "{:?}",
            hit.headers
        );
    });
}

#[test]
fn a_shop_replaces_a_page_of_the_framework_and_keeps_the_others() {
    let router = &shop().router;
    runtime().block_on(async {
        let page = get(router, "/products/anything", &[]).await;
        assert!(page.text().contains("our own anything"), "{}", page.text());
        assert_eq!(
            get(router, "/collections/all", &[]).await.status,
            StatusCode::OK
        );
    });
}

#[test]
fn what_is_not_there_and_what_fails_has_the_shops_own_pages() {
    let router = &shop().router;
    runtime().block_on(async {
        for path in ["/nowhere", "/books/123"] {
            let page = get(router, path, &[("accept", "text/html")]).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND);
            assert!(
                page.text().contains("No such book. Read aloud"),
                "{}",
                page.text()
            );
        }
        for path in ["/broken", "/api/panic", "/api/never"] {
            let page = get(router, path, &[("accept", "text/html")]).await;
            assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
            assert!(
                page.text().contains("A page fell out."),
                "{path}: {}",
                page.text()
            );
            assert!(
                !page.text().contains("invalid digit"),
                "causes are for the log"
            );
            let json = get(router, path, &[("accept", "application/json")]).await;
            assert_eq!(json.json()["error"]["code"], "internal");
        }
    });
}

#[test]
fn a_route_that_cannot_be_is_refused_with_its_path() {
    let directory = Directory::new(&[]);
    let app = directory
        .app()
        .page("/a/{b}", own_product)
        .page("/a/{c}", own_product);
    let refused = runtime()
        .block_on(app.router())
        .err()
        .map(|error| error.to_string());
    let refused = refused.unwrap_or_default();
    assert!(
        refused.contains("`/a/{b}`") && refused.contains("`/a/{c}`"),
        "{refused}"
    );
}

#[test]
fn sources_of_the_security_policy_are_configured_and_checked() {
    let directory = Directory::new(&[]);
    let app = directory.app().configure(|config| {
        config.csp.frame.push("https://pay.example".to_owned());
        config.csp.script.push("https://*.pay.example".to_owned());
    });
    runtime().block_on(async {
        let page = get(&router(app).await, "/collections/all", &[]).await;
        let policy = page.header("content-security-policy");
        assert!(
            policy.contains("frame-src 'self' https://pay.example"),
            "{policy}"
        );
        assert!(
            policy.contains("'wasm-unsafe-eval' https://*.pay.example;"),
            "{policy}"
        );
    });
}
