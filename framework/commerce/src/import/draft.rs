//! The rows of one handle, made into what the file says of a product. The order of the rows matters
//! only for what has an order: variants, and pictures without a position. What is said again on
//! further rows has to be the same.

use std::collections::{BTreeMap, HashMap};

use super::cell::Cell;
use super::column::{Column, OPTIONS};
use super::error::{CellError, Problem};
use super::named_columns::MetafieldColumn;
use super::notes::Notes;
use super::patch::{ImagePatch, Patch, Pieces, PricePatch, VariantPatch};
use super::row::Row;
use super::value::{self, MAX_IMAGES, addresses, amount, integer, word};
use crate::metafield::MAX_VALUE;
use crate::sqlite::document::Status;
use crate::text::excerpt;
use crate::{CollectionLink, Currency, Metafield, html, text};

/// Most variants of a product.
const MAX_VARIANTS: usize = 2_048;
/// Most collections of a product.
pub(super) const MAX_COLLECTIONS: usize = 100;
/// Most tags of a product.
const MAX_TAGS: usize = 250;
/// Most locations that have stock of a variant.
const MAX_LOCATIONS: usize = 250;
/// Most pieces in stock, and most that can have been sold beyond it.
const MAX_STOCK: i64 = 1_000_000_000;

/// Whether a variant is sold on when its stock is used up.
const POLICY: [(&str, bool); 6] = [
    ("deny", false),
    ("continue", true),
    ("false", false),
    ("true", true),
    ("no", false),
    ("yes", true),
];

const TRUTH: [(&str, bool); 6] = [
    ("true", true),
    ("false", false),
    ("yes", true),
    ("no", false),
    ("1", true),
    ("0", false),
];

/// A product whose rows are still coming in.
#[derive(Default)]
pub(super) struct Draft {
    patch: Patch,
    /// The body as the file has it, cleaned when all rows are in.
    body: Cell<String>,
    /// The lines that gave the values of the product itself.
    given: HashMap<&'static str, u64>,
    /// Variants by what tells them apart.
    places: HashMap<[Option<String>; 4], usize>,
    /// What rows without SKU, price, barcode and options say: counts when there are no others.
    faint: Option<VariantPatch>,
}

impl Draft {
    /// A product without rows.
    pub(super) fn new(handle: String, line: u64) -> Self {
        Self {
            patch: Patch {
                handle,
                line,
                ..Patch::default()
            },
            ..Self::default()
        }
    }

    /// Adds a row: the product's values, a variant, pictures, a collection, or several of them.
    pub(super) fn add(
        &mut self,
        row: &Row<'_>,
        currency: Currency,
        notes: &mut Notes,
    ) -> Result<(), CellError> {
        self.add_product(row)?;
        self.add_options(row)?;
        let images = self.add_variant(row, currency, notes)?;
        self.add_images(row, images, notes)?;
        self.add_collection(row)
    }

    /// What the file says, when all rows are in.
    pub(super) fn finish(self) -> Patch {
        let mut patch = self.patch;
        patch.body_html = self.body.map(|body| html::clean(&body));
        if patch.variants.is_empty() {
            patch.variants.extend(self.faint);
        }
        patch
    }

    fn add_product(&mut self, row: &Row<'_>) -> Result<(), CellError> {
        let Self {
            patch, body, given, ..
        } = self;
        let mut given = Given(row, given);

        let raw = row.cell(Column::Body)?.map(str::to_owned);
        given.take(Column::Body, body, raw)?;
        for (column, kept) in [
            (Column::Title, &mut patch.title),
            (Column::Vendor, &mut patch.vendor),
            (Column::Type, &mut patch.product_type),
            (Column::Category, &mut patch.category),
            (Column::SeoTitle, &mut patch.seo_title),
            (Column::SeoDescription, &mut patch.seo_description),
        ] {
            given.take(column, kept, row.text(column)?)?;
        }
        given.take(Column::Tags, &mut patch.tags, tags(row)?)?;
        let published = word(row, Column::Published, &TRUTH, "true, false")?;
        given.take(Column::Published, &mut patch.published, published)?;
        let status = word(
            row,
            Column::Status,
            &[
                ("active", Status::Active),
                ("draft", Status::Draft),
                ("archived", Status::Archived),
                ("unlisted", Status::Unlisted),
            ],
            "active, draft, archived, unlisted",
        )?;
        given.take(Column::Status, &mut patch.status, status)?;

        let columns = &row.header().named().product_metafields;
        let further = metafields(row, columns)?;
        if patch.metafields.is_empty() {
            patch.metafields = further;
            return Ok(());
        }
        for ((column, kept), further) in columns.iter().zip(&mut patch.metafields).zip(further) {
            if !kept.take(further) {
                let first = patch.line;
                return Err(row.cell_error_at(column.place, Problem::Differs { first }));
            }
        }
        Ok(())
    }

