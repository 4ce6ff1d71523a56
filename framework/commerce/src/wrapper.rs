//! A catalogue in front of another one.

use std::sync::Arc;

use async_trait::async_trait;

use super::context::Context;
use super::error::ProviderError;
use super::filter::{List, NarrowRequest, NarrowedPage};
use super::listing::{CollectionPage, PageRequest, SearchPage, Suggestions};
use super::model::{Collection, Product, VariantMatch};
use super::provider::Catalogue;

/// The trait and what it answers for a [`Catalogue`], from the methods' signatures.
macro_rules! wrapper {
    (
        $(#[$about:meta])*
        $($method:ident($($argument:ident: $kind:ty),+) -> $answer:ty;)+
    ) => {
        $(#[$about])*
        #[async_trait]
        pub trait CatalogueWrapper: Send + Sync {
            /// The catalogue that is asked for all other answers.
            fn wrapped(&self) -> &dyn Catalogue;

            $(
                #[doc = concat!("See [`Catalogue::", stringify!($method), "`].")]
                async fn $method(
                    &self,
                    context: &Context,
                    $($argument: $kind),+
                ) -> Result<$answer, ProviderError> {
                    self.wrapped().$method(context, $($argument),+).await
                }
            )+
        }

        #[async_trait]
        impl<W: CatalogueWrapper> Catalogue for W {
            $(
                async fn $method(
                    &self,
                    context: &Context,
                    $($argument: $kind),+
                ) -> Result<$answer, ProviderError> {
                    CatalogueWrapper::$method(self, context, $($argument),+).await
                }
            )+
        }
    };
}

wrapper! {
    /// A catalogue in front of another one, which answers itself only what it has a method for: a
    /// shop that knows a little more of its products than its data directory does. Whatever has
    /// this trait is a [`Catalogue`].
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
    product(handle: &str) -> Option<Arc<Product>>;
    handle_of(variant_id: i64) -> Option<String>;
    variant_by_sku(sku: &str) -> Option<VariantMatch>;
    variant_by_barcode(barcode: &str) -> Option<VariantMatch>;
    collections(limit: u32) -> Vec<Collection>;
    collection(handle: &str, page: &PageRequest) -> Option<CollectionPage>;
    search(query: &str, page: &PageRequest) -> SearchPage;
    suggest(query: &str) -> Suggestions;
    narrowed(list: &List, request: &NarrowRequest) -> Option<NarrowedPage>;
}
