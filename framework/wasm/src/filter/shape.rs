//! What queries and changes can name: the numbers of facets, values, sets, columns and orders.

use super::columns::{Columns, Facet, ImageError, NO_RANK, is_permutation};
use super::error::FilterError;
use super::query::{Base, Change, Query};

/// How many there are of everything that has a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub rows: u32,
    pub groups: u32,
    /// The number of values of each facet.
    pub values: Vec<usize>,
    pub sets: usize,
    /// The number of ranks of each column.
    pub ranks: Vec<u32>,
    pub orders: usize,
}

impl Shape {
    /// That of columns, if they fit together.
    pub fn of(columns: &Columns) -> Result<Shape, ImageError> {
        columns.check()?;
        Ok(Shape {
            rows: columns.rows() as u32,
            groups: columns.groups.len() as u32,
            values: columns.facets.iter().map(Facet::values).collect(),
            sets: columns.sets.len(),
            ranks: columns
                .ranks
                .iter()
                .map(|column| distinct(column))
                .collect(),
            orders: columns.orders.len(),
        })
    }

    /// Refuses a query that names what there is not.
    pub fn check(&self, query: &Query) -> Result<(), FilterError> {
        match &query.base {
            Base::All => {}
            Base::Set(set) => known("set", *set, self.sets)?,
            Base::Groups(groups) => {
                if !groups.is_sorted_by(|one, next| one < next) {
                    return Err(FilterError::Unsorted);
                }
                if let Some(last) = groups.last() {
                    known("group", *last, self.groups as usize)?;
                }
            }
        }
        for set in &query.required {
            known("set", *set, self.sets)?;
        }
        for chosen in &query.chosen {
            let values = self.values(chosen.facet)?;
            for value in &chosen.values {
                known("value", u32::from(*value), values)?;
            }
        }
        once("facet", query.chosen.iter().map(|chosen| chosen.facet))?;
        for range in &query.ranges {
            self.ranks(range.column)?;
        }
        once("column", query.ranges.iter().map(|range| range.column))?;
        for facet in &query.count {
            self.values(*facet)?;
        }
        once("facet", query.count.iter().copied())?;
        for column in &query.bounds {
            self.ranks(*column)?;
        }
        once("column", query.bounds.iter().copied())?;
        if query.take > 0 {
            known("order", query.order.into(), self.orders)?;
        }
        Ok(())
    }

    /// Refuses a change of what there is not.
    pub fn check_change(&self, change: &Change) -> Result<(), FilterError> {
        match change {
            Change::Set { set, row, on: _ } => {
                known("set", *set, self.sets)?;
                known("row", *row, self.rows as usize)
            }
            Change::Rank { column, row, rank } => {
                let ranks = self.ranks(*column)?;
                known("row", *row, self.rows as usize)?;
                match *rank {
                    NO_RANK => Ok(()),
                    rank => known("rank", rank, ranks as usize),
                }
            }
            Change::Order { order, groups } => {
                known("order", (*order).into(), self.orders)?;
                match is_permutation(groups, self.groups as usize) {
                    true => Ok(()),
                    false => Err(FilterError::NotAnOrder),
                }
            }
        }
    }

    fn values(&self, facet: u16) -> Result<usize, FilterError> {
        known("facet", facet.into(), self.values.len())?;
        Ok(self.values.get(usize::from(facet)).copied().unwrap_or(0))
    }

    fn ranks(&self, column: u16) -> Result<u32, FilterError> {
        known("column", column.into(), self.ranks.len())?;
        Ok(self.ranks.get(usize::from(column)).copied().unwrap_or(0))
    }
}

/// How many ranks there are, those that no row has included.
fn distinct(column: &[u32]) -> u32 {
    let ranks = column.iter().filter(|rank| **rank != NO_RANK);
    ranks.max().map_or(0, |most| most + 1)
}

fn known(what: &'static str, number: u32, limit: usize) -> Result<(), FilterError> {
    match (number as usize) < limit {
        true => Ok(()),
        false => Err(FilterError::Invalid {
            what,
            number,
            limit,
        }),
    }
}

fn once(what: &'static str, numbers: impl Iterator<Item = u16>) -> Result<(), FilterError> {
    let mut seen: Vec<u16> = numbers.collect();
    seen.sort_unstable();
    let twice = seen.windows(2).find(|pair| pair[0] == pair[1]);
    match twice {
        None => Ok(()),
        Some(pair) => Err(FilterError::Twice {
            what,
            number: pair[0],
        }),
    }
}
