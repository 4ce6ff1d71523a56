//! The layers and routes of a node.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use http::{Method, StatusCode};
use tower::{Service, ServiceBuilder, ServiceExt};
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::layers;
use crate::edge_node::Bypass;
use crate::edge_node::Node;
use crate::edge_node::errors;
use crate::edge_node::files;
use crate::edge_node::headers;
use crate::edge_node::pages;
use crate::edge_node::pass::pass;
use crate::http::assets;
use crate::http::forwarded::Forwarded;
use crate::http::operator_token::OperatorToken;
use crate::http::serve::Connection;
use crate::operator;
use crate::prewarm::prewarm_request::PrewarmRequest;
use crate::telemetry::{request_span, timed};
use protium_cache::http::Refused;

/// The node as a service.
pub fn service(
    node: Node,
) -> impl Service<
    Request,
    Response = Response,
    Error = Infallible,
    Future = impl Future<Output = Result<Response, Infallible>> + Send + 'static,
> + Clone
+ Send
+ Sync
+ 'static {
    let token = OperatorToken::new(&node.0.config.operator_token);
    let operators: Router = token.map_or_else(Router::new, |token| {
        operator::routes(token).with_state(node.clone())
    });
    let answer = tower::service_fn(move |mut request: Request| {
        let peer = Connection::peer_of(request.extensions());
        let trusted = &node.0.trusted_proxies;
        let forwarded = Forwarded::read(trusted, peer, false, request.headers(), request.uri());
        request.extensions_mut().insert(forwarded);
        let (node, operators) = (node.clone(), operators.clone());
        async move {
            match operator::ADDRESSES.contains(&request.uri().path()) {
                true => operators.oneshot(request).await,
                false => {
                    let answered =
                        request_span::around(request, |request| timed(answer(&node, request)));
                    Ok(answered.await)
                }
            }
        }
    });
    let service = ServiceBuilder::new()
        .layer(CatchPanicLayer::new())
        .service(answer);
    service.map_response(|response: http::Response<_>| response.map(Body::new))
}

async fn answer(node: &Node, request: Request) -> Response {
    let is_prewarm = request.extensions().get::<PrewarmRequest>().is_some();
    let _under_way = (!is_prewarm).then(|| node.0.visitor_requests.begin());
    let origin_state = node.origin_state();
    let (parts, body) = request.into_parts();
    let sound = layers::bounds(&parts.uri, &parts.headers)
        .and_then(|()| layers::codings(&parts.method, &parts.headers))
        .and_then(|()| headers::check(node, &parts));
    if let Err(refusal) = sound {
        return errors::response(origin_state.as_deref(), &parts, &refusal);
    }
    if parts.uri.path() == "/healthz" {
        return health(origin_state.is_some(), node.passes_on());
    }
    let Some(origin_state) = origin_state else {
        if node.passes_on() {
            let request = Request::from_parts(parts, body);
            return pass(node, None, request, Bypass::NotTrusted).await;
        }
        let why = "the origin has not answered yet";
        return errors::with_status(None, &parts, StatusCode::SERVICE_UNAVAILABLE, &why);
    };
    let path = parts.uri.path().to_owned();
    let request = Request::from_parts(parts, body);
    if let Some(declared) = origin_state.page(&path) {
        pages::answer(node, &origin_state, declared, request).await
    } else if assets::is_file(&path) {
        files::answer(node, &origin_state, request).await
    } else {
        let why = match *request.method() {
            Method::GET | Method::HEAD => Refused::Address,
            _ => Refused::Method,
        };
        pass(node, Some(&origin_state), request, Bypass::Refused(why)).await
    }
}

/// Whether the node can answer: not before the shop has answered it for the first time.
fn health(has_met: bool, passes_on: bool) -> Response {
    let (status, text) = match (has_met, passes_on) {
        (true, _) => (StatusCode::OK, "ok\n"),
        (false, true) => (StatusCode::OK, "ok, but nothing is cached: see the log\n"),
        (false, false) => (StatusCode::SERVICE_UNAVAILABLE, "waiting for the origin\n"),
    };
    (status, [(CACHE_CONTROL, "no-store")], text).into_response()
}
