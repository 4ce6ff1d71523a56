//! The profiler of development: what the last requests took, step by step, what was sent, and why.
//!
//! - [`facts`]: a page's size and islands; [`profiles`]: the last requests; [`view`]: what is shown
//!   of them.

pub(crate) mod facts;
pub(crate) mod profiles;
mod view;

use std::sync::{Arc, LazyLock};

use axum::extract::{Path, Request, State};
use axum::response::{Html, IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue};
use serde::Serialize;
use tera::{Context, Tera};

use self::facts::PageFacts;
use crate::app::Shop;
use crate::app::profiler::profiles::Profiles;
use crate::http::assets;
use crate::http::error::HttpError;
use crate::http::middleware::Next;
use crate::telemetry::trace::{self, Trace};

/// The profiler's pages.
pub const LIST: &str = "/_protium/dev";
pub const REQUEST: &str = "/_protium/dev/requests/{number}";
pub const STYLE: &str = "/_protium/dev/profiler.css";

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

static TEMPLATES: LazyLock<Result<Tera, tera::Error>> = LazyLock::new(|| {
    let mut templates = Tera::new();
    templates.autoescape_on([""]);
    templates.add_raw_templates([
        ("layout", include_str!("../../../profiler/layout.html")),
        ("list", include_str!("../../../profiler/list.html")),
        ("request", include_str!("../../../profiler/request.html")),
    ])?;
    Ok(templates)
});

/// Keeps the last requests of a shop, where it is in development.
pub(crate) fn begin(dev: bool) -> Option<Profiles> {
    dev.then(|| {
        trace::keep();
        Profiles::default()
    })
}

/// Middleware around all others: keeps what a request took. Its `Server-Timing` names the page that
/// shows it.
pub(crate) async fn keep(shop: Shop, request: Request, next: Next) -> Response {
    let (Some(profiles), false) = (&shop.0.profiles, assets::is_file(request.uri().path())) else {
        return next.run(request).await;
    };
    let (method, target) = (request.method().clone(), request.uri().clone());
    let mut response = next.run(request).await;
    let extensions = response.extensions_mut();
    let trace = extensions.remove::<Arc<Trace>>();
    let page = extensions.remove::<Arc<PageFacts>>();
    let sent = (response.status(), response.headers());
    let number = profiles.add((method, &target), sent, (trace, page));
    let link = format!("profile;desc=\"{LIST}/requests/{number}\"");
    if let Ok(link) = HeaderValue::try_from(link) {
        response.headers_mut().append(SERVER_TIMING, link);
    }
    response
}

/// The last requests.
pub(crate) async fn list(State(shop): State<Shop>) -> Result<Response, HttpError> {
    let profiles = shop.0.profiles.as_ref().ok_or_else(HttpError::not_found)?;
    let profiles = profiles.all();
    let requests: Vec<view::Request> = profiles.iter().map(|one| view::Request::of(one)).collect();
    page("list", "requests", &requests)
}

/// One of the last requests.
pub(crate) async fn request(
    State(shop): State<Shop>,
    Path(number): Path<u64>,
) -> Result<Response, HttpError> {
    let profiles = shop.0.profiles.as_ref();
    let profile = profiles.and_then(|profiles| profiles.get(number));
    let profile = profile.ok_or_else(HttpError::not_found)?;
    page("request", "request", &view::Request::of(&profile))
}

/// The style of both.
pub(crate) async fn style(State(shop): State<Shop>) -> Result<Response, HttpError> {
    if shop.0.profiles.is_none() {
        return Err(HttpError::not_found());
    }
    let style = include_str!("../../../profiler/profiler.css");
    let kind = HeaderValue::from_static("text/css; charset=utf-8");
    Ok(([(CONTENT_TYPE, kind)], style).into_response())
}

fn page(template: &str, name: &'static str, value: &impl Serialize) -> Result<Response, HttpError> {
    let failed = |error: &tera::Error| HttpError::internal(error.to_string());
    let templates = TEMPLATES.as_ref().map_err(failed)?;
    let mut context = Context::new();
    context.insert(name, value);
    let html = templates.render(template, &context);
    Ok(Html(html.map_err(|error| failed(&error))?).into_response())
}
