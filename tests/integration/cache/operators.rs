//! What operators see and do.

use axum::Router;
use axum::http::{Method, StatusCode};
use tempfile::TempDir;

use super::premises::{Answer, STATUS, get, open, send, send_body};

const TOKEN: &str = "Bearer the operator's own, 32 bytes or longer";
const PAGE: &str = "/collections/all";

async fn shop(vars: &[(&str, &str)]) -> (Router, TempDir) {
    let data = TempDir::new().expect("a directory");
    let root = tests::workspace::path("example-store");
    let (shop, _) = open(&root, data.path(), vars).await;
    (shop.router(), data)
}

async fn shop_with_a_token() -> (Router, TempDir) {
    shop(&[(
        "PROTIUM_OPERATOR_TOKEN",
        "the operator's own, 32 bytes or longer",
    )])
    .await
}

async fn purge(router: &Router, query: &str) -> Answer {
    let path = format!("/_protium/purge{query}");
    send(router, Method::POST, &path, &[("authorization", TOKEN)]).await
}

/// What the cache says of this page: `hit`, `miss` or something else.
async fn how(router: &Router, path: &str) -> &'static str {
    let answer = get(router, path, &[]).await;
    match answer.header(STATUS) {
        status if status.contains("; hit; ttl=-") => "stale",
        status if status.contains("; hit; ttl=0") => "stale",
        status if status.contains("; hit") => "hit",
        status if status.contains("uri-miss") => "miss",
        _ => "other",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_there_is_nothing_for_operators() {
    let (router, _data) = shop(&[]).await;
    for path in ["/_protium/cache", "/_protium/metrics", "/_protium/purge"] {
        let answer = get(&router, path, &[("authorization", TOKEN)]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_operator_is_let_in() {
    let (router, _data) = shop_with_a_token().await;
    for path in ["/_protium/cache", "/_protium/metrics"] {
        for authorization in ["", "Bearer", "Bearer wrong", "Basic dGhlOm93bg=="] {
            let answer = get(&router, path, &[("authorization", authorization)]).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
            assert_eq!(answer.json()["error"]["code"], "operator_token");
        }
        let answer = get(&router, path, &[("authorization", TOKEN)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let refused = send(&router, Method::POST, "/_protium/purge?all=1", &[]).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_for_ten_thousand_tags_is_made() {
    let (router, _data) = shop_with_a_token().await;
    let ask = async |tags: usize| {
        let tags: Vec<String> = (0..tags).map(|id| format!("product:{id:0>16}")).collect();
        let body = serde_json::json!({ "tags": tags }).to_string();
        let headers = [
            ("authorization", TOKEN),
            ("content-type", "application/json"),
        ];
        send_body(
            &router,
            Method::POST,
            "/_protium/edge/plan",
            &headers,
            &body,
        )
        .await
    };
    let plan = ask(10_000).await;
    assert_eq!(plan.status, StatusCode::OK, "{}", plan.text());
    let targets = plan.json()["targets"].as_array().map(Vec::len);
    assert!(
        targets.is_some_and(|targets| targets > 10),
        "{}",
        plan.text()
    );
    assert_eq!(ask(10_001).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(ask(200_000).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_reaches_what_it_names_and_nothing_else() {
    let (router, _data) = shop_with_a_token().await;
    for (query, page, home) in [
        ("?prefix=/collections/", "miss", "hit"),
        ("?prefix=/products/", "hit", "hit"),
        ("?tag=template:collection.html", "miss", "hit"),
        ("?tag=template:home.html&soft=1", "hit", "stale"),
        ("?all=1", "miss", "miss"),
        ("?all=1&soft=1", "stale", "stale"),
    ] {
        for path in [PAGE, "/"] {
            while how(&router, path).await != "hit" {
                tokio::task::yield_now().await;
            }
        }
        let answer = purge(&router, query).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
        assert_eq!(how(&router, PAGE).await, page, "{query}");
        assert_eq!(how(&router, "/").await, home, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_comes_as_query_form_or_json_and_says_what_it_did() {
    let (router, _data) = shop_with_a_token().await;
    let token = ("authorization", TOKEN);
    let expected = serde_json::json!({ "kind": "tag", "name": "product:17", "soft": true });
    for (path, kind, body) in [
        ("/_protium/purge?tag=product:17&soft=1", "", ""),
        (
            "/_protium/purge",
            "application/x-www-form-urlencoded",
            "tag=product%3A17&soft=1",
        ),
        (
            "/_protium/purge",
            "application/json",
            r#"{"tag":"product:17","soft":true}"#,
        ),
    ] {
        let headers = [token, ("content-type", kind)];
        let answer = send_body(&router, Method::POST, path, &headers, body).await;
        let mut done = answer.json()["purged"].clone();
        let at = done.as_object_mut().and_then(|done| done.remove("at"));
        assert!(at.is_some_and(|at| at.is_u64()));
        assert_eq!(done, expected);
    }
    for unclear in [
        "",
        "?tag=a&all=1",
        "?prefix=products",
        "?tag=",
        "?tga=product:17",
    ] {
        let answer = purge(&router, unclear).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{unclear}");
        assert_eq!(answer.json()["error"]["code"], "invalid");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_how_well_the_cache_serves() {
    let (router, _data) = shop_with_a_token().await;
    for _ in 0..3 {
        get(&router, PAGE, &[]).await;
    }
    purge(&router, "?tag=product:17").await;
    let seen = get(&router, "/_protium/cache", &[("authorization", TOKEN)]).await;
    let seen = seen.json();
    assert_eq!(
        (seen["hits"].as_u64(), seen["misses"].as_u64()),
        (Some(2), Some(1))
    );
    assert!(seen["hit_ratio"].as_f64().expect("a number") > 0.6);
    assert!(seen["bytes"].as_u64().expect("a number") > 10_000);
    assert_eq!(seen["entries"], 1);
    let hottest = seen["hottest"][0]["key"].as_str().expect("a key");
    assert!(hottest.starts_with("page/collections/all "));
    assert_eq!(seen["purges"][0]["name"], "product:17");
    let metrics = get(&router, "/_protium/metrics", &[("authorization", TOKEN)]).await;
    assert!(
        metrics
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    let metrics = metrics.text();
    for line in [
        "# TYPE protium_cache_hits counter",
        "protium_cache_hits_total 2",
        "protium_cache_misses_total 1",
        "protium_cache_entries 1",
    ] {
        assert!(
            metrics.lines().any(|there| there == line),
            "{line}\n{metrics}"
        );
    }
    assert!(metrics.ends_with("# EOF\n"));
}
