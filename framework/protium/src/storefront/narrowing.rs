//! Facets of lists: what an address has chosen of them, in the parameters that Shopify has for it,
//! and what a page shows of them.

use http::StatusCode;
use serde::Serialize;

use crate::http::error::HttpError;
use crate::request::declared_params::DeclaredParams;
use crate::request::params::Params;
use protium_commerce::filter::{
    FacetName, FacetValue, Facets, NarrowedPage, Narrowing, PriceBounds,
};
use protium_commerce::listing::PAGE_SIZE;
use protium_commerce::{Currency, Sort};
use protium_types::{Url, money};

/// What the names of all parameters begin with.
const PREFIX: &str = "filter.";
const PRICE_FROM: &str = "filter.v.price.gte";
const PRICE_TO: &str = "filter.v.price.lte";
const AVAILABLE: &str = "filter.v.availability";
const PAGE: &str = "page";

/// What an address asks of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub narrowing: Narrowing,
    /// The number of the page, from 1.
    pub number: u32,
}

/// A list's parameters, with those of its facets.
pub(crate) fn with_facet_params(params: DeclaredParams) -> DeclaredParams {
    let of_products = [FacetName::Vendor, FacetName::Type, FacetName::Tag];
    of_products
        .iter()
        .fold(params, |params, name| params.every(param(name)))
        .every_beginning_with(param(&FacetName::option("")))
        .filled(PRICE_FROM)
        .filled(PRICE_TO)
        .one_of(AVAILABLE, ["1"])
        .filled(PAGE)
}

/// The parameter of a facet.
fn param(facet: &FacetName) -> String {
    format!("{PREFIX}{facet}")
}

impl Asked {
    /// Reads the parameters; amounts are in the market's currency.
    pub fn read(params: &Params, currency: Currency) -> Result<Asked, HttpError> {
        let refused = |cause: &dyn std::fmt::Display| {
            let (status, key) = (StatusCode::BAD_REQUEST, "error.invalid");
            HttpError::of_message(status, "invalid_filter", key, []).because(cause)
        };
        let mut narrowing = Narrowing::default();
        for (name, value) in params.iter() {
            let facet = name.strip_prefix(PREFIX).map(str::parse::<FacetName>);
            if let Some(Ok(facet)) = facet {
                narrowing
                    .choose(facet, value)
                    .map_err(|error| refused(&error))?;
            }
        }
        let filled = |name| {
            params
                .get(name)
                .map(str::trim)
                .filter(|text| !text.is_empty())
        };
        let amount = |name| {
            let amount = filled(name).map(|text| money::parse(text, currency));
            amount.transpose().map_err(|error| refused(&error))
        };
        narrowing.price_from = amount(PRICE_FROM)?;
        narrowing.price_to = amount(PRICE_TO)?;
        narrowing.available = params.get(AVAILABLE) == Some("1");
        let number = match filled(PAGE) {
            None => 1,
            Some(text) => text.parse().map_err(|error| refused(&error))?,
        };
        match number {
            0 => Err(refused(&"pages are counted from 1")),
            number => Ok(Asked { narrowing, number }),
        }
    }

    /// Whether it is more than the beginning of the whole list.
    pub fn is_narrowed(&self) -> bool {
        !self.narrowing.is_empty() || self.number > 1
    }
}

/// Whether a visitor has chosen what no product of the list has: such a page is not cached, since
/// there are as many of them as words.
pub(crate) fn has_unknown(facets: &Facets) -> bool {
    let values = facets.facets.iter().flat_map(|facet| &facet.values);
    values.into_iter().any(|one| one.chosen && one.count == 0)
}

/// What a page shows of a list's facets.
#[derive(Debug, Serialize)]
pub(crate) struct Shown<'a> {
    /// The path that the form is sent to.
    action: String,
    /// Parameters of the list that the form keeps.
    kept: Vec<(&'static str, String)>,
    facets: Vec<ShownFacet<'a>>,
    price: Option<ShownPrice>,
    available: ShownAvailable,
    chosen: Vec<Chosen>,
    /// Parameters of what is chosen, for a form that keeps it.
    chosen_params: Vec<(String, String)>,
    /// The whole list.
    clear: Url,
    number: u32,
    pages: u32,
    first: Url,
    previous: Option<Url>,
    next: Option<Url>,
}

