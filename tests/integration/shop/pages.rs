//! The pages everybody sees, their headers, and the files they name.

use axum::http::Request;
use axum::http::header::ACCEPT;
use tracing_subscriber::prelude::*;

use super::visitor::{Visitor, something_to_buy, visit};

#[test]
fn every_kind_of_page_is_there() {
    visit(async {
        let (handle, _) = something_to_buy().await;
        let mut visitor = Visitor::new();
        for path in [
            "/",
            "/collections/all",
            "/search",
            "/search?q=a",
            "/cart",
            &format!("/products/{handle}"),
        ] {
            visitor.opens(path).await.is(200).shows_a_page_of_the_shop();
        }
        assert_eq!(visitor.opens("/healthz").await.is(200).text(), "ok\n");
        visitor
            .opens("/products/no-such-thing")
            .await
            .is(404)
            .shows_a_page_of_the_shop();
        for path in ["/nowhere", "/pages/nothing", "/pages/..%2Flayout"] {
            visitor.opens(path).await.is(404).shows_a_page_of_the_shop();
        }
    });
}

#[test]
fn a_program_gets_its_errors_as_json() {
    visit(async {
        let error = Visitor::new()
            .asks_for_json("/nowhere")
            .await
            .is(404)
            .json();
        assert_eq!(error["error"]["code"], "not_found");
    });
}

#[test]
fn a_page_the_visitor_has_is_not_sent_again() {
    visit(async {
        let mut visitor = Visitor::new();
        let first = visitor.opens("/collections/all").await.is(200);
        assert_eq!(first.header("cache-control"), "public, no-cache");
        let tag = first.header("etag").to_owned();
        let again = visitor
            .sends(
                Request::get("/collections/all").header("if-none-match", &tag),
                "",
            )
            .await;
        // The clock of a page goes in minutes; a test that meets its change asks once more.
        if again.status == 200 {
            let tag = again.header("etag").to_owned();
            visitor
                .sends(
                    Request::get("/collections/all").header("if-none-match", &tag),
                    "",
                )
                .await
                .is(304);
            return;
        }
        let again = again.is(304);
        assert!(again.body.is_empty());
        assert!(
            !again.headers.contains_key("content-security-policy"),
            "the stored page has its policy already"
        );
    });
}

#[test]
fn head_is_get_without_a_body() {
    visit(async {
        for path in ["/", "/nowhere", "/static/theme.css"] {
            let answer = Visitor::new()
                .sends(Request::head(path).header(ACCEPT, "text/html"), "")
                .await;
            assert!(answer.body.is_empty(), "{path}");
        }
    });
}

#[test]
fn security_headers_are_on_every_answer() {
    visit(async {
        for path in ["/", "/nowhere", "/cart", "/static/theme.css"] {
            let answer = Visitor::new().opens(path).await;
            let policy = answer.header("content-security-policy");
            assert!(policy.contains("default-src 'self'"), "{path}: {policy}");
            assert!(
                !policy.contains("script-src 'self' 'unsafe-inline'"),
                "{path}: {policy}"
            );
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        }
    });
}

/// Steps are timed where the process has a subscriber with the layer.
fn timing_is_on() {
    let subscriber = tracing_subscriber::registry().with(protium::telemetry::server_timing());
    // Another test may have set it.
    let _ = subscriber.try_init();
}

#[test]
fn a_page_says_what_it_is_and_how_long_it_took() {
    visit(async {
        timing_is_on();
        let (handle, variant) = something_to_buy().await;
        let path = format!("/products/{handle}");
        // With a variant of its own: a page that is cached already takes no steps.
        let page = Visitor::new()
            .opens(&format!("{path}?variant={variant}"))
            .await
            .is(200);
        for step in ["data", "template", "guest", "splice", "total"] {
            let named = format!("{step};dur=");
            assert!(page.header("server-timing").contains(&named), "{step}");
        }
        let text = page.text();
        let head = text.split("</head>").next().expect("a head");
        for part in [
            "<title>".to_owned(),
            "<meta name=\"description\" content=\"".into(),
            format!("<link rel=\"canonical\" href=\"http://shop.example{path}\">"),
            "<link rel=\"preload\" as=\"fetch\" crossorigin href=\"/_protium/store-".into(),
        ] {
            assert_eq!(head.matches(&part).count(), 1, "{part} in {head}");
        }
        assert!(!head.contains("<title></title>") && !head.contains("content=\"\""));
    });
}

#[test]
fn every_file_a_page_names_is_there_and_may_be_kept() {
    visit(async {
        let (handle, _) = something_to_buy().await;
        let page = Visitor::new()
            .opens(&format!("/products/{handle}"))
            .await
            .is(200)
            .text();
        let mut files: Vec<&str> = page
            .split(['"', '\''])
            .filter(|text| {
                (text.starts_with("/static/") || text.starts_with("/_protium/"))
                    && !text.contains(' ')
            })
            .collect();
        files.sort_unstable();
        files.dedup();
        assert!(files.iter().any(|file| file.ends_with(".js")), "{files:?}");
        assert!(
            files.iter().any(|file| file.ends_with(".wasm")),
            "{files:?}"
        );
        assert!(files.iter().any(|file| file.ends_with(".css")), "{files:?}");
        for file in files {
            let answer = Visitor::new().opens(file).await.is(200);
            if file.ends_with(".js") || file.ends_with(".css") || file.ends_with(".wasm") {
                assert!(
                    answer.header("cache-control").contains("immutable"),
                    "{file}"
                );
            }
            if file.ends_with(".wasm") {
                assert_eq!(answer.header("content-type"), "application/wasm");
            }
        }
    });
}

#[test]
fn what_a_visitor_types_is_text_everywhere() {
    visit(async {
        for query in [
            "</script><script>alert(1)</script>",
            "<go-cart-badge>",
            "{{ shop.name }}",
            "\"><img src=x>",
            "<!--",
            "%00",
            "𝛑 عربى",
        ] {
            let encoded: String = query.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let page = Visitor::new()
                .opens(&format!("/search?q={encoded}"))
                .await
                .is(200);
            let page = page
                .shows_a_page_of_the_shop()
                .hides("<script>alert(1)")
                .hides("<img src=x>")
                .hides("\0");
            assert!(!page.text().contains("<go-cart-badge>"));
        }
    });
}

#[test]
fn a_variant_is_chosen_by_its_id_and_by_its_options() {
    visit(async {
        let all = Visitor::new()
            .opens("/collections/all")
            .await
            .is(200)
            .text();
        let handles = all
            .split("href=\"/products/")
            .skip(1)
            .filter_map(|rest| rest.split('"').next());
        for handle in handles {
            let page = Visitor::new()
                .opens(&format!("/products/{handle}"))
                .await
                .is(200)
                .text();
            let links: Vec<String> = page
                .split("class=\"pill")
                .skip(1)
                .filter_map(|rest| rest.split("href=\"").nth(1)?.split('"').next())
                .map(|link| link.replace("&amp;", "&"))
                .collect();
            let Some(link) = links.last() else { continue };
            let id = link
                .split("variant=")
                .nth(1)
                .expect("a link to a variant")
                .to_owned();
            Visitor::new()
                .opens(link)
                .await
                .is(200)
                .shows(&format!("name=\"variant_id\" value=\"{id}\""));
            return;
        }
        panic!("no product of the demo has options on the first page");
    });
}
