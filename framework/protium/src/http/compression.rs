//! Compression of responses that were made for one request. Cached pages and files are stored
//! compressed, and are left as they are.

use std::convert::Infallible;

use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request};
use tower::ServiceExt;
use tower_http::CompressionLevel;
use tower_http::compression::Compression;

/// The response in a coding that the request accepts.
pub async fn compressed(asked: &HeaderMap, response: Response) -> Response {
    let mut request = Request::new(Body::empty());
    request.headers_mut().clone_from(asked);
    let mut made = Some(response);
    let answer = move |_: Request<Body>| {
        std::future::ready(Ok::<_, Infallible>(made.take().unwrap_or_default()))
    };
    let service = Compression::new(tower::service_fn(answer)).quality(CompressionLevel::Fastest);
    let Ok(response) = service.oneshot(request).await;
    response.map(Body::new)
}

/// Whether a response was made for its request, and has no coding yet.
pub fn is_wanted(headers: &HeaderMap) -> bool {
    !headers.contains_key(CONTENT_ENCODING)
        && headers.get(CONTENT_TYPE).is_some_and(is_page_or_json)
}

/// Whether this is the content type of HTML or JSON.
pub fn is_page_or_json(kind: &HeaderValue) -> bool {
    let kind = kind.as_bytes();
    kind.starts_with(b"text/html") || kind.starts_with(b"application/json")
}
