//! Markets: the language, currency and price list in which a shop is shown, and the country it
//! sells to. A shop has a finite set of them; host and path prefix of a request select one.

use std::sync::Arc;

use serde::Serialize;

use crate::Url;

/// The longest name, host or prefix, in bytes.
const LONGEST: usize = 64;

/// One market of a shop. Cheap to clone. Its fields are those of [`MarketData`].
///
/// ```
/// use protium_types::Market;
///
/// fn greeting(market: &Market) -> &'static str {
///     match market.locale.starts_with("de") {
///         true => "Guten Tag",
///         false => "Hello",
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Market(Arc<MarketData>);

/// The definition of a market.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct MarketData {
    /// Lower-case letters, digits and hyphens: `de`.
    pub name: String,
    /// Language and region of its texts, for example `de-DE`.
    pub locale: String,
    /// ISO 4217, for example `EUR`.
    pub currency: String,
    /// ISO 3166 code of the country that it sells to, for example `DE`; empty for no particular
    /// one.
    pub country: String,
    /// The price list of its prices; empty for the shop's own.
    pub price_list: String,
    /// The host that selects it, in lower case; empty for any.
    pub host: String,
    /// The first segment of its paths, with the leading slash, for example `/de`; empty for none.
    pub prefix: String,
}

impl std::ops::Deref for Market {
    type Target = MarketData;

    fn deref(&self) -> &MarketData {
        &self.0
    }
}

impl From<MarketData> for Market {
    fn from(data: MarketData) -> Market {
        Market(Arc::new(data))
    }
}

impl Serialize for Market {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// All markets of a shop.
#[derive(Clone, Debug)]
pub struct Markets {
    default: Market,
    /// Markets with a host come first, then those with a prefix.
    others: Arc<[Market]>,
}

/// Two markets that no request can tell apart, or a market with an invalid part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MarketError {
    /// The market has neither host nor prefix, so that no request selects it.
    #[error("market `{0}` has neither a host nor a prefix: nothing leads to it")]
    Unreachable(String),
    /// Two markets have the same host and prefix.
    #[error("the markets `{0}` and `{1}` have the same host and prefix")]
    Same(String, String),
    /// A name, host or prefix is invalid.
    #[error("market `{market}`: the {part} `{given}` should be {expected}")]
    Part {
        /// The market.
        market: String,
        /// The invalid part.
        part: &'static str,
        /// Its value.
        given: String,
        /// What it should be.
        expected: &'static str,
    },
}

impl Markets {
    /// A shop with one market, the default.
    pub fn new(default: Market, others: Vec<Market>) -> Result<Markets, MarketError> {
        let mut others = others;
        for market in &others {
            market.check()?;
        }
        others.sort_by(|one, other| {
            let rank = |market: &Market| (market.host.is_empty(), market.prefix.is_empty());
            rank(one)
                .cmp(&rank(other))
                .then_with(|| one.name.cmp(&other.name))
        });
        for (at, one) in others.iter().enumerate() {
            let is_same =
                |other: &&Market| (&one.host, &one.prefix) == (&other.host, &other.prefix);
            if let Some(other) = others.iter().skip(at + 1).find(is_same) {
                return Err(MarketError::Same(one.name.clone(), other.name.clone()));
            }
        }
        Ok(Markets {
            default,
            others: others.into(),
        })
    }

    /// The default market, of requests that select no other.
    pub fn default_market(&self) -> &Market {
        &self.default
    }

    /// All of them, the default one first.
    pub fn iter(&self) -> impl Iterator<Item = &Market> {
        std::iter::once(&self.default).chain(self.others.iter())
    }

    /// The market with this name.
    pub fn named(&self, name: &str) -> Option<&Market> {
        self.iter().find(|market| market.name == name)
    }

    /// Whether any market has a prefix.
    pub fn have_prefixes(&self) -> bool {
        self.others.iter().any(|market| !market.prefix.is_empty())
    }

