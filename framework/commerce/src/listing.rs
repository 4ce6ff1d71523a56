//! How lists of products are asked for, and what comes back.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::model::{Card, Collection, CollectionLink};

/// Cards on a page when nobody says otherwise.
pub const PAGE_SIZE: u32 = 24;

/// Most cards a page may have.
pub const MAX_PAGE_SIZE: u32 = 100;

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sort {
    /// The order of the catalogue.
    #[default]
    Featured,
    /// A to Z.
    TitleAsc,
    /// Z to A.
    TitleDesc,
    /// Cheapest first.
    PriceAsc,
    /// Dearest first.
    PriceDesc,
    /// The last one added first.
    Newest,
}

impl Sort {
    /// Every order, as a menu lists them.
    pub const ALL: [Self; 6] = [
        Self::Featured,
        Self::TitleAsc,
        Self::TitleDesc,
        Self::PriceAsc,
        Self::PriceDesc,
        Self::Newest,
    ];

    /// Whether it goes down: by id, title or price.
    pub(crate) fn is_descending(self) -> bool {
        matches!(self, Self::Newest | Self::TitleDesc | Self::PriceDesc)
    }

    /// The name in addresses: `price-asc`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Featured => "featured",
            Self::TitleAsc => "title-asc",
            Self::TitleDesc => "title-desc",
            Self::PriceAsc => "price-asc",
            Self::PriceDesc => "price-desc",
            Self::Newest => "newest",
        }
    }
}

/// A word that names no [`Sort`] or [`Direction`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown {0}")]
pub struct UnknownWord(&'static str);

impl FromStr for Sort {
    type Err = UnknownWord;

    fn from_str(name: &str) -> Result<Self, UnknownWord> {
        Self::ALL
            .into_iter()
            .find(|sort| sort.as_str() == name)
            .ok_or(UnknownWord("sort order"))
    }
}

/// To which side of the cursor the page lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// After it.
    #[default]
    Next,
    /// Before it.
    Prev,
}

impl Direction {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Next, Self::Prev];

    /// The name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Prev => "prev",
        }
    }
}

impl FromStr for Direction {
    type Err = UnknownWord;

    fn from_str(name: &str) -> Result<Self, UnknownWord> {
        Self::ALL
            .into_iter()
            .find(|direction| direction.as_str() == name)
            .ok_or(UnknownWord("direction"))
    }
}

/// Which page of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Ignored by searches, which are in order of relevance.
    pub sort: Sort,
    /// A cursor from [`PageInfo`] of the same list and sort; `None` is the beginning.
    pub cursor: Option<String>,
    /// Which side of the cursor.
    pub direction: Direction,
    /// Cards wanted; brought into 1..=[`MAX_PAGE_SIZE`].
    pub size: u32,
    /// For searches: the words are meant as they are typed. Nothing is corrected, and products must
    /// have all of them.
    pub exact: bool,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self {
            sort: Sort::default(),
            cursor: None,
            direction: Direction::default(),
            size: PAGE_SIZE,
            exact: false,
        }
    }
}

/// Where a page lies in its list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageInfo {
    /// Cards a full page has.
    pub size: u32,
    /// For the page after this one, with [`Direction::Next`]; `None` at the end.
    pub next_cursor: Option<String>,
    /// For the page before this one, with [`Direction::Prev`]; `None` at the beginning.
    pub prev_cursor: Option<String>,
    /// Products in the whole list. Searches count no further than they page.
    pub total: i64,
}

/// One page of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CollectionPage {
    /// The collection.
    pub collection: Collection,
    /// Its products on this page.
    pub products: Vec<Card>,
    /// Where the page lies.
    pub page: PageInfo,
    /// The order in force.
    pub sort: Sort,
    /// Which page of the list it is, from 1.
    pub number: i64,
    /// The cursor that leads to this page with [`Direction::Next`]; `None` for the first.
    pub cursor: Option<String>,
}

/// One page of what a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SearchPage {
    /// The query as it was understood: trimmed and cut to a sensible length.
    pub query: String,
    /// What was looked for in its place, when it has a word that no product has.
    pub corrected: Option<String>,
    /// No product has all of the words: these have some of them.
    pub partial: bool,
    /// Products, the most relevant first.
    pub products: Vec<Card>,
    /// Where the page lies.
    pub page: PageInfo,
    /// Collections whose title fits the query, on the first page only.
    pub collections: Vec<Collection>,
}

/// What to offer while a visitor types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestions {
    /// The query as it was understood.
    pub query: String,
    /// What was looked for in its place, when it has a word that no product has.
    pub corrected: Option<String>,
    /// No product has all of the words: these have some of them.
    pub partial: bool,
    /// At most 6.
    pub products: Vec<SuggestedProduct>,
    /// At most 3.
    pub collections: Vec<CollectionLink>,
}

/// A product among suggestions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SuggestedProduct {
    /// The name in the address.
    pub handle: String,
    /// Plain text.
    pub title: String,
    /// The leading picture.
    pub image_src: Option<String>,
    /// Price of the cheapest variant.
    pub price_min: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sort_names_are_the_same_in_addresses_and_in_json() {
        for sort in Sort::ALL {
            assert_eq!(sort.as_str().parse(), Ok(sort));
            let json = serde_json::to_value(sort).ok();
            assert_eq!(json, Some(serde_json::Value::from(sort.as_str())));
        }
        assert!("price".parse::<Sort>().is_err());
        assert_eq!("prev".parse(), Ok(Direction::Prev));
        assert!("".parse::<Direction>().is_err());
    }
}
