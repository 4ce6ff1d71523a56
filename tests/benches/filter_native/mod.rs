//! The module's algorithm in Rust, over the same columns, without a sandbox: how near the module
//! comes to it. The loops are left to the compiler to vectorise.

use protium_wasm::filter::{Answer, Columns, Facet, NO_RANK, Query, RankRange};

const ZONE: usize = 64;
/// Setting a bit by itself takes as long as comparing so many ranks.
const BIT: usize = 16;
/// Looking up the place of a group takes as long as looking at so many groups of the order.
const PLACE: usize = 3;

/// A facet as bit sets, of groups or of rows, and with the value of each if there is one at most.
struct Sets {
    by_group: bool,
    sets: Vec<Vec<u64>>,
    codes: Option<Vec<u8>>,
}

struct Ranks {
    /// Ranks below 65 536 as 16 bits.
    narrow: Vec<u16>,
    wide: Vec<u32>,
    known: u32,
    zones: Vec<(u32, u32)>,
    /// Places of all rows by their ranks, and where those of each rank begin.
    sorted: Vec<u32>,
    starts: Vec<u32>,
}

/// Columns, and memory for queries.
pub struct Native {
    words: usize,
    inner: Vec<u64>,
    last: Vec<u64>,
    before: Vec<u32>,
    moves: [Vec<u64>; 6],
    facets: Vec<Sets>,
    sets: Vec<Vec<u64>>,
    ranks: Vec<Ranks>,
    order: Vec<u32>,
    /// Where each group is in the order.
    places: Vec<u32>,
    all: Vec<u64>,
    all_groups: Vec<u64>,
    rows: Vec<u64>,
    passed: Vec<u64>,
    chosen: Vec<u64>,
    found: Vec<u64>,
    rows_found: Vec<u64>,
    without: Vec<u64>,
    without_groups: Vec<u64>,
    row_parts: Vec<(usize, Vec<u64>)>,
    group_parts: Vec<(usize, Vec<u64>)>,
    present: Vec<u32>,
}

/// The number of a column's part; a facet's is its own.
fn of_column(column: u16) -> usize {
    1 << 20 | usize::from(column)
}