    /// The market of a request, by its host (with or without a port) and path alone.
    pub fn choose(&self, host: Option<&str>, path: &str) -> &Market {
        let host = host.map(|host| host.split(':').next().unwrap_or_default());
        self.others
            .iter()
            .find(|market| {
                let is_host = market.host.is_empty()
                    || host.is_some_and(|host| host.eq_ignore_ascii_case(&market.host));
                is_host && market.within(path).is_some()
            })
            .unwrap_or(&self.default)
    }
}

impl Market {
    /// The path within the market, without its prefix; `None` for a path of another market.
    pub fn within<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = path.strip_prefix(&*self.prefix)?;
        match rest {
            "" => Some("/"),
            rest if self.prefix.is_empty() || rest.starts_with('/') => Some(rest),
            _ => None,
        }
    }

    /// The address of a page in this market: with its prefix, unless that is there already.
    ///
    /// ```
    /// # use protium_types::{Market, MarketData, Url};
    /// # let data = MarketData { name: "fr".into(), locale: "fr-FR".into(), currency: "EUR".into(),
    /// #     country: String::new(), price_list: String::new(), host: String::new(),
    /// #     prefix: "/fr".into() };
    /// let french = Market::from(data);
    /// let cart: Url = "/cart".parse()?;
    /// assert_eq!(french.url(&cart).as_str(), "/fr/cart");
    /// assert_eq!(french.url(&french.url(&cart)), french.url(&cart));
    /// # Ok::<(), protium_types::InvalidUrl>(())
    /// ```
    pub fn url(&self, url: &Url) -> Url {
        match self.within(url.path()) {
            Some(_) => url.clone(),
            None => url.below(&self.prefix),
        }
    }

    /// The scheme and host of the market's pages in a shop whose own are these: its own host, by
    /// the same scheme and port, where it has one.
    ///
    /// ```
    /// # use protium_types::{Market, MarketData};
    /// # let data = MarketData { name: "de".into(), locale: "de-DE".into(), currency: "EUR".into(),
    /// #     country: String::new(), price_list: String::new(), host: "laden.example".into(),
    /// #     prefix: String::new() };
    /// let german = Market::from(data);
    /// assert_eq!(german.base_url("https://shop.example"), "https://laden.example");
    /// ```
    pub fn base_url(&self, of_shop: &str) -> String {
        let Some((scheme, rest)) = of_shop.split_once("://").filter(|_| !self.host.is_empty())
        else {
            return of_shop.to_owned();
        };
        let authority = rest.split('/').next().unwrap_or_default();
        let port = authority.rsplit_once(':').map(|(_, port)| port);
        let is_port = |port: &&str| port.bytes().all(|byte| byte.is_ascii_digit());
        match port.filter(is_port) {
            Some(port) => format!("{scheme}://{}:{port}", self.host),
            None => format!("{scheme}://{}", self.host),
        }
    }

    fn check(&self) -> Result<(), MarketError> {
        let is_word = |text: &str| {
            let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_plain)
        };
        let wrong = |part, given: &str, expected| MarketError::Part {
            market: self.name.clone(),
            part,
            given: given.to_owned(),
            expected,
        };
        if !is_word(&self.name) {
            let expected = "lower-case letters, digits and hyphens";
            return Err(wrong("name", &self.name, expected));
        }
        if !self.price_list.is_empty() && !is_word(&self.price_list) {
            let expected = "lower-case letters, digits and hyphens";
            return Err(wrong("price list", &self.price_list, expected));
        }
        let is_country =
            self.country.len() == 2 && self.country.bytes().all(|b| b.is_ascii_uppercase());
        if !self.country.is_empty() && !is_country {
            let expected = "two capital letters of ISO 3166, for example DE";
            return Err(wrong("country", &self.country, expected));
        }
        let is_host = |host: &str| host.len() <= 253 && host.split('.').all(is_word);
        if !self.host.is_empty() && !is_host(&self.host) {
            let expected = "a host without port and in lower case, for example shop.example";
            return Err(wrong("host", &self.host, expected));
        }
        if !self.prefix.is_empty() && !self.prefix.strip_prefix('/').is_some_and(is_word) {
            let expected = "a slash and lower-case letters, digits and hyphens, for example /de";
            return Err(wrong("prefix", &self.prefix, expected));
        }
        if self.host.is_empty() && self.prefix.is_empty() {
            return Err(MarketError::Unreachable(self.name.clone()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market(name: &str, host: &str, prefix: &str) -> Market {
        let data = MarketData {
            name: name.to_owned(),
            locale: "de-DE".to_owned(),
            currency: "EUR".to_owned(),
            country: "DE".to_owned(),
            price_list: String::new(),
            host: host.to_owned(),
            prefix: prefix.to_owned(),
        };
        data.into()
    }

    fn markets(others: Vec<Market>) -> Result<Markets, MarketError> {
        Markets::new(market("default", "", ""), others)
    }

    #[test]
    fn host_and_prefix_choose_the_market() {
        let all = markets(vec![
            market("de", "", "/de"),
            market("ch", "shop.example", ""),
            market("ch-fr", "shop.example", "/fr"),
        ])
        .expect("three markets");
        for (host, path, name) in [
            (None, "/", "default"),
            (Some("other.example"), "/products/a", "default"),
            (Some("other.example"), "/de", "de"),
            (None, "/de/products/a", "de"),
            (None, "/design", "default"),
            (Some("Shop.example:8080"), "/", "ch"),
            (Some("shop.example"), "/fr/cart", "ch-fr"),
        ] {
            assert_eq!(all.choose(host, path).name, name, "{host:?} {path}");
        }
    }

    #[test]
    fn a_path_within_a_market_has_no_prefix() {
        let de = market("de", "", "/de");
        assert_eq!(de.within("/de"), Some("/"));
        assert_eq!(de.within("/de/cart"), Some("/cart"));
        assert_eq!(de.within("/design"), None);
        assert_eq!(market("x", "h", "").within("/cart"), Some("/cart"));
    }

    #[test]
    fn a_market_with_a_host_has_its_pages_there() {
        let (here, there) = (market("a", "", "/a"), market("b", "b.example", ""));
        for (of_shop, of_market) in [
            ("https://shop.example", "https://b.example"),
            ("http://shop.example:8080", "http://b.example:8080"),
            ("http://[::1]", "http://b.example"),
            ("http://[::1]:80/x", "http://b.example:80"),
        ] {
            assert_eq!(there.base_url(of_shop), of_market);
            assert_eq!(here.base_url(of_shop), of_shop);
        }
    }

    #[test]
    fn an_address_in_a_market_has_its_prefix_once() {
        let de = market("de", "", "/de");
        for (path, in_market) in [
            ("/", "/de/"),
            ("/cart?a=/de#b", "/de/cart?a=/de#b"),
            ("/de", "/de"),
            ("/de/cart", "/de/cart"),
            ("/design", "/de/design"),
        ] {
            let url: Url = path.parse().expect("a URL");
            assert_eq!(de.url(&url).as_str(), in_market);
            assert_eq!(market("x", "h", "").url(&url), url);
        }
    }

    #[test]
    fn markets_that_cannot_be_told_apart_are_refused() {
        assert!(matches!(
            markets(vec![market("de", "", "")]),
            Err(MarketError::Unreachable(_))
        ));
        assert!(matches!(
            markets(vec![market("a", "", "/de"), market("b", "", "/de")]),
            Err(MarketError::Same(..))
        ));
        for (host, prefix) in [("a b", ""), ("", "de"), ("", "/de/at"), ("SHOP", "")] {
            let refused = markets(vec![market("a", host, prefix)]);
            assert!(
                matches!(refused, Err(MarketError::Part { .. })),
                "{host}{prefix}"
            );
        }
    }
}
