//! The shop's side of an edge node: what it is, and its public pages with their holes, for requests
//! with the operator token.

use std::net::IpAddr;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderName, StatusCode};
use serde::{Deserialize, Serialize};

use crate::app::Shop;
use crate::edge_node::origin_info::OriginInfo;
use crate::http::error::HttpError;
use crate::http::operator_token::{self, OperatorToken};
use crate::page_cache::cached_page::{CachedPage, Stored};
use crate::page_cache::page_bytes;
use crate::prewarm::answers;
use crate::prewarm::job::{Choice, Plan, Targets};
use crate::prewarm::sku::Stock;
use crate::prewarm::sku::StockDatabase;
use crate::release::Release;
use crate::request::declared_params::DeclaredParams;
use crate::request::info;
use crate::request::params::Params;
use protium_cache::{Found, How};
use protium_types::{Region, Tag};

/// Where a node asks who the shop is.
pub const ORIGIN_INFO: &str = "/_protium/edge";
/// Where a node asks what there is to prewarm: a POST with a [`Choice`] as JSON.
pub const PLAN: &str = "/_protium/edge/plan";
/// Where a node asks what there is of a SKU: `?sku=`.
pub const STOCK: &str = "/_protium/edge/stock";
/// The header of a request for a page with holes; its value is the node's region.
pub const REGION: HeaderName = HeaderName::from_static("protium-edge");
/// The operator token on a request that a node passes on: its forwarded headers are trusted.
pub const TOKEN: HeaderName = HeaderName::from_static("protium-node");
/// The type of a page with holes.
pub const PAGE: &str = "application/vnd.protium.page";
/// The most SKUs, or tags, that a node can ask a plan for.
pub const MOST_PLANNED: usize = 10_000;
/// The most bytes of such a question: SKUs have up to 128.
pub const MOST_PLAN_BYTES: usize = 2 << 20;

/// What is known of a page besides itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// [`OriginInfo::generation`] of the shop that made it.
    pub generation: String,
    /// How long ago it was made, in milliseconds.
    pub age: u64,
    /// How much longer it is fresh, in milliseconds.
    pub fresh_for: u64,
    /// What it depends on.
    pub tags: Vec<Tag>,
    /// The parameters that it declares itself.
    #[serde(default)]
    pub params: DeclaredParams,
    /// The headers that its handler set.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
}

/// Whether a request comes from a node: it has the token, which is removed.
pub async fn is_node(shop: &Shop, headers: &mut HeaderMap, peer: Option<IpAddr>) -> bool {
    let Some(shown) = headers.remove(TOKEN) else {
        return false;
    };
    let token = OperatorToken::new(&shop.config().operator_token);
    let is_node = token.is_some_and(|token| token.is(&shown));
    if !is_node {
        operator_token::wrong(peer).await;
    }
    is_node
}

/// Marks a request that is a node's, for a page with holes: with the region whose stock and prices
/// the page shows.
pub async fn mark(shop: &Shop, request: &mut Parts) {
    let headers = &mut request.headers;
    let Some(named) = headers.get(REGION) else {
        return;
    };
    let Some(token) = OperatorToken::new(&shop.config().operator_token) else {
        return;
    };
    let client = info::forwarded(&request.extensions);
    let client = client.and_then(|forwarded| forwarded.client);
    if token.check(headers, client).await.is_err() {
        return;
    }
    let named = named
        .to_str()
        .ok()
        .filter(|name| protium_types::is_region(name));
    request.extensions.insert(FromEdgeNode(()));
    // Without answers all regions have the same pages.
    if let Some(region) = named
        .filter(|_| shop.answers().is_some())
        .and_then(Region::new)
    {
        request.extensions.insert(region);
    }
    headers.remove(AUTHORIZATION);
}

/// A request that a node made, which has shown the operator token: it is answered with the page and
/// its holes. Lies in the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct FromEdgeNode(());

/// Whether a request is a node's, for a page with holes.
pub fn is_marked(request: &Extensions) -> bool {
    request.get::<FromEdgeNode>().is_some()
}

/// A page with its holes, for a node.
pub fn page(release: &Release, cached: &CachedPage, found: &Found<Stored>) -> Response {
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let facts = Facts {
        generation: release.origin_info.generation.clone(),
        age: millis(found.age),
        fresh_for: millis(found.fresh_for()),
        tags: found.tags().filter_map(|tag| tag.parse().ok()).collect(),
        params: cached.params().clone(),
        headers: cached.header_pairs(),
    };
    // What is not stored has no tags that a purge would find it by.
    match page_bytes::encode(&facts, cached.page()).filter(|_| found.how != How::Unshared) {
        Some(bytes) => for_node(StatusCode::OK, bytes),
        None => not_cached(),
    }
}

/// For a node: what it asked for is made for each visitor.
pub fn not_cached() -> Response {
    for_node(StatusCode::NO_CONTENT, Bytes::new())
}

fn for_node(status: StatusCode, bytes: Bytes) -> Response {
    let headers = [(CONTENT_TYPE, PAGE), (CACHE_CONTROL, "private, no-store")];
    (status, headers, bytes).into_response()
}

/// Who this shop is.
pub async fn origin_info(State(shop): State<Shop>) -> Json<OriginInfo> {
    Json(shop.release().origin_info.clone())
}

/// What there is to prewarm, in a bounded choice.
pub async fn plan(
    State(shop): State<Shop>,
    Json(choice): Json<Choice>,
) -> Result<Json<Plan>, HttpError> {
    let is_bounded = match &choice {
        Choice::Most(most) => *most <= MOST_PLANNED,
        Choice::Tags(names) | Choice::Skus(names) => names.len() <= MOST_PLANNED,
        Choice::All | Choice::Viewed(_) | Choice::Collection(_) => false,
    };
    if !is_bounded {
        return Err(HttpError::of_status(StatusCode::BAD_REQUEST));
    }
    let plan = shop.stock().plan(&choice).await;
    plan.map(Json).map_err(HttpError::internal)
}

/// What there is of a SKU; null when the shop does not have it.
pub async fn stock(
    State(shop): State<Shop>,
    params: Params,
) -> Result<Json<Option<Stock>>, HttpError> {
    let sku = params.get("sku").filter(|sku| answers::is_sku(sku));
    let sku = sku.ok_or_else(|| HttpError::of_status(StatusCode::BAD_REQUEST))?;
    let stock = shop.stock().stock(sku).await;
    stock.map(Json).map_err(HttpError::internal)
}
