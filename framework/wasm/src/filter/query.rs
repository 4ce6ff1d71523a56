//! What a filter is asked, what it answers, and what changes between.

/// A question. All its conditions must be met by one and the same row of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// What it begins from.
    pub base: Base,
    /// Sets that a row must be in.
    pub required: Vec<u32>,
    /// Values of facets, each facet at most once.
    pub chosen: Vec<Chosen>,
    /// Ranges of ranks, each column at most once.
    pub ranges: Vec<RankRange>,
    /// The facets whose values are counted, each without what is chosen of itself.
    pub count: Vec<u16>,
    /// The columns of which the lowest and highest rank is wanted, each without its own range.
    pub bounds: Vec<u16>,
    /// The order of the groups.
    pub order: u16,
    /// The order is read from its end.
    pub reversed: bool,
    /// Groups to leave out at the beginning.
    pub skip: u32,
    /// Groups of the answer, at most.
    pub take: u32,
}

/// What a query begins from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Base {
    /// All rows.
    #[default]
    All,
    /// The rows of a set.
    Set(u32),
    /// The rows of these groups, in ascending order.
    Groups(Vec<u32>),
}

/// A row must have one of these values; without values no row has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The facet.
    pub facet: u16,
    /// Numbers of values.
    pub values: Vec<u16>,
}

/// A row must have a rank within these, both included. A row without a rank never has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RankRange {
    /// The column of ranks.
    pub column: u16,
    /// The lowest.
    pub from: u32,
    /// The highest.
    pub to: u32,
}

/// The answer to a [`Query`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// How many groups were found.
    pub total: u32,
    /// Those of the page, in order.
    pub groups: Vec<u32>,
    /// For each facet of `count`, by value: the groups that are found with it.
    pub counts: Vec<Vec<u32>>,
    /// For each column of `bounds`: the lowest and the highest rank of the rows that are found.
    pub bounds: Vec<Option<(u32, u32)>>,
}

/// What changes between queries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A row joins a set or leaves it: it is in stock.
    Set {
        /// The set.
        set: u32,
        /// The row.
        row: u32,
        /// Whether it is in the set from now on.
        on: bool,
    },
    /// A row gets another rank, one that its column had, or [`NO_RANK`](super::NO_RANK).
    Rank {
        /// The column.
        column: u16,
        /// The row.
        row: u32,
        /// Its rank from now on.
        rank: u32,
    },
    /// An order is replaced.
    Order {
        /// The order.
        order: u16,
        /// All groups.
        groups: Vec<u32>,
    },
}
