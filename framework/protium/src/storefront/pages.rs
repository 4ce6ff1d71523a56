//! Public pages: home, product, collection, search, and the shop's own.

use std::time::{Duration, Instant};

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::StatusCode;
use http::header::CACHE_CONTROL;
use serde::Serialize;

use crate::app::Shop;
use crate::http::error::HttpError;
use crate::prewarm::overlay::Checked;
use crate::request::context::PageContext;
use crate::request::declared_params::DeclaredParams;
use crate::request::info::RequestInfo;
use crate::request::page::Page;
use crate::request::params::Params;
use crate::request::services::Catalogue;
use crate::storefront::narrowing::{self, Asked, ListUrl, Shown};
use crate::storefront::pictures::Pictures;
use crate::storefront::template_cache::List;
use protium_commerce::filter::{List as NarrowedList, NarrowRequest, NarrowedPage};
use protium_commerce::listing::{PAGE_SIZE, PageInfo};
use protium_commerce::{
    Card, Context as ProviderContext, Direction, PageRequest, Product, ProviderError, Sort,
};
use protium_types::Url;

/// Where the templates of a shop's own pages are.
pub(crate) const OWN: &str = "pages/";
/// Cards on the front page.
const FEATURED: u32 = 8;
/// Collections on the front page.
const COLLECTIONS: u32 = 12;
/// Cards beside a product.
const RELATED: u32 = 4;
/// How long the whole of a list waits for its facets; without them it is shown and not cached.
const FACETS_TIME: Duration = Duration::from_millis(500);

pub async fn home(shop: Shop, page_context: PageContext) -> Result<Page, HttpError> {
    let (featured, collections) = tokio::try_join!(
        shop.list(
            &page_context,
            (List::Featured, Some(page_context.region.clone())),
            async |context| cards(&shop, &page_context, &context, "all", FEATURED).await
        ),
        shop.list(&page_context, (List::Collections, None), async |context| {
            let found = shop.catalogue().collections(&context, COLLECTIONS).await?;
            Ok(found.with_hashed_pictures(&page_context.release.assets))
        }),
    )?;
    Ok(Page::new("home.html")
        .value("featured", part(&featured, "cards"))
        .value("checked", part(&featured, "checked"))
        .value("collections", collections))
}

/// A page of the shop's own: `/pages/about` is the template `pages/about.html`.
pub async fn own(Path(name): Path<String>) -> Result<Page, HttpError> {
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > 100 || !name.chars().all(is_name) {
        return Err(HttpError::not_found());
    }
    Ok(Page::new(format!("{OWN}{name}.html")))
}

pub async fn product(
    shop: Shop,
    Path(handle): Path<String>,
    page_context: PageContext,
) -> Result<Page, HttpError> {
    product_page(&shop, page_context, &handle, None).await
}

/// A product's page; with a notice: what went wrong when a form on it was sent.
pub(crate) async fn product_page(
    shop: &Shop,
    mut page_context: PageContext,
    handle: &str,
    notice: Option<&str>,
) -> Result<Page, HttpError> {
    let product = shop
        .catalogue()
        .product(&shop.provider_context_of(&page_context), handle)
        .await?
        .ok_or_else(HttpError::not_found)?;
    let declared = product_params(&product);
    page_context.declares(&declared);
    let (product, checked) = shop.with_answers(product, &page_context).await;
    let wanted = page_context
        .params
        .get("variant")
        .and_then(|id| id.trim().parse().ok());
    let variant = product
        .select(wanted, page_context.params.iter())
        .ok_or_else(HttpError::not_found)?
        .id;
    let related = related(shop, &page_context, &product).await?;
    let mut page = Page::new("product.html")
        .declares(declared)
        .data("notice", &notice)
        .value("related", part(&related, "cards"))
        .data("checked", &checked);
    let product = page_context.release.template_cache.product(
        &page_context.market,
        &product,
        &page_context.release.assets,
    );
    let variants = product.get_from_path("variants");
    let variants = variants.and_then(tera::Value::as_array);
    let is_chosen = |one: &&tera::Value| {
        let id = one.get_from_path("id");
        id.and_then(tera::Value::as_i64) == Some(variant)
    };
    if let Some(variant) = variants.into_iter().flatten().find(is_chosen) {
        page = page.value("variant", variant.clone());
    }
    Ok(page.value("product", product))
}

/// The parameters of a product's page: a variant by its id, or else values of its options.
fn product_params(product: &Product) -> DeclaredParams {
    let variants = product
        .variants
        .iter()
        .map(|variant| variant.id.to_string());
    let params = DeclaredParams::default().deciding("variant", variants);
    product.options.iter().fold(params, |params, option| {
        params.one_of(&option.name, option.values.iter().map(String::as_str))
    })
}

