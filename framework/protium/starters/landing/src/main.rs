//! The program of the shop: its first page is that of its one product.

use protium::prelude::*;

/// The product's name in addresses, and in the column `Handle` of the catalogue.
const PRODUCT: &str = "lamp";

fn main() -> ExitCode {
    App::new(env!("CARGO_MANIFEST_DIR")).page("/", home).run()
}

async fn home(catalogue: Catalogue) -> Result<Page> {
    let product = catalogue.product(PRODUCT).await?.or_not_found()?;
    let variant = product.select(None, []).or_not_found()?;
    Ok(Page::new("home.html")
        .data("product", &*product)
        .data("variant", variant))
}
