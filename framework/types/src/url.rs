//! Addresses within the shop.

use std::fmt::Display;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Deserializer};

use crate::text_type::text_type;

/// The longest input, in bytes.
const LONGEST: usize = 2048;

/// Path and query of a page of the shop, percent-encoded. Whatever it is made from, it has no host,
/// and can be used in a header and in a page.
///
/// ```
/// use protium_types::Url;
///
/// let url: Url = "/collections/all?sort=newest".parse()?;
/// assert_eq!((url.path(), url.query()), ("/collections/all", Some("sort=newest")));
/// let next = Url::path_of(&["journal", "first frost"]).with("page", 2);
/// assert_eq!(next.to_string(), "/journal/first%20frost?page=2");
/// assert!("//elsewhere.example/".parse::<Url>().is_err());
/// # Ok::<(), protium_types::InvalidUrl>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Url(Box<str>);

text_type!(Url);

/// A text that is not an address within the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no address within the shop: it begins with one slash, and has neither spaces, control \
     characters nor backslashes"
)]
pub struct InvalidUrl;

impl Url {
    /// The home page, `/`.
    pub fn root() -> Url {
        Url("/".into())
    }

    /// A path of these segments, each percent-encoded.
    pub fn path_of<S: AsRef<str>>(segments: &[S]) -> Url {
        let mut text = String::new();
        for segment in segments {
            text.push('/');
            match segment.as_ref() {
                "." => text.push_str("%2E"),
                ".." => text.push_str("%2E%2E"),
                segment => encode(&mut text, segment),
            }
        }
        match text.is_empty() || text.starts_with("//") {
            true => Url::root(),
            false => Url(text.into()),
        }
    }

    /// The same address with a further parameter.
    #[must_use]
    pub fn with(&self, name: &str, value: impl Display) -> Url {
        let (address, fragment) = match self.0.split_once('#') {
            Some((address, fragment)) => (address, Some(fragment)),
            None => (&*self.0, None),
        };
        let mut text = address.to_owned();
        text.push(if address.contains('?') { '&' } else { '?' });
        encode(&mut text, name);
        text.push('=');
        encode(&mut text, &value.to_string());
        if let Some(fragment) = fragment {
            text.push('#');
            text.push_str(fragment);
        }
        Url(text.into())
    }

    /// The same address below the prefix of a market, which begins with a slash; of `""` as it is.
    pub(crate) fn below(&self, prefix: &str) -> Url {
        Url(format!("{prefix}{}", self.0).into())
    }

    /// The path, percent-encoded.
    pub fn path(&self) -> &str {
        let end = self.0.find(['?', '#']).unwrap_or(self.0.len());
        self.0.get(..end).unwrap_or_default()
    }

    /// The query, percent-encoded, without `?`.
    pub fn query(&self) -> Option<&str> {
        let address = self.0.split('#').next().unwrap_or_default();
        address.split_once('?').map(|(_, query)| query)
    }

    /// Path and query.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Percent-encodes every character that is not plain in all parts of an address.
fn encode(text: &mut String, part: &str) {
    /// All but these, letters and digits.
    const ODD: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    text.extend(utf8_percent_encode(part, ODD));
}

impl FromStr for Url {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Url, InvalidUrl> {
        let rest = text.strip_prefix('/').ok_or(InvalidUrl)?;
        let is_odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
        if text.len() > LONGEST || rest.starts_with('/') || text.chars().any(is_odd) {
            return Err(InvalidUrl);
        }
        let mut encoded = String::with_capacity(text.len());
        for c in text.chars() {
            match c.is_ascii() && !matches!(c, '"' | '<' | '>' | '`' | '\'' | '{' | '}') {
                true => encoded.push(c),
                false => encode(&mut encoded, c.encode_utf8(&mut [0; 4])),
            }
        }
        Ok(Url(encoded.into()))
    }
}

impl AsRef<str> for Url {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Url {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_addresses_within_the_shop_are_urls() {
        for text in ["/", "/cart", "/products/a?variant=1#x", "/suche/äpfel"] {
            assert!(text.parse::<Url>().is_ok(), "{text}");
        }
        for text in [
            "",
            "cart",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "/a\r\nb: c",
            "/a\\b",
        ] {
            assert_eq!(text.parse::<Url>(), Err(InvalidUrl), "{text}");
        }
    }

    #[test]
    fn a_parameter_stands_before_the_fragment() {
        let url: Url = "/a?b=1#c".parse().expect("a URL");
        assert_eq!(url.with("d", "e&f").as_str(), "/a?b=1&d=e%26f#c");
        assert_eq!((url.path(), url.query()), ("/a", Some("b=1")));
        assert_eq!(Url::root().with("q", "ä").as_str(), "/?q=%C3%A4");
    }

    #[test]
    fn a_segment_never_ends_the_path_or_leaves_it() {
        let url = Url::path_of(&["journal", "../a?b#c/d"]);
        assert_eq!(url.as_str(), "/journal/..%2Fa%3Fb%23c%2Fd");
        assert_eq!(Url::path_of(&["..", "a"]).as_str(), "/%2E%2E/a");
        assert_eq!(Url::path_of(&["", "evil.example"]), Url::root());
    }

    proptest! {
        #[test]
        fn a_url_is_printable_and_stays_on_this_host(text in "\\PC{0,60}|/.{0,60}") {
            if let Ok(url) = text.parse::<Url>() {
                prop_assert!(url.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert!(url.as_str().starts_with('/') && !url.as_str().starts_with("//"));
                prop_assert_eq!(url.as_str().parse::<Url>(), Ok(url.clone()));
            }
        }

        #[test]
        fn any_segments_are_a_url(segments in prop::collection::vec(".{0,12}", 0..5)) {
            let url = Url::path_of(&segments);
            prop_assert_eq!(url.as_str().parse::<Url>(), Ok(url.clone()));
            prop_assert_eq!(url.path(), url.as_str());
        }
    }
}
