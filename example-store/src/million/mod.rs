//! A million SKUs that a page filters in the browser, at `/demo/million`: their columns are sent
//! once, the page does the rest.
//!
//! - [`words`]: what the products are called and cost; [`catalogue`]: the SKUs, generated;
//!   [`shown`]: what cards show of a product.

mod catalogue;
mod shown;
mod words;

use std::sync::{Arc, OnceLock};

use protium::GeneratedFile;
use protium::filter::Image;
use protium::prelude::*;
use protium::serde_json::json;

use self::words::Words;

/// SKUs in the catalogue.
const SKUS: usize = 1_000_000;
/// Products on the page.
const CARDS: usize = 24;

/// What is made as the shop opens.
#[derive(Clone, Default)]
struct Million(Arc<OnceLock<Files>>);

struct Files {
    words: Words,
    products: usize,
    prices: usize,
    /// The columns, for the filter.
    columns: GeneratedFile,
    /// What cards show, by product.
    shown: GeneratedFile,
}

impl Files {
    fn generate() -> Result<Files> {
        let words = Words::read()?;
        let catalogue = catalogue::generate(&words, SKUS);
        let image = Image::new(&catalogue.columns)?;
        Ok(Files {
            products: catalogue.columns.groups.len(),
            prices: catalogue.prices.len(),
            columns: GeneratedFile::new("columns.bin", image.bytes().to_vec()),
            shown: GeneratedFile::new("shown.bin", shown::bytes(&catalogue)),
            words,
        })
    }
}

/// Adds the page and its files.
pub fn add_to(app: App) -> App {
    let million = Million::default();
    let made = million.clone();
    app.state(million)
        .on_start(move |_: Shop| {
            let made = made.clone();
            async move {
                let files = tokio::task::spawn_blocking(Files::generate).await??;
                let _ = made.0.set(files);
                Ok(())
            }
        })
        .page("/demo/million", page)
        .route("/demo/million/{name}", get(file))
}

async fn page(
    State(Million(files)): State<Million>,
    assets: Assets,
    market: Market,
) -> Result<Page> {
    let files = files.get().or_not_found()?;
    let address = |file: &GeneratedFile| format!("/demo/million/{}", file.name());
    Ok(Page::new("million.html")
        .data("filter", &assets.filter())
        .data("columns", &address(&files.columns))
        .data("shown", &address(&files.shown))
        .data("facets", &files.words.form())
        .data("names", &files.words.names())
        .data(
            "counts",
            &json!({ "skus": SKUS, "products": files.products, "prices": files.prices }),
        )
        .data("cards", &[(); CARDS])
        .data("currency", &market.currency))
}

async fn file(
    Path(name): Path<String>,
    State(Million(files)): State<Million>,
    headers: HeaderMap,
) -> Result<Response> {
    let files = files.get().or_not_found()?;
    let mut all = [&files.columns, &files.shown].into_iter();
    let file = all.find(|file| file.name() == name).or_not_found()?;
    Ok(file.respond(&headers).await)
}