#[derive(Debug, Serialize)]
struct ShownFacet<'a> {
    /// `vendor`, `type`, `tag` or `option`.
    kind: &'static str,
    label: &'a str,
    param: String,
    values: &'a [FacetValue],
}

#[derive(Debug, Serialize)]
struct ShownPrice {
    #[serde(flatten)]
    bounds: PriceBounds,
    from_param: &'static str,
    to_param: &'static str,
    /// What is chosen, as a form field has it.
    from: String,
    to: String,
    /// The currency's smallest unit, and the bounds in whole ones.
    step: String,
    least: String,
    most: String,
}

#[derive(Debug, Serialize)]
struct ShownAvailable {
    param: &'static str,
    count: i64,
    chosen: bool,
}

/// Something that is chosen, and the address without it.
#[derive(Debug, Serialize)]
struct Chosen {
    /// A facet's kind, `price` or `available`.
    kind: &'static str,
    label: String,
    value: String,
    from: Option<i64>,
    to: Option<i64>,
    without: Url,
}

/// The address of a list: its path, and parameters that its facets do not change.
#[derive(Debug, Clone)]
pub(crate) struct ListUrl {
    pub path: Url,
    pub kept: Vec<(&'static str, String)>,
}

impl ListUrl {
    /// A list at a path, in an order.
    pub fn new(path: Url, sort: Sort) -> ListUrl {
        let sort = (sort != Sort::default()).then(|| ("sort", sort.as_str().to_owned()));
        ListUrl {
            path,
            kept: sort.into_iter().collect(),
        }
    }

    fn of(&self, pairs: &[(String, String)], number: u32) -> Url {
        let kept = self.kept.iter().map(|(name, value)| (*name, value));
        let chosen = pairs.iter().map(|(name, value)| (name.as_str(), value));
        let url = kept.chain(chosen);
        let url = url.fold(self.path.clone(), |url, (name, value)| {
            url.with(name, value)
        });
        match number {
            1 => url,
            number => url.with(PAGE, number),
        }
    }
}

impl<'a> Shown<'a> {
    /// What a page of a list shows of its facets.
    pub fn new(
        url: &ListUrl,
        asked: &Asked,
        page: &'a NarrowedPage,
        currency: Currency,
    ) -> Shown<'a> {
        let narrowing = &asked.narrowing;
        let pairs = pairs(narrowing, currency);
        let without = |names: &[&str], value: Option<&str>| {
            let is_other = |(name, one): &&(String, String)| {
                !names.contains(&name.as_str()) || value.is_some_and(|value| value != one)
            };
            let others: Vec<_> = pairs.iter().filter(is_other).cloned().collect();
            url.of(&others, 1)
        };
        let facets = &page.facets;
        let label = |name: &FacetName| {
            let known = facets.facets.iter().find(|facet| facet.name == *name);
            known.map(|facet| facet.label.clone()).unwrap_or_default()
        };
        let mut chosen: Vec<Chosen> = narrowing
            .values()
            .map(|(name, value)| Chosen {
                kind: kind(name),
                label: label(name),
                value: value.to_owned(),
                from: None,
                to: None,
                without: without(&[&param(name)], Some(value)),
            })
            .collect();
        if narrowing.has_price() {
            chosen.push(Chosen {
                from: narrowing.price_from,
                to: narrowing.price_to,
                ..Chosen::plain("price", without(&[PRICE_FROM, PRICE_TO], None))
            });
        }
        if narrowing.available {
            chosen.push(Chosen::plain("available", without(&[AVAILABLE], None)));
        }
        let pages = pages(page.total);
        let at = |number: u32| url.of(&pairs, number);
        Shown {
            action: url.path.as_str().to_owned(),
            kept: url.kept.clone(),
            facets: facets
                .facets
                .iter()
                .map(|facet| ShownFacet {
                    kind: kind(&facet.name),
                    label: &facet.label,
                    param: param(&facet.name),
                    values: &facet.values,
                })
                .collect(),
            price: facets
                .price
                .map(|bounds| ShownPrice::new(bounds, narrowing, currency)),
            available: ShownAvailable {
                param: AVAILABLE,
                count: facets.available,
                chosen: narrowing.available,
            },
            chosen,
            clear: url.of(&[], 1),
            number: asked.number,
            pages,
            first: at(1),
            previous: (asked.number > 1 && asked.number <= pages).then(|| at(asked.number - 1)),
            next: (asked.number < pages).then(|| at(asked.number + 1)),
            chosen_params: pairs,
        }
    }
}

