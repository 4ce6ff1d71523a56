//! Proxies requests that are not cached to the shop: bounded in time and size, streamed without a
//! buffer.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONNECTION, VIA};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use http_body_util::Limited;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use parking_lot::Mutex;
use tower_http::timeout::TimeoutBody;

use crate::edge_node::Bypass;
use crate::edge_node::Node;
use crate::edge_node::errors;
use crate::edge_node::headers;
use crate::edge_node::origin::{OriginError, Unfinished};
use crate::edge_node::origin_state::OriginState;
use crate::http::serve::Connection;
use crate::request::session::Session;
use protium_cache::http::status::CACHE_STATUS;

/// The most bytes that a visitor may send, and that the shop may answer.
const MOST_SENT: usize = 1 << 20;
const MOST_ANSWERED: usize = 256 << 20;
/// The time until the head of the response. The shop's own limit is shorter.
const HEAD: Duration = Duration::from_secs(35);
/// The time between two parts of the body.
const BODY_IDLE: Duration = Duration::from_secs(30);

/// Passes a request on, and the answer back.
pub async fn pass(
    node: &Node,
    origin_state: Option<&OriginState>,
    request: Request,
    why: Bypass,
) -> Response {
    let (parts, body) = request.into_parts();
    let sent = tokio::time::timeout(HEAD, send(node, &parts, body)).await;
    match sent.unwrap_or(Err(OriginError::TimedOut)) {
        Ok(mut response) => {
            let connection = parts.extensions.get::<Connection>();
            if connection.is_some_and(Connection::owes_body) {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            if let Some(key) = origin_state.and_then(|origin_state| origin_state.sessions.as_ref())
                && let Some(session) = Session::of_answer(response.headers(), key)
            {
                node.0.cart_counts.remember(&session);
            }
            response.headers_mut().append(CACHE_STATUS, node.past(why));
            response
        }
        Err(error) => errors::origin_failed(origin_state, &parts, &error),
    }
}

async fn send(node: &Node, parts: &Parts, body: Body) -> Result<Response, OriginError> {
    let hint = body.size_hint();
    if hint.lower() > MOST_SENT as u64 {
        return Err(OriginError::LargeRequest);
    }
    let body = match hint.exact() {
        Some(0) => None,
        _ => Some(reqwest::Body::wrap(Limited::new(
            Shared(Mutex::new(body)),
            MOST_SENT,
        ))),
    };
    let (mut request, ()) = http::Request::new(()).into_parts();
    request.method = parts.method.clone();
    request.uri = parts.uri.clone();
    request.headers = headers::to_the_shop(node, parts);
    let response = http::Response::from(node.0.origin.send(request, body).await?);
    let (mut parts, body) = response.into_parts();
    if parts.status.is_informational() {
        return Err(OriginError::Status(parts.status));
    }
    headers::end_to_end(&mut parts.headers);
    parts.headers.append(VIA, headers::via(node));
    // Nothing of the connection to the shop.
    let mut response = http::Response::new(Body::empty());
    *response.status_mut() = parts.status;
    *response.headers_mut() = parts.headers;
    if parts.status != StatusCode::NOT_MODIFIED && parts.status != StatusCode::NO_CONTENT {
        let body = Limited::new(body, MOST_ANSWERED);
        *response.body_mut() = Body::new(TimeoutBody::new(BODY_IDLE, body));
    }
    Ok(response)
}

/// A body that several threads may hold, though only one reads it: what the client asks of bodies.
struct Shared(Mutex<Body>);

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = Unfinished;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Unfinished>>> {
        let frame = Pin::new(self.0.get_mut()).poll_frame(context);
        frame.map(|frame| frame.map(|frame| frame.map_err(Unfinished)))
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().size_hint()
    }
}