impl Native {
    /// Of columns whose groups have at most 64 rows.
    pub fn new(columns: &Columns) -> Native {
        let mut slots = Vec::new();
        let mut at = 0;
        let groups = columns.groups.len();
        let (mut inner, mut last, mut before) = (Vec::new(), Vec::new(), Vec::new());
        for (group, rows) in columns.groups.iter().enumerate() {
            let rows = *rows as usize;
            assert!(rows <= 64, "a bench's group");
            if at % 64 + rows > 64 {
                at = (at + 63) & !63;
            }
            if at % 64 == 0 {
                inner.push(0);
                last.push(0);
                before.push(group as u32);
            }
            inner[at / 64] |= ((1_u64 << (rows - 1)) - 1) << (at % 64);
            last[at / 64] |= 1 << (at % 64 + rows - 1);
            slots.extend(at..at + rows);
            at += rows;
        }
        let words = inner.len();
        let mut moves: [Vec<u64>; 6] = Default::default();
        for last in &last {
            let (mut mask, mut zeros): (u64, u64) = (*last, !*last << 1);
            for (step, moves) in moves.iter_mut().enumerate() {
                let mut odd: u64 = zeros ^ zeros << 1;
                for shift in [2, 4, 8, 16, 32] {
                    odd ^= odd << shift;
                }
                let moved = odd & mask;
                moves.push(moved);
                mask = mask ^ moved | moved >> (1 << step);
                zeros &= !odd;
            }
        }
        let group_words = groups.div_ceil(64);
        let sizes = columns.groups.iter().enumerate();
        let group_of_row: Vec<usize> = sizes
            .flat_map(|(group, rows)| std::iter::repeat_n(group, *rows as usize))
            .collect();
        let bits = |places: &mut dyn Iterator<Item = usize>, words| {
            let mut set = vec![0_u64; words];
            places.for_each(|place| set[place / 64] |= 1 << (place % 64));
            set
        };
        let facets = columns.facets.iter().map(|facet| {
            let (sets, codes): (Vec<Vec<usize>>, _) = match facet {
                Facet::Many(sets) => {
                    let rows = |set: &protium_wasm::filter::RowSet| {
                        set.iter().map(|row| row as usize).collect()
                    };
                    (sets.iter().map(rows).collect(), None)
                }
                Facet::One { values, of_row } => {
                    let mut sets = vec![Vec::new(); usize::from(*values)];
                    of_row.iter().enumerate().for_each(|(row, value)| {
                        sets[usize::from(*value)].push(row);
                    });
                    (sets, Some(of_row))
                }
            };
            let whole = |rows: &Vec<usize>| {
                let mut of_groups: Vec<_> = rows.iter().map(|row| group_of_row[*row]).collect();
                of_groups.dedup();
                let all = of_groups
                    .iter()
                    .map(|group| columns.groups[*group] as usize);
                all.sum::<usize>() == rows.len()
            };
            let by_group = sets.iter().all(whole);
            let place = |row: &usize| {
                if by_group {
                    group_of_row[*row]
                } else {
                    slots[*row]
                }
            };
            let size = if by_group { group_words } else { words };
            Sets {
                by_group,
                codes: codes.map(|codes| {
                    let mut placed = vec![255; size * 64];
                    for (row, code) in codes.iter().enumerate() {
                        placed[place(&row)] = *code as u8;
                    }
                    placed
                }),
                sets: sets
                    .iter()
                    .map(|rows| bits(&mut rows.iter().map(place), size))
                    .collect(),
            }
        });
        let ranks = columns.ranks.iter().map(|column| {
            let mut placed = vec![NO_RANK; words * 64];
            for (slot, rank) in slots.iter().zip(column) {
                placed[*slot] = *rank;
            }
            let known = column.iter().max().map_or(0, |most| most + 1);
            let mut by_rank: Vec<(u32, u32)> = column
                .iter()
                .zip(&slots)
                .map(|(rank, slot)| (*rank, *slot as u32))
                .collect();
            by_rank.sort_unstable();
            let start = |rank| by_rank.partition_point(|row| row.0 < rank) as u32;
            let starts = (0..=known).map(start).collect();
            let zones = placed.chunks(ZONE * 64).map(|zone| {
                let known = zone.iter().filter(|rank| **rank != NO_RANK);
                let (low, high) = (known.clone().min(), known.max());
                (*low.unwrap_or(&NO_RANK), *high.unwrap_or(&0))
            });
            let zones = zones.collect();
            let is_narrow = known < 1 << 16;
            let narrow = placed.iter().map(|rank| *rank as u16);
            Ranks {
                narrow: if is_narrow {
                    narrow.collect()
                } else {
                    Vec::new()
                },
                wide: if is_narrow {
                    Vec::new()
                } else {
                    placed.clone()
                },
                known,
                zones,
                sorted: by_rank.into_iter().map(|row| row.1).collect(),
                starts,
            }
        });
        let mut places = vec![0; groups];
        for (place, group) in columns.orders[0].iter().enumerate() {
            places[*group as usize] = place as u32;
        }
        let row_set = || vec![0_u64; words];
        let group_set = || vec![0_u64; group_words];
        Native {
            words,
            facets: facets.collect(),
            sets: columns
                .sets
                .iter()
                .map(|set| bits(&mut set.iter().map(|row| slots[row as usize]), words))
                .collect(),
            ranks: ranks.collect(),
            order: columns.orders[0].clone(),
            places,
            all: inner
                .iter()
                .zip(&last)
                .map(|(inner, last)| inner | last)
                .collect(),
            all_groups: bits(&mut (0..groups), group_words),
            inner,
            last,
            before,
            moves,
            rows: row_set(),
            passed: group_set(),
            chosen: row_set(),
            found: group_set(),
            rows_found: row_set(),
            without: row_set(),
            without_groups: group_set(),
            row_parts: Vec::new(),
            group_parts: Vec::new(),
            present: vec![0; words],
        }
    }

