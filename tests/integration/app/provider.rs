//! A catalogue of the shop's own, a command, and what is done at start.

use std::sync::Arc;

use protium::commerce::{
    Catalogue as Provider, Collection, CollectionPage, Context, PageRequest, Product,
    ProviderError, SearchPage, Suggestions, VariantMatch,
};
use protium::prelude::*;

use super::{Directory, router, runtime};
use crate::cache::premises::get;

/// The shop's own catalogue, with other titles.
struct Shouting(Arc<dyn Provider>);

impl Shouting {
    async fn connect(setup: Setup) -> std::io::Result<Shouting> {
        Ok(Shouting(setup.catalogue))
    }
}

#[protium::async_trait]
impl Provider for Shouting {
    async fn product(
        &self,
        context: &Context,
        handle: &str,
    ) -> std::result::Result<Option<Arc<Product>>, ProviderError> {
        let product = self.0.product(context, handle).await?;
        Ok(product.map(|product| {
            let mut loud = Product::clone(&product);
            loud.title = loud.title.to_uppercase();
            Arc::new(loud)
        }))
    }

    async fn handle_of(
        &self,
        context: &Context,
        variant_id: i64,
    ) -> std::result::Result<Option<String>, ProviderError> {
        self.0.handle_of(context, variant_id).await
    }

    async fn variant_by_sku(
        &self,
        context: &Context,
        sku: &str,
    ) -> std::result::Result<Option<VariantMatch>, ProviderError> {
        self.0.variant_by_sku(context, sku).await
    }

    async fn variant_by_barcode(
        &self,
        context: &Context,
        barcode: &str,
    ) -> std::result::Result<Option<VariantMatch>, ProviderError> {
        self.0.variant_by_barcode(context, barcode).await
    }

    async fn collections(
        &self,
        context: &Context,
        limit: u32,
    ) -> std::result::Result<Vec<Collection>, ProviderError> {
        self.0.collections(context, limit).await
    }

    async fn collection(
        &self,
        context: &Context,
        handle: &str,
        page: &PageRequest,
    ) -> std::result::Result<Option<CollectionPage>, ProviderError> {
        self.0.collection(context, handle, page).await
    }

    async fn search(
        &self,
        context: &Context,
        query: &str,
        page: &PageRequest,
    ) -> std::result::Result<SearchPage, ProviderError> {
        self.0.search(context, query, page).await
    }

    async fn suggest(
        &self,
        context: &Context,
        query: &str,
    ) -> std::result::Result<Suggestions, ProviderError> {
        self.0.suggest(context, query).await
    }
}

async fn title(catalogue: Catalogue, Path(handle): Path<String>) -> Result<String> {
    let product = catalogue.product(&handle).await?.or_not_found()?;
    Ok(product.title.clone())
}

#[test]
fn a_provider_of_the_shops_own_takes_the_place_of_the_embedded_one() {
    let directory = Directory::new(&[]);
    let app = directory
        .app()
        .catalogue(Shouting::connect)
        .route("/api/title/{handle}", axum::routing::get(title));
    runtime().block_on(async {
        let router = router(app).await;
        let page = get(&router, "/products/hand-fork", &[]).await.text();
        assert!(page.contains("THREE-TINE HAND FORK"), "{page}");
        let title = get(&router, "/api/title/hand-fork", &[]).await;
        assert_eq!(title.text(), "THREE-TINE HAND FORK");
        let missing = get(&router, "/api/title/nothing", &[]).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn a_provider_that_cannot_be_connected_keeps_the_shop_closed() {
    let directory = Directory::new(&[]);
    let app = directory.app().catalogue(async |_| {
        let refused = std::io::Error::other("the ERP is asleep");
        Err::<Shouting, _>(refused)
    });
    let error = runtime()
        .block_on(app.router())
        .expect_err("it does not open");
    let source = std::error::Error::source(&error).map(ToString::to_string);
    assert_eq!(source.as_deref(), Some("the ERP is asleep"));
}

#[test]
fn an_edge_module_that_is_not_configured_is_named() {
    let directory = Directory::new(&[]);
    let ask = async |shop: Shop| match shop.edge("availability").ask("A-1").await {
        Ok(answer) => answer.text().unwrap_or_default().to_owned(),
        Err(error) => error.to_string(),
    };
    let app = directory.app().route("/api/ask", axum::routing::get(ask));
    runtime().block_on(async {
        let answer = get(&router(app).await, "/api/ask", &[]).await.text();
        assert!(answer.contains("[modules.availability]"), "{answer}");
    });
}
