//! The rows of a catalogue as columns, for a filter: one row a variant on sale, the rows of a
//! product beside each other, products in the order of their ids.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use parking_lot::Mutex;

use super::narrowing::{FacetName, MAX_VALUE};

/// Most values of a facet: those that most rows have.
const MAX_VALUES: usize = u16::MAX as usize - 1;

/// Most tags, each a set of rows: those that most rows have.
const MAX_TAGS: usize = 1_000;

/// Most options that are facets: those that most rows have.
const MAX_OPTIONS: usize = 64;

/// A row without a value of a facet.
pub const NO_VALUE: u16 = u16::MAX;

/// A row that a price list does not sell.
pub const NO_RANK: u32 = u32::MAX;

/// The set of rows that can be bought.
pub const AVAILABLE: u32 = 0;

/// A product as its rows have it.
#[derive(Debug, Default)]
pub(crate) struct ProductRows {
    pub id: i64,
    pub title_key: String,
    pub vendor: String,
    pub product_type: String,
    pub tags: Vec<String>,
    /// Names of options, as the merchant writes them.
    pub options: Vec<String>,
    pub collections: Vec<i64>,
    pub rows: Vec<SkuRow>,
}

/// A variant on sale.
#[derive(Debug, Default)]
pub(crate) struct SkuRow {
    /// Of the product's options.
    pub values: Vec<String>,
    pub available: bool,
    /// Price lists and amounts, by the lists' ids.
    pub prices: Vec<(i64, i64)>,
}

impl ProductRows {
    /// A number that stays the same while nothing changes but amounts and what can be bought.
    fn shape(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.title_key, &self.vendor, &self.product_type).hash(&mut hasher);
        (&self.tags, &self.options, &self.collections).hash(&mut hasher);
        for row in &self.rows {
            row.values.hash(&mut hasher);
            for (list, _) in &row.prices {
                list.hash(&mut hasher);
            }
            hasher.write_u8(0);
        }
        hasher.finish()
    }
}

/// A catalogue's columns, and what is needed to ask them.
#[derive(Debug)]
pub struct FilterColumns {
    /// Rows of each product, at least one.
    pub groups: Vec<u32>,
    /// Values by row, in the order of [`FilterIndex::facets`].
    pub facets: Vec<FacetRows>,
    /// Ascending rows of each set: [`AVAILABLE`], then what each price list sells, then the
    /// collections.
    pub sets: Vec<Vec<u32>>,
    /// By price list: the place of each row's price among [`ListIndex::prices`].
    pub ranks: Vec<Vec<u32>>,
    /// Products by id, by title, then by the lowest price of each price list.
    pub orders: Vec<Vec<u32>>,
    /// What they mean.
    pub index: FilterIndex,
}

/// The values of a facet by row.
#[derive(Debug)]
pub enum FacetRows {
    /// One value a row at most, by its place among [`FacetIndex::values`].
    One(Vec<u16>),
    /// The ascending rows of each value.
    Many(Vec<Vec<u32>>),
}

/// What the numbers in columns mean, and the state that changes are compared with.
#[derive(Debug)]
pub struct FilterIndex {
    /// The ids of the products, ascending.
    pub products: Vec<i64>,
    /// The facets.
    pub facets: Vec<FacetIndex>,
    /// The price lists, by id.
    pub lists: Vec<ListIndex>,
    /// The ids of the collections that have products.
    collections: Vec<i64>,
    /// Ascending places of the products of each collection.
    members: Vec<Vec<u32>>,
    /// The first row of each product, and behind the last one how many rows there are.
    pub(super) starts: Vec<u32>,
    /// The place of each product in the order by title.
    pub(super) by_title: Vec<u32>,
    shapes: Vec<u64>,
    pub(super) state: Mutex<State>,
}

/// A facet's name and values.
#[derive(Debug)]
pub struct FacetIndex {
    /// Which facet.
    pub name: FacetName,
    /// How the merchant writes an option's name.
    pub label: String,
    /// Sorted.
    pub values: Vec<String>,
}

/// The prices of a price list.
#[derive(Debug)]
pub struct ListIndex {
    /// The list's id.
    pub id: i64,
    /// All amounts that occur, sorted.
    pub prices: Vec<i64>,
    /// Whether it sells every row.
    pub sells_all: bool,
}

/// What may change without new columns.
#[derive(Debug)]
pub(super) struct State {
    /// How many changes of the catalogue it has seen.
    seen: i64,
    available: Vec<bool>,
    /// By price list and row.
    pub ranks: Vec<Vec<u32>>,
    /// By price list: the place of each product in the order by its lowest price.
    pub by_price: Vec<Vec<u32>>,
}

