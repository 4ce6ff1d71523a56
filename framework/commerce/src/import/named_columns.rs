//! Columns whose names say what they are about: metafields, locations and price lists.

use super::error::Problem;
use crate::Currency;
use crate::metafield::{MetafieldError, MetafieldName, MetafieldType};
use crate::text::{excerpt, letters, slug};

/// A price list by its name, with the currency of its prices.
pub(crate) type PriceLists = [(String, Currency)];

/// The columns of a file that carry names, each with its place.
#[derive(Debug, Default)]
pub(crate) struct NamedColumns {
    pub product_metafields: Vec<MetafieldColumn>,
    pub variant_metafields: Vec<MetafieldColumn>,
    /// Pieces that can be sold, by location.
    pub locations: Vec<(usize, String)>,
    pub prices: Vec<PriceColumns>,
}

/// A column of a metafield.
#[derive(Debug)]
pub(crate) struct MetafieldColumn {
    pub place: usize,
    pub name: MetafieldName,
    /// `None`: the column does not say it.
    pub type_name: Option<String>,
}

/// The columns of a price list.
#[derive(Debug)]
pub(crate) struct PriceColumns {
    pub list: String,
    pub currency: Currency,
    pub amount: Option<usize>,
    pub compare_at: Option<usize>,
}

/// What a column's name says.
enum Meaning {
    Metafield {
        of_variant: bool,
        name: MetafieldName,
        type_name: Option<String>,
    },
    Location(String),
    Price {
        list: String,
        is_former: bool,
    },
}

impl NamedColumns {
    /// Takes a column if it is one of these.
    pub(super) fn take(
        &mut self,
        place: usize,
        name: &str,
        lists: &PriceLists,
    ) -> Result<(), Problem> {
        let twice = |is_there: bool| match is_there {
            true => Err(Problem::ColumnTwice {
                again: name.to_owned(),
            }),
            false => Ok(()),
        };
        match meaning(name)? {
            None => Ok(()),
            Some(Meaning::Metafield {
                of_variant,
                name,
                type_name,
            }) => {
                let columns = match of_variant {
                    true => &mut self.variant_metafields,
                    false => &mut self.product_metafields,
                };
                let is_there = columns.iter().any(|column| column.name == name);
                columns.push(MetafieldColumn {
                    place,
                    name,
                    type_name,
                });
                twice(is_there)
            }
            Some(Meaning::Location(location)) => {
                let is_there = self.locations.iter().any(|(_, known)| *known == location);
                self.locations.push((place, location));
                twice(is_there)
            }
            Some(Meaning::Price { list, is_former }) => {
                // Shopify writes the name of a market, as in `Price / United States`.
                let in_address = slug(&list);
                let is_meant = |known: &str| known == list || known == in_address;
                let Some((list, currency)) = lists.iter().find(|(known, _)| is_meant(known)) else {
                    return Ok(());
                };
                let at = self.prices.iter().position(|columns| columns.list == *list);
                let at = at.unwrap_or(self.prices.len());
                if at == self.prices.len() {
                    self.prices.push(PriceColumns {
                        list: list.clone(),
                        currency: *currency,
                        amount: None,
                        compare_at: None,
                    });
                }
                let Some(columns) = self.prices.get_mut(at) else {
                    return Ok(());
                };
                let slot = match is_former {
                    true => &mut columns.compare_at,
                    false => &mut columns.amount,
                };
                twice(slot.replace(place).is_some())
            }
        }
    }

    /// The places of all these columns. A former price without a price says nothing.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        let metafields = self
            .product_metafields
            .iter()
            .chain(&self.variant_metafields)
            .map(|column| column.place);
        let locations = self.locations.iter().map(|(place, _)| *place);
        let prices = self
            .prices
            .iter()
            .filter(|columns| columns.amount.is_some())
            .flat_map(|columns| [columns.amount, columns.compare_at])
            .flatten();
        metafields.chain(locations).chain(prices)
    }
}

fn meaning(name: &str) -> Result<Option<Meaning>, Problem> {
    if let Some((before, after)) = name.split_once(':') {
        let after = after.trim();
        match letters(before).as_str() {
            "metafield" | "productmetafield" => return typed(after, false).map(Some),
            "variantmetafield" => return typed(after, true).map(Some),
            "inventory" | "inventoryavailable" if !after.is_empty() => {
                return Ok(Some(Meaning::Location(after.to_owned())));
            }
            _ => {}
        }
    }
    if let Some((before, list)) = name.split_once(" / ") {
        let list = list.trim().to_owned();
        match letters(before).as_str() {
            "price" | "variantprice" => {
                let is_former = false;
                return Ok(Some(Meaning::Price { list, is_former }));
            }
            "compareatprice" | "variantcompareatprice" => {
                let is_former = true;
                return Ok(Some(Meaning::Price { list, is_former }));
            }
            _ => {}
        }
    }
    Ok(untyped(name))
}

/// `namespace.key [type]`, as exporting apps write it.
fn typed(text: &str, of_variant: bool) -> Result<Meaning, Problem> {
    let wrong = |error: MetafieldError| Problem::Metafield {
        value: excerpt(text),
        error,
    };
    let (name, type_name) = match text.strip_suffix(']').and_then(|rest| rest.split_once('[')) {
        Some((name, type_name)) => (name.trim(), Some(type_name.trim())),
        None => (text, None),
    };
    let (namespace, key) = name
        .split_once('.')
        .ok_or_else(|| wrong(MetafieldError::Name))?;
    if let Some(type_name) = type_name {
        type_name.parse::<MetafieldType>().map_err(wrong)?;
    }
    Ok(Meaning::Metafield {
        of_variant,
        name: MetafieldName::new(namespace, key).map_err(wrong)?,
        type_name: type_name.map(str::to_owned),
    })
}

/// `Title (product.metafields.namespace.key)`, as Shopify writes it.
fn untyped(name: &str) -> Option<Meaning> {
    let (_, inner) = name.strip_suffix(')')?.rsplit_once('(')?;
    let (of_variant, rest) = match inner.strip_prefix("product.metafields.") {
        Some(rest) => (false, rest),
        None => (true, inner.strip_prefix("variant.metafields.")?),
    };
    let (namespace, key) = rest.split_once('.')?;
    Some(Meaning::Metafield {
        of_variant,
        name: MetafieldName::new(namespace, key).ok()?,
        type_name: None,
    })
}