    /// How many rows are in all of these sets: the path of bit sets alone.
    pub fn in_all(&self, sets: &[(u16, u16)]) -> u32 {
        let sets: Vec<&[u64]> = sets
            .iter()
            .map(|(facet, value)| {
                self.facets[usize::from(*facet)].sets[usize::from(*value)].as_slice()
            })
            .collect();
        let [a, b, c] = sets[..] else {
            unreachable!("three sets are asked for")
        };
        let words = a.iter().zip(b).zip(c);
        words.map(|((a, b), c)| (a & b & c).count_ones()).sum()
    }

    /// The answer to a query from all rows.
    pub fn query(&mut self, query: &Query) -> Answer {
        self.select(query);
        let total = ones(&self.found) as u32;
        let groups = self.page(query.take as usize, total as usize);
        let counts = query
            .count
            .iter()
            .map(|facet| self.count((*facet).into()))
            .collect();
        Answer {
            total,
            groups,
            counts,
            bounds: Vec::new(),
        }
    }

    fn select(&mut self, query: &Query) {
        self.rows.copy_from_slice(&self.all);
        for set in &query.required {
            and(&mut self.rows, &self.sets[*set as usize]);
        }
        // The parts of the query before are used again.
        let mut free: Vec<Vec<u64>> = self.row_parts.drain(..).map(|part| part.1).collect();
        for range in &query.ranges {
            let mut part = free.pop().unwrap_or_else(|| vec![0; self.words]);
            self.ranks[usize::from(range.column)].select(&mut part, &self.all, range);
            match query.bounds.contains(&range.column) {
                true => self.row_parts.push((of_column(range.column), part)),
                false => {
                    and(&mut self.rows, &part);
                    free.push(part);
                }
            }
        }
        let mut free_groups: Vec<_> = self.group_parts.drain(..).map(|part| part.1).collect();
        for chosen in &query.chosen {
            let number = usize::from(chosen.facet);
            let facet = &self.facets[number];
            let (free, parts, size) = match facet.by_group {
                true => (
                    &mut free_groups,
                    &mut self.group_parts,
                    self.all_groups.len(),
                ),
                false => (&mut free, &mut self.row_parts, self.words),
            };
            let mut part = free.pop().unwrap_or_else(|| vec![0; size]);
            part.fill(0);
            for value in &chosen.values {
                let set = &facet.sets[usize::from(*value)];
                part.iter_mut().zip(set).for_each(|(to, word)| *to |= word);
            }
            parts.push((number, part));
        }
        join(
            &mut self.rows_found,
            &self.rows,
            &self.row_parts,
            usize::MAX,
        );
        self.without.copy_from_slice(&self.rows_found);
        self.groups_of_rows();
        join(
            &mut self.found,
            &self.all_groups,
            &self.group_parts,
            usize::MAX,
        );
        self.rows_of_groups();
        and(&mut self.found, &self.passed);
        and(&mut self.rows_found, &self.chosen);
    }

    /// The groups of the rows in `without`.
    fn groups_of_rows(&mut self) {
        self.passed.fill(0);
        let rows = &mut self.without;
        for (word, inner) in rows.iter_mut().zip(&self.inner) {
            *word = fold(*word, *inner);
        }
        for (step, moves) in self.moves.iter().enumerate() {
            for (word, moves) in rows.iter_mut().zip(moves) {
                let moved = *word & moves;
                *word = *word ^ moved | moved >> (1 << step);
            }
        }
        let (mut at, mut gathered) = (0, 0);
        for (word, bit) in rows.iter().zip(&self.before) {
            let next = *bit as usize / 64;
            if next != at {
                self.passed[at] |= gathered;
                (at, gathered) = (next, 0);
            }
            gathered |= word << (bit % 64);
            let spilled = word >> 1 >> (63 - bit % 64);
            if spilled != 0 {
                self.passed[at] |= gathered;
                (at, gathered) = (next + 1, spilled);
            }
        }
        if gathered != 0 {
            self.passed[at] |= gathered;
        }
    }

