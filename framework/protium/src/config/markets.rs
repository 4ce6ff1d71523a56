//! `[markets.NAME]` and `[price_lists.NAME]`: where a shop is shown otherwise, and at which prices.

use std::collections::BTreeMap;

use protium_types::locale::{Locale, LocaleError};
use protium_types::{Currency, Market, MarketData, MarketError, Markets};
use serde::{Deserialize, Serialize};

/// The market of `[shop]`.
const DEFAULT_MARKET: &str = "default";
/// The price list that every shop has: its products' own prices.
const DEFAULT_LIST: &str = "default";

/// `[markets.NAME]`: a market beside that of `[shop]`, found by its host, its prefix, or both.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct MarketConfig {
    /// The host that it is visited by, without a port; empty for any.
    pub host: String,
    /// The first segment of its paths, for example `/de`; empty for none.
    pub prefix: String,
    /// Language and region, for example `de-DE`; empty for that of `[shop]`.
    pub locale: String,
    /// ISO 4217; empty for that of the price list.
    pub currency: String,
    /// ISO 3166, for example `DE`: the country that it sells to.
    pub country: String,
    /// The price list of its prices, one of `[price_lists]`; empty for the shop's own.
    pub price_list: String,
}

/// `[price_lists.NAME]`: prices beside the shop's own.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PriceListConfig {
    /// ISO 4217; empty for that of `[shop]`.
    pub currency: String,
}

/// What a shop has beside its own locale and currency.
pub(super) struct MarketsConfig<'a> {
    /// Locale and currency of `[shop]`.
    pub own: (&'a str, &'a str),
    pub markets: &'a BTreeMap<String, MarketConfig>,
    pub price_lists: &'a BTreeMap<String, PriceListConfig>,
}

impl<'a> MarketsConfig<'a> {
    /// The currency of a price list; that of `[shop]` for its own.
    pub(super) fn currency_of(&self, list: &str) -> &'a str {
        let list = self.price_lists.get(list).map(|list| &*list.currency);
        list.filter(|code| !code.is_empty()).unwrap_or(self.own.1)
    }

    /// All markets, that of `[shop]` first.
    pub(super) fn markets(&self) -> Result<Markets, MarketError> {
        let or = |given: &str, else_: &str| match given {
            "" => else_.to_owned(),
            given => given.to_owned(),
        };
        let (locale, currency) = self.own;
        let default = MarketData {
            name: DEFAULT_MARKET.to_owned(),
            locale: locale.to_owned(),
            currency: currency.to_owned(),
            country: String::new(),
            price_list: String::new(),
            host: String::new(),
            prefix: String::new(),
        };
        let others = self.markets.iter().map(|(name, market)| {
            let market = MarketData {
                name: name.clone(),
                locale: or(&market.locale, locale),
                currency: or(&market.currency, self.currency_of(&market.price_list)),
                country: market.country.clone(),
                price_list: market.price_list.clone(),
                host: market.host.clone(),
                prefix: market.prefix.clone(),
            };
            Market::from(market)
        });
        Markets::new(default.into(), others.collect())
    }

    /// The key of what cannot be, and why.
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        for name in self.price_lists.keys() {
            let key = format!("price_lists.{name}");
            if name == DEFAULT_LIST {
                let problem = "this is the name of the shop's own price list";
                return Err((key, problem.to_owned()));
            }
            let code = self.currency_of(name);
            if Currency::from_code(code).is_none() {
                let problem = LocaleError::UnknownCurrency(code.to_owned()).to_string();
                return Err((format!("{key}.currency"), problem));
            }
        }
        for (name, market) in self.markets {
            let list = &market.price_list;
            let at = |key: &str| format!("markets.{name}.{key}");
            if name == DEFAULT_MARKET {
                let problem = "this is the name of the market of [shop]";
                return Err((format!("markets.{name}"), problem.to_owned()));
            }
            if !list.is_empty() && !self.price_lists.contains_key(list) {
                let problem = format!(
                    "there is no price list `{list}`: add [price_lists.{list}], or leave this out \
                     for the shop's own prices"
                );
                return Err((at("price_list"), problem));
            }
            let code = self.currency_of(list);
            if !list.is_empty() && !market.currency.is_empty() && market.currency != code {
                let problem = format!(
                    "the prices of the price list `{list}` are in {code}, not in {}",
                    market.currency
                );
                return Err((at("currency"), problem));
            }
        }
        let markets = self.markets();
        let markets = markets.map_err(|error| ("markets".to_owned(), error.to_string()))?;
        for market in markets.iter().skip(1) {
            Locale::new(&market.locale, &market.currency)
                .map_err(|error| (format!("markets.{}", market.name), error.to_string()))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Error = Box<dyn std::error::Error>;

    #[derive(Deserialize)]
    #[serde(default)]
    #[derive(Default)]
    struct Given {
        markets: BTreeMap<String, MarketConfig>,
        price_lists: BTreeMap<String, PriceListConfig>,
    }

    fn given(text: &str) -> Result<Given, Error> {
        use figment::Figment;
        use figment::providers::{Format, Toml};
        Ok(Figment::from(Toml::string(text)).extract()?)
    }

    fn of(given: &Given) -> MarketsConfig<'_> {
        MarketsConfig {
            own: ("en-GB", "EUR"),
            markets: &given.markets,
            price_lists: &given.price_lists,
        }
    }

    #[test]
    fn a_market_has_the_currency_of_its_price_list() -> Result<(), Error> {
        let given = given(
            "[price_lists.export]\ncurrency = \"USD\"\n[price_lists.trade]\n\
             [markets.us]\nprefix = \"/us\"\nprice_list = \"export\"\n\
             [markets.trade]\nprefix = \"/trade\"\nprice_list = \"trade\"\n",
        )?;
        assert_eq!(of(&given).check(), Ok(()));
        let markets = of(&given).markets()?;
        let currency = |name: &str| markets.named(name).map(|market| market.currency.clone());
        assert_eq!(currency("us").as_deref(), Some("USD"));
        assert_eq!(currency("trade").as_deref(), Some("EUR"));
        Ok(())
    }

    #[test]
    fn what_cannot_be_is_named_with_its_key() -> Result<(), Error> {
        for (text, key, name) in [
            (
                "[markets.us]\nprefix = \"/us\"\nprice_list = \"exprot\"",
                "markets.us.price_list",
                "`exprot`",
            ),
            (
                "[markets.us]\nprefix = \"/us\"\nprice_list = \"a\"\ncurrency = \"GBP\"\n\
                 [price_lists.a]\ncurrency = \"USD\"",
                "markets.us.currency",
                "USD, not in GBP",
            ),
            ("[price_lists.default]", "price_lists.default", "own"),
            (
                "[price_lists.a]\ncurrency = \"EURO\"",
                "price_lists.a.currency",
                "`EURO`",
            ),
            (
                "[markets.default]\nprefix = \"/a\"",
                "markets.default",
                "[shop]",
            ),
            (
                "[markets.us]\nprefix = \"/us\"\nlocale = \"xx-XX\"",
                "markets.us",
                "`xx-XX`",
            ),
        ] {
            let given = given(text)?;
            let Err((found, problem)) = of(&given).check() else {
                return Err(format!("accepted: {text}").into());
            };
            assert_eq!(found, key);
            assert!(problem.contains(name), "{problem}");
        }
        Ok(())
    }
}