/// A change of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnChange {
    /// Whether a row can be bought.
    Available {
        /// The row.
        row: u32,
        /// Whether it can.
        on: bool,
    },
    /// The price of a row.
    Rank {
        /// The price list, by its place among [`FilterIndex::lists`].
        list: usize,
        /// The row.
        row: u32,
        /// The place of the price among [`ListIndex::prices`].
        rank: u32,
    },
    /// The order of products by a list's prices.
    Order {
        /// The price list, by its place among [`FilterIndex::lists`].
        list: usize,
        /// Products, the cheapest first.
        groups: Vec<u32>,
    },
}

impl FilterIndex {
    /// How many changes of the catalogue the columns have seen.
    pub fn seen(&self) -> i64 {
        self.state.lock().seen
    }

    /// The set of what a price list sells, unless it sells everything.
    pub fn sold_set(&self, list: usize) -> Option<u32> {
        let one = self.lists.get(list)?;
        (!one.sells_all).then_some(1 + list as u32)
    }

    /// The set of a collection; `None` when it has no products.
    pub fn collection_set(&self, id: i64) -> Option<u32> {
        let place = self.collections.binary_search(&id).ok()?;
        Some((1 + self.lists.len() + place) as u32)
    }

    /// The places of a collection's products among all, ascending.
    pub(super) fn products_of(&self, collection: i64) -> &[u32] {
        let place = self.collections.binary_search(&collection).ok();
        let members = place.and_then(|place| self.members.get(place));
        members.map(Vec::as_slice).unwrap_or_default()
    }

    /// The places of products among all.
    pub fn groups_of(&self, ids: &[i64]) -> Vec<u32> {
        let places = ids.iter().filter_map(|id| self.group_of(*id));
        places.collect()
    }

    pub(super) fn group_of(&self, id: i64) -> Option<u32> {
        let place = self.products.binary_search(&id).ok()?;
        Some(place as u32)
    }

    /// What has to change for these products to be as they are now, when the catalogue has seen
    /// `seen` changes; `None` when the columns have to be made anew. A product that visitors cannot
    /// see has no rows.
    pub(crate) fn follow(&self, seen: i64, products: &[ProductRows]) -> Option<Vec<ColumnChange>> {
        let mut state = self.state.lock();
        let mut changes = Vec::new();
        for product in products {
            let group = match (self.group_of(product.id), product.rows.is_empty()) {
                (None, true) => continue,
                (Some(group), false) => group as usize,
                _ => return None,
            };
            if self.shapes.get(group) != Some(&product.shape()) {
                return None;
            }
            let first = *self.starts.get(group)?;
            for (row, sku) in (first..).zip(&product.rows) {
                let known = state.available.get_mut(row as usize)?;
                if *known != sku.available {
                    *known = sku.available;
                    let on = sku.available;
                    changes.push(ColumnChange::Available { row, on });
                }
                for (id, amount) in &sku.prices {
                    let list = self.lists.binary_search_by_key(id, |list| list.id).ok()?;
                    let rank = self.lists.get(list)?.prices.binary_search(amount).ok()? as u32;
                    let known = state.ranks.get_mut(list)?.get_mut(row as usize)?;
                    if *known != rank {
                        *known = rank;
                        changes.push(ColumnChange::Rank { list, row, rank });
                    }
                }
            }
        }
        let State {
            ranks, by_price, ..
        } = &mut *state;
        for (list, (ranks, places_by_price)) in ranks.iter().zip(by_price).enumerate() {
            let is_of_list = |one: &ColumnChange| match one {
                ColumnChange::Rank { list: of, .. } => *of == list,
                _ => false,
            };
            if changes.iter().any(is_of_list) {
                let groups = order_by_price(&self.starts, ranks);
                *places_by_price = places(&groups);
                changes.push(ColumnChange::Order { list, groups });
            }
        }
        state.seen = seen;
        Some(changes)
    }
}

/// The products by their lowest price.
fn order_by_price(starts: &[u32], ranks: &[u32]) -> Vec<u32> {
    let lowest = |(start, end): (&u32, &u32)| {
        let rows = ranks.get(*start as usize..*end as usize);
        rows.into_iter().flatten().min().copied()
    };
    let lowest: Vec<Option<u32>> = starts
        .iter()
        .zip(starts.iter().skip(1))
        .map(lowest)
        .collect();
    sorted_by(lowest.len(), |group| lowest.get(group))
}