    /// The rows of the groups in `found`.
    fn rows_of_groups(&mut self) {
        let groups = &self.found;
        let window = |bit: u32| {
            let (at, shift) = (bit as usize / 64, bit % 64);
            let next = groups.get(at + 1).copied().unwrap_or(0);
            groups[at] >> shift | next << 1 << (63 - shift)
        };
        for (word, bit) in self.chosen.iter_mut().zip(&self.before) {
            *word = window(*bit) >> 1;
        }
        for (step, moves) in self.moves.iter().enumerate().rev() {
            for (word, moves) in self.chosen.iter_mut().zip(moves) {
                *word = *word & !moves | *word << (1 << step) & moves;
            }
        }
        let marks = self.inner.iter().zip(&self.last).zip(&self.before);
        for (word, ((inner, last), bit)) in self.chosen.iter_mut().zip(marks) {
            let all = inner | last;
            let first = ((*word & last) << 1 | window(*bit) & 1) & all;
            *word = ((first.wrapping_add(*inner)) ^ inner) & all;
        }
    }

    fn count(&mut self, number: usize) -> Vec<u32> {
        let facet = &self.facets[number];
        let selected = match facet.by_group {
            true if has(&self.group_parts, number) => {
                join(
                    &mut self.without_groups,
                    &self.all_groups,
                    &self.group_parts,
                    number,
                );
                and(&mut self.without_groups, &self.passed);
                &self.without_groups
            }
            true => &self.found,
            false if has(&self.row_parts, number) => {
                join(&mut self.without, &self.rows, &self.row_parts, number);
                and(&mut self.without, &self.chosen);
                &self.without
            }
            false => &self.rows_found,
        };
        let mut present = 0;
        for (at, word) in selected.iter().enumerate() {
            self.present[present] = at as u32;
            present += usize::from(*word != 0);
        }
        let present = &self.present[..present];
        let dense = facet.sets.len() * selected.len() * if facet.by_group { 5 } else { 8 };
        let few = facet.sets.len() * present.len() * 15;
        if let Some(codes) = &facet.codes
            && ones(selected) * 20 < dense.min(few)
        {
            return self.count_codes(selected, codes, facet);
        }
        let inner = &self.inner;
        let counts = facet
            .sets
            .iter()
            .map(|set| match (facet.by_group, few < dense) {
                (true, true) => {
                    let words = present
                        .iter()
                        .map(|at| selected[*at as usize] & set[*at as usize]);
                    words.map(u64::count_ones).sum()
                }
                (true, false) => {
                    let words = selected.iter().zip(set).map(|(a, b)| a & b);
                    words.map(u64::count_ones).sum()
                }
                (false, true) => {
                    let fold = |at: &u32| {
                        let at = *at as usize;
                        fold(selected[at] & set[at], inner[at]).count_ones()
                    };
                    present.iter().map(fold).sum()
                }
                (false, false) => {
                    let words = selected.iter().zip(set).zip(inner);
                    words
                        .map(|((a, b), inner)| fold(a & b, *inner).count_ones())
                        .sum()
                }
            });
        counts.collect()
    }

