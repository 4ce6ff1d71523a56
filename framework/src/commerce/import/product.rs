//! The rows of one handle, made into a product.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::error::Problem;
use super::row::{Column, Misfit, OPTIONS, Row};
use super::value::{address, amount, excerpt, integer, word};
use crate::commerce::sqlite::document::Document;
use crate::commerce::{CollectionLink, Currency, ProductImage, ProductOption, html, text};

/// Most variants of a product.
const MAX_VARIANTS: usize = 2_048;
/// Most pictures of a product.
const MAX_IMAGES: usize = 250;
/// Most collections of a product.
const MAX_COLLECTIONS: usize = 100;
/// Most tags of a product.
const MAX_TAGS: usize = 250;
/// Most pieces in stock, and most that can have been sold beyond it.
const MAX_STOCK: i64 = 1_000_000_000;
/// Characters of a description.
const DESCRIPTION: usize = 300;

/// A product as a file describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::commerce) struct Incoming {
    pub handle: String,
    pub title: String,
    pub vendor: String,
    pub published: bool,
    pub document: Document,
    pub variants: Vec<IncomingVariant>,
    /// `None` when the file says nothing about collections.
    pub collections: Option<Vec<CollectionLink>>,
}

/// A variant as a file describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::commerce) struct IncomingVariant {
    pub sku: String,
    pub options: Vec<String>,
    pub price: i64,
    pub compare_at: Option<i64>,
    /// `None`: not tracked.
    pub quantity: Option<i64>,
    pub oversell: bool,
    pub image: Option<String>,
}

/// A product whose rows are still coming in.
pub(super) struct Draft {
    /// Line of the first row.
    pub line: u64,
    product: Incoming,
    /// Names of the options; empty when there is nothing to choose.
    options: Vec<String>,
    /// Option values that are taken, and where.
    taken: HashMap<Vec<String>, u64>,
    /// Pictures with the position they ask for.
    images: Vec<(i64, ProductImage)>,
}

impl Draft {
    /// Begins a product with its first row.
    pub(super) fn begin(
        row: &Row<'_>,
        handle: String,
        with_collections: bool,
        currency: Currency,
    ) -> Result<Self, Misfit> {
        let title = row.line_of_text(Column::Title)?;
        if title.is_empty() {
            return Err(row.misfit(Column::Title, Problem::Missing));
        }
        let body_html = html::clean(row.raw(Column::Body)?);
        let mut draft = Self {
            line: row.line(),
            options: option_names(row)?,
            product: Incoming {
                handle,
                title,
                vendor: row.line_of_text(Column::Vendor)?,
                published: is_published(row)?,
                document: Document {
                    description: html::plain_text(&body_html, DESCRIPTION),
                    body_html,
                    product_type: row.line_of_text(Column::Type)?,
                    tags: tags(row)?,
                    images: Vec::new(),
                    options: Vec::new(),
                    seo_title: row.line_of_text(Column::SeoTitle)?,
                    seo_description: row.line_of_text(Column::SeoDescription)?,
                },
                variants: Vec::new(),
                collections: with_collections.then(Vec::new),
            },
            taken: HashMap::new(),
            images: Vec::new(),
        };
        draft.add_variant(row, currency)?;
        draft.add_image(row)?;
        draft.add_collection(row)?;
        Ok(draft)
    }

    /// The handle whose rows these are.
    pub(super) fn handle(&self) -> &str {
        &self.product.handle
    }

    /// Adds a further row of the same handle: a variant, a picture, a collection, or several of
    /// them.
    pub(super) fn add(&mut self, row: &Row<'_>, currency: Currency) -> Result<(), Misfit> {
        if row.has(Column::Title)? {
            return Err(row.misfit(Column::Title, Problem::SecondTitle { first: self.line }));
        }
        let mut is_variant = row.has(Column::Sku)? || row.has(Column::Price)?;
        for (_, value) in OPTIONS {
            is_variant |= row.has(value)?;
        }
        if is_variant {
            self.add_variant(row, currency)?;
        }
        self.add_image(row)?;
        self.add_collection(row)
    }

