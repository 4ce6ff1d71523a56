//! The pages that everybody sees: home, product, collection, search.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use tera::Context;

use super::Shop;
use super::visit::Visit;
use crate::commerce::{Direction, PageRequest, Product, Sort};
use crate::web::params::Params;
use crate::web::refusal::Refusal;

/// Cards on the front page.
const FEATURED: u32 = 8;
/// Collections on the front page.
const COLLECTIONS: u32 = 12;
/// Cards beside a product.
const RELATED: u32 = 4;

pub async fn home(State(shop): State<Shop>, visit: Visit) -> Result<Response, Refusal> {
    let asking = shop.asking();
    let first = PageRequest {
        size: FEATURED,
        ..PageRequest::default()
    };
    let (featured, collections) = tokio::try_join!(
        shop.catalogue().collection(&asking, "all", &first),
        shop.catalogue().collections(&asking, COLLECTIONS),
    )?;
    let mut context = Context::new();
    context.insert(
        "featured",
        &featured.map(|page| page.products).unwrap_or_default(),
    );
    context.insert("collections", &collections);
    visit.page(&shop, "home.html", context).await
}

pub async fn product(
    State(shop): State<Shop>,
    Path(handle): Path<String>,
    visit: Visit,
) -> Result<Response, Refusal> {
    let asking = shop.asking();
    let product = shop
        .catalogue()
        .product(&asking, &handle)
        .await?
        .ok_or_else(Refusal::not_found)?;
    let wanted = visit
        .params
        .get("variant")
        .and_then(|id| id.trim().parse().ok());
    let variant = product
        .select(wanted, visit.params.iter())
        .ok_or_else(Refusal::not_found)?;
    let mut context = Context::new();
    context.insert("variant", variant);
    context.insert_value("related", related(&shop, &product).await?);
    context.insert_value("product", shop.values().product(&product));
    visit.page(&shop, "product.html", context).await
}

/// Cards of the product's first collection, without the product itself.
async fn related(shop: &Shop, product: &Product) -> Result<tera::Value, Refusal> {
    let Some(collection) = product.collections.first() else {
        return Ok(tera::Value::from(Vec::<tera::Value>::new()));
    };
    let asking = shop.asking();
    let first = PageRequest {
        size: RELATED + 1,
        ..PageRequest::default()
    };
    let page = shop
        .catalogue()
        .collection(&asking, &collection.handle, &first)
        .await?;
    let mut cards = page.map(|page| page.products).unwrap_or_default();
    cards.retain(|card| card.id != product.id);
    cards.truncate(RELATED as usize);
    Ok(tera::Value::from_serializable(&cards))
}

pub async fn collection(
    State(shop): State<Shop>,
    Path(handle): Path<String>,
    visit: Visit,
) -> Result<Response, Refusal> {
    let page = shop
        .catalogue()
        .collection(&shop.asking(), &handle, &wanted_page(&visit.params))
        .await?;
    let page = page.ok_or_else(Refusal::not_found)?;
    let context = Context::from_serialize(&page).map_err(Refusal::internal)?;
    visit.page(&shop, "collection.html", context).await
}

pub async fn search(State(shop): State<Shop>, visit: Visit) -> Result<Response, Refusal> {
    let query = visit.params.get("q").unwrap_or_default();
    let page = shop
        .catalogue()
        .search(&shop.asking(), query, &wanted_page(&visit.params))
        .await?;
    let context = Context::from_serialize(&page).map_err(Refusal::internal)?;
    visit.page(&shop, "search.html", context).await
}

pub async fn suggest(State(shop): State<Shop>, params: Params) -> Result<Response, Refusal> {
    let query = params.get("q").unwrap_or_default();
    let suggestions = shop.catalogue().suggest(&shop.asking(), query).await?;
    Ok(([(CACHE_CONTROL, "public, max-age=30")], Json(suggestions)).into_response())
}

/// Which part of a list the query asks for. A sort or direction that does not exist is the default.
fn wanted_page(params: &Params) -> PageRequest {
    PageRequest {
        sort: params
            .get("sort")
            .and_then(|name| name.parse::<Sort>().ok())
            .unwrap_or_default(),
        cursor: params
            .get("cursor")
            .filter(|cursor| !cursor.is_empty())
            .map(str::to_owned),
        direction: params
            .get("direction")
            .and_then(|name| name.parse::<Direction>().ok())
            .unwrap_or_default(),
        ..PageRequest::default()
    }
}