    fn add_options(&mut self, row: &Row<'_>) -> Result<(), CellError> {
        for (slot, (column, _)) in self.patch.option_names.iter_mut().zip(OPTIONS) {
            let name = row.text(column)?.map(|name| (name, row.line()));
            if let (Cell::Value((first, _)), Cell::Value((name, _))) = (&*slot, &name) {
                if first.to_lowercase() != name.to_lowercase() {
                    let first = first.clone();
                    return Err(row.cell_error(column, Problem::OptionRenamed { first }));
                }
            } else {
                slot.take(name);
            }
        }
        Ok(())
    }

    /// Adds the row's variant, if it has one; gives the pictures it names besides the variant's
    /// own.
    fn add_variant(
        &mut self,
        row: &Row<'_>,
        currency: Currency,
        notes: &mut Notes,
    ) -> Result<Vec<String>, CellError> {
        let tracked = row.cell(Column::Tracker)?.map(|_| true);
        let oversell = word(row, Column::Policy, &POLICY, "deny, continue")?;
        let pictures = addresses(row, Column::VariantImage, notes)?;
        let mut further = Vec::new();
        let image = match pictures {
            Cell::Absent => Cell::Absent,
            Cell::Empty => Cell::Empty,
            Cell::Value(pictures) => {
                let mut pictures = pictures.into_iter();
                let first = pictures.next().map_or(Cell::Empty, Cell::Value);
                further.extend(pictures);
                first
            }
        };
        let mut options: [Cell<String>; 3] = Default::default();
        for (slot, (_, column)) in options.iter_mut().zip(OPTIONS) {
            *slot = row.text(column)?;
        }
        let variant = VariantPatch {
            line: row.line(),
            sku: value::sku(row, notes)?,
            barcode: value::barcode(row, notes)?,
            options,
            price: amount(row, row.place(Column::Price), currency)?,
            compare_at: amount(row, row.place(Column::CompareAt), currency)?,
            tracked,
            quantity: integer(row, row.place(Column::Quantity), -MAX_STOCK, MAX_STOCK)?,
            oversell,
            image,
            stock: stock(row)?,
            prices: prices(row)?,
            metafields: metafields(row, &row.header().named().variant_metafields)?,
        };
        let is_variant = variant.sku.value().is_some()
            || variant.barcode.value().is_some()
            || variant.price.value().is_some()
            || variant.options.iter().any(|cell| cell.value().is_some());
        if is_variant {
            self.keep(row, variant)?;
        } else if variant.says_anything() {
            let mut faint = self.faint.clone().unwrap_or_else(|| variant.clone());
            if faint.take(variant) {
                self.faint = Some(faint);
            }
        }
        Ok(further)
    }

    fn keep(&mut self, row: &Row<'_>, variant: VariantPatch) -> Result<(), CellError> {
        let key = variant.key().map(|part| part.map(str::to_owned));
        let known = self
            .places
            .get(&key)
            .and_then(|place| self.patch.variants.get_mut(*place));
        if let Some(known) = known {
            let first = known.line;
            if known.take(variant) {
                if known.stock.len() > MAX_LOCATIONS {
                    return Err(row.too_many(Column::Location, "locations", MAX_LOCATIONS));
                }
                return Ok(());
            }
            let column = match row.cell(Column::Option1Value)? {
                Cell::Absent => Column::Handle,
                _ => Column::Option1Value,
            };
            return Err(row.cell_error(column, Problem::DuplicateVariant { first }));
        }
        if self.patch.variants.len() >= MAX_VARIANTS {
            return Err(row.too_many(Column::Handle, "variants", MAX_VARIANTS));
        }
        self.places.insert(key, self.patch.variants.len());
        self.patch.variants.push(variant);
        Ok(())
    }

    fn add_images(
        &mut self,
        row: &Row<'_>,
        further: Vec<String>,
        notes: &mut Notes,
    ) -> Result<(), CellError> {
        let position = integer(row, row.place(Column::ImagePosition), 1, MAX_STOCK)?;
        let cell = addresses(row, Column::ImageSrc, notes)?;
        let mut alt = row.text(Column::ImageAlt)?;
        if cell.is_absent() {
            return Ok(());
        }
        let images = self.patch.images.get_or_insert_default();
        for src in cell.value().into_iter().flatten().cloned().chain(further) {
            let image = ImagePatch {
                src,
                // Of several pictures in one cell the text describes the first.
                alt: std::mem::replace(&mut alt, Cell::Empty),
                position,
            };
            if let Some(known) = images.iter_mut().find(|known| known.src == image.src) {
                known.alt.take(image.alt);
                known.position.take(image.position);
                continue;
            }
            if images.len() >= MAX_IMAGES {
                return Err(row.too_many(Column::ImageSrc, "pictures", MAX_IMAGES));
            }
            images.push(image);
        }
        Ok(())
    }

