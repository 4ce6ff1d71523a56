//! The span of a request, with name and attributes of OpenTelemetry's conventions for HTTP servers.

use std::fmt;

use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use futures_util::FutureExt;
use http::{Method, StatusCode};
use tracing::field::Empty;
use tracing::{Instrument, Span};

/// Target of the spans of requests and handlers, to tell them from other spans.
pub(super) const TARGET: &str = "protium::request";

/// Handles a request in a span of its own. Nobody reads it unless a subscriber asks for it: logs at
/// level debug, or an exporter.
pub fn around<F>(
    request: Request,
    handle: impl FnOnce(Request) -> F,
) -> impl Future<Output = Response>
where
    F: Future<Output = Response>,
{
    let span = of(&request);
    let response = handle(request).instrument(span.clone());
    response.map(move |response| {
        record_status(&span, response.status());
        response
    })
}

/// At level debug: logs show it with `RUST_LOG=protium=debug`.
fn of(request: &Request) -> Span {
    let method = request.method();
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map(MatchedPath::as_str);
    tracing::debug_span!(
        target: TARGET,
        "request",
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
