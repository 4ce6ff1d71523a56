//! The span of a request, with name and attributes of OpenTelemetry's conventions for HTTP servers.

use std::fmt;
use std::pin::pin;

use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use http::{HeaderName, Method, StatusCode};
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::server_timing::{self, REQUEST, TARGET};

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Handles a request in a span of its own, and adds `Server-Timing` to the response, unless it has
/// the header already: it may come from an origin.
pub async fn around<F>(request: Request, handle: impl FnOnce(Request) -> F) -> Response
where
    F: Future<Output = Response>,
{
    let span = of(&request);
    let mut handling = pin!(handle(request).instrument(span));
    let mut response = handling.as_mut().await;
    let span = handling.span();
    record_status(span, response.status());
    if let Some(value) = server_timing::header(span) {
        let headers = response.headers_mut();
        headers.entry(SERVER_TIMING).or_insert(value);
    }
    response
}

/// At level debug: logs show it with `RUST_LOG=protium=debug`.
pub(super) fn of(request: &Request) -> Span {
    let method = request.method();
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map(MatchedPath::as_str);
    tracing::debug_span!(
        target: TARGET,
        REQUEST,
        otel.kind = "server",
        otel.name = %Name { method, route },
        http.request.method = method.as_str(),
        http.route = route,
        http.response.status_code = Empty,
        url.path = request.uri().path(),
        error.type = Empty,
    )
}

/// The span's name, with low cardinality: method and route.
struct Name<'a> {
    method: &'a Method,
    route: Option<&'a str>,
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Name { method, route } = self;
        match route {
            Some(route) => write!(f, "{method} {route}"),
            None => write!(f, "{method}"),
        }
    }
}

fn record_status(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("error.type", status.as_str());
    }
}
