//! Products and collections as visitors see them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use iso_currency::Currency;
use protium_types::Tag;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Deserialize;

use super::cache::ProductCache;
use super::document::Document;
use super::failure::failure;
use super::price_list::{AskedList, DEFAULT};
use super::search::Search;
use super::{CatalogueState, Store, listing};
use crate::listing::{CollectionPage, PageRequest, SearchPage, Suggestions};
use crate::provider::{Catalogue, ProviderError};
use crate::{
    Card, Collection, CollectionLink, Context, Image, Metafield, MetafieldName, Metafields,
    Product, ProductImage, ProductOption, Variant, VariantMatch,
};

/// Columns of [`card`].
const CARD: &str = "p.id, p.handle, p.title, p.vendor, p.image_src, p.image_alt, \
     p.price_min, p.price_max, p.compare_at, p.available, p.single_variant, p.on_sale";

/// The same by a price list other than the default one.
const CARD_PRICED: &str = "p.id, p.handle, p.title, p.vendor, p.image_src, p.image_alt, \
     pp.price_min, pp.price_max, pp.compare_at, pp.available, pp.single_variant, pp.on_sale";

/// Columns of [`card`] by a price list, and what has to be joined for them to `product p`.
pub(super) fn card_columns(list: i64) -> (&'static str, String) {
    match list {
        DEFAULT => (CARD, String::new()),
        list => (
            CARD_PRICED,
            format!(
                " CROSS JOIN product_by_list pp ON pp.list_id = {list} AND pp.product_id = p.id"
            ),
        ),
    }
}

/// Pieces of the variant `v` that can be sold; NULL where they are not counted.
pub(super) const PIECES: &str = "CASE v.tracked WHEN 1 THEN (\
     SELECT coalesce(sum(s.on_hand - s.committed), 0) FROM stock s WHERE s.variant_id = v.id) END";

/// Columns of [`collection`].
pub(super) const COLLECTION: &str =
    "c.handle, c.title, c.description, c.image_src, c.image_alt, c.product_count";

pub(super) fn card(row: &Row<'_>) -> rusqlite::Result<Card> {
    Ok(Card {
        id: row.get(0)?,
        handle: row.get(1)?,
        title: row.get(2)?,
        vendor: row.get(3)?,
        image: image(row, 4, 2)?,
        price_min: row.get(6)?,
        price_max: row.get(7)?,
        compare_at: row.get(8)?,
        available: row.get(9)?,
        variant_id: row.get(10)?,
        on_sale: row.get(11)?,
    })
}

pub(super) fn collection(row: &Row<'_>) -> rusqlite::Result<Collection> {
    Ok(Collection {
        handle: row.get(0)?,
        title: row.get(1)?,
        description: row.get(2)?,
        image: image(row, 3, 1)?,
        product_count: row.get(5)?,
    })
}

/// The picture in a column, with the alternative text in the next one, else the title in `title`.
fn image(row: &Row<'_>, column: usize, title: usize) -> rusqlite::Result<Option<Image>> {
    let Some(src) = row.get(column)? else {
        return Ok(None);
    };
    let alt: Option<String> = row.get(column + 1)?;
    let alt = match alt.filter(|alt| !alt.is_empty()) {
        Some(alt) => alt,
        None => row.get(title)?,
    };
    Ok(Some(Image { src, alt }))
}

/// A column of JSON.
pub(super) fn json<T: for<'de> Deserialize<'de>>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into())
    })
}

pub(super) fn state(connection: &Connection) -> rusqlite::Result<CatalogueState> {
    let mut query =
        connection.prepare_cached("SELECT version, currency, published FROM catalogue")?;
    query.query_row([], |row| {
        let code: Option<String> = row.get(1)?;
        Ok(CatalogueState {
            version: row.get(0)?,
            currency: code.as_deref().and_then(Currency::from_code),
            published: row.get(2)?,
        })
    })
}

