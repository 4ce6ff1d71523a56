//! Whatever is sent, the shop answers: never a 5xx, never a panic, always with its security
//! headers.

use axum::http::{HeaderName, HeaderValue, Method, Request, Uri};
use proptest::prelude::*;

use super::visitor::{Answer, Visitor, visit};

const PATHS: [&str; 14] = [
    "/",
    "/products/x",
    "/products/",
    "/collections/all",
    "/collections/x",
    "/search",
    "/search/suggest",
    "/cart",
    "/cart/add",
    "/cart/update",
    "/cart/remove",
    "/healthz",
    "/static/theme.css",
    "/_protium/x",
];

/// Never a 5xx; whoever is refused gets a page of the shop, or JSON where that was asked for.
fn is_sound(answer: &Answer) -> Result<(), TestCaseError> {
    let Answer {
        status, headers, ..
    } = answer;
    prop_assert!(!status.is_server_error(), "{status}: {}", answer.text());
    if *status == 304 {
        prop_assert!(answer.body.is_empty());
        return Ok(());
    }
    prop_assert!(headers.contains_key("content-security-policy"));
    prop_assert!(!answer.body.is_empty() || status.is_redirection());
    if status.is_client_error() && !headers.contains_key("content-encoding") {
        let text = answer.text();
        if answer.header("content-type") == "application/json" {
            let error: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            prop_assert!(error["error"]["code"].is_string(), "{text}");
        } else {
            prop_assert!(text.contains("<header class=\"site-header\">"), "{text}");
        }
    }
    Ok(())
}

fn config() -> ProptestConfig {
    let cases = if tests::long() { 4000 } else { 120 };
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_query_is_answered(
        path in prop::sample::select(&PATHS[..]),
        name in prop::sample::select(
            vec!["q", "sort", "cursor", "direction", "variant", "Size", "x"]
        ),
        value in prop::collection::vec(any::<u8>(), 0..200),
        raw in "[!-~&&[^#\"<>\\\\^`{|}]]{0,60}",
    ) {
        let value: String = value.iter().map(|byte| format!("%{byte:02x}")).collect();
        let uri = format!("{path}?{name}={value}&{raw}");
        prop_assume!(uri.parse::<Uri>().is_ok());
        visit(async { is_sound(&Visitor::new().opens(&uri).await) })?;
    }

    #[test]
    fn any_path_is_answered(path in "/[!-~&&[^#?\"<>\\\\^`{|}]]{0,80}") {
        prop_assume!(path.parse::<Uri>().is_ok());
        visit(async { is_sound(&Visitor::new().opens(&path).await) })?;
    }

    #[test]
    fn any_cookie_is_answered(
        path in prop::sample::select(&PATHS[..]), cookie in "[ -~]{0,300}", named in any::<bool>()
    ) {
        let cookie = if named { format!("protium={cookie}") } else { cookie };
        visit(async { is_sound(&Visitor::with_cookie(&cookie).opens(path).await) })?;
    }

    #[test]
    fn any_form_is_answered(
        path in prop::sample::select(vec!["/cart/add", "/cart/update", "/cart/remove"]),
        names in prop::collection::vec(
            prop::sample::select(vec!["variant_id", "quantity", "line", "return_to", "x"]), 0..6
        ),
        values in prop::collection::vec("\\PC{0,30}|-?[0-9]{0,25}", 6),
        raw in "[ -~]{0,100}",
        kind in prop::sample::select(
            vec![
                "application/x-www-form-urlencoded", "application/json", "multipart/form-data",
                "x"
            ]
        ),
    ) {
        let form: Vec<String> = names.iter().zip(&values).map(
            |(name, value)| format!("{name}={value}")
        ).collect();
        let body = format!("{}&{raw}", form.join("&"));
        visit(async {
            let request = Request::post(path).header(
                "sec-fetch-site", "same-origin"
            ).header("content-type", kind);
            is_sound(&Visitor::new().sends(request, &body).await)
        })?;
    }

    #[test]
    fn any_cookie_with_a_form_is_a_new_session(cookie in "[ -~]{0,200}", named in any::<bool>()) {
        let cookie = if named { format!("protium={cookie}") } else { cookie };
        visit(async {
            let answer = Visitor::with_cookie(&cookie).calls(
                "/cart/update", &[("line", "1"), ("quantity", "1")]
            ).await;
            is_sound(&answer)?;
            prop_assert_eq!(&answer.json()["error"]["code"], "unknown_cart");
            Ok(())
        })?;
    }

    #[test]
    fn any_headers_and_methods_are_answered(
        path in prop::sample::select(&PATHS[..]),
        method in prop_oneof![Just("GET".to_owned()), Just("POST".to_owned()), "[A-Z]{1,8}"],
        headers in prop::collection::vec((
            prop_oneof![
                prop::sample::select(vec![
                    "accept", "accept-encoding", "accept-language", "cookie", "if-none-match",
                    "if-modified-since", "origin",
                    "x-forwarded-proto", "x-forwarded-for", "range", "content-type",
                    "content-length", "transfer-encoding",
                    "sec-fetch-site", "forwarded", "expect", "upgrade", "connection", "referer",
                    "user-agent",
                ]).prop_map(str::to_owned),
                "[a-z][a-z0-9-]{0,20}",
            ],
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..200),
                prop::sample::select(vec![
                    "*", "text/html", "application/json", "application/x-www-form-urlencoded",
                    "gzip, br;q=0", "same-origin",
                    "null", "bytes=0-", "bytes=9-1,-5", "W/\"x\", *", "protium=1.1.1.x", "-1",
                    "99999999999999999999", "chunked",
                ]).prop_map(|text| text.as_bytes().to_vec()),
            ],
        ), 0..6),
    ) {
        let method = Method::from_bytes(method.as_bytes()).expect("letters are a method");
        prop_assume!(method != Method::CONNECT && method != Method::HEAD);
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            if let (Ok(name), Ok(value)) = (
                HeaderName::try_from(name), HeaderValue::from_bytes(&value)
            ) {
                request = request.header(name, value);
            }
        }
        visit(async { is_sound(&Visitor::new().sends(request, "").await) })?;
    }
}

#[test]
fn what_is_too_large_is_refused_with_a_page() {
    visit(async {
        let mut visitor = Visitor::new();
        visitor
            .opens(&format!("/search?q={}", "a".repeat(9_000)))
            .await
            .is(414)
            .shows_a_page_of_the_shop();
        let large = Request::get("/").header("x-large", "a".repeat(40_000));
        visitor
            .sends(large, "")
            .await
            .is(431)
            .shows_a_page_of_the_shop();
        let form = Request::post("/cart/add")
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded");
        visitor
            .sends(form, &"a".repeat(70_000))
            .await
            .is(413)
            .shows_a_page_of_the_shop();
    });
}