    /// The product, when all its rows are in.
    pub(super) fn finish(self) -> Incoming {
        let Self {
            mut product,
            options,
            mut images,
            ..
        } = self;
        product.document.options = options
            .into_iter()
            .enumerate()
            .map(|(place, name)| {
                let mut seen = HashSet::new();
                let values = product
                    .variants
                    .iter()
                    .filter_map(|variant| variant.options.get(place))
                    .filter(|value| seen.insert(*value))
                    .cloned()
                    .collect();
                ProductOption { name, values }
            })
            .collect();
        // Stable: those that ask for the same place, or for none, stay in the file's order.
        images.sort_by_key(|(position, _)| *position);
        product.document.images = images.into_iter().map(|(_, image)| image).collect();
        for variant in &product.variants {
            let missing = |src: &&String| {
                !product
                    .document
                    .images
                    .iter()
                    .any(|image| image.src == **src)
            };
            if let Some(src) = variant.image.as_ref().filter(missing) {
                let image = ProductImage {
                    src: src.clone(),
                    alt: String::new(),
                    width: None,
                    height: None,
                };
                product.document.images.push(image);
            }
        }
        name_variants(&product.handle, &mut product.variants);
        product
    }

    fn add_variant(&mut self, row: &Row<'_>, currency: Currency) -> Result<(), Misfit> {
        if self.product.variants.len() >= MAX_VARIANTS {
            let problem = Problem::TooMany {
                what: "variants",
                limit: MAX_VARIANTS,
            };
            return Err(row.misfit(Column::Handle, problem));
        }
        let options = self.option_values(row)?;
        if let Some(first) = self.taken.insert(options.clone(), row.line()) {
            return Err(row.misfit(Column::Option1Value, Problem::DuplicateVariant { first }));
        }
        if !row.has(Column::Price)? {
            return Err(row.misfit(Column::Price, Problem::Missing));
        }
        let price = amount(row, Column::Price, currency)?;
        let compare_at = match row.has(Column::CompareAt)? {
            true => Some(amount(row, Column::CompareAt, currency)?),
            false => None,
        };
        let pieces = integer(row, Column::Quantity, -MAX_STOCK, MAX_STOCK)?.unwrap_or(0);
        let oversell = word(
            row,
            Column::Policy,
            &[("", false), ("deny", false), ("continue", true)],
            "deny, continue",
        )?;
        self.product.variants.push(IncomingVariant {
            sku: row.line_of_text(Column::Sku)?,
            options,
            price,
            compare_at: compare_at.filter(|former| *former > price),
            quantity: row.has(Column::Tracker)?.then_some(pieces),
            oversell,
            image: address(row, Column::VariantImage)?,
        });
        Ok(())
    }

    /// The values of a row for the product's options.
    fn option_values(&self, row: &Row<'_>) -> Result<Vec<String>, Misfit> {
        let mut values = Vec::with_capacity(self.options.len());
        for (place, (name_column, value_column)) in OPTIONS.into_iter().enumerate() {
            let name = row.line_of_text(name_column)?;
            let value = row.line_of_text(value_column)?;
            match self.options.get(place) {
                Some(first) if !name.is_empty() && name != *first => {
                    let problem = Problem::OptionRenamed {
                        first: first.clone(),
                    };
                    return Err(row.misfit(name_column, problem));
                }
                Some(_) if value.is_empty() => {
                    return Err(row.misfit(value_column, Problem::Missing));
                }
                Some(_) => values.push(value),
                None if value.is_empty() || is_default(place, &value) => {}
                None => return Err(row.misfit(name_column, Problem::OptionWithoutName)),
            }
        }
        Ok(values)
    }

    fn add_image(&mut self, row: &Row<'_>) -> Result<(), Misfit> {
        let position = integer(row, Column::ImagePosition, 1, MAX_STOCK)?.unwrap_or(i64::MAX);
        let Some(src) = address(row, Column::ImageSrc)? else {
            return Ok(());
        };
        let alt = row.line_of_text(Column::ImageAlt)?;
        if self.images.iter().any(|(_, image)| image.src == src) {
            return Ok(());
        }
        if self.images.len() >= MAX_IMAGES {
            let problem = Problem::TooMany {
                what: "pictures",
                limit: MAX_IMAGES,
            };
            return Err(row.misfit(Column::ImageSrc, problem));
        }
        self.images.push((
            position,
            ProductImage {
                src,
                alt,
                width: None,
                height: None,
            },
        ));
        Ok(())
    }

