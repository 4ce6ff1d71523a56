//! Which products a list has.

/// A list as the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundList {
    /// The id of the price list that the context asks for.
    pub price_list: i64,
    /// Its products.
    pub products: ListProducts,
}

/// The products of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListProducts {
    /// Those of a collection, by its id; 0 is everything.
    Collection(i64),
    /// These ids, the most relevant first.
    Found(Vec<i64>),
}