/// The products whose first row is among ascending rows.
fn products_with(starts: &[u32], rows: &[u32]) -> Vec<u32> {
    let groups = rows.iter().filter_map(|row| starts.binary_search(row).ok());
    groups.map(|group| group as u32).collect()
}

/// The places of all products in an order, by product.
fn places(order: &[u32]) -> Vec<u32> {
    let mut places = vec![0; order.len()];
    for (place, group) in (0..).zip(order) {
        if let Some(of_group) = places.get_mut(*group as usize) {
            *of_group = place;
        }
    }
    places
}

/// The numbers below `count`, sorted by a key and then by themselves.
fn sorted_by<K: Ord>(count: usize, key: impl Fn(usize) -> K) -> Vec<u32> {
    let mut groups: Vec<u32> = (0..count as u32).collect();
    groups.sort_by_key(|group| key(*group as usize));
    groups
}

/// Makes columns of products that come in the order of their ids.
#[derive(Default)]
pub(crate) struct Builder {
    products: Vec<i64>,
    titles: Vec<String>,
    shapes: Vec<u64>,
    starts: Vec<u32>,
    available: Vec<bool>,
    vendors: Codes,
    types: Codes,
    options: BTreeMap<FacetName, Codes>,
    labels: BTreeMap<FacetName, String>,
    tags: HashMap<String, Vec<u32>>,
    collections: BTreeMap<i64, Vec<u32>>,
    prices: BTreeMap<i64, Vec<(u32, i64)>>,
}

impl Builder {
    pub(crate) fn add(&mut self, product: ProductRows) {
        let names: Vec<FacetName> = product
            .options
            .iter()
            .map(|name| FacetName::option(name))
            .collect();
        for (name, label) in names.iter().zip(&product.options) {
            let known = self.labels.entry(name.clone()).or_default();
            if known.is_empty() || *label < *known {
                known.clone_from(label);
            }
        }
        if product.rows.is_empty() {
            return;
        }
        self.shapes.push(product.shape());
        self.products.push(product.id);
        self.titles.push(product.title_key);
        let first = self.available.len() as u32;
        self.starts.push(first);
        for (row, sku) in (first..).zip(product.rows) {
            self.available.push(sku.available);
            self.vendors.put(row, &product.vendor);
            self.types.put(row, &product.product_type);
            for (place, (name, value)) in names.iter().zip(&sku.values).enumerate() {
                // Of two options with one name the first counts.
                let is_first = !names.iter().take(place).any(|earlier| earlier == name);
                if is_first && name.to_string().parse() == Ok(name.clone()) {
                    self.options
                        .entry(name.clone())
                        .or_default()
                        .put(row, value);
                }
            }
            for (list, amount) in sku.prices {
                self.prices.entry(list).or_default().push((row, amount));
            }
        }
        let rows = first..self.available.len() as u32;
        let mut tags = product.tags;
        tags.sort();
        tags.dedup();
        for tag in tags {
            if !tag.is_empty() && tag.len() <= MAX_VALUE {
                self.tags.entry(tag).or_default().extend(rows.clone());
            }
        }
        for collection in product.collections {
            let set = self.collections.entry(collection).or_default();
            set.extend(rows.clone());
        }
    }

