//! What a narrowed list asks of the filter, and what its answer means.

use protium_commerce::Sort;
use protium_commerce::filter::columns::{AVAILABLE, FacetRows, FilterColumns, FilterIndex};
use protium_commerce::filter::facets::CountedFacet;
use protium_commerce::filter::{
    ColumnChange, Facets, ListPlace, NarrowRequest, Narrowing, PriceBounds,
};
use protium_commerce::listing::MAX_PAGE_SIZE;
use protium_commerce::sqlite::{FoundList, ListProducts};
use protium_wasm::filter::{
    Answer, Base, Change, Chosen, Columns, Facet, Query, RankRange, RowSet,
};

/// The place of the order by a price list among the orders: those by id and by title come first.
fn order_by_price(list: usize) -> usize {
    2 + list
}

/// The columns as the filter takes them, and what they mean.
pub(crate) fn columns(columns: FilterColumns) -> (Columns, FilterIndex) {
    let FilterColumns {
        groups,
        facets,
        sets,
        ranks,
        orders,
        index,
    } = columns;
    let set = |rows: Vec<u32>| rows.into_iter().collect::<RowSet>();
    let facet = |(facet, values): (FacetRows, usize)| match facet {
        FacetRows::One(of_row) => Facet::One {
            values: u16::try_from(values).unwrap_or(u16::MAX),
            of_row,
        },
        FacetRows::Many(sets) => Facet::Many(sets.into_iter().map(set).collect()),
    };
    let values = index.facets.iter().map(|facet| facet.values.len());
    let columns = Columns {
        version: index.seen().unsigned_abs(),
        groups,
        facets: facets.into_iter().zip(values).map(facet).collect(),
        sets: sets.into_iter().map(set).collect(),
        ranks,
        orders,
    };
    (columns, index)
}

/// A change as the filter takes it.
pub(crate) fn change(change: ColumnChange) -> Change {
    match change {
        ColumnChange::Available { row, on } => Change::Set {
            set: AVAILABLE,
            row,
            on,
        },
        ColumnChange::Rank { list, row, rank } => Change::Rank {
            column: list as u16,
            row,
            rank,
        },
        ColumnChange::Order { list, groups } => Change::Order {
            order: order_by_price(list) as u16,
            groups,
        },
    }
}

/// What is asked of the filter for a page.
pub(crate) struct Question<'a> {
    index: &'a FilterIndex,
    list: &'a FoundList,
    request: &'a NarrowRequest,
    price_list: Option<usize>,
    /// `None`: no product can be found, and no value be counted.
    pub query: Option<Query>,
}

impl<'a> Question<'a> {
    pub fn new(index: &'a FilterIndex, list: &'a FoundList, request: &'a NarrowRequest) -> Self {
        let price_list = index
            .lists
            .binary_search_by_key(&list.price_list, |one| one.id)
            .ok();
        let mut question = Question {
            index,
            list,
            request,
            price_list,
            query: None,
        };
        question.query = question.ask();
        question
    }

    fn ask(&self) -> Option<Query> {
        let (index, narrowing) = (self.index, &self.request.narrowing);
        let price_list = self.price_list?;
        let base = match &self.list.products {
            ListProducts::Collection(0) => Base::All,
            ListProducts::Collection(id) => Base::Set(index.collection_set(*id)?),
            ListProducts::Found(ids) => {
                let mut groups = index.groups_of(ids);
                groups.sort_unstable();
                Base::Groups(groups)
            }
        };
        let chosen = chosen(index, narrowing)?;
        let prices = &index.lists.get(price_list)?.prices;
        let column = price_list as u16;
        let range = range(prices, narrowing).map(|(from, to)| RankRange { column, from, to });
        let sold = index.sold_set(price_list);
        let available = narrowing.available.then_some(AVAILABLE);
        let (order, reversed) = match (&base, self.request.sort) {
            (Base::Groups(_), _) | (_, Sort::Featured) => (0, false),
            (_, Sort::Newest) => (0, true),
            (_, Sort::TitleAsc) => (1, false),
            (_, Sort::TitleDesc) => (1, true),
            (_, Sort::PriceAsc) => (order_by_price(price_list), false),
            (_, Sort::PriceDesc) => (order_by_price(price_list), true),
        };
        // What a search found comes as a whole, and is put in the order of relevance here.
        let (skip, take) = match &base {
            Base::Groups(groups) => (0, groups.len() as u32),
            Base::All | Base::Set(_) => (self.request.offset(), self.size()),
        };
        Some(Query {
            base,
            required: available.into_iter().chain(sold).collect(),
            chosen,
            ranges: range.into_iter().collect(),
            count: (0..index.facets.len() as u16).collect(),
            bounds: vec![column],
            order: order as u16,
            reversed,
            skip,
            take,
        })
    }

