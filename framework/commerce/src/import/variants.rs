//! Which variants a product has after a file.
//!
//! A file that has columns for all options of a product describes all of its variants: those that
//! it does not name are not sold any more. One that lacks such a column only changes the variants
//! it names, by SKU or by the options it has.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::cell::Cell;
use super::column::{Column, Header, OPTIONS};
use super::error::{CellError, Problem};
use super::metafields;
use super::notes::{Note, Notes};
use super::patch::{Patch, Pieces, VariantPatch};
use super::value::is_default;
use crate::sqlite::stored::{DEFAULT_LOCATION, Known, Price, Stock, StoredVariant};
use crate::{ProductOption, text};

/// The options and variants of a product after a file.
pub(super) fn merge(
    patch: &Patch,
    known: Option<&Known>,
    header: &Header,
    notes: &mut Notes,
) -> Result<(Vec<ProductOption>, Vec<StoredVariant>), CellError> {
    let old_names: Vec<String> = known.map_or_else(Vec::new, |known| {
        let options = &known.product.document.options;
        options.iter().map(|option| option.name.clone()).collect()
    });
    let merge = Merge {
        patch,
        header,
        known,
        old_names,
    };
    let (names, mut variants) = match known {
        Some(known) if patch.variants.is_empty() => {
            (merge.renamed()?, known.product.variants.clone())
        }
        Some(known) if !merge.is_complete() => (merge.renamed()?, merge.some(known, notes)?),
        _ => merge.all(notes)?,
    };
    name_variants(&patch.handle, &mut variants);
    let options = names
        .into_iter()
        .enumerate()
        .map(|(place, name)| {
            let mut seen = HashSet::new();
            let values = variants
                .iter()
                .filter_map(|variant| variant.options.get(place))
                .filter(|value| seen.insert(*value))
                .cloned()
                .collect();
            ProductOption { name, values }
        })
        .collect();
    Ok((options, variants))
}

/// By what a file's variant is taken for one that the catalogue has.
#[derive(Debug, Clone, Copy)]
enum Way {
    SkuAndOptions,
    Sku,
    Options,
    OptionsInAnyCase,
}

impl Way {
    fn key(self, sku: &str, options: &[String]) -> (String, Vec<String>) {
        match self {
            Self::SkuAndOptions => (sku.to_owned(), options.to_vec()),
            Self::Sku => (sku.to_owned(), Vec::new()),
            Self::Options => (String::new(), options.to_vec()),
            Self::OptionsInAnyCase => {
                let options = options.iter().map(|value| value.to_lowercase());
                (String::new(), options.collect())
            }
        }
    }
}

struct Merge<'a> {
    patch: &'a Patch,
    header: &'a Header,
    known: Option<&'a Known>,
    old_names: Vec<String>,
}

