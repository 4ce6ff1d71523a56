//! The product page from askama's templates.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use peers::{Data, Failure, Group, Variant};
use serde::Deserialize;

fn main() -> Result<(), Failure> {
    let data = Arc::new(peers::data()?);
    peers::serve(|| {
        Router::new()
            .route("/products/{handle}", get(product))
            .with_state(data)
    })
}

#[derive(Deserialize)]
struct Chosen {
    variant: Option<i64>,
}

#[derive(Template)]
#[template(path = "product.html")]
struct Product<'a> {
    data: &'a Data,
    variant: &'a Variant,
    groups: Vec<Group>,
    /// Pieces in the cart.
    cart: u64,
}

async fn product(
    Path(handle): Path<String>,
    Query(chosen): Query<Chosen>,
    State(data): State<Arc<Data>>,
) -> Result<Html<String>, StatusCode> {
    let product = Some(&data.product).filter(|product| product.choice.handle == handle);
    let product = product.ok_or(StatusCode::NOT_FOUND)?;
    let variant = product.choice.variant(chosen.variant);
    let variant = variant.ok_or(StatusCode::NOT_FOUND)?;
    let page = Product {
        data: &data,
        variant,
        groups: product.choice.groups(variant),
        cart: 0,
    };
    let html = page.render();
    html.map(Html)
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}