    fn add_collection(&mut self, row: &Row<'_>) -> Result<(), CellError> {
        let cell = row.text(Column::Collection)?;
        if cell.is_absent() {
            return Ok(());
        }
        let collections = self.patch.collections.get_or_insert_default();
        let Cell::Value(title) = cell else {
            return Ok(());
        };
        let handle = text::slug(&title);
        if handle.is_empty() {
            let problem = Problem::BadHandle {
                value: excerpt(&title),
            };
            return Err(row.cell_error(Column::Collection, problem));
        }
        // Everything is in the virtual collection `all` anyway.
        if handle == "all" || collections.iter().any(|known| known.handle == handle) {
            return Ok(());
        }
        if collections.len() >= MAX_COLLECTIONS {
            return Err(row.too_many(Column::Collection, "collections", MAX_COLLECTIONS));
        }
        collections.push(CollectionLink { handle, title });
        Ok(())
    }
}

/// Takes a row's values of the product itself, and remembers which line gave each.
struct Given<'a, 'b>(&'a Row<'b>, &'a mut HashMap<&'static str, u64>);

impl Given<'_, '_> {
    fn take<T: PartialEq>(
        &mut self,
        column: Column,
        kept: &mut Cell<T>,
        further: Cell<T>,
    ) -> Result<(), CellError> {
        let Self(row, lines) = self;
        let is_given = further.value().is_some();
        if !kept.take(further) {
            let first = lines.get(column.name()).copied().unwrap_or_default();
            return Err(row.cell_error(column, Problem::Differs { first }));
        }
        if is_given {
            lines.entry(column.name()).or_insert(row.line());
        }
        Ok(())
    }
}

/// The values of columns of metafields, each checked where its column says its type.
fn metafields(row: &Row<'_>, columns: &[MetafieldColumn]) -> Result<Vec<Cell<String>>, CellError> {
    let value = |column: &MetafieldColumn| {
        let cell = row.cell_at(column.place, MAX_VALUE)?;
        if let (Cell::Value(value), Some(type_name)) = (cell, &column.type_name) {
            Metafield::new(type_name, value).map_err(|error| {
                let value = excerpt(value);
                row.cell_error_at(column.place, Problem::Metafield { value, error })
            })?;
        }
        Ok(cell.map(|value| value.replace('\0', "\u{fffd}")))
    };
    columns.iter().map(value).collect()
}

/// Pieces by location: from columns named by locations, or from the one that a row names.
fn stock(row: &Row<'_>) -> Result<BTreeMap<String, Pieces>, CellError> {
    let mut stock = BTreeMap::new();
    for (place, location) in &row.header().named().locations {
        if let Cell::Value(pieces) = integer(row, Some(*place), -MAX_STOCK, MAX_STOCK)? {
            stock.insert(location.clone(), Pieces::Available(pieces));
        }
    }
    let Cell::Value(location) = row.text(Column::Location)? else {
        return Ok(stock);
    };
    for (column, kind) in [
        (Column::OnHandNew, Pieces::OnHand as fn(i64) -> Pieces),
        (Column::OnHand, Pieces::OnHand),
        (Column::Available, Pieces::Available),
    ] {
        let is_stocked = |text: &&str| !text.eq_ignore_ascii_case("not stocked");
        if row.cell(column)?.value().is_some_and(is_stocked)
            && let Cell::Value(pieces) = integer(row, row.place(column), -MAX_STOCK, MAX_STOCK)?
        {
            stock.insert(location, kind(pieces));
            break;
        }
    }
    Ok(stock)
}

/// Prices by the price lists that the file has columns of.
fn prices(row: &Row<'_>) -> Result<Vec<PricePatch>, CellError> {
    let columns = row.header().named().prices.iter();

    columns
        .map(|columns| {
            Ok(PricePatch {
                amount: amount(row, columns.amount, columns.currency)?,
                compare_at: amount(row, columns.compare_at, columns.currency)?,
            })
        })
        .collect()
}

fn tags(row: &Row<'_>) -> Result<Cell<Vec<String>>, CellError> {
    row.text(Column::Tags)?.try_map(|list| {
        let mut tags: Vec<String> = Vec::new();
        for tag in list.split(',').map(str::trim) {
            if tag.is_empty() || tags.iter().any(|known| known == tag) {
                continue;
            }
            if tags.len() >= MAX_TAGS {
                return Err(row.too_many(Column::Tags, "tags", MAX_TAGS));
            }
            tags.push(tag.to_owned());
        }
        Ok(tags)
    })
}