    /// The columns, for a catalogue that has seen so many changes.
    pub(crate) fn finish(self, seen: i64) -> FilterColumns {
        let count = self.available.len();
        let mut starts = self.starts;
        starts.push(count as u32);
        let groups = starts
            .iter()
            .zip(starts.iter().skip(1))
            .map(|(start, end)| end - start)
            .collect();
        let mut lists = Vec::new();
        let mut ranks = Vec::new();
        let mut sold = Vec::new();
        for (id, prices) in self.prices {
            let mut amounts: Vec<i64> = prices.iter().map(|(_, amount)| *amount).collect();
            amounts.sort_unstable();
            amounts.dedup();
            let mut of_row = vec![NO_RANK; count];
            for (row, amount) in &prices {
                if let (Some(rank), Ok(place)) =
                    (of_row.get_mut(*row as usize), amounts.binary_search(amount))
                {
                    *rank = place as u32;
                }
            }
            lists.push(ListIndex {
                id,
                prices: amounts,
                sells_all: prices.len() == count,
            });
            ranks.push(of_row);
            sold.push(prices.into_iter().map(|(row, _)| row).collect());
        }
        let titles = self.titles;
        let mut orders = vec![
            (0..titles.len() as u32).collect(),
            sorted_by(titles.len(), |group| titles.get(group)),
        ];
        let by_title = orders.last().map(|order| places(order));
        let by_price = ranks.iter().map(|ranks| order_by_price(&starts, ranks));
        orders.extend(by_price);
        let by_price = orders.iter().skip(2).map(|order| places(order)).collect();
        let rows = (0_u32..).zip(&self.available);
        let available = rows.filter(|(_, on)| **on).map(|(row, _)| row).collect();
        let collections = self.collections.keys().copied().collect();
        let members = self.collections.values();
        let members = members.map(|rows| products_with(&starts, rows)).collect();
        let sets = std::iter::once(available)
            .chain(sold)
            .chain(self.collections.into_values())
            .collect();
        let mut options: Vec<(FacetName, Codes)> = self.options.into_iter().collect();
        options.sort_by_key(|(name, codes)| (Reverse(codes.rows), name.clone()));
        options.truncate(MAX_OPTIONS);
        options.sort_by(|(a, _), (b, _)| a.cmp(b));
        let of_products = [
            (FacetName::Vendor, self.vendors.finish(count)),
            (FacetName::Type, self.types.finish(count)),
            (FacetName::Tag, tag_rows(self.tags)),
        ];
        let of_variants = options
            .into_iter()
            .map(|(name, codes)| (name, codes.finish(count)));
        let labels = self.labels;
        let (index, facets) = of_products
            .into_iter()
            .chain(of_variants)
            .map(|(name, (values, rows))| {
                let label = labels.get(&name).cloned().unwrap_or_default();
                let index = FacetIndex {
                    name,
                    label,
                    values,
                };
                (index, rows)
            })
            .unzip();
        FilterColumns {
            groups,
            facets,
            sets,
            orders,
            index: FilterIndex {
                products: self.products,
                facets: index,
                lists,
                collections,
                members,
                starts,
                by_title: by_title.unwrap_or_default(),
                shapes: self.shapes,
                state: Mutex::new(State {
                    seen,
                    available: self.available,
                    ranks: ranks.clone(),
                    by_price,
                }),
            },
            ranks,
        }
    }
}

/// Sets of rows by tag.
fn tag_rows(tags: HashMap<String, Vec<u32>>) -> (Vec<String>, FacetRows) {
    let mut tags: Vec<(String, Vec<u32>)> = tags.into_iter().collect();
    tags.sort_by(|(a, a_rows), (b, b_rows)| b_rows.len().cmp(&a_rows.len()).then(a.cmp(b)));
    tags.truncate(MAX_TAGS);
    tags.sort_by(|(a, _), (b, _)| a.cmp(b));
    let (values, rows) = tags.into_iter().unzip();
    (values, FacetRows::Many(rows))
}

/// The values of rows, numbered as they come.
#[derive(Default)]
struct Codes {
    numbers: HashMap<String, u32>,
    /// Row and number.
    of_row: Vec<(u32, u32)>,
    rows: usize,
}

impl Codes {
    fn put(&mut self, row: u32, value: &str) {
        if value.is_empty() || value.len() > MAX_VALUE {
            return;
        }
        let number = match self.numbers.get(value) {
            Some(number) => *number,
            None => {
                let number = self.numbers.len() as u32;
                self.numbers.insert(value.to_owned(), number);
                number
            }
        };
        self.of_row.push((row, number));
        self.rows += 1;
    }

    /// The values, sorted, and their places by row.
    fn finish(self, rows: usize) -> (Vec<String>, FacetRows) {
        let mut used = vec![0_u32; self.numbers.len()];
        for (_, number) in &self.of_row {
            if let Some(used) = used.get_mut(*number as usize) {
                *used += 1;
            }
        }
        let mut values: Vec<(String, u32)> = self.numbers.into_iter().collect();
        if values.len() > MAX_VALUES {
            let times = |number: &u32| used.get(*number as usize).copied().unwrap_or_default();
            values.sort_by_cached_key(|(value, number)| (Reverse(times(number)), value.clone()));
            values.truncate(MAX_VALUES);
        }
        values.sort();
        let mut places = vec![NO_VALUE; used.len()];
        for (place, (_, number)) in (0_u16..).zip(&values) {
            if let Some(of_number) = places.get_mut(*number as usize) {
                *of_number = place;
            }
        }
        let mut of_row = vec![NO_VALUE; rows];
        for (row, number) in self.of_row {
            if let (Some(value), Some(place)) =
                (of_row.get_mut(row as usize), places.get(number as usize))
            {
                *value = *place;
            }
        }
        let values = values.into_iter().map(|(value, _)| value).collect();
        (values, FacetRows::One(of_row))
    }
}
