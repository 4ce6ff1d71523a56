//! Pages of narrowed lists.

use serde::Serialize;

use super::facets::Facets;
use super::narrowing::Narrowing;
use crate::listing::PAGE_SIZE;
use crate::{Card, Sort};

/// Which page of a narrowed list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NarrowRequest {
    /// What is chosen.
    pub narrowing: Narrowing,
    /// Ignored by searches, which are in order of relevance.
    pub sort: Sort,
    /// From 1.
    pub number: u32,
    /// Cards wanted, at most [`MAX_PAGE_SIZE`](crate::listing::MAX_PAGE_SIZE); 0: only the facets.
    pub size: u32,
}

impl Default for NarrowRequest {
    fn default() -> Self {
        Self {
            narrowing: Narrowing::default(),
            sort: Sort::default(),
            number: 1,
            size: PAGE_SIZE,
        }
    }
}

impl NarrowRequest {
    /// How many products come before the page.
    pub fn offset(&self) -> u32 {
        self.number.saturating_sub(1).saturating_mul(self.size)
    }
}

/// A page of a narrowed list, and the list's facets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NarrowedPage {
    /// The products on the page; none behind the last one.
    pub products: Vec<Card>,
    /// Products that meet the narrowing.
    pub total: i64,
    /// What can be chosen.
    pub facets: Facets,
}
