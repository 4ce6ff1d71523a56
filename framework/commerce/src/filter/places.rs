//! Where products stand in lists that are sorted: pages begin beside a product, and a filter counts
//! from the beginning of a list.

use super::columns::{FilterIndex, NO_RANK};
use crate::Sort;

/// Where a product stands in a sorted list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListPlace {
    /// Products of the list that come before it.
    pub before: u32,
    /// Whether it is itself in the list.
    pub is_in_it: bool,
}

impl FilterIndex {
    /// Where a product stands in a collection (0 is everything) as a price list, by its place among
    /// [`FilterIndex::lists`], sells it; `None` when the columns do not have the product.
    pub fn place_in(
        &self,
        collection: i64,
        list: usize,
        sort: Sort,
        product: i64,
    ) -> Option<ListPlace> {
        let product = self.group_of(product)?;
        let sells_all = self.lists.get(list)?.sells_all;
        let state = self.state.lock();
        let ranks = state.ranks.get(list)?;
        let by_price = state.by_price.get(list)?;
        let place = |group: u32| match sort {
            Sort::Featured | Sort::Newest => Some(group),
            Sort::TitleAsc | Sort::TitleDesc => self.by_title.get(group as usize).copied(),
            Sort::PriceAsc | Sort::PriceDesc => by_price.get(group as usize).copied(),
        };
        let here = place(product)?;
        let is_reversed = sort.is_descending();
        let count = self.products.len() as u32;
        let is_sold = |group: u32| {
            let start = self.starts.get(group as usize).copied().unwrap_or_default();
            let end = self.starts.get(group as usize + 1).copied();
            let rows = ranks.get(start as usize..end.unwrap_or(start) as usize);
            sells_all || rows.into_iter().flatten().any(|rank| *rank != NO_RANK)
        };
        let comes_before = |group: &u32| {
            let before = place(*group).is_some_and(|place| match is_reversed {
                true => place > here,
                false => place < here,
            });
            before && is_sold(*group)
        };
        let (before, is_in_it) = match (collection, sells_all) {
            (0, true) if is_reversed => (count.checked_sub(here + 1)?, true),
            (0, true) => (here, true),
            (0, false) => ((0..count).filter(comes_before).count() as u32, true),
            (id, _) => {
                let members = self.products_of(id);
                let before = members.iter().copied().filter(comes_before).count() as u32;
                (before, members.binary_search(&product).is_ok())
            }
        };
        Some(ListPlace {
            before,
            is_in_it: is_in_it && is_sold(product),
        })
    }
}
