//! Products and collections as visitors see them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use protium_types::Tag;
use rusqlite::{Connection, OptionalExtension, params};

use super::asked_list::{AskedList, DEFAULT};
use super::cache::ProductCache;
use super::codes::Code;
use super::document::Document;
use super::failure::failure;
use super::listing;
use super::rows::{self, COLLECTION, PIECES, card_columns, collection, json};
use super::search::Search;
use super::store::Store;
use crate::filter::{List, NarrowRequest, NarrowedPage};
use crate::listing::{CollectionPage, PageRequest, SearchPage, Suggestions};
use crate::provider::Catalogue;
use crate::{
    Collection, Context, Metafields, Product, ProductImage, ProductOption, ProviderError, Variant,
    VariantMatch,
};

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
    product.collections = rows::collections_of(connection, product.id)?;
    Ok(Some((revision, product)))
}

/// Reads the metafields of a product and of its variants.
fn put_metafields(connection: &Connection, product: &mut Product) -> rusqlite::Result<()> {
    let all_fit = rows::metafields(connection, product.id, |variant, name, field| {
        if variant == 0 {
            product.metafields.insert(name, field);
        } else if let Some(one) = product.variants.iter_mut().find(|one| one.id == variant) {
            one.metafields.insert(name, field);
        }
    })?;
    if !all_fit {
        tracing::warn!(
            product = product.handle,
            "a metafield is not what its type says, and is left out"
        );
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
        let (search, page) = (
            Search::new(&self.0.words, &self.0.results, context, query),
            page.clone(),
        );
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
        let search = Search::new(&self.0.words, &self.0.results, context, query);
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

    async fn narrowed(
        &self,
        context: &Context,
        list: &List,
        request: &NarrowRequest,
    ) -> Result<Option<NarrowedPage>, ProviderError> {
        self.narrowed_page(context, list, request).await
    }
}
