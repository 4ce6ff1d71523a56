//! The program of the shop: products as JSON, and components as HTML, for pages that are made
//! elsewhere. The cart is JSON for whoever accepts that: `/cart`, `/cart/add`, `/cart/update`.

use protium::commerce::{Collection, CollectionPage, PageRequest, Product, SearchPage};
use protium::prelude::*;
use protium::serde::Deserialize;
use protium::serde_json::json;

fn main() -> ExitCode {
    App::new(env!("CARGO_MANIFEST_DIR"))
        .route("/", get(collections))
        .route("/collections/{handle}", get(collection))
        .route("/products/{handle}", get(product))
        .route("/search", get(search))
        .page("/components/stock-level/{sku}", stock_level)
        .run()
}

/// What the address of a collection may say.
#[derive(Deserialize)]
#[serde(crate = "protium::serde")]
struct Listing {
    cursor: Option<String>,
}

/// What the address of a search may say.
#[derive(Deserialize)]
#[serde(crate = "protium::serde")]
struct Words {
    #[serde(default)]
    q: String,
    cursor: Option<String>,
}

async fn collections(catalogue: Catalogue) -> Result<Json<Vec<Collection>>> {
    Ok(Json(catalogue.collections(100).await?))
}

/// A page of a collection; `all` has every product. `page.next_cursor` of the answer is the
/// `cursor` of the next one.
async fn collection(
    catalogue: Catalogue,
    Path(handle): Path<String>,
    Params(Listing { cursor }): Params<Listing>,
) -> Result<Json<CollectionPage>> {
    let page = catalogue.collection(&handle, &after(cursor)).await?;
    Ok(Json(page.or_not_found()?))
}

async fn product(catalogue: Catalogue, Path(handle): Path<String>) -> Result<Json<Product>> {
    let product = catalogue.product(&handle).await?.or_not_found()?;
    Ok(Json(Product::clone(&product)))
}

async fn search(
    catalogue: Catalogue,
    Params(Words { q, cursor }): Params<Words>,
) -> Result<Json<SearchPage>> {
    Ok(Json(catalogue.search(&q, &after(cursor)).await?))
}

/// The page of a list that begins after a cursor.
fn after(cursor: Option<String>) -> PageRequest {
    PageRequest {
        cursor,
        ..PageRequest::default()
    }
}

/// The component, made anew when the stock changes, and kept for everybody until then.
async fn stock_level(catalogue: Catalogue, Path(sku): Path<String>) -> Result<Page> {
    let found = catalogue.variant_by_sku(&sku).await?.or_not_found()?;
    let variant = found.variant().or_not_found()?;
    let props = json!({ "pieces": variant.quantity.unwrap_or_default() });
    Ok(Page::component("stock-level", &props))
}
