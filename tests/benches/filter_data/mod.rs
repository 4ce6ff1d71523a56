//! Columns of a million variants, and the queries that a shop asks of them, seeded.

use protium_wasm::filter::{Base, Chosen, Columns, Facet, Query, RankRange, RowSet};
use tests::random::next;

/// Numbers that only look random, by their state.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        (next(&mut self.0) % limit.max(1) as u64) as usize
    }

    /// Low numbers more often, as brands and types are: about by the inverse of the number.
    fn skewed(&mut self, limit: usize) -> usize {
        let most = (limit + 1) as f64;
        let uniform = self.below(1 << 30) as f64 / f64::from(1 << 30);
        (most.powf(uniform) - 1.0) as usize
    }
}

/// Numbers of facets.
pub const VENDOR: u16 = 0;
pub const TYPE: u16 = 1;
pub const TAG: u16 = 2;
pub const SIZE: u16 = 3;
pub const COLOUR: u16 = 4;
/// How many values each has: 100 in all.
pub const VALUES: [u16; 5] = [40, 20, 20, 10, 10];
/// Numbers of columns of ranks.
pub const PRICE: u16 = 0;
pub const DAY: u16 = 1;
pub const SOLD: u16 = 2;
/// Different prices, days and numbers of sold pieces.
pub const RANKS: [usize; 3] = [3_000, 3_650, 900_000];

/// So many variants, of products with one to seven of them. Vendor, type and tags are a product's,
/// size, colour and numbers a variant's.
pub fn columns(rows: usize) -> Columns {
    let mut random = Random(11);
    let (mut groups, mut made) = (Vec::new(), 0);
    while made < rows {
        let size = (1 + random.below(7)).min(rows - made);
        groups.push(size as u32);
        made += size;
    }
    let [vendors, types, tags, sizes, colours] = VALUES;
    let (mut vendor, mut kind) = (Vec::new(), Vec::new());
    let mut tagged = vec![RowSet::new(); usize::from(tags)];
    let (mut size, mut colour) = (Vec::new(), Vec::new());
    let mut available = RowSet::new();
    let mut ranks: Vec<Vec<u32>> = vec![Vec::new(); RANKS.len()];
    let mut cheapest = Vec::new();
    let mut row = 0;
    for rows in &groups {
        let product = [random.skewed(vendors.into()), random.skewed(types.into())];
        let product_tags: Vec<usize> = (0..random.below(4))
            .map(|_| random.skewed(tags.into()))
            .collect();
        let price = random.skewed(RANKS[0]);
        let mut lowest = u32::MAX;
        for _ in 0..*rows {
            vendor.push(product[0] as u16);
            kind.push(product[1] as u16);
            for tag in &product_tags {
                tagged[*tag].insert(row);
            }
            size.push(random.below(sizes.into()) as u16);
            colour.push(random.skewed(colours.into()) as u16);
            if random.below(5) > 0 {
                available.insert(row);
            }
            let price = (price + random.below(20)).min(RANKS[0] - 1) as u32;
            lowest = lowest.min(price);
            ranks[0].push(price);
            ranks[1].push(random.below(RANKS[1]) as u32);
            ranks[2].push(random.below(RANKS[2]) as u32);
            row += 1;
        }
        cheapest.push(lowest);
    }
    let mut by_price: Vec<u32> = (0..groups.len() as u32).collect();
    by_price.sort_by_key(|group| cheapest[*group as usize]);
    Columns {
        version: 1,
        groups,
        facets: vec![
            Facet::One {
                values: vendors,
                of_row: vendor,
            },
            Facet::One {
                values: types,
                of_row: kind,
            },
            Facet::Many(tagged),
            Facet::One {
                values: sizes,
                of_row: size,
            },
            Facet::One {
                values: colours,
                of_row: colour,
            },
        ],
        sets: vec![available],
        ranks,
        orders: vec![by_price],
    }
}

/// How often a number occurs in a column.
fn shares(column: impl Iterator<Item = usize>, values: usize, rows: usize) -> Vec<f64> {
    let mut counts = vec![0_usize; values];
    column.for_each(|value| counts[value] += 1);
    counts
        .into_iter()
        .map(|count| count as f64 / rows as f64)
        .collect()
}

/// Makes the query a shop really asks, different ones of about this selectivity: vendors, sizes and
/// a range of prices are chosen; all five facets are counted, the first 24 by price are wanted.
pub struct Queries {
    random: Random,
    vendors: Vec<f64>,
    sizes: f64,
    /// Which part of the rows has a lower price.
    prices: Vec<f64>,
    /// The part of the rows that is to be found.
    selectivity: f64,
}

impl Queries {
    pub fn new(columns: &Columns, selectivity: f64) -> Queries {
        let rows = columns.rows();
        let Facet::One { of_row, .. } = &columns.facets[usize::from(VENDOR)] else {
            unreachable!("a vendor is one")
        };
        let vendors = of_row.iter().map(|value| usize::from(*value));
        let prices = columns.ranks[usize::from(PRICE)]
            .iter()
            .map(|rank| *rank as usize);
        let mut below = 0.0;
        let prices = shares(prices, RANKS[0], rows).into_iter().map(|share| {
            below += share;
            below - share
        });
        Queries {
            random: Random(5),
            prices: prices.collect(),
            vendors: shares(vendors, VALUES[0].into(), rows),
            sizes: 1.0 / f64::from(VALUES[3]),
            selectivity,
        }
    }
}

impl Iterator for Queries {
    type Item = Query;

    fn next(&mut self) -> Option<Query> {
        // About a third of the work of selecting for each of the three.
        let third = self.selectivity.cbrt();
        let count = ((third / self.sizes).round() as usize).clamp(1, 9);
        let sizes = choose(&mut self.random, VALUES[3].into(), |chosen| {
            chosen.len() >= count
        });
        let left = self.selectivity / (count as f64 * self.sizes);
        let share = |chosen: &[u16]| -> f64 {
            chosen
                .iter()
                .map(|value| self.vendors[usize::from(*value)])
                .sum()
        };
        let wanted = left.sqrt();
        let vendors = choose(&mut self.random, VALUES[0].into(), |chosen| {
            share(chosen) >= wanted
        });
        // The lowest price leaves room for so many rows above.
        let width = (left / share(&vendors)).min(1.0);
        let start = self.random.below(1_000_000) as f64 / 1e6 * (1.0 - width);
        let rank = |part: f64| self.prices.partition_point(|below| *below < part) as u32;
        let from = rank(start).min(RANKS[0] as u32 - 1);
        let to = rank(start + width).max(from + 1) - 1;
        let chosen = |facet, values| Chosen { facet, values };
        Some(Query {
            base: Base::All,
            chosen: vec![chosen(VENDOR, vendors), chosen(SIZE, sizes)],
            ranges: vec![RankRange {
                column: PRICE,
                from,
                to,
            }],
            count: vec![VENDOR, TYPE, TAG, SIZE, COLOUR],
            take: 24,
            ..Query::default()
        })
    }
}

/// Different values, until they are enough.
fn choose(random: &mut Random, limit: usize, enough: impl Fn(&[u16]) -> bool) -> Vec<u16> {
    let mut chosen: Vec<u16> = Vec::new();
    while chosen.len() < limit && (chosen.is_empty() || !enough(&chosen)) {
        let value = random.below(limit) as u16;
        if !chosen.contains(&value) {
            chosen.push(value);
        }
    }
    chosen.sort_unstable();
    chosen
}