/// Pages of so many products.
fn pages(total: i64) -> u32 {
    let pages = total.max(0).unsigned_abs().div_ceil(PAGE_SIZE.into());
    u32::try_from(pages).unwrap_or(u32::MAX)
}

impl Chosen {
    fn plain(kind: &'static str, without: Url) -> Chosen {
        Chosen {
            kind,
            label: String::new(),
            value: String::new(),
            from: None,
            to: None,
            without,
        }
    }
}

impl ShownPrice {
    fn new(bounds: PriceBounds, narrowing: &Narrowing, currency: Currency) -> ShownPrice {
        let field = |amount: Option<i64>| {
            let text = amount.map(|amount| decimal(amount, currency));
            text.unwrap_or_default()
        };
        let unit = unit(currency);
        ShownPrice {
            bounds,
            from_param: PRICE_FROM,
            to_param: PRICE_TO,
            from: field(narrowing.price_from),
            to: field(narrowing.price_to),
            step: decimal(1, currency),
            least: (bounds.lowest / unit).to_string(),
            most: (bounds.highest / unit + i64::from(bounds.highest % unit > 0)).to_string(),
        }
    }
}

fn kind(facet: &FacetName) -> &'static str {
    match facet {
        FacetName::Vendor => "vendor",
        FacetName::Type => "type",
        FacetName::Tag => "tag",
        FacetName::Option(_) => "option",
    }
}

/// Names and values of parameters that choose the same.
fn pairs(narrowing: &Narrowing, currency: Currency) -> Vec<(String, String)> {
    let values = narrowing.values();
    let values = values.map(|(facet, value)| (param(facet), value.to_owned()));
    let amount = |name: &str, amount: Option<i64>| {
        amount.map(|amount| (name.to_owned(), decimal(amount, currency)))
    };
    let available = narrowing
        .available
        .then(|| (AVAILABLE.to_owned(), "1".to_owned()));
    values
        .chain(amount(PRICE_FROM, narrowing.price_from))
        .chain(amount(PRICE_TO, narrowing.price_to))
        .chain(available)
        .collect()
}

/// How many of its smallest units a currency's unit has.
fn unit(currency: Currency) -> i64 {
    10_i64.pow(money::digits(currency).unwrap_or_default())
}