/// Cards of the product's first collection, without the product itself.
async fn related(
    shop: &Shop,
    page_context: &PageContext,
    product: &Product,
) -> Result<tera::Value, HttpError> {
    let read = async |context: ProviderContext| {
        let Some(collection) = product.collections.first() else {
            return Ok(Cards::default());
        };
        let mut found = cards_of(shop, &context, &collection.handle, RELATED + 1).await?;
        found.retain(|card| card.id != product.id);
        found.truncate(RELATED as usize);
        checked(shop, page_context, &context, found).await
    };
    shop.list(
        page_context,
        (List::Related(product.id), Some(page_context.region.clone())),
        read,
    )
    .await
}

/// Cards, and when what they show was true.
#[derive(Default, Serialize)]
struct Cards {
    cards: Vec<Card>,
    checked: Option<Checked>,
}

/// A part of a list of cards: `cards`, or `checked`.
fn part(list: &tera::Value, name: &str) -> tera::Value {
    let part = list.get_from_path(name).cloned();
    part.unwrap_or_else(tera::Value::none)
}

/// Cards with what is known of their stock and prices.
async fn checked(
    shop: &Shop,
    page_context: &PageContext,
    context: &ProviderContext,
    mut cards: Vec<Card>,
) -> Result<Cards, ProviderError> {
    let checked = shop
        .cards_with_answers(context, page_context, &mut cards)
        .await?;
    cards.hash_pictures(&page_context.release.assets);
    Ok(Cards { cards, checked })
}

/// The first cards of a collection, as they are now.
async fn cards(
    shop: &Shop,
    page_context: &PageContext,
    context: &ProviderContext,
    handle: &str,
    size: u32,
) -> Result<Cards, ProviderError> {
    let found = cards_of(shop, context, handle, size).await?;
    checked(shop, page_context, context, found).await
}

/// The first cards of a collection; none when it does not exist.
async fn cards_of(
    shop: &Shop,
    context: &ProviderContext,
    handle: &str,
    size: u32,
) -> Result<Vec<Card>, ProviderError> {
    let first = PageRequest {
        size,
        ..PageRequest::default()
    };
    let page = shop.catalogue().collection(context, handle, &first).await?;
    Ok(page.map(|page| page.products).unwrap_or_default())
}

pub async fn collection(
    shop: Shop,
    Path(handle): Path<String>,
    page_context: PageContext,
) -> Result<Page, HttpError> {
    let context = shop.provider_context_of(&page_context);
    let asked = Asked::read(&page_context.params, context.currency)?;
    let mut wanted = wanted_page(&page_context.params);
    let sort = wanted.sort;
    let list = NarrowedList::Collection(handle.clone());
    let narrowed = narrowed(&shop, &context, &list, &asked, sort).await?;
    if let Narrowed::Page(_) = &narrowed {
        wanted = narrowed_head(wanted);
    }
    let page = shop
        .catalogue()
        .collection(&context, &handle, &wanted)
        .await?;
    let mut page = page.ok_or_else(HttpError::not_found)?;
    if let Narrowed::Page(narrowed) = &narrowed {
        page.products.clone_from(&narrowed.products);
        page.page = narrowed_info(narrowed);
        page.sort = sort;
        page.number = asked.number.into();
        page.cursor = None;
    }
    let checked = shop
        .cards_with_answers(&context, &page_context, &mut page.products)
        .await?;
    page.products.hash_pictures(&page_context.release.assets);
    let path: Option<Url> = page_context.path().parse().ok();
    let answer = Page::new("collection.html")
        .fields(&page)?
        .data("checked", &checked);
    let url = ListUrl::new(path.clone().unwrap_or_else(Url::root), sort);
    let answer = with_facets(answer, &url, &asked, &narrowed, &context);
    // A page of the list has an address of its own; another order of it has not.
    Ok(match (page.sort, &page.cursor, path) {
        (Sort::Featured, Some(cursor), Some(url)) => answer.canonical(url.with("cursor", cursor)),
        _ => answer,
    })
}

pub async fn search(shop: Shop, page_context: PageContext) -> Result<Page, HttpError> {
    let query = page_context.params.get("q").unwrap_or_default();
    let context = shop.provider_context_of(&page_context);
    let asked = Asked::read(&page_context.params, context.currency)?;
    let mut wanted = wanted_page(&page_context.params);
    let exact = wanted.exact;
    let list = NarrowedList::Search {
        query: query.to_owned(),
        exact,
    };
    let narrowed = match query.trim().is_empty() {
        true => Narrowed::No,
        false => narrowed(&shop, &context, &list, &asked, Sort::default()).await?,
    };
    if let Narrowed::Page(_) = &narrowed {
        wanted = narrowed_head(wanted);
    }
    let mut page = shop.catalogue().search(&context, query, &wanted).await?;
    if let Narrowed::Page(narrowed) = &narrowed {
        page.products.clone_from(&narrowed.products);
        page.page = narrowed_info(narrowed);
    }
    let checked = shop
        .cards_with_answers(&context, &page_context, &mut page.products)
        .await?;
    page.products.hash_pictures(&page_context.release.assets);
    let answer = Page::new("search.html")
        .fields(&page)?
        .data("checked", &checked)
        .data("exact", &exact);
    let mut url = ListUrl::new(Url::path_of(&["search"]), Sort::default());
    url.kept.push(("q", query.to_owned()));
    if exact {
        url.kept.push(("exact", "1".to_owned()));
    }
    Ok(with_facets(answer, &url, &asked, &narrowed, &context))
}

