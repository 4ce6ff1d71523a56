//! The traits of a provider: where a shop's catalogue and carts come from.
//!
//! A shop whose products live elsewhere, such as in an ERP, implements [`Catalogue`] for it; carts
//! can stay where they are. What every provider has to do, besides what each method says:
//!
//! - **Answer by the context.** Prices are those of [`Context::price_list`] in
//!   [`Context::currency`], in minor units; a list that is not there is
//!   [`ProviderError::Invalid`]. What a list has no price of is not sold by it: no variant, no
//!   card.
//! - **Give up in time.** After [`Context::deadline`] the answer is of no use any more:
//!   [`ProviderError::Busy`].
//! - **Note what the answer depends on**, also when there is nothing: a tag such as `product:17` in
//!   [`Context::recorder`] for each thing that was used, and how long the answer stays true without
//!   asking again. A page inherits the tags of all its data, and the shortest time. Whoever changes
//!   a product purges its tag.
//! - **Trust no input.** Handles, queries, SKUs and barcodes come from visitors as they are.
//! - **Hand out the same [`Arc`] until a product changes**, so that pages find by its address what
//!   they made of it before.
//!
//! What does not exist is `Ok(None)`; errors are for what went wrong.

use std::sync::Arc;

use async_trait::async_trait;

use super::attributes::AttributeChanges;
use super::cart::{Cart, CartError, CartId, LineChange, NewLine};
use super::context::Context;
use super::error::ProviderError;
use super::filter::{List, NarrowRequest, NarrowedPage};
use super::listing::{CollectionPage, PageRequest, SearchPage, Suggestions};
use super::model::{Collection, Product, VariantMatch};

/// Products and collections that visitors can see.
#[async_trait]
pub trait Catalogue: Send + Sync {
    /// The product of a handle. Its stock is true at the moment of the answer.
    async fn product(
        &self,
        context: &Context,
        handle: &str,
    ) -> Result<Option<Arc<Product>>, ProviderError>;

    /// The handle of the product that a variant is of, as long as that is sold.
    async fn handle_of(
        &self,
        context: &Context,
        variant_id: i64,
    ) -> Result<Option<String>, ProviderError>;

    /// The variant that alone has this SKU, the merchant's number. `None` when no variant on sale
    /// has it, or several have, since that would be ambiguous.
    async fn variant_by_sku(
        &self,
        context: &Context,
        sku: &str,
    ) -> Result<Option<VariantMatch>, ProviderError>;

    /// The variant that alone has this barcode: GTIN, EAN, UPC or ISBN. Hyphens and spaces make no
    /// difference, since ISBNs are written with and without them.
    async fn variant_by_barcode(
        &self,
        context: &Context,
        barcode: &str,
    ) -> Result<Option<VariantMatch>, ProviderError>;

    /// The first `limit` collections that have products: those that the merchant named in the order
    /// of the catalogue, then those made from types, categories and tags, the largest first;
    /// without the virtual `all`.
    async fn collections(
        &self,
        context: &Context,
        limit: u32,
    ) -> Result<Vec<Collection>, ProviderError>;

    /// A page of the collection of a handle; `all` is the virtual collection of everything.
    async fn collection(
        &self,
        context: &Context,
        handle: &str,
        page: &PageRequest,
    ) -> Result<Option<CollectionPage>, ProviderError>;

    /// Products that have every word of the query, a form of it, or a word that begins with it. A
    /// word that no product has is taken for the one it was probably meant to be; where no product
    /// has all words, those are found that have some. The answer says which of this was done.
    async fn search(
        &self,
        context: &Context,
        query: &str,
        page: &PageRequest,
    ) -> Result<SearchPage, ProviderError>;

    /// What to offer while a visitor types.
    async fn suggest(&self, context: &Context, query: &str) -> Result<Suggestions, ProviderError>;

    /// A page of a list by what is chosen of its facets, and the facets with their counts; `None`
    /// when there is no such list, or the catalogue has no facets, as it is when nothing else is
    /// said. Its pages then show none.
    async fn narrowed(
        &self,
        _context: &Context,
        _list: &List,
        _request: &NarrowRequest,
    ) -> Result<Option<NarrowedPage>, ProviderError> {
        Ok(None)
    }
}

/// Visitors' carts. Every change is one transaction and answers with the cart as it is then, made
/// by [`Cart::new`], so that all amounts come from one function.
#[async_trait]
pub trait Carts: Send + Sync {
    /// The cart of an id; `None` when there is none or it has expired.
    async fn cart(&self, context: &Context, id: &CartId) -> Result<Option<Cart>, ProviderError>;

    /// Puts a line into the cart, on top of what is there of the same variant with the same
    /// attributes. A cart that does not exist, or not any more, is made under its id: of two
    /// additions at once, one makes it and the other finds it. Without an id a cart with a new one
    /// is made.
    async fn add_line(
        &self,
        context: &Context,
        id: Option<&CartId>,
        line: NewLine,
    ) -> Result<Cart, CartError>;

    /// Changes the quantity of a line, its attributes, or both.
    async fn change_line(
        &self,
        context: &Context,
        id: &CartId,
        line: i64,
        change: LineChange,
    ) -> Result<Cart, CartError>;

    /// [`Carts::add_line`] without attributes.
    async fn add(
        &self,
        context: &Context,
        id: Option<&CartId>,
        variant_id: i64,
        quantity: i64,
    ) -> Result<Cart, CartError> {
        let attributes = AttributeChanges::default();
        let line = NewLine {
            variant_id,
            quantity,
            attributes,
        };
        self.add_line(context, id, line).await
    }

    /// Sets the quantity of a line; 0 removes it.
    async fn set_quantity(
        &self,
        context: &Context,
        id: &CartId,
        line: i64,
        quantity: i64,
    ) -> Result<Cart, CartError> {
        let change = LineChange {
            quantity: Some(quantity),
            ..LineChange::default()
        };
        self.change_line(context, id, line, change).await
    }

    /// Removes a line. A line that is gone already is no error: a form sent twice ends in the same
    /// state.
    async fn remove(&self, context: &Context, id: &CartId, line: i64) -> Result<Cart, CartError>;
}