    fn count_codes(&self, selected: &[u64], codes: &[u8], facet: &Sets) -> Vec<u32> {
        let mut counts = vec![0; facet.sets.len()];
        let mut seen = vec![u32::MAX; facet.sets.len()];
        for (at, word) in selected.iter().enumerate() {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                let code = usize::from(codes[at * 64 + bit as usize]);
                if code >= counts.len() {
                    continue;
                }
                if facet.by_group {
                    counts[code] += 1;
                    continue;
                }
                let before = self.last[at] & ((1 << bit) - 1);
                let group = self.before[at] + before.count_ones();
                if seen[code] != group {
                    seen[code] = group;
                    counts[code] += 1;
                }
            }
        }
        counts
    }

    fn page(&self, take: usize, total: usize) -> Vec<u32> {
        let take = take.min(total);
        if take == 0 {
            return Vec::new();
        }
        let is_found = |group: &&u32| self.found[**group as usize / 64] >> (**group % 64) & 1 != 0;
        let looks = self.order.iter().take(total * PLACE);
        let page: Vec<u32> = looks.filter(is_found).take(take).copied().collect();
        if page.len() == take {
            return page;
        }
        let mut places = Vec::with_capacity(total);
        for (at, word) in self.found.iter().enumerate() {
            let mut left = *word;
            while left != 0 {
                places.push(self.places[at * 64 + left.trailing_zeros() as usize]);
                left &= left - 1;
            }
        }
        places.select_nth_unstable(take - 1);
        places.truncate(take);
        places.sort_unstable();
        places
            .iter()
            .map(|place| self.order[*place as usize])
            .collect()
    }
}

impl Ranks {
    /// The rows within a range, as bits.
    pub fn select(&self, to: &mut [u64], all: &[u64], range: &RankRange) {
        let RankRange { from, to: high, .. } = *range;
        let high = high.min(self.known - 1);
        let [first, end] = [from, high + 1].map(|rank| self.starts[rank as usize] as usize);
        let few = self.sorted.len() / BIT;
        let bit = |slot: &u32| (*slot as usize / 64, 1 << (*slot % 64));
        if end - first <= few {
            to.fill(0);
            for (word, bit) in self.sorted[first..end].iter().map(bit) {
                to[word] |= bit;
            }
            return;
        }
        if self.sorted.len() - (end - first) <= few {
            to.copy_from_slice(all);
            let out = self.sorted[..first].iter().chain(&self.sorted[end..]);
            for (word, bit) in out.map(bit) {
                to[word] &= !bit;
            }
            return;
        }
        let span = high - from;
        for (zone, (words, (low, most))) in to.chunks_mut(ZONE).zip(&self.zones).enumerate() {
            if *most < from || *low > high {
                words.fill(0);
            } else if self.wide.is_empty() {
                let numbers = &self.narrow[zone * ZONE * 64..];
                pack(words, numbers, |number| {
                    number.wrapping_sub(from as u16) <= span as u16
                });
            } else {
                let numbers = &self.wide[zone * ZONE * 64..];
                pack(words, numbers, |number| number.wrapping_sub(from) <= span);
            }
        }
    }
}

/// A bit for each number that is in.
fn pack<T: Copy>(words: &mut [u64], numbers: &[T], is_in: impl Fn(T) -> bool) {
    let mut bytes = [0_u8; ZONE * 64];
    let bytes = &mut bytes[..words.len() * 64];
    for (byte, number) in bytes.iter_mut().zip(numbers) {
        *byte = u8::from(is_in(*number));
    }
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<64>().0) {
        let eights = bytes.as_chunks::<8>().0.iter().enumerate();
        *word = eights.fold(0, |word, (at, eight)| {
            let eight = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080);
            word | eight >> 56 << (8 * at)
        });
    }
}

fn fold(word: u64, inner: u64) -> u64 {
    ((word & inner).wrapping_add(inner) | word) & !inner
}

fn and(to: &mut [u64], words: &[u64]) {
    to.iter_mut().zip(words).for_each(|(to, word)| *to &= word);
}

fn ones(words: &[u64]) -> usize {
    words.iter().map(|word| word.count_ones() as usize).sum()
}

fn join(to: &mut [u64], words: &[u64], parts: &[(usize, Vec<u64>)], but: usize) {
    to.copy_from_slice(words);
    for (number, part) in parts {
        if *number != but {
            and(to, part);
        }
    }
}

fn has(parts: &[(usize, Vec<u64>)], number: usize) -> bool {
    parts.iter().any(|part| part.0 == number)
}
