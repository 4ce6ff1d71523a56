//! Development: every page has a script that keeps it as the shop's files are, and its facts for
//! the profiler.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::response::Response;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, ETAG};
use http_body_util::BodyExt;

use crate::app::profiler::facts::PageFacts;
use crate::release::Release;
use crate::release::live;

/// Where it goes: before the first of these that a page has.
const PLACES: [&[u8]; 2] = [b"</head>", b"<body"];

/// Adds the script to a page. What is no whole page stays as it is.
pub async fn added(release: &Release, page: Response) -> Response {
    let Some(script) = release.assets.dev_script() else {
        return page;
    };
    if page.headers().contains_key(CONTENT_ENCODING) {
        return page;
    }
    let name = live::name(release);
    let script = format!(
        "<script type=\"module\" async src=\"{script}\" data-go-release=\"{name}\"></script>"
    );
    let (mut head, body) = page.into_parts();
    // It was made in memory; if it fails, so does the response.
    let html = match body.collect().await {
        Ok(html) => html.to_bytes(),
        Err(error) => {
            let failing = futures_util::stream::once(async { Err::<Bytes, _>(error) });
            return Response::from_parts(head, Body::from_stream(failing));
        }
    };
    head.extensions
        .insert(Arc::new(PageFacts::of(release, &html)));
    let Some(at) = PLACES.iter().find_map(|place| find(&html, place)) else {
        return Response::from_parts(head, Body::from(html));
    };
    head.headers.remove(CONTENT_LENGTH);
    head.headers.remove(ETAG);
    let (before, after) = html.split_at(at);
    let html = [before, script.as_bytes(), after].concat();
    Response::from_parts(head, Body::from(html))
}

fn find(html: &[u8], place: &[u8]) -> Option<usize> {
    html.windows(place.len()).position(|part| part == place)
}
