//! The context of a request: where it is answered, and what its page depends on.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::app::Shop;
use crate::app::data_files::{self, DataFileError};
use crate::request::context::PageContext;
use protium_commerce::{Context as ProviderContext, Recorder};
use protium_types::{Market, Region, Tag, Url};

/// The context of a request: where it is answered, and what its page depends on. It says nothing of
/// the visitor.
///
/// ```
/// use protium::prelude::*;
///
/// async fn events(ctx: Ctx) -> Result<Page> {
///     let events: serde_json::Value = ctx.json("data/events.json")?;
///     Ok(Page::new("events.html").data("events", &events))
/// }
/// # use protium::serde_json;
/// ```
#[derive(Clone)]
pub struct Ctx {
    shop: Shop,
    url: Url,
    market: Market,
    region: Region,
    recorder: Recorder,
}

impl Ctx {
    pub(crate) fn of(shop: &Shop, page_context: &PageContext) -> Ctx {
        Ctx {
            shop: shop.clone(),
            url: page_context.target.parse().unwrap_or_else(|_| Url::root()),
            market: page_context.market.clone(),
            region: page_context.region.clone(),
            recorder: page_context.recorder.clone(),
        }
    }

    /// The shop.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// async fn name(ctx: Ctx) -> String {
    ///     ctx.shop().config().shop.name.clone()
    /// }
    /// ```
    pub fn shop(&self) -> &Shop {
        &self.shop
    }

    /// Path and query of the page: of a cached page, with the parameters that it declares.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// async fn share(ctx: Ctx) -> Page {
    ///     Page::new("share.html").data("address", ctx.url().as_str())
    /// }
    /// ```
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The market that the page is shown in.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// async fn currency(ctx: Ctx) -> String {
    ///     ctx.market().currency.to_string()
    /// }
    /// ```
    pub fn market(&self) -> &Market {
        &self.market
    }

    /// The region whose stock and prices it shows.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// async fn region(ctx: Ctx) -> String {
    ///     ctx.region().as_str().to_owned()
    /// }
    /// ```
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// The page depends on this: a purge of the tag purges it.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// async fn moss(ctx: Ctx) -> Page {
    ///     ctx.tag(Tag::new("post", "moss"));
    ///     Page::new("journal.html")
    /// }
    /// ```
    pub fn tag(&self, tag: Tag) {
        self.recorder.tag(tag);
    }

    /// The content of a JSON file in the shop's directory. When the file changes, the page is
    /// purged: its tag is `file:NAME`.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// async fn hours(ctx: Ctx) -> Result<Page> {
    ///     let hours: Vec<String> = ctx.json("data/hours.json")?;
    ///     Ok(Page::new("hours.html").data("hours", &hours))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The file is not within the shop's directory, cannot be read, or is not of the shape of `T`.
    pub fn json<T: DeserializeOwned>(&self, file: &str) -> Result<T, DataFileError> {
        self.recorder.tag(data_files::tag(file));
        let root = &self.shop.0.root;
        let value = self.shop.0.data_files.read(root, file)?;
        T::deserialize(&*value).map_err(|source| DataFileError::Json {
            path: root.join(file),
            source,
        })
    }

    /// The context of a provider's call for this request.
    ///
    /// ```
    /// use protium::commerce::Catalogue as _;
    /// use protium::prelude::*;
    ///
    /// async fn handle(ctx: Ctx, Path(variant): Path<i64>) -> Result<String> {
    ///     let context = ctx.for_provider();
    ///     let handle = ctx.shop().catalogue().handle_of(&context, variant).await?;
    ///     handle.or_not_found()
    /// }
    /// ```
    pub fn for_provider(&self) -> ProviderContext {
        self.shop.provider_context(&self.market, &self.recorder)
    }
}

impl FromRequestParts<Shop> for Ctx {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, shop: &Shop) -> Result<Ctx, Infallible> {
        let target = parts.uri.path_and_query();
        let target = target.map_or("/", |target| target.as_str());
        Ok(Ctx {
            shop: shop.clone(),
            url: target.parse().unwrap_or_else(|_| Url::root()),
            market: shop.market_of(&parts.extensions),
            region: shop.region_of(&parts.extensions),
            recorder: parts
                .extensions
                .get_or_insert_with(Recorder::default)
                .clone(),
        })
    }
}
