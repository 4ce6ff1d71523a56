//! Changes since an image was made: a new instance gets them after it has loaded the image.

use std::collections::HashMap;

use super::query::Change;

/// The last change of everything that changed.
#[derive(Default)]
pub(super) struct Changes {
    sets: HashMap<(u32, u32), bool>,
    ranks: HashMap<(u16, u32), u32>,
    orders: HashMap<u16, Vec<u32>>,
}

impl Changes {
    /// Adds a change.
    pub fn add(&mut self, change: Change) {
        match change {
            Change::Set { set, row, on } => {
                self.sets.insert((set, row), on);
            }
            Change::Rank { column, row, rank } => {
                self.ranks.insert((column, row), rank);
            }
            Change::Order { order, groups } => {
                self.orders.insert(order, groups);
            }
        }
    }

    /// All of them.
    pub fn all(&self) -> Vec<Change> {
        let sets = self.sets.iter();
        let sets = sets.map(|((set, row), on)| Change::Set {
            set: *set,
            row: *row,
            on: *on,
        });
        let ranks = self.ranks.iter();
        let ranks = ranks.map(|((column, row), rank)| Change::Rank {
            column: *column,
            row: *row,
            rank: *rank,
        });
        let orders = self.orders.iter();
        let orders = orders.map(|(order, groups)| Change::Order {
            order: *order,
            groups: groups.clone(),
        });
        sets.chain(ranks).chain(orders).collect()
    }
}
