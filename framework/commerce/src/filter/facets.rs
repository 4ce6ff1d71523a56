//! The facets of a list.

use serde::Serialize;

use super::narrowing::{FacetName, Narrowing};

/// Most options of which a list shows facets: those that most products have.
pub const MAX_OPTIONS: usize = 12;

/// Most values that a list shows of a facet, besides those that are chosen: those that most
/// products have.
pub const MAX_VALUES: usize = 60;

/// What a list can be narrowed by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Facets {
    /// Vendor, type, tag, then options by their names. Without those that have one value and of
    /// which none is chosen.
    pub facets: Vec<Facet>,
    /// The prices of the list, by what is chosen besides.
    pub price: Option<PriceBounds>,
    /// Products that can be bought, of those that meet what is chosen.
    pub available: i64,
}

/// A facet of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facet {
    /// Which one.
    pub name: FacetName,
    /// How the merchant writes an option's name; empty for other facets.
    pub label: String,
    /// Its values: those that most products have first, then in the order of their bytes.
    pub values: Vec<FacetValue>,
}

/// A value of a facet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FacetValue {
    /// As the merchant writes it.
    pub value: String,
    /// Products that have it and meet what is chosen of all other facets.
    pub count: i64,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// The lowest and the highest price, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PriceBounds {
    /// Of the cheapest variant.
    pub lowest: i64,
    /// Of the dearest one.
    pub highest: i64,
}

/// A facet with all values that occur, as a catalogue counts them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedFacet {
    /// Which one.
    pub name: FacetName,
    /// How the merchant writes an option's name; empty for other facets.
    pub label: String,
    /// Values with the products that have them.
    pub counts: Vec<(String, i64)>,
}

impl CountedFacet {
    /// A facet that no product of the list has.
    pub(crate) fn without_values(name: &FacetName) -> Self {
        let label = match name {
            FacetName::Option(option) => option.clone(),
            FacetName::Vendor | FacetName::Type | FacetName::Tag => String::new(),
        };
        Self {
            name: name.clone(),
            label,
            counts: Vec::new(),
        }
    }
}

impl Facets {
    /// The facets that a page shows, of those that were counted.
    pub fn new(
        counted: Vec<CountedFacet>,
        narrowing: &Narrowing,
        price: Option<PriceBounds>,
        available: i64,
    ) -> Self {
        let unknown = narrowing.chosen().keys();
        let unknown = unknown.filter(|name| counted.iter().all(|facet| facet.name != **name));
        let unknown: Vec<CountedFacet> = unknown.map(CountedFacet::without_values).collect();
        let mut facets: Vec<(i64, Facet)> = counted
            .into_iter()
            .chain(unknown)
            .map(|facet| shown(facet, narrowing))
            .filter(|(_, facet)| {
                let any_chosen = facet.values.iter().any(|value| value.chosen);
                facet.values.len() > 1 || any_chosen
            })
            .collect();
        // Chosen ones first, so that no bound takes away what a visitor has chosen.
        facets.sort_by(|(a_products, a), (b_products, b)| {
            let rank = |products: &i64, facet: &Facet| {
                let is_chosen = narrowing.chosen().contains_key(&facet.name);
                let is_option = matches!(facet.name, FacetName::Option(_));
                (is_option, !is_chosen, -products)
            };
            let order = rank(a_products, a).cmp(&rank(b_products, b));
            order.then_with(|| a.name.cmp(&b.name))
        });
        let of_products = facets.iter().filter(|(_, one)| !one.name.is_of_variants());
        facets.truncate(of_products.count() + MAX_OPTIONS);
        let mut facets: Vec<Facet> = facets.into_iter().map(|(_, facet)| facet).collect();
        facets.sort_by(|a, b| a.name.cmp(&b.name));
        Self {
            facets,
            price,
            available,
        }
    }
}

/// The facet as a page shows it, and how many products its values have.
fn shown(counted: CountedFacet, narrowing: &Narrowing) -> (i64, Facet) {
    let CountedFacet {
        name,
        label,
        counts,
    } = counted;
    let mut values: Vec<FacetValue> = counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(value, count)| FacetValue {
            chosen: narrowing.has(&name, &value),
            value,
            count,
        })
        .collect();
    let products = values.iter().map(|value| value.count).sum();
    for value in narrowing.chosen().get(&name).into_iter().flatten() {
        if values.iter().all(|known| known.value != *value) {
            values.push(FacetValue {
                value: value.clone(),
                count: 0,
                chosen: true,
            });
        }
    }
    values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    let mut others = 0;
    values.retain(|value| {
        others += usize::from(!value.chosen);
        value.chosen || others <= MAX_VALUES
    });
    let facet = Facet {
        name,
        label,
        values,
    };
    (products, facet)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(name: FacetName, counts: &[(&str, i64)]) -> CountedFacet {
        CountedFacet {
            name,
            label: String::new(),
            counts: counts
                .iter()
                .map(|(value, count)| ((*value).to_owned(), *count))
                .collect(),
        }
    }

    #[test]
    fn what_is_chosen_is_always_there() -> Result<(), Box<dyn std::error::Error>> {
        let mut narrowing = Narrowing::default();
        narrowing.choose(FacetName::Vendor, "Gone")?;
        narrowing.choose(FacetName::option("zone"), "1")?;
        let mut all = vec![
            counted(FacetName::Vendor, &[("A", 3)]),
            counted(FacetName::Type, &[("one value", 9)]),
            counted(FacetName::option("zone"), &[("1", 1)]),
        ];
        for number in 0..2 * MAX_OPTIONS {
            let name = FacetName::option(&format!("{number:03}"));
            all.push(counted(name, &[("x", 5), ("y", 4)]));
        }
        let facets = Facets::new(all, &narrowing, None, 0).facets;
        let names: Vec<&FacetName> = facets.iter().map(|facet| &facet.name).collect();
        assert_eq!(names.len(), 1 + MAX_OPTIONS);
        assert!(names.contains(&&FacetName::option("zone")));
        assert!(names.is_sorted());
        let vendors: Vec<_> = facets[0]
            .values
            .iter()
            .map(|one| (one.value.as_str(), one.count, one.chosen))
            .collect();
        assert_eq!(vendors, [("A", 3, false), ("Gone", 0, true)]);
        Ok(())
    }

    #[test]
    fn long_facets_show_what_most_products_have() {
        let names: Vec<String> = (0..200).map(|number| format!("tag {number:03}")).collect();
        let counts: Vec<(&str, i64)> = names.iter().map(String::as_str).zip(1..).collect();
        let mut narrowing = Narrowing::default();
        assert_eq!(narrowing.choose(FacetName::Tag, "tag 000"), Ok(()));
        let facets = Facets::new(vec![counted(FacetName::Tag, &counts)], &narrowing, None, 0);
        let values = &facets.facets[0].values;
        assert_eq!(values.len(), MAX_VALUES + 1);
        assert_eq!(values[0].value, "tag 199");
        assert!(values[MAX_VALUES].chosen);
    }
}
