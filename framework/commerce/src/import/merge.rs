//! What a product is after a file: what the catalogue has, changed by the columns that the file
//! has.

use super::cell::Cell;
use super::collections::{self, Collections};
use super::column::{Column, Header};
use super::error::{CellError, Problem};
use super::metafields;
use super::notes::Notes;
use super::patch::{ImagePatch, Patch};
use super::variants;
use crate::sqlite::document::{Document, Listing, Status};
use crate::sqlite::stored::{Known, Stored};
use crate::{ProductImage, html};

/// Characters of a description.
const DESCRIPTION: usize = 300;

/// A product as it is to be.
pub(crate) struct Merged {
    pub product: Stored,
    /// `None`: as they are.
    pub collections: Option<Collections>,
}

/// Carries out what a file says of a product.
pub(crate) fn merge(
    patch: &Patch,
    known: Option<&Known>,
    header: &Header,
    notes: &mut Notes,
) -> Result<Merged, CellError> {
    let cell_error = |column, problem| header.error(patch.line, column, problem);
    let old = known.map(|known| &known.product);
    let title = match (&patch.title, old) {
        (Cell::Value(title), _) => title.clone(),
        (Cell::Absent, Some(old)) => old.title.clone(),
        (Cell::Absent, None) => return Err(cell_error(Column::Title, Problem::NeededForNew)),
        (Cell::Empty, _) => return Err(cell_error(Column::Title, Problem::Missing)),
    };
    let text = |cell: &Cell<String>, kept: &dyn Fn(&Stored) -> String| {
        cell.clone()
            .resolve(old.map(kept).unwrap_or_default(), String::new())
    };
    let (options, variants) = variants::merge(patch, known, header, notes)?;
    let body_html = text(&patch.body_html, &|old| old.document.body_html.clone());
    let was = old.and_then(|old| old.document.listing);
    let listing = Listing {
        published: patch
            .published
            .resolve(was.is_none_or(|was| was.published), true),
        status: patch
            .status
            .resolve(was.map_or(Status::Active, |was| was.status), Status::Active),
    };
    let is_listed = listing.published && listing.status == Status::Active;
    let says_listing = !patch.published.is_absent() || !patch.status.is_absent();
    let mut product = Stored {
        title,
        vendor: text(&patch.vendor, &|old| old.vendor.clone()),
        published: match old {
            Some(old) if !says_listing => old.published,
            _ => is_listed,
        },
        document: Document {
            description: html::plain_text(&body_html, DESCRIPTION),
            body_html,
            product_type: text(&patch.product_type, &|old| {
                old.document.product_type.clone()
            }),
            category: text(&patch.category, &|old| old.document.category.clone()),
            tags: patch.tags.clone().resolve(
                old.map(|old| old.document.tags.clone()).unwrap_or_default(),
                Vec::new(),
            ),
            images: images(patch, old, header),
            options,
            seo_title: text(&patch.seo_title, &|old| old.document.seo_title.clone()),
            seo_description: text(&patch.seo_description, &|old| {
                old.document.seo_description.clone()
            }),
            listing: Some(listing),
            named_collections: old.and_then(|old| old.document.named_collections),
        },
        variants,
        metafields: metafields::merge(
            &patch.metafields,
            &header.named().product_metafields,
            old.map(|old| &old.metafields),
            |place, problem| header.error_at(patch.line, place, problem),
        )?,
    };
    let collections = collections::merge(patch, known.is_some(), &mut product.document);
    Ok(Merged {
        product,
        collections,
    })
}

/// The gallery.
fn images(patch: &Patch, old: Option<&Stored>, header: &Header) -> Vec<ProductImage> {
    let old = old.map_or(&[][..], |old| &old.document.images);
    let Some(images) = &patch.images else {
        return old.to_vec();
    };
    let place = |src: &str| old.iter().position(|image| image.src == src);
    let mut images: Vec<&ImagePatch> = images.iter().collect();
    // Stable: those that ask for the same place, or for none, stay in the file's order.
    match header.has(Column::ImagePosition) {
        true => images.sort_by_key(|image| image.position.value().copied().unwrap_or(i64::MAX)),
        false => images.sort_by_key(|image| place(&image.src).unwrap_or(usize::MAX)),
    }
    images
        .into_iter()
        .map(|image| {
            let known = place(&image.src).and_then(|place| old.get(place));
            ProductImage {
                src: image.src.clone(),
                alt: image.alt.clone().resolve(
                    known.map(|known| known.alt.clone()).unwrap_or_default(),
                    String::new(),
                ),
                width: known.and_then(|known| known.width),
                height: known.and_then(|known| known.height),
            }
        })
        .collect()
}