    fn add_collection(&mut self, row: &Row<'_>) -> Result<(), Misfit> {
        let title = row.line_of_text(Column::Collection)?;
        let handle = text::slug(&title);
        let Some(collections) = self
            .product
            .collections
            .as_mut()
            .filter(|_| !title.is_empty())
        else {
            return Ok(());
        };
        if handle.is_empty() {
            let problem = Problem::BadHandle {
                value: excerpt(&title),
            };
            return Err(row.misfit(Column::Collection, problem));
        }
        // Everything is in the virtual collection `all` anyway.
        if handle == "all" || collections.iter().any(|known| known.handle == handle) {
            return Ok(());
        }
        if collections.len() >= MAX_COLLECTIONS {
            let problem = Problem::TooMany {
                what: "collections",
                limit: MAX_COLLECTIONS,
            };
            return Err(row.misfit(Column::Collection, problem));
        }
        collections.push(CollectionLink { handle, title });
        Ok(())
    }
}

/// Names of the options in a product's first row; none when its only variant is the default one.
fn option_names(row: &Row<'_>) -> Result<Vec<String>, Misfit> {
    let mut names = Vec::new();
    for (place, (name_column, value_column)) in OPTIONS.into_iter().enumerate() {
        let name = row.line_of_text(name_column)?;
        let value = row.line_of_text(value_column)?;
        if name.is_empty() && value.is_empty() {
            continue;
        }
        if matches!(name.as_str(), "" | "Title") && is_default(place, &value) {
            continue;
        }
        if name.is_empty() || names.len() < place {
            // Either this value has no option, or this option stands behind an empty one.
            let column = OPTIONS
                .get(names.len())
                .map_or(name_column, |(column, _)| *column);
            return Err(row.misfit(column, Problem::OptionWithoutName));
        }
        names.push(name);
    }
    Ok(names)
}

fn is_default(place: usize, value: &str) -> bool {
    place == 0 && value == "Default Title"
}

fn is_published(row: &Row<'_>) -> Result<bool, Misfit> {
    let published = word(
        row,
        Column::Published,
        &[("", true), ("true", true), ("false", false)],
        "true, false",
    )?;
    let active = word(
        row,
        Column::Status,
        &[
            ("", true),
            ("active", true),
            ("draft", false),
            ("archived", false),
            ("unlisted", false),
        ],
        "active, draft, archived, unlisted",
    )?;
    Ok(published && active)
}

fn tags(row: &Row<'_>) -> Result<Vec<String>, Misfit> {
    let mut tags: Vec<String> = Vec::new();
    for tag in row.line_of_text(Column::Tags)?.split(',').map(str::trim) {
        if tag.is_empty() || tags.iter().any(|known| known == tag) {
            continue;
        }
        if tags.len() >= MAX_TAGS {
            return Err(row.misfit(
                Column::Tags,
                Problem::TooMany {
                    what: "tags",
                    limit: MAX_TAGS,
                },
            ));
        }
        tags.push(tag.to_owned());
    }
    Ok(tags)
}

/// Gives every variant without a SKU one of the handle and its options, unlike all others of the
/// product.
fn name_variants(handle: &str, variants: &mut [IncomingVariant]) {
    let mut taken: HashSet<String> = variants
        .iter()
        .map(|variant| variant.sku.clone())
        .filter(|sku| !sku.is_empty())
        .collect();
    for variant in variants.iter_mut().filter(|variant| variant.sku.is_empty()) {
        let base = match text::slug(&variant.options.join(" ")) {
            options if options.is_empty() => handle.to_owned(),
            options => format!("{handle}-{options}"),
        };
        let mut sku = base.clone();
        let mut number = 1;
        while !taken.insert(sku.clone()) {
            number += 1;
            sku = format!("{base}-{number}");
        }
        variant.sku = sku;
    }
}
