//! The operator's routes, behind `PROTIUM_OPERATOR_TOKEN`. Without a token they do not exist.
//!
//! - `GET /_protium/cache`: entries, hits and misses, the last purges.
//! - `POST /_protium/purge`: purges by `tag`, by `prefix` of the path, or `all`; with `soft`,
//!   entries become stale.
//! - `GET /_protium/prewarm`: state, regions, last runs, breakers.
//! - `GET /_protium/release`: which releases there are. `POST`: deploys what the shop's
//!   directory has; with `share`, for a share of the visitors; `promote` and `rollback`.
//! - `GET /_protium/metrics`: all of it for Prometheus.
//! - `/_protium/edge` and below it: what edge nodes ask (`nodes`).

mod metrics;
pub(crate) mod release;
mod state;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef, FromRequest, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, middleware};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::Shop;
use crate::edge_node::api;
use crate::http::error::HttpError;
use crate::http::operator_token::OperatorToken;
use crate::page_cache::cached_page;
use crate::request::info;
use crate::request::params::{Form, Params};
use protium_cache::Purge;
use protium_cache::purges::PastPurge;
use protium_types::Tag;
pub(crate) use state::OperatorState;

const CACHE: &str = "/_protium/cache";
const PREWARM: &str = "/_protium/prewarm";
const PURGE: &str = "/_protium/purge";
const METRICS: &str = "/_protium/metrics";
pub(crate) const RELEASE: &str = "/_protium/release";
/// All of them.
pub(crate) const ADDRESSES: [&str; 5] = [CACHE, PREWARM, PURGE, METRICS, RELEASE];

/// The routes of a shop; none without a token.
pub(crate) fn of_shop(shop: &Shop) -> Router<Shop> {
    let Some(token) = OperatorToken::new(&shop.config().operator_token) else {
        return Router::new();
    };
    let of_shops = Router::new()
        .route(RELEASE, get(release::show).post(release::act))
        .route(api::ORIGIN_INFO, get(api::origin_info))
        .route(
            api::PLAN,
            post(api::plan).layer(DefaultBodyLimit::max(api::MOST_PLAN_BYTES)),
        )
        .route(api::STOCK, get(api::stock))
        .route_layer(middleware::from_fn_with_state(token.clone(), guard));
    routes(token).merge(of_shops)
}

/// The routes that shops and edge nodes have.
pub(crate) fn routes<S>(token: OperatorToken) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    OperatorState: FromRef<S>,
{
    Router::new()
        .route(CACHE, get(cache))
        .route(PREWARM, get(prewarm))
        .route(PURGE, post(purge))
        .route(METRICS, get(metrics::show))
        .route_layer(middleware::from_fn_with_state(token, guard))
}

impl FromRef<Shop> for OperatorState {
    fn from_ref(shop: &Shop) -> OperatorState {
        OperatorState {
            cache: shop.cache().cloned(),
            prewarm: shop.prewarm_status(),
        }
    }
}

/// Middleware that checks the token. Responses are not cached, and errors are JSON.
async fn guard(State(token): State<OperatorToken>, request: Request, next: Next) -> Response {
    let client = info::forwarded(request.extensions());
    let client = client.and_then(|forwarded| forwarded.client);
    let mut response = match token.check(request.headers(), client).await {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    if let Some(refusal) = response.extensions().get::<HttpError>() {
        response = (refusal.status, Json(refusal.to_json(false))).into_response();
    }
    let status = response.status();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

async fn cache(State(operated): State<OperatorState>) -> Response {
    match operated.cache {
        Some(cache) => Json(cache.stats()).into_response(),
        None => Json(json!({ "cache": "off" })).into_response(),
    }
}

async fn prewarm(State(operated): State<OperatorState>) -> Response {
    match operated.prewarm {
        Some(status) => Json(status).into_response(),
        None => Json(json!({ "state": "off" })).into_response(),
    }
}

/// What to forget, as JSON, as a form, or in the query.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wanted {
    tag: Option<String>,
    prefix: Option<String>,
    all: bool,
    soft: bool,
}

/// What was done.
#[derive(Serialize)]
struct Purged {
    purged: Option<PastPurge>,
}

async fn purge(
    State(operated): State<OperatorState>,
    request: Request,
) -> Result<Response, HttpError> {
    let wanted = Wanted::read(request).await?;
    let purge = wanted.purge()?;
    let cache = operated.cache.ok_or_else(|| {
        let message = "Nothing is kept here (PROTIUM_CACHE=off, or development).";
        HttpError::new(StatusCode::CONFLICT, "cache_off", message)
    })?;
    cache.purge(&purge).await;
    // Others may have happened at the same time.
    let mut past = cache.stats().purges.into_iter();
    let purged = past.find(|past| past.is(&purge));
    Ok(Json(Purged { purged }).into_response())
}

impl Wanted {
    async fn read(request: Request) -> Result<Wanted, HttpError> {
        let is_json = is_of(request.headers(), "application/json");
        let is_form = is_of(request.headers(), "application/x-www-form-urlencoded");
        let query = Params::parse(request.uri().query().unwrap_or_default().as_bytes());
        if is_json {
            return match Json::from_request(request, &()).await {
                Ok(Json(wanted)) => Ok(wanted),
                Err(error) => Err(HttpError::new(error.status(), "invalid", error.body_text())),
            };
        }
        let mut wanted = Wanted::default();
        wanted.take(&query)?;
        if is_form {
            let Form(form) = Form::from_request(request, &()).await?;
            wanted.take(&form)?;
        }
        Ok(wanted)
    }

    fn take(&mut self, params: &Params) -> Result<(), HttpError> {
        for (name, value) in params.iter() {
            let is_set = !matches!(value, "0" | "false" | "no");
            match name {
                "tag" => self.tag = Some(value.to_owned()),
                "prefix" => self.prefix = Some(value.to_owned()),
                "all" => self.all = is_set,
                "soft" => self.soft = is_set,
                _ => return Err(unclear()),
            }
        }
        Ok(())
    }

    fn purge(self) -> Result<Purge, HttpError> {
        let purge = match (self.tag, self.prefix, self.all) {
            (Some(tag), None, false) => Purge::tag(tag.parse::<Tag>().map_err(|_| unclear())?),
            (None, Some(path), false) if path.starts_with('/') => {
                Purge::prefix(format!("{}{path}", cached_page::KIND))
            }
            (None, None, true) => Purge::all(),
            _ => return Err(unclear()),
        };
        if !purge.is_sound() {
            return Err(unclear());
        }
        Ok(if self.soft { purge.soft() } else { purge })
    }
}

fn is_of(headers: &HeaderMap, kind: &str) -> bool {
    let content = headers.get(CONTENT_TYPE);
    content.is_some_and(|value| value.as_bytes().starts_with(kind.as_bytes()))
}

fn unclear() -> HttpError {
    let message =
        "One of tag=product:17, prefix=/products/ and all=1 is needed; soft=1 may be with it.";
    HttpError::new(StatusCode::BAD_REQUEST, "invalid", message)
}