/// An amount as [`money::parse`] reads it.
fn decimal(amount: i64, currency: Currency) -> String {
    let unit = unit(currency);
    match amount % unit {
        0 => (amount / unit).to_string(),
        rest => {
            let digits = money::digits(currency).unwrap_or_default() as usize;
            format!("{}.{rest:0digits$}", amount / unit)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use protium_commerce::filter::{Facet, MAX_CHOSEN};

    fn read(query: &str) -> Result<Asked, HttpError> {
        Asked::read(&Params::parse(query.as_bytes()), Currency::EUR)
    }

    fn status(query: &str) -> Option<StatusCode> {
        read(query).err().map(|error| error.status)
    }

    #[test]
    fn parameters_are_those_of_shopify() -> Result<(), HttpError> {
        let asked = read(
            "filter.p.vendor=A&filter.p.vendor=B&filter.v.option.Size=M&filter.v.price.gte=9.5\
             &filter.v.price.lte=&filter.v.availability=1&filter.x=1&sort=newest&page=3",
        )?;
        let Asked { narrowing, number } = &asked;
        let chosen: Vec<_> = narrowing.values().collect();
        let size = FacetName::option("size");
        assert_eq!(
            chosen,
            [
                (&FacetName::Vendor, "A"),
                (&FacetName::Vendor, "B"),
                (&size, "M")
            ]
        );
        assert_eq!(
            (narrowing.price_from, narrowing.price_to),
            (Some(950), None)
        );
        assert_eq!((narrowing.available, *number), (true, 3));
        assert!(asked.is_narrowed());
        assert!(!read("sort=newest&page=1&filter.p.vendor=")?.is_narrowed());
        Ok(())
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let many: String = (0..=MAX_CHOSEN)
            .map(|n| format!("filter.p.tag={n}&"))
            .collect();
        let long = format!("filter.p.tag={}", "x".repeat(300));
        for query in [
            "filter.v.price.gte=cheap",
            "filter.v.price.gte=-1",
            "filter.v.price.lte=99999999999999999999",
            "filter.v.price.lte=1.234",
            "page=0",
            "page=-1",
            "page=99999999999",
            "page=two",
            &many,
            &long,
        ] {
            assert_eq!(status(query), Some(StatusCode::BAD_REQUEST), "{query}");
        }
    }

    #[test]
    fn every_choice_has_an_address_without_it() -> Result<(), Box<dyn std::error::Error>> {
        let query = "filter.p.vendor=A%26B&filter.v.price.gte=5&filter.v.option.size=M";
        let asked = read(query).map_err(|error| error.message)?;
        let narrowed = NarrowedPage {
            products: Vec::new(),
            total: 60,
            facets: Facets {
                facets: vec![Facet {
                    name: FacetName::option("size"),
                    label: "Size".to_owned(),
                    values: Vec::new(),
                }],
                price: Some(PriceBounds {
                    lowest: 150,
                    highest: 1_001,
                }),
                available: 0,
            },
        };
        let url = ListUrl::new("/collections/all".parse()?, Sort::Newest);
        let shown = Shown::new(&url, &asked, &narrowed, Currency::EUR);
        let links: Vec<_> = shown
            .chosen
            .iter()
            .map(|one| one.without.as_str())
            .collect();
        assert_eq!(
            links,
            [
                "/collections/all?sort=newest&filter.v.option.size=M&filter.v.price.gte=5",
                "/collections/all?sort=newest&filter.p.vendor=A%26B&filter.v.price.gte=5",
                "/collections/all?sort=newest&filter.p.vendor=A%26B&filter.v.option.size=M",
            ]
        );
        assert_eq!(shown.clear.as_str(), "/collections/all?sort=newest");
        let next = shown.next.as_ref().map(Url::as_str).unwrap_or_default();
        assert!(next.ends_with("filter.v.price.gte=5&page=2"), "{next}");
        let price = shown
            .price
            .as_ref()
            .map(|price| (&*price.least, &*price.most));
        assert_eq!((price, shown.pages), (Some(("1", "11")), 3));
        Ok(())
    }

    proptest! {
        #[test]
        fn no_query_panics_and_links_read_back(
            values in prop::collection::vec(
                ("(p.vendor|p.tag|v.option.[ -~]{1,5})", ".{1,9}"),
                0..9,
            ),
            price in prop::option::of(0..money::MAX_AMOUNT),
            noise in ".{0,40}",
        ) {
            let _ = read(&noise);
            let mut query = form_urlencoded::Serializer::new(String::new());
            for (name, value) in &values {
                query.append_pair(&format!("filter.{name}"), value);
            }
            if let Some(price) = price {
                query.append_pair(PRICE_TO, &decimal(price, Currency::EUR));
            }
            let asked = read(&query.finish());
            prop_assume!(asked.is_ok());
            let Ok(asked) = asked else { return Ok(()) };
            prop_assert_eq!(asked.narrowing.price_to, price);
            let url = ListUrl::new(Url::root(), Sort::Featured);
            let again = url.of(&pairs(&asked.narrowing, Currency::EUR), asked.number);
            prop_assert_eq!(read(again.query().unwrap_or_default()), Ok(asked));
        }
    }
}
