//! A shop's router, and what it answers.

use std::path::Path;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use protium::Shop;
use protium::config::{Config, Flags};
use tower::ServiceExt;

pub const STATUS: &str = "cache-status";

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// The page without the time it was made at.
    pub fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let Some((before, after)) = text.split_once("\"time\":") else {
            return text.into_owned();
        };
        let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
        format!("{before}{after}")
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

/// Opens the shop in `root` over this data directory, with these variables.
pub async fn open(root: &Path, data: &Path, vars: &[(&str, &str)]) -> (Shop, Config) {
    let flags = Flags {
        data: Some(data.to_owned()),
        ..Flags::default()
    };
    let vars = vars
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let config = Config::load(root, vars, &flags).expect("a configuration");
    let shop = Shop::open(root, config.clone()).await;
    (shop.expect("the shop opens"), config)
}

pub async fn send(router: &Router, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    send_body(router, method, path, headers, "").await
}

pub async fn send_body(
    router: &Router,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request
        .body(Body::from(body.to_owned()))
        .expect("a request");
    let response = router.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: axum::body::to_bytes(body, 8 << 20).await.expect("a body"),
    }
}

pub async fn get(router: &Router, path: &str, headers: &[(&str, &str)]) -> Answer {
    send(router, Method::GET, path, headers).await
}
