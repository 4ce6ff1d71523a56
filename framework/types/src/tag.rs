//! Tags: names of the data that a page was made from. A change of that data purges every page with
//! its tag.

use std::fmt::{Display, Write};
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer};

use crate::text_type::text_type;

/// The longest tag, in bytes.
const LONGEST: usize = 256;
/// The number of bytes of a longer value that are kept in front of its digest.
const BEGINNING: usize = 128;

/// A kind of data and which one of it, such as `product:17`; or a kind alone, such as `catalogue`.
/// Cheap to clone.
///
/// ```
/// use protium_types::Tag;
///
/// let tag = Tag::new("post", "first-frost");
/// assert_eq!(tag.to_string(), "post:first-frost");
/// assert_eq!((tag.kind(), tag.value()), ("post", Some("first-frost")));
/// assert_eq!("post:first-frost".parse(), Ok(tag));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(Arc<str>);

text_type!(Tag);

/// A text that is not a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no tag: a tag looks like product:17 or catalogue, has at most 256 bytes and no \
     control characters"
)]
pub struct InvalidTag;

impl Tag {
    /// The tag of one piece of data. Different values have different tags: control characters and
    /// `%` are percent-encoded, and the rest of a value that is too long is replaced by a digest.
    pub fn new(kind: &str, value: impl Display) -> Tag {
        let mut text = String::with_capacity(kind.len() + 24);
        push_escaped(&mut text, kind, true);
        text.truncate(text.floor_char_boundary(BEGINNING));
        text.push(':');
        let mut written = String::new();
        // Only a `Display` that fails can make this fail; then the tag has what it wrote before.
        let _ = write!(written, "{value}");
        let start = text.len();
        push_escaped(&mut text, &written, false);
        if text.len() > LONGEST {
            text.truncate(text.floor_char_boundary(start + LONGEST - BEGINNING - 24));
            let _ = write!(text, "~{:016x}", fnv(written.as_bytes()));
        }
        Tag(text.into())
    }

    /// The tag of all data of a kind.
    pub fn of_kind(kind: &str) -> Tag {
        let mut text = String::new();
        push_escaped(&mut text, kind, true);
        text.truncate(text.floor_char_boundary(LONGEST));
        Tag(text.into())
    }

    /// The tag of the set of products and collections.
    pub fn catalogue() -> Tag {
        Tag::of_kind("catalogue")
    }

    /// The tag of a product's data.
    pub fn product(id: i64) -> Tag {
        Tag::new("product", id)
    }

    /// The tag of the list of a collection's products.
    pub fn collection(id: i64) -> Tag {
        Tag::new("collection", id)
    }

    /// The tag of a product's stock and prices by edge modules.
    pub fn stock(product: i64) -> Tag {
        Tag::new("stock", product)
    }

    /// The part before the first `:`.
    pub fn kind(&self) -> &str {
        self.0.split_once(':').map_or(&self.0, |(kind, _)| kind)
    }

    /// The part after the first `:`; `None` for a kind alone.
    pub fn value(&self) -> Option<&str> {
        self.0.split_once(':').map(|(_, value)| value)
    }

    /// The whole tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn push_escaped(text: &mut String, part: &str, is_kind: bool) {
    for c in part.chars() {
        if c.is_control() || c == '%' || (is_kind && c == ':') {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                let _ = write!(text, "%{byte:02X}");
            }
        } else {
            text.push(c);
        }
    }
}

/// FNV-1a with 64 bits, because it is the same on every node.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
        (digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

impl FromStr for Tag {
    type Err = InvalidTag;

    fn from_str(text: &str) -> Result<Tag, InvalidTag> {
        let kind = text.split(':').next().unwrap_or_default();
        let is_tag =
            !kind.is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control);
        is_tag.then(|| Tag(text.into())).ok_or(InvalidTag)
    }
}

impl AsRef<str> for Tag {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<Tag> for String {
    fn from(tag: Tag) -> String {
        tag.0.as_ref().to_owned()
    }
}

impl PartialEq<str> for Tag {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Tag {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Tag, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_kind_alone_is_a_tag() {
        let tag = Tag::catalogue();
        assert_eq!((tag.kind(), tag.value()), ("catalogue", None));
        assert_eq!(Tag::product(17), "product:17");
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for text in ["", ":", ":17", "a\nb", "post:\0", &"x".repeat(257)] {
            assert_eq!(text.parse::<Tag>(), Err(InvalidTag), "{text:?}");
        }
    }

    #[test]
    fn two_long_values_with_one_beginning_are_two_tags() {
        let long = "x".repeat(5_000);
        let one = Tag::new("post", format!("{long}1"));
        assert_ne!(one, Tag::new("post", format!("{long}2")));
        assert!(one.as_str().len() <= LONGEST, "{one}");
    }

    proptest! {
        #[test]
        fn every_value_has_a_sound_tag_of_its_own(
            kind in ".{1,80}",
            one in "\\PC{0,400}|.{0,20}",
            other in "\\PC{0,400}|.{0,20}",
        ) {
            let tag = Tag::new(&kind, &one);
            prop_assert_eq!(tag.as_str().parse::<Tag>(), Ok(tag.clone()));
            prop_assert_eq!(tag == Tag::new(&kind, &other), one == other);
        }
    }
}