    /// Where a product stands in the list, which is a collection.
    pub fn place_of(&self, product: i64) -> Option<ListPlace> {
        let ListProducts::Collection(collection) = self.list.products else {
            return None;
        };
        let sort = self.request.sort;
        self.index
            .place_in(collection, self.price_list?, sort, product)
    }

    fn size(&self) -> u32 {
        self.request.size.min(MAX_PAGE_SIZE)
    }

    /// The question how many of the products that were found can be bought, unless that is known.
    pub fn available(&self) -> Option<Query> {
        let query = self.query.as_ref()?;
        if self.request.narrowing.available {
            return None;
        }
        let mut query = query.clone();
        query.required.push(AVAILABLE);
        query.count.clear();
        query.bounds.clear();
        query.take = 0;
        Some(query)
    }

    /// The ids of the page's products, how many there are in all, and the facets; `available` is
    /// the answer to [`available`](Self::available).
    pub fn page(&self, answer: &Answer, available: Option<u32>) -> (Vec<i64>, i64, Facets) {
        let narrowing = &self.request.narrowing;
        let total = answer.total;
        let counted = self.query.iter().flat_map(|query| &query.count);
        let counted = counted.zip(&answer.counts).filter_map(|(facet, counts)| {
            let facet = self.index.facets.get(usize::from(*facet))?;
            let counts = facet.values.iter().zip(counts);
            let counts = counts.filter(|(_, count)| **count > 0);
            Some(CountedFacet {
                name: facet.name.clone(),
                label: facet.label.clone(),
                counts: counts
                    .map(|(value, count)| (value.clone(), i64::from(*count)))
                    .collect(),
            })
        });
        // Where nothing was asked, no product has what is chosen.
        let uncounted =
            self.index.facets.iter().filter(|facet| {
                self.query.is_none() && narrowing.chosen().contains_key(&facet.name)
            });
        let uncounted = uncounted.map(|facet| CountedFacet {
            name: facet.name.clone(),
            label: facet.label.clone(),
            counts: Vec::new(),
        });
        let counted = counted.chain(uncounted);
        let price = answer.bounds.first().copied().flatten();
        let price = price.and_then(|(lowest, highest)| {
            let prices = &self.index.lists.get(self.price_list?)?.prices;
            Some(PriceBounds {
                lowest: *prices.get(lowest as usize)?,
                highest: *prices.get(highest as usize)?,
            })
        });
        let available = available.unwrap_or(total);
        let facets = Facets::new(counted.collect(), narrowing, price, available.into());
        (self.ids(&answer.groups), total.into(), facets)
    }

    fn ids(&self, groups: &[u32]) -> Vec<i64> {
        let id = |group: &u32| self.index.products.get(*group as usize).copied();
        let found: Vec<i64> = groups.iter().filter_map(id).collect();
        match &self.list.products {
            ListProducts::Collection(_) => found,
            // `found` is ascending, as its groups are.
            ListProducts::Found(ids) => ids
                .iter()
                .filter(|id| found.binary_search(id).is_ok())
                .skip(self.request.offset() as usize)
                .take(self.size() as usize)
                .copied()
                .collect(),
        }
    }
}

/// The chosen values by their places: none, where no row has any of them. `None` where no row has a
/// facet: no product can be found, nor counted for another facet.
fn chosen(index: &FilterIndex, narrowing: &Narrowing) -> Option<Vec<Chosen>> {
    let chosen = narrowing.chosen().iter().map(|(name, wanted)| {
        let place = index.facets.iter().position(|facet| facet.name == *name)?;
        let known = &index.facets.get(place)?.values;
        let values = wanted
            .iter()
            .filter_map(|value| known.binary_search(value).ok())
            .map(|value| value as u16)
            .collect();
        let facet = place as u16;
        Some(Chosen { facet, values })
    });
    chosen.collect()
}

/// The first and the last place of the prices in the chosen range; the last one before the first,
/// where there is no price. `None` where all prices are in it.
fn range(prices: &[i64], narrowing: &Narrowing) -> Option<(u32, u32)> {
    let from = narrowing
        .price_from
        .map_or(0, |from| prices.partition_point(|price| *price < from));
    let end = narrowing.price_to.map_or(prices.len(), |to| {
        prices.partition_point(|price| *price <= to)
    });
    match (from, end) {
        (0, end) if end == prices.len() => None,
        (from, end) if from < end => Some((from as u32, end as u32 - 1)),
        _ => Some((1, 0)),
    }
}