impl Merge<'_> {
    /// Whether the file describes all variants of the product.
    fn is_complete(&self) -> bool {
        !self.header.is_inventory()
            && OPTIONS
                .iter()
                .take(self.old_names.len())
                .all(|(_, value)| self.header.has(*value))
    }

    /// The names of options that stay as many as they are.
    fn renamed(&self) -> Result<Vec<String>, CellError> {
        let mut names = self.old_names.clone();
        for (name, cell) in names.iter_mut().zip(&self.patch.option_names) {
            if let Cell::Value((given, _)) = cell {
                name.clone_from(given);
            }
        }
        self.check_names(names)
    }

    /// Names that are different from each other.
    fn check_names(&self, names: Vec<String>) -> Result<Vec<String>, CellError> {
        let mut seen = HashSet::new();
        for (name, ((column, _), cell)) in names
            .iter()
            .zip(OPTIONS.iter().zip(&self.patch.option_names))
        {
            if !seen.insert(name.to_lowercase()) {
                let line = cell.value().map_or(self.patch.line, |(_, line)| *line);
                let name = name.clone();
                return Err(self
                    .header
                    .error(line, *column, Problem::OptionTwice { name }));
            }
        }
        Ok(names)
    }

    /// All variants of the product, as the file describes them.
    fn all(&self, notes: &mut Notes) -> Result<(Vec<String>, Vec<StoredVariant>), CellError> {
        let patches = &self.patch.variants;
        let names = self.names()?;
        let mut rows: Vec<(Vec<String>, VariantPatch)> = Vec::with_capacity(patches.len());
        let mut taken: HashMap<Vec<String>, usize> = HashMap::new();
        for variant in patches {
            let mut values = Vec::with_capacity(names.len());
            for ((_, column), cell) in OPTIONS.iter().zip(&variant.options).take(names.len()) {
                let Some(value) = cell.value() else {
                    return Err(self.header.error(variant.line, *column, Problem::Missing));
                };
                values.push(value.clone());
            }
            let known = taken.get(&values).and_then(|place| rows.get_mut(*place));
            if let Some((_, first)) = known {
                let line = first.line;
                if !first.take(variant.clone()) {
                    let column = match self.header.has(Column::Option1Value) {
                        true => Column::Option1Value,
                        false => Column::Handle,
                    };
                    let problem = Problem::DuplicateVariant { first: line };
                    return Err(self.header.error(variant.line, column, problem));
                }
                continue;
            }
            taken.insert(values.clone(), rows.len());
            rows.push((values, variant.clone()));
        }
        if rows.is_empty() {
            let problem = match self.header.has(Column::Price) {
                true => Problem::Missing,
                false => Problem::NeededForNew,
            };
            return Err(self.header.error(self.patch.line, Column::Price, problem));
        }
        let matched = self.matched(&rows);
        let variants = rows
            .into_iter()
            .zip(matched)
            .map(|((values, patch), known)| self.variant(&patch, values, known, notes))
            .collect::<Result<_, _>>()?;
        Ok((names, variants))
    }

    /// The names of the options that the file's variants have values for.
    fn names(&self) -> Result<Vec<String>, CellError> {
        let mut names = Vec::new();
        for (place, (name_column, value_column)) in OPTIONS.into_iter().enumerate() {
            let old = self.old_names.get(place);
            let name = match self.patch.option_names.get(place) {
                Some(Cell::Value((name, _))) => Some(name),
                _ => old,
            };
            let mut has_default = false;
            let mut chosen = None;
            for variant in &self.patch.variants {
                match variant.options.get(place).and_then(Cell::value) {
                    Some(value) if place == 0 && is_default(value) => has_default = true,
                    Some(_) => chosen = chosen.or(Some(variant.line)),
                    None => {}
                }
            }
            let is_title = name.is_none_or(|name| name.eq_ignore_ascii_case("Title"));
            let Some(line) = chosen else {
                // A name without any value: only the first option has to have one.
                let is_given = matches!(
                    self.patch.option_names.get(place),
                    Some(Cell::Value((_, _)))
                );
                if place == 0 && is_given && !is_title && !has_default {
                    let line = self
                        .patch
                        .variants
                        .first()
                        .map_or(self.patch.line, |one| one.line);
                    return Err(self.header.error(line, value_column, Problem::Missing));
                }
                continue;
            };
            match name {
                Some(name) if names.len() == place && !(is_title && has_default) => {
                    names.push(name.clone());
                }
                _ => {
                    // Either the value has no option, or the option stands behind an empty one.
                    let column = OPTIONS
                        .get(names.len())
                        .map_or(name_column, |(column, _)| *column);
                    return Err(self.header.error(line, column, Problem::OptionWithoutName));
                }
            }
        }
        self.check_names(names)
    }

    /// The known variant that each of the file's variants is, since carts name variants by their
    /// ids: the one with its SKU, among several of one SKU the one with its options, else the one
    /// with its options.
    fn matched(&self, rows: &[(Vec<String>, VariantPatch)]) -> Vec<Option<&StoredVariant>> {
        let Some(known) = self.known else {
            return vec![None; rows.len()];
        };
        let mut found: Vec<Option<&StoredVariant>> = vec![None; rows.len()];
        let mut left: Vec<&StoredVariant> = known
            .product
            .variants
            .iter()
            .chain(&known.retired)
            .collect();
        for way in [
            Way::SkuAndOptions,
            Way::Sku,
            Way::Options,
            Way::OptionsInAnyCase,
        ] {
            let mut index: HashMap<(String, Vec<String>), Vec<usize>> = HashMap::new();
            for (at, one) in left.iter().enumerate().rev() {
                index
                    .entry(way.key(&one.sku, &one.options))
                    .or_default()
                    .push(at);
            }
            let mut used = HashSet::new();
            for (slot, (values, patch)) in found.iter_mut().zip(rows) {
                let sku = match (way, patch.sku.value()) {
                    (Way::SkuAndOptions | Way::Sku, None) => continue,
                    (_, sku) => sku.map_or("", String::as_str),
                };
                if slot.is_none()
                    && let Some(at) = index.get_mut(&way.key(sku, values)).and_then(Vec::pop)
                {
                    *slot = left.get(at).copied();
                    used.insert(at);
                }
            }
            let mut at = 0..;
            left.retain(|_| at.next().is_none_or(|at| !used.contains(&at)));
        }
        found
    }

    /// The known variants, some of them changed by the file.
    fn some(&self, known: &Known, notes: &mut Notes) -> Result<Vec<StoredVariant>, CellError> {
        let mut changes: HashMap<usize, VariantPatch> = HashMap::new();
        for variant in &self.patch.variants {
            let place = self.find(variant, &known.product.variants)?;
            match changes.get_mut(&place) {
                None => {
                    changes.insert(place, variant.clone());
                }
                Some(first) => {
                    let line = first.line;
                    if !first.take(variant.clone()) {
                        let problem = Problem::DuplicateVariant { first: line };
                        return Err(self.header.error(variant.line, Column::Handle, problem));
                    }
                }
            }
        }
        let variants = known.product.variants.iter().enumerate();
        variants
            .map(|(place, one)| match changes.get(&place) {
                Some(patch) => self.variant(patch, one.options.clone(), Some(one), notes),
                None => Ok(one.clone()),
            })
            .collect()
    }

    /// Which of these variants a row without all options means.
    fn find(&self, patch: &VariantPatch, variants: &[StoredVariant]) -> Result<usize, CellError> {
        let fits = |one: &StoredVariant| {
            patch.options.iter().enumerate().all(|(place, cell)| {
                cell.value().is_none_or(|value| {
                    (place == 0 && is_default(value)) || one.options.get(place) == Some(value)
                })
            })
        };
        let by_sku = |one: &StoredVariant| patch.sku.value() == Some(&one.sku) && fits(one);
        let all = |is: &dyn Fn(&StoredVariant) -> bool| -> Vec<usize> {
            let places = variants.iter().enumerate();
            places
                .filter(|(_, one)| is(one))
                .map(|(at, _)| at)
                .collect()
        };
        let mut found = all(&by_sku);
        if found.is_empty() && (patch.has_options() || patch.sku.value().is_none()) {
            found = all(&fits);
        }
        let column = match patch.sku.value() {
            Some(_) => Column::Sku,
            None => Column::Option1Value,
        };
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(self
                .header
                .error(patch.line, column, Problem::NoSuchVariant)),
            _ => Err(self.header.error(patch.line, column, Problem::WhichVariant)),
        }
    }

    /// A variant after the file.
    fn variant(
        &self,
        patch: &VariantPatch,
        options: Vec<String>,
        known: Option<&StoredVariant>,
        notes: &mut Notes,
    ) -> Result<StoredVariant, CellError> {
        let price = match (&patch.price, known) {
            (Cell::Value(price), _) => *price,
            (Cell::Absent, Some(known)) => known.price.amount,
            (Cell::Absent, None) => {
                return Err(self
                    .header
                    .error(patch.line, Column::Price, Problem::NeededForNew));
            }
            (Cell::Empty, _) => {
                return Err(self
                    .header
                    .error(patch.line, Column::Price, Problem::Missing));
            }
        };
        let text = |cell: &Cell<String>, kept: fn(&StoredVariant) -> &String| {
            let kept = known.map(|known| kept(known).clone());
            cell.clone()
                .resolve(kept.unwrap_or_default(), String::new())
        };
        let (tracked, stock) = self.stock(patch, known, notes);
        Ok(StoredVariant {
            id: known.and_then(|known| known.id),
            sku: text(&patch.sku, |known| &known.sku),
            barcode: text(&patch.barcode, |known| &known.barcode),
            options,
            price: Price {
                amount: price,
                compare_at: patch
                    .compare_at
                    .or(known.and_then(|known| known.price.compare_at)),
            },
            prices: self.prices(patch, known),
            tracked,
            stock,
            oversell: patch
                .oversell
                .resolve(known.is_some_and(|known| known.oversell), false),
            image: patch
                .image
                .clone()
                .or(known.and_then(|known| known.image.clone())),
            metafields: metafields::merge(
                &patch.metafields,
                &self.header.named().variant_metafields,
                known.map(|known| &known.metafields),
                |place, problem| self.header.error_at(patch.line, place, problem),
            )?,
        })
    }

    /// Prices by the lists other than the default one. Without a price a list does not sell it.
    fn prices(
        &self,
        patch: &VariantPatch,
        known: Option<&StoredVariant>,
    ) -> BTreeMap<String, Price> {
        let mut prices = known.map(|known| known.prices.clone()).unwrap_or_default();
        for (columns, patch) in self.header.named().prices.iter().zip(&patch.prices) {
            let before = prices.get(&columns.list).copied();
            let Some(amount) = patch.amount.or(before.map(|before| before.amount)) else {
                prices.remove(&columns.list);
                continue;
            };
            let kept = before.and_then(|before| before.compare_at);
            let compare_at = patch.compare_at.or(kept);
            prices.insert(columns.list.clone(), Price { amount, compare_at });
        }
        prices
    }

    /// Whether pieces are counted, and the pieces by location. Without the column that says so,
    /// they are counted where they were; of a new variant where its product's are, or where a
    /// quantity is given.
    fn stock(
        &self,
        patch: &VariantPatch,
        known: Option<&StoredVariant>,
        notes: &mut Notes,
    ) -> (bool, BTreeMap<String, Stock>) {
        let mut stock = known.map(|known| known.stock.clone()).unwrap_or_default();
        let is_given = patch.quantity.value().is_some() || !patch.stock.is_empty();
        let is_tracked = match (patch.tracked, known) {
            (Cell::Value(tracked), _) => tracked,
            (Cell::Empty, _) => false,
            (Cell::Absent, Some(known)) => known.tracked,
            (Cell::Absent, None) => {
                let others = self.known.map_or(&[][..], |known| &known.product.variants);
                is_given || others.iter().any(|one| one.tracked)
            }
        };
        if !is_tracked {
            if patch.tracked.is_absent() && is_given {
                notes.add(Note::QuantityUntracked, patch.line);
            }
            return (false, stock);
        }
        let was_tracked = known.is_some_and(|known| known.tracked);
        if patch.quantity.is_absent() && patch.stock.is_empty() && !was_tracked {
            notes.add(Note::QuantityMissing, patch.line);
        }
        let mut set = |location: &str, pieces: Pieces| {
            let at = stock.entry(location.to_owned()).or_default();
            at.on_hand = match pieces {
                Pieces::OnHand(pieces) => pieces,
                Pieces::Available(pieces) => pieces.saturating_add(at.committed),
            };
        };
        // A file that names locations says nothing of others by an empty quantity.
        match (&patch.quantity, patch.stock.is_empty()) {
            (Cell::Value(pieces), _) => set(DEFAULT_LOCATION, Pieces::Available(*pieces)),
            (Cell::Empty, true) => set(DEFAULT_LOCATION, Pieces::Available(0)),
            (Cell::Absent, true) if !was_tracked => {
                set(DEFAULT_LOCATION, Pieces::Available(0));
            }
            _ => {}
        }
        for (location, pieces) in &patch.stock {
            set(location, *pieces);
        }
        (true, stock)
    }
}

/// Gives every variant without a SKU one of the handle and its options, unlike all others of the
/// product.
fn name_variants(handle: &str, variants: &mut [StoredVariant]) {
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
