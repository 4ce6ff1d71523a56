//! A bookshop: events from a file, books by their ISBN, what the press says of them, gift wrap.

mod gifts;
mod isbn;
mod press;

use protium::prelude::*;
use protium::serde_json::{Value, json};

fn main() -> ExitCode {
    App::new(env!("CARGO_MANIFEST_DIR"))
        .page("/events", events)
        .route("/api/isbn/{isbn}", get(book))
        .layer(SetHeader::response("x-reading-room", "open"))
        .filter("isbn", isbn::with_hyphens)
        .function("gift_wrap_price", gifts::price)
        .cart_rules(gifts::rules())
        .catalogue(press::connect)
        .run()
}

/// What happens in the shop. The page is made anew when the file changes.
async fn events(ctx: Ctx) -> Result<Page> {
    let events: Value = ctx.json("data/events.json")?;
    Ok(Page::new("events.html").data("events", &events))
}

/// The book of a number, and where it stands.
async fn book(Path(isbn): Path<String>, books: Catalogue, shop: Shop) -> Result<Json<Value>> {
    let found = books.variant_by_barcode(&isbn).await?.or_not_found()?;
    let copy = found.variant().or_not_found()?;
    let place: Value = shop.edge("availability").ask(&copy.sku).await?.json()?;
    Ok(Json(json!({
        "title": found.product.title,
        "isbn": copy.barcode,
        "variant_id": copy.id,
        "place": place,
    })))
}
