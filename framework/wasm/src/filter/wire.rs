//! Messages to the module and its answers: words of 32 bits, as `docs/filter.md` describes them.

use super::image::Image;
use super::query::{Answer, Base, Change, Query};

/// Kinds of changes.
const SET: u32 = 1;
const RANK: u32 = 2;
const ORDER: u32 = 3;

/// The message of a query that was checked.
pub(super) fn query(query: &Query) -> Vec<u32> {
    let (base, argument) = match &query.base {
        Base::All => (0, 0),
        Base::Set(set) => (1, *set),
        Base::Groups(groups) => (2, groups.len() as u32),
    };
    let mut words = vec![
        base,
        argument,
        query.required.len() as u32,
        query.chosen.len() as u32,
        query.ranges.len() as u32,
        query.count.len() as u32,
        query.bounds.len() as u32,
        query.order.into(),
        query.reversed.into(),
        query.skip,
        query.take,
    ];
    if let Base::Groups(groups) = &query.base {
        words.extend(groups);
    }
    words.extend(&query.required);
    for chosen in &query.chosen {
        words.extend([chosen.facet.into(), chosen.values.len() as u32]);
        words.extend(chosen.values.iter().map(|value| u32::from(*value)));
    }
    for range in &query.ranges {
        words.extend([range.column.into(), range.from, range.to]);
    }
    let numbers = query.count.iter().chain(&query.bounds);
    words.extend(numbers.map(|number| u32::from(*number)));
    words
}

/// The answer in these words; `None` if they are not one to such a query.
pub(super) fn answer(words: &[u32], query: &Query) -> Option<Answer> {
    let mut words = words.iter().copied();
    let total = words.next()?;
    let groups = list(&mut words)?;
    let counts = query.count.iter().map(|_| list(&mut words));
    let counts = counts.collect::<Option<_>>()?;
    let bounds = query.bounds.iter().map(|_| {
        let (low, high) = (words.next()?, words.next()?);
        Some((low <= high).then_some((low, high)))
    });
    let bounds = bounds.collect::<Option<_>>()?;
    let answer = Answer {
        total,
        groups,
        counts,
        bounds,
    };
    words.next().is_none().then_some(answer)
}

/// A count, and as many words.
fn list(words: &mut impl ExactSizeIterator<Item = u32>) -> Option<Vec<u32>> {
    let count = words.next()? as usize;
    (count <= words.len()).then(|| words.by_ref().take(count).collect())
}

/// The message of changes that were checked.
pub(super) fn changes<'c>(
    changes: impl IntoIterator<Item = &'c Change>,
    image: &Image,
) -> Vec<u32> {
    let mut words = Vec::new();
    for change in changes {
        match change {
            Change::Set { set, row, on } => {
                words.extend([SET, *set, image.slot(*row), (*on).into()]);
            }
            Change::Rank { column, row, rank } => {
                words.extend([RANK, (*column).into(), image.slot(*row), *rank]);
            }
            Change::Order { order, groups } => {
                words.extend([ORDER, (*order).into()]);
                words.extend(groups);
            }
        }
    }
    words
}
