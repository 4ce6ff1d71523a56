//! Errors of a node: a page, or JSON for programs.

use std::fmt::Display;
use std::time::Instant;

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use crate::edge_node::origin::OriginError;
use crate::edge_node::origin_state::OriginState;
use crate::http::error::{HttpError, wants_json};
use crate::http::messages::{BUILT_IN, ENGLISH, headline};
use crate::http::serve::Connection;
use protium_cache::LoadError;
use protium_types::LogQuota;

/// Limits the log lines about failed requests: while the shop cannot be reached, each fails.
static FAILURES: LogQuota = LogQuota::new();

/// The shop did not answer.
pub fn origin_failed(
    origin_state: Option<&OriginState>,
    request: &Parts,
    error: &OriginError,
) -> Response {
    let connection = request.extensions.get::<Connection>();
    if connection.is_some_and(Connection::owes_body) {
        let mut response = with_status(origin_state, request, StatusCode::REQUEST_TIMEOUT, error);
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
        return response;
    }
    with_status(origin_state, request, error.status(), error)
}

/// What was to be loaded could not be, and there is nothing older.
pub fn load_failed(origin_state: &OriginState, request: &Parts, error: &LoadError) -> Response {
    let status = match (error.cause::<OriginError>(), error) {
        (Some(error), _) => error.status(),
        (None, LoadError::TimedOut { .. }) => StatusCode::GATEWAY_TIMEOUT,
        (None, _) => StatusCode::BAD_GATEWAY,
    };
    with_status(Some(origin_state), request, status, error)
}

/// There is no answer but this status, for this reason.
pub fn with_status(
    origin_state: Option<&OriginState>,
    request: &Parts,
    status: StatusCode,
    why: &dyn Display,
) -> Response {
    response(
        origin_state,
        request,
        &HttpError::of_status(status).because(why),
    )
}

/// The response for an error.
pub fn response(
    origin_state: Option<&OriginState>,
    request: &Parts,
    error: &HttpError,
) -> Response {
    let status = error.status;
    if status.is_server_error()
        && let Some(suppressed) = FAILURES.admit(Instant::now())
    {
        let (method, path) = (&request.method, request.uri.path());
        let cause = error.cause.as_deref().unwrap_or("unknown");
        let status = status.as_u16();
        tracing::warn!(status, %method, path, cause, suppressed, "a request failed");
    }
    let (kind, body) = match wants_json(&request.headers) {
        true => ("application/json", error.to_json(false).to_string()),
        false => ("text/html; charset=utf-8", page(error)),
    };
    let nothing = "default-src 'none'; frame-ancestors 'none'";
    let headers = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "private, no-store"),
        (CONTENT_SECURITY_POLICY, nothing),
    ];
    let mut response = (status, headers, body).into_response();
    let headers = response.headers_mut();
    if let Some(origin_state) = origin_state {
        origin_state.security.apply(status, headers);
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// Its words are those of the theme's messages in this program: nothing in it needs escaping.
fn page(error: &HttpError) -> String {
    let headline = headline(error.status, &BUILT_IN, &ENGLISH);
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{headline}</title></head>\
         <body><main><h1>{headline}</h1><p>{message}</p></main></body></html>",
        message = error.message,
    )
}