/// What is known of a list's facets.
enum Narrowed {
    /// The list has none.
    No,
    /// They could not be read in time, and nothing of them is asked for.
    Late,
    /// Those of the whole list.
    Whole(NarrowedPage),
    /// A page by what is chosen of them.
    Page(NarrowedPage),
}

/// A page of a list by what is chosen; of the whole list, its facets alone.
async fn narrowed(
    shop: &Shop,
    context: &ProviderContext,
    list: &NarrowedList,
    asked: &Asked,
    sort: Sort,
) -> Result<Narrowed, HttpError> {
    let is_narrowed = asked.is_narrowed();
    let request = NarrowRequest {
        narrowing: asked.narrowing.clone(),
        sort,
        number: asked.number,
        size: if is_narrowed { PAGE_SIZE } else { 0 },
    };
    let context = match is_narrowed {
        true => context.clone(),
        false => context.clone().with_deadline(Instant::now() + FACETS_TIME),
    };
    match shop.catalogue().narrowed(&context, list, &request).await {
        Ok(None) => Ok(Narrowed::No),
        Ok(Some(page)) if is_narrowed => Ok(Narrowed::Page(page)),
        Ok(Some(page)) => Ok(Narrowed::Whole(page)),
        Err(ProviderError::Busy(_)) if !is_narrowed => Ok(Narrowed::Late),
        Err(error) => Err(error.into()),
    }
}

/// What is asked of a list whose products are known already: what the list is, in the order that
/// takes least.
fn narrowed_head(wanted: PageRequest) -> PageRequest {
    PageRequest {
        sort: Sort::default(),
        cursor: None,
        direction: Direction::default(),
        size: 1,
        ..wanted
    }
}

fn narrowed_info(page: &NarrowedPage) -> PageInfo {
    PageInfo {
        size: PAGE_SIZE,
        next_cursor: None,
        prev_cursor: None,
        total: page.total,
    }
}

/// The page with its list's facets, as `narrowing`.
fn with_facets(
    page: Page,
    url: &ListUrl,
    asked: &Asked,
    narrowed: &Narrowed,
    context: &ProviderContext,
) -> Page {
    let page = page.data("narrowed", &matches!(narrowed, Narrowed::Page(_)));
    let found = match narrowed {
        Narrowed::No => return page,
        Narrowed::Late => return page.uncached(),
        Narrowed::Whole(found) | Narrowed::Page(found) => found,
    };
    let shown = Shown::new(url, asked, found, context.currency);
    let page = page.data("narrowing", &shown);
    let page = match found.products.is_empty() && asked.number > 1 {
        true => page.status(StatusCode::NOT_FOUND),
        false => page,
    };
    match narrowing::has_unknown(&found.facets) {
        true => page.uncached(),
        false => page,
    }
}

pub async fn suggest(
    catalogue: Catalogue,
    Extension(info): Extension<RequestInfo>,
    params: Params,
) -> Result<Response, HttpError> {
    let query = params.get("q").unwrap_or_default();
    let suggestions = catalogue.suggest(query).await?;
    let suggestions = suggestions.with_hashed_pictures(&info.release.assets);
    Ok(([(CACHE_CONTROL, "public, max-age=30")], Json(suggestions)).into_response())
}

/// The parameters of a list that is paged.
pub fn list_params() -> DeclaredParams {
    let params = DeclaredParams::default()
        .one_of("sort", Sort::ALL.map(Sort::as_str))
        .one_of("direction", Direction::ALL.map(Direction::as_str))
        .any("cursor");
    narrowing::with_facet_params(params)
}

/// Which part of a list the query asks for. A sort or direction that does not exist is the default.
fn wanted_page(params: &Params) -> PageRequest {
    PageRequest {
        sort: params
            .get("sort")
            .and_then(|name| name.parse::<Sort>().ok())
            .unwrap_or_default(),
        cursor: params
            .get("cursor")
            .filter(|cursor| !cursor.is_empty())
            .map(str::to_owned),
        direction: params
            .get("direction")
            .and_then(|name| name.parse::<Direction>().ok())
            .unwrap_or_default(),
        exact: params.get("exact").is_some_and(|value| value == "1"),
        ..PageRequest::default()
    }
}
