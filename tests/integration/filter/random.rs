//! Random catalogues, queries and changes.

use protium_wasm::filter::{
    Base, Change, Chosen, Columns, Facet, NO_RANK, NO_VALUE, Query, RankRange, RowSet,
};
use tests::random::next;

/// Numbers that only look random, by their state.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        (next(&mut self.0) % limit.max(1) as u64) as usize
    }

    /// One time in so many.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn some<T>(&mut self, most: usize, mut make: impl FnMut(&mut Random) -> T) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| make(self)).collect()
    }

    fn permutation(&mut self, count: usize) -> Vec<u32> {
        let mut all: Vec<u32> = (0..count as u32).collect();
        for at in (1..count).rev() {
            all.swap(at, self.below(at + 1));
        }
        all
    }

    /// Different numbers below the limit.
    fn different(&mut self, limit: usize, most: usize) -> Vec<u16> {
        let all = self.permutation(limit);
        all.into_iter()
            .take(self.below(most + 1))
            .map(|number| number as u16)
            .collect()
    }

    /// Rows of a set that is empty, sparse, dense or full, of whole groups or not.
    fn set(&mut self, groups: &[u32]) -> RowSet {
        let one_in = [0, 1, 2, 9, 300][self.below(5)];
        let whole = self.once_in(2);
        let mut row = 0;
        let mut set = RowSet::new();
        for rows in groups {
            let group = one_in > 0 && self.once_in(one_in);
            for _ in 0..*rows {
                let by_itself = one_in > 0 && self.once_in(one_in);
                let is_in = if whole { group } else { by_itself };
                if is_in {
                    set.insert(row);
                }
                row += 1;
            }
        }
        set
    }

    fn facet(&mut self, groups: &[u32]) -> Facet {
        if self.once_in(2) {
            return Facet::Many(self.some(12, |random| random.set(groups)));
        }
        let values = [0, 1, 3, 20, 255, 256, 700][self.below(7)];
        let value = |random: &mut Random| match values == 0 || random.once_in(5) {
            true => NO_VALUE,
            // Low ones more often.
            false => random.below(random.0 as usize % usize::from(values) + 1) as u16,
        };
        let whole = self.once_in(2);
        let mut of_row = Vec::new();
        for rows in groups {
            let of_group = value(self);
            for _ in 0..*rows {
                of_row.push(if whole { of_group } else { value(self) });
            }
        }
        Facet::One { values, of_row }
    }

    pub fn columns(&mut self) -> Columns {
        let most = [0, 1, 9, 300, 9000][self.below(5)];
        let longest = [1, 4, 4, 200][self.below(4)];
        let size = |random: &mut Random| match random.once_in(10) {
            true => 1 + random.below(longest) as u32,
            false => 1 + random.below(longest.min(5)) as u32,
        };
        let groups = self.some(most, size);
        let rows = groups.iter().sum::<u32>() as usize;
        let ranks = |random: &mut Random| {
            let known = [1, 5, 1000, 65_535, 65_536, 100_000][random.below(6)];
            let none_in = [0, 3, 1][random.below(3)];
            let rank = |random: &mut Random| match none_in > 0 && random.once_in(none_in) {
                true => NO_RANK,
                false => random.below(known) as u32,
            };
            (0..rows).map(|_| rank(random)).collect()
        };
        Columns {
            version: self.0,
            facets: self.some(4, |random| random.facet(&groups)),
            sets: self.some(4, |random| random.set(&groups)),
            ranks: self.some(3, ranks),
            orders: self.some(2, |random| random.permutation(groups.len())),
            groups,
        }
    }

    pub fn query(&mut self, columns: &Columns) -> Query {
        let groups = columns.groups.len();
        let set = |random: &mut Random| random.below(columns.sets.len()) as u32;
        let has_sets = usize::from(!columns.sets.is_empty());
        let base = match self.below(4) {
            0 if has_sets == 1 => Base::Set(set(self)),
            1 => {
                let one_in = [1, 2, 50][self.below(3)];
                Base::Groups(
                    (0..groups as u32)
                        .filter(|_| self.once_in(one_in))
                        .collect(),
                )
            }
            _ => Base::All,
        };
        let chosen = |random: &mut Random, facet: u16| {
            let values = columns.facets[usize::from(facet)].values();
            let values = random.some(values.min(3), |random| random.below(values) as u16);
            Chosen { facet, values }
        };
        let range = |random: &mut Random, column: u16| {
            let ranks = columns.ranks[usize::from(column)].iter();
            let ranks = ranks
                .filter(|rank| **rank != NO_RANK)
                .max()
                .map_or(2, |most| most + 2);
            let rank = |random: &mut Random| match random.once_in(8) {
                true => NO_RANK,
                false => random.below(ranks as usize) as u32,
            };
            let (from, to) = (rank(random), rank(random));
            match random.once_in(8) {
                true => RankRange { column, from, to },
                false => RankRange {
                    column,
                    from: from.min(to),
                    to: from.max(to),
                },
            }
        };
        let has_orders = !columns.orders.is_empty();
        Query {
            base,
            required: self.some(has_sets * 2, set),
            chosen: self
                .different(columns.facets.len(), 2)
                .into_iter()
                .map(|facet| chosen(self, facet))
                .collect(),
            ranges: self
                .different(columns.ranks.len(), 2)
                .into_iter()
                .map(|column| range(self, column))
                .collect(),
            count: self.different(columns.facets.len(), 3),
            bounds: self.different(columns.ranks.len(), 2),
            order: self.below(columns.orders.len()) as u16,
            reversed: self.once_in(2),
            skip: if self.once_in(2) {
                0
            } else {
                self.below(groups + 2) as u32
            },
            take: match self.below(4) {
                _ if !has_orders => 0,
                0 => 0,
                1 => u32::MAX,
                _ => 24,
            },
        }
    }

    pub fn change(&mut self, columns: &Columns) -> Option<Change> {
        let rows = columns.rows();
        let row = self.below(rows) as u32;
        match self.below(3) {
            0 if rows > 0 && !columns.sets.is_empty() => Some(Change::Set {
                set: self.below(columns.sets.len()) as u32,
                row,
                on: self.once_in(2),
            }),
            1 if rows > 0 && !columns.ranks.is_empty() => {
                let column = self.below(columns.ranks.len());
                let known = columns.ranks[column][self.below(rows)];
                Some(Change::Rank {
                    column: column as u16,
                    row,
                    rank: if self.once_in(3) { NO_RANK } else { known },
                })
            }
            2 if !columns.orders.is_empty() => Some(Change::Order {
                order: self.below(columns.orders.len()) as u16,
                groups: self.permutation(columns.groups.len()),
            }),
            _ => None,
        }
    }
}
