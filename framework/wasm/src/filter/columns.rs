//! What a filter is built from: rows grouped by product, and their columns.

use roaring::RoaringBitmap;

/// A row without a rank in its column.
pub const NO_RANK: u32 = u32::MAX;
/// A row without a value of its facet.
pub const NO_VALUE: u16 = u16::MAX;
/// The most rows, sets, ranks, and values of all facets together: numbers fit the module's words.
pub(super) const MOST: usize = 1 << 26;

/// A set of rows.
pub type RowSet = RoaringBitmap;

/// Rows grouped by product: what an [`Image`](super::Image) is made from. The rows of a group
/// follow each other; rows and groups are numbered from 0.
///
/// ```
/// use protium_wasm::filter::{Columns, Facet, Query, NO_VALUE};
///
/// // Two products: one with two sizes, one without.
/// let columns = Columns {
///     groups: vec![2, 1],
///     facets: vec![Facet::One { values: 2, of_row: vec![0, 1, NO_VALUE] }],
///     orders: vec![vec![1, 0]],
///     ..Columns::default()
/// };
/// let all = columns.scan(&Query { count: vec![0], take: 24, ..Query::default() })?;
/// assert_eq!((all.total, all.groups, all.counts), (2, vec![1, 0], vec![vec![1, 1]]));
/// # Ok::<(), protium_wasm::filter::FilterError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// The version of the catalogue, for those who made the columns.
    pub version: u64,
    /// How many rows each group has, at least 1.
    pub groups: Vec<u32>,
    /// Attributes whose values are chosen and counted.
    pub facets: Vec<Facet>,
    /// Sets of rows without counts, that a query begins from or requires: collections,
    /// availability.
    pub sets: Vec<RowSet>,
    /// Numbers as ranks among the sorted distinct ones, for each row; [`NO_RANK`] where a row has
    /// none (a product that a price list does not sell).
    pub ranks: Vec<Vec<u32>>,
    /// Orders of a list: permutations of the groups.
    pub orders: Vec<Vec<u32>>,
}

/// An attribute whose values are chosen and counted.
#[derive(Clone, Debug, PartialEq)]
pub enum Facet {
    /// A row has one value at most.
    One {
        /// How many values there are.
        values: u16,
        /// The number of each row's value, or [`NO_VALUE`].
        of_row: Vec<u16>,
    },
    /// A row has any number of values: the rows of each value.
    Many(Vec<RowSet>),
}

impl Facet {
    /// How many values there are.
    pub fn values(&self) -> usize {
        match self {
            Facet::One { values, .. } => (*values).into(),
            Facet::Many(sets) => sets.len(),
        }
    }
}

/// Why there is no image of columns.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// A group has no rows.
    #[error("the group {group} has no rows")]
    EmptyGroup {
        /// Its number.
        group: usize,
    },
    /// There are too many of something.
    #[error("there are {found} {what}, at most {limit} are possible")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        found: usize,
        /// How many are possible.
        limit: usize,
    },
    /// A column does not have a value for each row.
    #[error("the {column} {number} has {found} values, for {rows} rows")]
    Length {
        /// The kind of column.
        column: &'static str,
        /// Its number.
        number: usize,
        /// Its length.
        found: usize,
        /// The number of rows.
        rows: usize,
    },
    /// A value, or a row of a set, is not among those that there are.
    #[error("the {column} {number} has {found}, which is not below {limit}")]
    OutOfRange {
        /// The kind of column.
        column: &'static str,
        /// Its number.
        number: usize,
        /// The value or row.
        found: u32,
        /// The number of values or rows.
        limit: usize,
    },
    /// An order is not a permutation of the groups.
    #[error("the order {number} does not have each of the {groups} groups once")]
    Order {
        /// Its number.
        number: usize,
        /// The number of groups.
        groups: usize,
    },
}

impl Columns {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.groups.iter().map(|rows| *rows as usize).sum()
    }

    /// Whether the columns fit together.
    pub(super) fn check(&self) -> Result<(), ImageError> {
        if let Some(group) = self.groups.iter().position(|rows| *rows == 0) {
            return Err(ImageError::EmptyGroup { group });
        }
        let rows = self.rows();
        let numbers = usize::from(u16::MAX);
        let values = self.facets.iter().map(Facet::values);
        for (what, found, limit) in [
            ("rows", rows, MOST),
            ("facets", self.facets.len(), numbers),
            (
                "values of a facet",
                values.clone().max().unwrap_or(0),
                numbers,
            ),
            ("values of facets", values.sum(), MOST),
            ("sets", self.sets.len(), MOST),
            ("columns of ranks", self.ranks.len(), numbers),
            ("orders", self.orders.len(), numbers),
        ] {
            if found > limit {
                return Err(ImageError::TooMany { what, found, limit });
            }
        }
        for (number, facet) in self.facets.iter().enumerate() {
            match facet {
                Facet::One { values, of_row } => {
                    length("facet", number, of_row.len(), rows)?;
                    let known = |value: &&u16| **value != NO_VALUE && *value >= values;
                    let unknown = of_row.iter().find(known).map(|value| u32::from(*value));
                    in_range("facet", number, unknown, usize::from(*values))?;
                }
                Facet::Many(sets) => {
                    for set in sets {
                        in_range("facet", number, beyond(set, rows), rows)?;
                    }
                }
            }
        }
        for (number, set) in self.sets.iter().enumerate() {
            in_range("set", number, beyond(set, rows), rows)?;
        }
        for (number, column) in self.ranks.iter().enumerate() {
            length("column of ranks", number, column.len(), rows)?;
            let unknown = column.iter().copied().filter(|rank| *rank != NO_RANK);
            let unknown = unknown.max().filter(|most| *most as usize >= MOST);
            in_range("column of ranks", number, unknown, MOST)?;
        }
        for (number, order) in self.orders.iter().enumerate() {
            let groups = self.groups.len();
            if !is_permutation(order, groups) {
                return Err(ImageError::Order { number, groups });
            }
        }
        Ok(())
    }
}

/// The last row of the set, if there is no such row.
fn beyond(set: &RowSet, rows: usize) -> Option<u32> {
    set.max().filter(|last| *last as usize >= rows)
}

fn in_range(
    column: &'static str,
    number: usize,
    found: Option<u32>,
    limit: usize,
) -> Result<(), ImageError> {
    match found {
        None => Ok(()),
        Some(found) => Err(ImageError::OutOfRange {
            column,
            number,
            found,
            limit,
        }),
    }
}

fn length(
    column: &'static str,
    number: usize,
    found: usize,
    rows: usize,
) -> Result<(), ImageError> {
    match found == rows {
        true => Ok(()),
        false => Err(ImageError::Length {
            column,
            number,
            found,
            rows,
        }),
    }
}

/// Whether these are all numbers below `groups`, each once.
pub(super) fn is_permutation(order: &[u32], groups: usize) -> bool {
    let mut seen = vec![false; groups];
    order.len() == groups
        && order.iter().all(|group| {
            let seen = seen.get_mut(*group as usize);
            seen.is_some_and(|seen| !std::mem::replace(seen, true))
        })
}