/// The product of a handle, from memory when the database says that nothing has changed.
fn product(
    connection: &Connection,
    cache: &ProductCache,
    list: i64,
    handle: &str,
) -> rusqlite::Result<Option<Arc<Product>>> {
    let known = connection
        .prepare_cached("SELECT id, revision FROM product WHERE handle = ?1 AND published = 1")?
        .query_row([handle], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((id, revision)) = known else {
        return Ok(None);
    };
    if let Some(product) = cache.get(list, id, revision) {
        return Ok(Some(product));
    }
    // One snapshot, so that the parts fit each other.
    let snapshot = connection.unchecked_transaction()?;
    let Some((revision, product)) = load(&snapshot, list, handle)? else {
        return Ok(None);
    };
    let product = Arc::new(product);
    cache.put(list, revision, &product);
    Ok(Some(product))
}

/// Reads a product that visitors can see, with its revision.
fn load(
    connection: &Connection,
    list: i64,
    handle: &str,
) -> rusqlite::Result<Option<(i64, Product)>> {
    let (of, priced) = match list {
        DEFAULT => ("p", String::new()),
        list => ("pp", card_columns(list).1),
    };
    let mut query = connection.prepare_cached(&format!(
        "SELECT p.id, p.revision, p.title, p.vendor, {of}.price_min, {of}.price_max, \
                {of}.compare_at, {of}.available, d.body \
         FROM product p{priced} JOIN product_document d ON d.product_id = p.id \
         WHERE p.handle = ?1 AND p.published = 1"
    ))?;
    let found = query
        .query_row([handle], |row| {
            let Document {
                body_html,
                description,
                product_type,
                tags,
                images,
                options,
                seo_title,
                seo_description,
                ..
            } = json(row, 8)?;
            let title: String = row.get(2)?;
            let or = |text: String, instead: &str| match text.is_empty() {
                true => instead.to_owned(),
                false => text,
            };
            let product = Product {
                id: row.get(0)?,
                handle: handle.to_owned(),
                body_html,
                vendor: row.get(3)?,
                product_type,
                tags,
                images,
                options,
                variants: Vec::new(),
                price_min: row.get(4)?,
                price_max: row.get(5)?,
                compare_at: row.get(6)?,
                available: row.get(7)?,
                seo_title: or(seo_title, &title),
                seo_description: or(seo_description, &description),
                title,
                description,
                collections: Vec::new(),
                metafields: Metafields::default(),
            };
            Ok((row.get(1)?, product))
        })
        .optional()?;
    let Some((revision, mut product)) = found else {
        return Ok(None);
    };
    product.variants = connection
        .prepare_cached(&format!(
            "SELECT v.id, v.sku, v.title, v.options, c.amount, \
                    CASE WHEN c.compare_at > c.amount THEN c.compare_at END, \
                    {PIECES}, v.oversell, v.image, v.barcode \
             FROM variant v CROSS JOIN price c ON c.variant_id = v.id AND c.list_id = ?2 \
             WHERE v.product_id = ?1 AND v.position IS NOT NULL ORDER BY v.position"
        ))?
        .query_map([product.id, list], |row| {
            let quantity: Option<i64> = row.get(6)?;
            let oversell: bool = row.get(7)?;
            Ok(Variant {
                id: row.get(0)?,
                sku: row.get(1)?,
                title: row.get(2)?,
                options: json(row, 3)?,
                price: row.get(4)?,
                compare_at: row.get(5)?,
                available: oversell || quantity.is_none_or(|pieces| pieces > 0),
                quantity,
                oversell,
                barcode: row.get(9)?,
                image: row.get(8)?,
                image_index: None,
                metafields: Metafields::default(),
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    if product.variants.is_empty() {
        return Ok(None);
    }
    put_metafields(connection, &mut product)?;
    complete_images(&mut product);
    tell_options_apart(&mut product.options);
    product.collections = connection
        .prepare_cached(
            "SELECT c.handle, c.title FROM collection_product cp \
             JOIN collection c ON c.id = cp.collection_id WHERE cp.product_id = ?1 ORDER BY c.id",
        )?
        .query_map([product.id], |row| {
            Ok(CollectionLink {
                handle: row.get(0)?,
                title: row.get(1)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some((revision, product)))
}

/// Reads the metafields of a product and of its variants. One that somebody wrote by hand and that
/// is not of its type is left out.
fn put_metafields(connection: &Connection, product: &mut Product) -> rusqlite::Result<()> {
    let mut query = connection.prepare_cached(
        "SELECT variant_id, namespace, key, type, value FROM metafield WHERE product_id = ?1",
    )?;
    let mut rows = query.query([product.id])?;
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let name = MetafieldName::new(text(1)?, text(2)?);
        let (Ok(name), Ok(field)) = (name, Metafield::new(text(3)?, text(4)?)) else {
            tracing::warn!(
                product = product.handle,
                "a metafield is not what its type says, and is left out"
            );
            continue;
        };
        match row.get(0)? {
            0 => {
                product.metafields.insert(name, field);
            }
            id => {
                if let Some(variant) = product.variants.iter_mut().find(|one| one.id == id) {
                    variant.metafields.insert(name, field);
                }
            }
        }
    }
    Ok(())
}

/// Brings pictures that only variants name into the gallery, tells each variant where its picture
/// is, and gives every picture an alternative text.
fn complete_images(product: &mut Product) {
    let mut places: HashMap<String, usize> = HashMap::new();
    for (place, image) in product.images.iter_mut().enumerate() {
        places.entry(image.src.clone()).or_insert(place);
        if image.alt.is_empty() {
            image.alt.clone_from(&product.title);
        }
    }
    for variant in &mut product.variants {
        let Some(src) = &variant.image else {
            continue;
        };
        let next = product.images.len();
        let place = *places.entry(src.clone()).or_insert(next);
        variant.image_index = Some(place);
        if place == next {
            let alt = match variant.title.as_str() {
                "" => product.title.clone(),
                title => format!("{}, {title}", product.title),
            };
            product.images.push(ProductImage {
                src: src.clone(),
                alt,
                width: None,
                height: None,
            });
        }
    }
}

/// Components tell options apart by their names, and addresses choose by them: of two with one
/// name, the second gets a number.
fn tell_options_apart(options: &mut [ProductOption]) {
    let mut taken = HashSet::new();
    for option in options {
        let name = option.name.clone();
        let mut number = 1;
        while !taken.insert(option.name.clone()) {
            number += 1;
            option.name = format!("{name} {number}");
        }
    }
}

fn collections(connection: &Connection, limit: u32) -> rusqlite::Result<Vec<Collection>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLLECTION} FROM collection c WHERE c.product_count > 0 \
             ORDER BY c.derived, CASE c.derived WHEN 1 THEN -c.product_count END, c.id LIMIT ?1"
        ))?
        .query_map(params![limit], collection)?
        .collect()
}

/// By what a variant is looked for.
#[derive(Clone, Copy)]
enum Code<'a> {
    Sku(&'a str),
    /// Without hyphens and spaces.
    Barcode(&'a str),
}

/// The variant on sale that alone has a code, and the handle of its product.
fn by_code(connection: &Connection, code: Code<'_>) -> rusqlite::Result<Option<(i64, String)>> {
    let (code, condition) = match code {
        Code::Sku(sku) => (sku, "v.sku = ?1"),
        Code::Barcode(barcode) => (
            barcode,
            "v.barcode <> '' AND replace(replace(v.barcode, '-', ''), ' ', '') = ?1",
        ),
    };
    if code.is_empty() {
        return Ok(None);
    }
    let mut query = connection.prepare_cached(&format!(
        "SELECT v.id, p.handle FROM variant v JOIN product p ON p.id = v.product_id \
         WHERE {condition} AND v.position IS NOT NULL AND p.published = 1 LIMIT 2"
    ))?;
    let mut rows = query.query([code])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let found = (row.get(0)?, row.get(1)?);
    Ok(rows.next()?.is_none().then_some(found))
}

impl Store {
    async fn variant_by(
        &self,
        context: &Context,
        code: Code<'_>,
    ) -> Result<Option<VariantMatch>, ProviderError> {
        let read = |connection: &Connection| by_code(connection, code);
        let found = self
            .0
            .readers
            .quick(context.deadline, read)
            .await?
            .map_err(|error| failure("finding a variant by its code", error))?;
        let Some((variant_id, handle)) = found else {
            context.recorder.freshness(self.0.options.freshness);
            context.recorder.tag(Tag::catalogue());
            return Ok(None);
        };
        let product = self.product(context, &handle).await?;
        // Its list may not sell it, and somebody may have changed it in between.
        let found = product.map(|product| VariantMatch {
            product,
            variant_id,
        });
        Ok(found.filter(|found| found.variant().is_some()))
    }
}

#[async_trait]
impl Catalogue for Store {
    async fn product(
        &self,
        context: &Context,
        handle: &str,
    ) -> Result<Option<Arc<Product>>, ProviderError> {
        let asked = AskedList::of(context);
        let read = |connection: &Connection| {
            let list = asked.id(connection)?;
            product(connection, &self.0.products, list, handle)
                .map_err(|error| failure("reading a product", error))
        };
        let found = self.0.readers.quick(context.deadline, read).await??;
        context.recorder.freshness(self.0.options.freshness);
        match &found {
            Some(product) => context.recorder.tag(Tag::product(product.id)),
            None => context.recorder.tag(Tag::catalogue()),
        }
        Ok(found)
    }

    async fn handle_of(
        &self,
        context: &Context,
        variant_id: i64,
    ) -> Result<Option<String>, ProviderError> {
        let read = |connection: &Connection| {
            connection
                .prepare_cached(
                    "SELECT p.handle FROM variant v JOIN product p ON p.id = v.product_id \
                     WHERE v.id = ?1 AND p.published = 1",
                )?
                .query_row([variant_id], |row| row.get(0))
                .optional()
        };
        self.0
            .readers
            .quick(context.deadline, read)
            .await?
            .map_err(|error| failure("finding the product of a variant", error))
    }

    async fn variant_by_sku(
        &self,
        context: &Context,
        sku: &str,
    ) -> Result<Option<VariantMatch>, ProviderError> {
        self.variant_by(context, Code::Sku(sku)).await
    }

    async fn variant_by_barcode(
        &self,
        context: &Context,
        barcode: &str,
    ) -> Result<Option<VariantMatch>, ProviderError> {
        let compact: String = barcode.chars().filter(|one| !"- ".contains(*one)).collect();
        self.variant_by(context, Code::Barcode(&compact)).await
    }

    async fn collections(
        &self,
        context: &Context,
        limit: u32,
    ) -> Result<Vec<Collection>, ProviderError> {
        let found = self
            .0
            .readers
            .quick(context.deadline, |connection| {
                collections(connection, limit.min(1_000))
            })
            .await?
            .map_err(|error| failure("reading the collections", error))?;
        context.recorder.freshness(self.0.options.freshness);
        context.recorder.tag(Tag::catalogue());
        Ok(found)
    }

    async fn collection(
        &self,
        context: &Context,
        handle: &str,
        page: &PageRequest,
    ) -> Result<Option<CollectionPage>, ProviderError> {
        let (handle, page) = (handle.to_owned(), page.clone());
        let asked = AskedList::of(context);
        let found = self
            .0
            .readers
            .long(context.deadline, move |connection| {
                listing::page(connection, asked.id(connection)?, &handle, &page)
            })
            .await??;
        context.recorder.freshness(self.0.options.freshness);
        let Some((id, page)) = found else {
            context.recorder.tag(Tag::catalogue());
            return Ok(None);
        };
        context.recorder.tag(Tag::collection(id));
        context
            .recorder
            .tags(page.products.iter().map(|card| Tag::product(card.id)));
        Ok(Some(page))
    }

    async fn search(
        &self,
        context: &Context,
        query: &str,
        page: &PageRequest,
    ) -> Result<SearchPage, ProviderError> {
        let (search, page) = (Search::new(&self.0.words, context, query), page.clone());
        let found = self
            .0
            .readers
            .long(context.deadline, move |connection| {
                search.page(connection, &page)
            })
            .await??;
        context.recorder.freshness(self.0.options.freshness);
        context.recorder.tag(Tag::catalogue());
        Ok(found)
    }

    async fn suggest(&self, context: &Context, query: &str) -> Result<Suggestions, ProviderError> {
        let search = Search::new(&self.0.words, context, query);
        let found = self
            .0
            .readers
            .long(context.deadline, move |connection| {
                search.suggest(connection)
            })
            .await??;
        context.recorder.freshness(self.0.options.freshness);
        context.recorder.tag(Tag::catalogue());
        Ok(found)
    }
}
