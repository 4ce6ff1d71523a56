//! A catalogue in front of another one.

use std::sync::Arc;

use async_trait::async_trait;

use super::context::Context;
use super::error::ProviderError;
use super::listing::{CollectionPage, PageRequest, SearchPage, Suggestions};
use super::model::{Collection, Product, VariantMatch};
use super::provider::Catalogue;

/// A catalogue in front of another one, which answers itself only what it has a method for: a shop
/// that knows a little more of its products than its data directory does. Whatever has this trait
/// is a [`Catalogue`].
///
/// ```
/// use std::sync::Arc;
/// use async_trait::async_trait;
/// use protium_commerce::{Catalogue, CatalogueWrapper, Context, Product, ProviderError};
///
/// /// Nothing that the shop has withdrawn is shown.
/// struct Withdrawn {
///     catalogue: Arc<dyn Catalogue>,
///     handles: Vec<String>,
/// }
///
/// #[async_trait]
/// impl CatalogueWrapper for Withdrawn {
///     fn wrapped(&self) -> &dyn Catalogue {
///         &*self.catalogue
///     }
///
///     async fn product(
///         &self,
///         context: &Context,
///         handle: &str,
///     ) -> Result<Option<Arc<Product>>, ProviderError> {
///         match self.handles.iter().any(|gone| gone == handle) {
///             true => Ok(None),
///             false => self.catalogue.product(context, handle).await,
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait CatalogueWrapper: Send + Sync {
    /// The catalogue that is asked for all other answers.
    fn wrapped(&self) -> &dyn Catalogue;

    /// See [`Catalogue::product`].
    async fn product(
        &self,
        context: &Context,
        handle: &str,
    ) -> Result<Option<Arc<Product>>, ProviderError> {
        self.wrapped().product(context, handle).await
    }

    /// See [`Catalogue::handle_of`].
    async fn handle_of(
        &self,
        context: &Context,
        variant_id: i64,
    ) -> Result<Option<String>, ProviderError> {
        self.wrapped().handle_of(context, variant_id).await
    }

    /// See [`Catalogue::variant_by_sku`].
    async fn variant_by_sku(
        &self,
        context: &Context,
        sku: &str,
    ) -> Result<Option<VariantMatch>, ProviderError> {
        self.wrapped().variant_by_sku(context, sku).await
    }

    /// See [`Catalogue::variant_by_barcode`].
    async fn variant_by_barcode(
        &self,
        context: &Context,
        barcode: &str,
    ) -> Result<Option<VariantMatch>, ProviderError> {
        self.wrapped().variant_by_barcode(context, barcode).await
    }

    /// See [`Catalogue::collections`].
    async fn collections(
        &self,
        context: &Context,
        limit: u32,
    ) -> Result<Vec<Collection>, ProviderError> {
        self.wrapped().collections(context, limit).await
    }

    /// See [`Catalogue::collection`].
    async fn collection(
        &self,
        context: &Context,
        handle: &str,
        page: &PageRequest,
    ) -> Result<Option<CollectionPage>, ProviderError> {
        self.wrapped().collection(context, handle, page).await
    }

    /// See [`Catalogue::search`].
    async fn search(
        &self,
        context: &Context,
        query: &str,
        page: &PageRequest,
    ) -> Result<SearchPage, ProviderError> {
        self.wrapped().search(context, query, page).await
    }

    /// See [`Catalogue::suggest`].
    async fn suggest(&self, context: &Context, query: &str) -> Result<Suggestions, ProviderError> {
        self.wrapped().suggest(context, query).await
    }
}

#[async_trait]
impl<W: CatalogueWrapper> Catalogue for W {
    async fn product(
        &self,
        context: &Context,
        handle: &str,
    ) -> Result<Option<Arc<Product>>, ProviderError> {
        CatalogueWrapper::product(self, context, handle).await
    }

    async fn handle_of(
        &self,
        context: &Context,
        variant_id: i64,
    ) -> Result<Option<String>, ProviderError> {
        CatalogueWrapper::handle_of(self, context, variant_id).await
    }

    async fn variant_by_sku(
        &self,
        context: &Context,
        sku: &str,
    ) -> Result<Option<VariantMatch>, ProviderError> {
        CatalogueWrapper::variant_by_sku(self, context, sku).await
    }

    async fn variant_by_barcode(
        &self,
        context: &Context,
        barcode: &str,
    ) -> Result<Option<VariantMatch>, ProviderError> {
        CatalogueWrapper::variant_by_barcode(self, context, barcode).await
    }

    async fn collections(
        &self,
        context: &Context,
        limit: u32,
    ) -> Result<Vec<Collection>, ProviderError> {
        CatalogueWrapper::collections(self, context, limit).await
    }

    async fn collection(
        &self,
        context: &Context,
        handle: &str,
        page: &PageRequest,
    ) -> Result<Option<CollectionPage>, ProviderError> {
        CatalogueWrapper::collection(self, context, handle, page).await
    }

    async fn search(
        &self,
        context: &Context,
        query: &str,
        page: &PageRequest,
    ) -> Result<SearchPage, ProviderError> {
        CatalogueWrapper::search(self, context, query, page).await
    }

    async fn suggest(&self, context: &Context, query: &str) -> Result<Suggestions, ProviderError> {
        CatalogueWrapper::suggest(self, context, query).await
    }
}
