//! The services of a shop that handlers take by extractor.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;
use serde::Serialize;

use crate::app::Shop;
use crate::http::assets::{FILTER, FILTER_SIMD};
use crate::http::error::HttpError;
use crate::release::Release;
use crate::request::ctx::Ctx;
use crate::request::visitor::Visitor;
use protium_commerce::{
    Cart, CartId, Collection, CollectionPage, PageRequest, Product, ProviderError, SearchPage,
    Suggestions, VariantMatch,
};

/// What a shop's program shares with its handlers: a value of a type that [`App::state`] was
/// given.
///
/// ```
/// use protium::prelude::*;
///
/// #[derive(Clone)]
/// struct Motto(&'static str);
///
/// async fn motto(State(motto): State<Motto>) -> &'static str {
///     motto.0
/// }
///
/// let app = App::new(".").state(Motto("read more")).route("/api/motto", get(motto));
/// ```
///
/// axum's `State` takes its value from the router's state, which here is the [`Shop`] itself, a
/// type that no other crate can teach new values. This one looks the type up among those that the
/// shop's program has given; a handler that asks for one which was never given answers with 500,
/// and the log names the type.
///
/// [`App::state`]: crate::App::state
#[derive(Clone, Copy, Debug, Default)]
pub struct State<T>(pub T);

impl<T: Clone + Send + Sync + 'static> FromRequestParts<Shop> for State<T> {
    type Rejection = HttpError;

    async fn from_request_parts(_: &mut Parts, shop: &Shop) -> Result<State<T>, HttpError> {
        let found = shop.0.additions.state.get::<T>().cloned();
        found.map(State).ok_or_else(|| {
            HttpError::of_status(StatusCode::INTERNAL_SERVER_ERROR).because(format!(
                "a handler takes State<{0}>, and the shop's program has given no {0} to App::state",
                std::any::type_name::<T>()
            ))
        })
    }
}

/// The shop's products and collections, asked in the market of the request. Whatever is read here
/// is a dependency of the page: the page is purged when that changes.
///
/// ```
/// use protium::prelude::*;
///
/// async fn gift(catalogue: Catalogue) -> Result<Page> {
///     let product = catalogue.product("gift-card").await?.or_not_found()?;
///     Ok(Page::new("gift.html").data("product", &*product))
/// }
/// ```
#[derive(Clone)]
pub struct Catalogue(Ctx);

impl Catalogue {
    /// The product of a handle.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// async fn title(catalogue: Catalogue, Path(handle): Path<String>) -> Result<String> {
    ///     let product = catalogue.product(&handle).await?.or_not_found()?;
    ///     Ok(product.title.clone())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The provider has no answer.
    pub async fn product(&self, handle: &str) -> Result<Option<Arc<Product>>, ProviderError> {
        let context = self.0.for_provider();
        self.0.shop().catalogue().product(&context, handle).await
    }

    /// The variant that alone has this SKU; `None` when none is sold under it, or several are.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// async fn title(catalogue: Catalogue, Path(sku): Path<String>) -> Result<String> {
    ///     let found = catalogue.variant_by_sku(&sku).await?.or_not_found()?;
    ///     Ok(found.product.title.clone())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The provider has no answer.
    pub async fn variant_by_sku(&self, sku: &str) -> Result<Option<VariantMatch>, ProviderError> {
        let asking = self.0.for_provider();
        self.0.shop().catalogue().variant_by_sku(&asking, sku).await
    }

    /// The variant that alone has this barcode: GTIN, EAN, UPC or ISBN, with or without hyphens.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// async fn title(Path(isbn): Path<String>, catalogue: Catalogue) -> Result<String> {
    ///     let found = catalogue.variant_by_barcode(&isbn).await?.or_not_found()?;
    ///     Ok(found.product.title.clone())
    /// }
    ///
    /// let app = App::new(".").route("/api/isbn/{isbn}", get(title));
    /// ```
    ///
    /// # Errors
    ///
    /// The provider has no answer.
    pub async fn variant_by_barcode(
        &self,
        barcode: &str,
    ) -> Result<Option<VariantMatch>, ProviderError> {
        let asking = self.0.for_provider();
        let catalogue = self.0.shop().catalogue();
        catalogue.variant_by_barcode(&asking, barcode).await
    }

    /// The first `limit` collections that have products.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// async fn index(catalogue: Catalogue) -> Result<Page> {
    ///     let collections = catalogue.collections(20).await?;
    ///     Ok(Page::new("index.html").data("collections", &collections))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The provider has no answer.
    pub async fn collections(&self, limit: u32) -> Result<Vec<Collection>, ProviderError> {
        let context = self.0.for_provider();
        self.0.shop().catalogue().collections(&context, limit).await
    }

