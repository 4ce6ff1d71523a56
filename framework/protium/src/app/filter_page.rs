//! What a page of a whole collection, in some order, asks of the filter.

use protium_commerce::filter::columns::FilterIndex;
use protium_commerce::filter::{ListPlace, NarrowRequest};
use protium_commerce::sqlite::{AskedPage, SortedPage};
use protium_commerce::{Direction, PageRequest};
use protium_wasm::filter::{Answer, Query};

use crate::app::filter_query::Question;

/// A page that is wanted.
pub(crate) struct Wanted {
    pub query: Query,
    /// Products before the page.
    start: u32,
    size: u32,
    full: u32,
}

impl Wanted {
    /// `None` where the filter does not have the list, or the product beside the page.
    pub fn new(index: &FilterIndex, asked: &AskedPage, request: &PageRequest) -> Option<Wanted> {
        let whole = NarrowRequest {
            sort: request.sort,
            ..NarrowRequest::default()
        };
        let question = Question::new(index, &asked.list, &whole);
        let place = match asked.beside {
            Some(product) => Some(question.place_of(product)?),
            None => None,
        };
        let (start, size) = span(place, request.direction, asked.size);
        let mut query = question.query?;
        query.count.clear();
        query.bounds.clear();
        let mut wanted = Wanted {
            query,
            start,
            size,
            full: asked.size,
        };
        wanted.take();
        Some(wanted)
    }

    /// Besides the page's products, those before and behind it.
    fn take(&mut self) {
        self.query.skip = self.start.saturating_sub(1);
        self.query.take = self.start - self.query.skip + self.size + 1;
    }

    /// Whether the list ends before the page.
    pub fn is_behind(&self, answer: &Answer) -> bool {
        self.start > 0 && self.start >= answer.total
    }

    /// The first page, in place of this one.
    pub fn begin(&mut self) {
        (self.start, self.size) = (0, self.full);
        self.take();
    }

    /// The products of the page, when the filter has answered.
    pub fn page(&self, index: &FilterIndex, answer: &Answer) -> SortedPage {
        let id = |group: &u32| index.products.get(*group as usize).copied();
        let mut groups = answer.groups.iter();
        let before = (self.start > 0).then(|| groups.next().and_then(id));
        let mut products: Vec<i64> = groups.filter_map(id).collect();
        let has_more = products.len() > self.size as usize;
        products.truncate(self.size as usize);
        SortedPage {
            start: self.start,
            before: before.flatten(),
            products,
            has_more,
            total: answer.total,
        }
    }
}

/// How many products come before the page beside a place, and how many are on it at most.
fn span(place: Option<ListPlace>, direction: Direction, size: u32) -> (u32, u32) {
    match (place, direction) {
        (Some(place), Direction::Next) => (place.before + u32::from(place.is_in_it), size),
        (Some(place), Direction::Prev) if place.before > 0 => {
            let start = place.before.saturating_sub(size);
            (start, place.before - start)
        }
        (Some(_), Direction::Prev) | (None, _) => (0, size),
    }
}
