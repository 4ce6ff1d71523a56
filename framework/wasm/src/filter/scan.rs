//! The definition of an answer: a plain scan over the columns, row by row.

use super::columns::{Columns, Facet, MOST, NO_RANK, NO_VALUE};
use super::error::FilterError;
use super::query::{Answer, Base, Change, Chosen, Query, RankRange};
use super::shape::Shape;

/// One condition of a query.
#[derive(Clone, Copy, PartialEq)]
enum Condition<'q> {
    Base(&'q Base),
    Required(u32),
    Chosen(&'q Chosen),
    Range(&'q RankRange),
}

impl Columns {
    /// The answer to a query, by looking at every row. Slow: it defines what a
    /// [`Filter`](super::Filter) answers.
    pub fn scan(&self, query: &Query) -> Result<Answer, FilterError> {
        Shape::of(self)?.check(query)?;
        let found = self.groups_with(self.rows_with(query, |_| true));
        let is_found = |group: &u32| found.get(*group as usize).copied().unwrap_or(false);
        let (skip, take) = (query.skip as usize, query.take as usize);
        let order = self.orders.get(usize::from(query.order));
        let mut order: Vec<u32> = order.cloned().unwrap_or_default();
        if query.reversed {
            order.reverse();
        }
        let groups = order.into_iter().filter(is_found).skip(skip).take(take);
        Ok(Answer {
            total: found.iter().filter(|found| **found).count() as u32,
            groups: groups.collect(),
            counts: query
                .count
                .iter()
                .map(|facet| self.counts(query, *facet))
                .collect(),
            bounds: query
                .bounds
                .iter()
                .map(|column| self.bounds(query, *column))
                .collect(),
        })
    }

    /// Makes a change, as [`Filter::apply`](super::Filter::apply) does.
    pub fn apply(&mut self, change: &Change) -> Result<(), FilterError> {
        let shape = Shape {
            // The columns do not say which ranks they had before other changes.
            ranks: vec![MOST as u32; self.ranks.len()],
            ..Shape::of(self)?
        };
        shape.check_change(change)?;
        match change {
            Change::Set { set, row, on } => {
                if let Some(set) = self.sets.get_mut(*set as usize) {
                    match on {
                        true => set.insert(*row),
                        false => set.remove(*row),
                    };
                }
            }
            Change::Rank { column, row, rank } => {
                let column = self.ranks.get_mut(usize::from(*column));
                if let Some(of_row) = column.and_then(|column| column.get_mut(*row as usize)) {
                    *of_row = *rank;
                }
            }
            Change::Order { order, groups } => {
                if let Some(order) = self.orders.get_mut(usize::from(*order)) {
                    order.clone_from(groups);
                }
            }
        }
        Ok(())
    }

    /// The groups with each value, among the rows that meet all conditions but the facet's own.
    fn counts(&self, query: &Query, number: u16) -> Vec<u32> {
        let others =
            |condition| !matches!(condition, Condition::Chosen(chosen) if chosen.facet == number);
        let meets = self.rows_with(query, others);
        let groups: Vec<u32> = self.group_of_rows().collect();
        let meets = |row: &u32| meets.get(*row as usize) == Some(&true);
        // Rows are in ascending order, so those of a group follow each other.
        let count = |rows: &mut dyn Iterator<Item = u32>| {
            let groups = rows
                .filter(meets)
                .filter_map(|row| groups.get(row as usize));
            let mut groups: Vec<u32> = groups.copied().collect();
            groups.dedup();
            groups.len() as u32
        };
        match self.facets.get(usize::from(number)) {
            None => Vec::new(),
            Some(Facet::Many(sets)) => sets.iter().map(|set| count(&mut set.iter())).collect(),
            Some(Facet::One { values, of_row }) => {
                let mut rows = vec![Vec::new(); usize::from(*values)];
                for (row, value) in of_row.iter().enumerate() {
                    if let Some(rows) = rows.get_mut(usize::from(*value)) {
                        rows.push(row as u32);
                    }
                }
                rows.into_iter()
                    .map(|rows| count(&mut rows.into_iter()))
                    .collect()
            }
        }
    }

    /// The lowest and highest rank of the rows that meet all conditions but the column's own.
    fn bounds(&self, query: &Query, number: u16) -> Option<(u32, u32)> {
        let others =
            |condition| !matches!(condition, Condition::Range(range) if range.column == number);
        let rows = self.rows_with(query, others);
        let column = self.ranks.get(usize::from(number))?;
        let ranks = rows.into_iter().zip(column);
        let ranks = ranks.filter_map(|(meets, rank)| meets.then_some(*rank));
        let ranks: Vec<u32> = ranks.filter(|rank| *rank != NO_RANK).collect();
        Some((*ranks.iter().min()?, *ranks.iter().max()?))
    }

    /// Whether each row meets these conditions.
    fn rows_with<'q>(&self, query: &'q Query, among: impl Fn(Condition<'q>) -> bool) -> Vec<bool> {
        let conditions = [Condition::Base(&query.base)];
        let conditions = conditions
            .into_iter()
            .chain(query.required.iter().copied().map(Condition::Required))
            .chain(query.chosen.iter().map(Condition::Chosen))
            .chain(query.ranges.iter().map(Condition::Range));
        let conditions: Vec<_> = conditions.filter(|condition| among(*condition)).collect();
        let meets = |(row, group)| {
            let mut conditions = conditions.iter();
            conditions.all(|condition| self.meets(row, group, *condition))
        };
        self.group_of_rows().enumerate().map(meets).collect()
    }

    /// The group of each row.
    fn group_of_rows(&self) -> impl Iterator<Item = u32> {
        let groups = self.groups.iter().enumerate();
        groups.flat_map(|(group, rows)| std::iter::repeat_n(group as u32, *rows as usize))
    }

    fn meets(&self, row: usize, group: u32, condition: Condition<'_>) -> bool {
        let in_set = |set: u32| {
            let set = self.sets.get(set as usize);
            set.is_some_and(|set| set.contains(row as u32))
        };
        match condition {
            Condition::Base(Base::All) => true,
            Condition::Base(Base::Groups(groups)) => groups.binary_search(&group).is_ok(),
            Condition::Base(Base::Set(set)) => in_set(*set),
            Condition::Required(set) => in_set(set),
            Condition::Chosen(Chosen { facet, values }) => {
                let facet = self.facets.get(usize::from(*facet));
                facet.is_some_and(|facet| values.iter().any(|value| facet.has(row, *value)))
            }
            Condition::Range(RankRange { column, from, to }) => {
                let column = self.ranks.get(usize::from(*column));
                let rank = column.and_then(|column| column.get(row)).copied();
                rank.is_some_and(|rank| rank != NO_RANK && (*from..=*to).contains(&rank))
            }
        }
    }

    /// Whether each group has one of these rows.
    fn groups_with(&self, rows: Vec<bool>) -> Vec<bool> {
        let mut rows = rows.into_iter();
        let any = |count: &u32| {
            let group = rows.by_ref().take(*count as usize);
            group.fold(false, |any, row| any | row)
        };
        self.groups.iter().map(any).collect()
    }
}

impl Facet {
    fn has(&self, row: usize, value: u16) -> bool {
        match self {
            Facet::One { of_row, .. } => {
                value != NO_VALUE && of_row.get(row).is_some_and(|of_row| *of_row == value)
            }
            Facet::Many(sets) => {
                let set = sets.get(usize::from(value));
                set.is_some_and(|set| set.contains(row as u32))
            }
        }
    }
}