    /// A page of the collection of a handle; `all` is everything.
    ///
    /// ```
    /// use protium::commerce::PageRequest;
    /// use protium::prelude::*;
    ///
    /// async fn offers(catalogue: Catalogue) -> Result<Page> {
    ///     let page = catalogue.collection("offers", &PageRequest::default()).await?;
    ///     Ok(Page::new("offers.html").data("page", &page.or_not_found()?))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The provider has no answer, or the page request makes no sense.
    pub async fn collection(
        &self,
        handle: &str,
        page: &PageRequest,
    ) -> Result<Option<CollectionPage>, ProviderError> {
        let context = self.0.for_provider();
        self.0
            .shop()
            .catalogue()
            .collection(&context, handle, page)
            .await
    }

    /// Products that have the words of a query.
    ///
    /// ```
    /// use protium::commerce::PageRequest;
    /// use protium::prelude::*;
    ///
    /// async fn gifts(catalogue: Catalogue) -> Result<Page> {
    ///     let found = catalogue.search("gift", &PageRequest::default()).await?;
    ///     Ok(Page::new("gifts.html").data("found", &found))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The provider has no answer, or the page request makes no sense.
    pub async fn search(
        &self,
        query: &str,
        page: &PageRequest,
    ) -> Result<SearchPage, ProviderError> {
        let context = self.0.for_provider();
        self.0
            .shop()
            .catalogue()
            .search(&context, query, page)
            .await
    }

    /// What to offer while a visitor types.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// async fn suggest(catalogue: Catalogue, Path(words): Path<String>) -> Result<Page> {
    ///     let suggestions = catalogue.suggest(&words).await?;
    ///     Ok(Page::new("suggestions.html").data("suggestions", &suggestions))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The provider has no answer.
    pub async fn suggest(&self, query: &str) -> Result<Suggestions, ProviderError> {
        let context = self.0.for_provider();
        self.0.shop().catalogue().suggest(&context, query).await
    }
}

impl FromRequestParts<Shop> for Catalogue {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, shop: &Shop) -> Result<Catalogue, Infallible> {
        Ok(Catalogue(Ctx::from_request_parts(parts, shop).await?))
    }
}

/// The visitor's cart. Extracting it makes the response private.
///
/// ```
/// use protium::prelude::*;
///
/// async fn gift_note(carts: Carts) -> Result<Page> {
///     let cart = carts.cart().await?.or_not_found()?;
///     Ok(Page::new("gift-note.html").data("lines", &cart.lines))
/// }
/// ```
pub struct Carts {
    ctx: Ctx,
    visitor: Visitor,
}

impl Carts {
    /// The visitor's cart; `None` when there is none yet, or it has expired.
    ///
    /// # Errors
    ///
    /// The provider has no answer.
    pub async fn cart(&self) -> Result<Option<Cart>, ProviderError> {
        let id: Option<CartId> = self.visitor.cart().and_then(|id| id.parse().ok());
        match id {
            Some(id) => {
                let context = self.ctx.for_provider();
                self.ctx.shop().carts().cart(&context, &id).await
            }
            None => Ok(None),
        }
    }

    /// The visitor.
    pub fn visitor(&self) -> &Visitor {
        &self.visitor
    }
}

impl FromRequestParts<Shop> for Carts {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, shop: &Shop) -> Result<Carts, Infallible> {
        Ok(Carts {
            visitor: Visitor::from_request_parts(parts, shop).await?,
            ctx: Ctx::from_request_parts(parts, shop).await?,
        })
    }
}

/// The shop's files: static ones, styles, pictures.
///
/// ```
/// use protium::prelude::*;
///
/// async fn manifest(assets: Assets) -> Json<Vec<String>> {
///     Json(assets.url("icon.svg").into_iter().collect())
/// }
/// ```
#[derive(Clone)]
pub struct Assets(Arc<Release>);

impl Assets {
    /// The address of a file, with the hash of its content; `None` when there is no such file.
    pub fn url(&self, name: &str) -> Option<String> {
        self.0.assets.url(name)
    }

    /// The addresses of the files with which a page filters a catalogue in the browser.
    pub fn filter(&self) -> FilterFiles {
        let assets = &self.0.assets;
        FilterFiles {
            script: assets.filter_script().unwrap_or_default().to_owned(),
            module: assets.fixed_url(FILTER).to_owned(),
            simd: assets.fixed_url(FILTER_SIMD).to_owned(),
        }
    }
}

/// The files with which a page filters a catalogue in the browser: the script exports `openFilter`,
/// which loads a module and an [`Image`](crate::filter::Image) of columns, served as a
/// [`GeneratedFile`](crate::GeneratedFile).
///
/// ```
/// use protium::prelude::*;
///
/// async fn finder(assets: Assets) -> Page {
///     Page::new("finder.html").data("filter", &assets.filter())
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FilterFiles {
    /// The address of the script, a module.
    pub script: String,
    /// The address of the WebAssembly module for browsers without SIMD.
    pub module: String,
    /// The address of the WebAssembly module with SIMD.
    pub simd: String,
}

impl FromRequestParts<Shop> for Assets {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, shop: &Shop) -> Result<Assets, Infallible> {
        Ok(Assets(shop.release_of(&parts.extensions)))
    }
}
