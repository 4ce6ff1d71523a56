//! What a visitor has chosen of a list's facets.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

/// Most values that are chosen at once, of all facets together.
pub const MAX_CHOSEN: usize = 30;

/// The longest value, in bytes.
pub const MAX_VALUE: usize = 250;

/// What the values of a facet are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FacetName {
    /// Who makes the product.
    Vendor,
    /// What kind of thing it is.
    Type,
    /// A tag of the product.
    Tag,
    /// The value that a variant has of the option with this name, such as `size`. Letter case of
    /// ASCII makes no difference, and the name is in small letters here.
    Option(String),
}

impl FacetName {
    /// The facet of an option.
    pub fn option(name: &str) -> Self {
        Self::Option(name.to_ascii_lowercase())
    }

    /// Whether one product can have several of its values.
    pub fn is_of_variants(&self) -> bool {
        matches!(self, Self::Option(_))
    }
}

/// The name in the parameters of an address, behind `filter.`, as Shopify has it.
impl fmt::Display for FacetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vendor => f.write_str("p.vendor"),
            Self::Type => f.write_str("p.product_type"),
            Self::Tag => f.write_str("p.tag"),
            Self::Option(name) => write!(f, "v.option.{name}"),
        }
    }
}

/// A text that names no facet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no facet of this name")]
pub struct UnknownFacet;

impl std::str::FromStr for FacetName {
    type Err = UnknownFacet;

    fn from_str(name: &str) -> Result<Self, UnknownFacet> {
        match name {
            "p.vendor" => Ok(Self::Vendor),
            "p.product_type" => Ok(Self::Type),
            "p.tag" => Ok(Self::Tag),
            _ => match name.strip_prefix("v.option.") {
                Some(option) if !option.is_empty() && option.len() <= MAX_VALUE => {
                    Ok(Self::option(option))
                }
                _ => Err(UnknownFacet),
            },
        }
    }
}

impl Serialize for FacetName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A list of products that can be narrowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum List {
    /// The collection of a handle; `all` is the virtual collection of everything.
    Collection(String),
    /// What a search finds.
    Search {
        /// What the visitor typed.
        query: String,
        /// The words are meant as they are typed.
        exact: bool,
    },
}

/// Why something cannot be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NarrowingError {
    /// One more than [`MAX_CHOSEN`].
    #[error("at most {MAX_CHOSEN} values are chosen at once")]
    TooMany,
    /// Longer than [`MAX_VALUE`].
    #[error("a value has at most {MAX_VALUE} bytes")]
    TooLong,
}

/// What is chosen. A product is in the narrowed list when one and the same of its variants has one
/// of the chosen values of every facet, a price in the range, and can be bought where that is
/// asked for.
///
/// ```
/// use protium_commerce::filter::{FacetName, Narrowing};
///
/// let mut narrowing = Narrowing::default();
/// narrowing.choose(FacetName::option("Size"), "M")?;
/// narrowing.choose(FacetName::Vendor, "Marrowby")?;
/// assert!(narrowing.has(&FacetName::option("size"), "M"));
/// # Ok::<(), protium_commerce::filter::NarrowingError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowing {
    chosen: BTreeMap<FacetName, BTreeSet<String>>,
    /// The lowest price, in minor units of the context's currency.
    pub price_from: Option<i64>,
    /// The highest price, likewise. Below the lowest one nothing is found.
    pub price_to: Option<i64>,
    /// Only what can be bought.
    pub available: bool,
}

impl Narrowing {
    /// Chooses a value of a facet. An empty one chooses nothing.
    ///
    /// # Errors
    ///
    /// The value is too long, or too many are chosen.
    pub fn choose(&mut self, facet: FacetName, value: &str) -> Result<(), NarrowingError> {
        if value.is_empty() {
            return Ok(());
        }
        if value.len() > MAX_VALUE {
            return Err(NarrowingError::TooLong);
        }
        self.chosen
            .entry(facet)
            .or_default()
            .insert(value.to_owned());
        match self.values().count() > MAX_CHOSEN {
            true => Err(NarrowingError::TooMany),
            false => Ok(()),
        }
    }

    /// The facets of which values are chosen, with these values.
    pub fn chosen(&self) -> &BTreeMap<FacetName, BTreeSet<String>> {
        &self.chosen
    }

    /// Facets and values, sorted.
    pub fn values(&self) -> impl Iterator<Item = (&FacetName, &str)> {
        let facets = self.chosen.iter();
        facets.flat_map(|(name, values)| values.iter().map(move |value| (name, value.as_str())))
    }

    /// Whether a value is chosen.
    pub fn has(&self, facet: &FacetName, value: &str) -> bool {
        let values = self.chosen.get(facet);
        values.is_some_and(|values| values.contains(value))
    }

    /// Whether a lowest or a highest price is chosen.
    pub fn has_price(&self) -> bool {
        self.price_from.is_some() || self.price_to.is_some()
    }

    /// Whether nothing is chosen.
    pub fn is_empty(&self) -> bool {
        self.chosen.is_empty() && !self.has_price() && !self.available
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_chosen_is_bounded() {
        let mut narrowing = Narrowing::default();
        for number in 0..MAX_CHOSEN {
            let chosen = narrowing.choose(FacetName::Tag, &number.to_string());
            assert_eq!(chosen, Ok(()));
        }
        assert_eq!(narrowing.choose(FacetName::Tag, "0"), Ok(()), "it is there");
        let more = narrowing.choose(FacetName::Vendor, "x");
        assert_eq!(more, Err(NarrowingError::TooMany));
        let long = Narrowing::default().choose(FacetName::Tag, &"x".repeat(MAX_VALUE + 1));
        assert_eq!(long, Err(NarrowingError::TooLong));
    }

    #[test]
    fn names_of_facets_are_those_of_addresses() {
        let names = [
            FacetName::Vendor,
            FacetName::Type,
            FacetName::Tag,
            FacetName::option("Size"),
        ];
        for name in names {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        for text in ["", "vendor", "v.option.", "p.other"] {
            assert_eq!(text.parse::<FacetName>(), Err(UnknownFacet), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_option_has_a_name_in_addresses(name in ".{1,40}") {
            let facet = FacetName::option(&name);
            prop_assert_eq!(facet.to_string().parse(), Ok(facet));
        }
    }
}
