//! Metafields: what a shop knows of a product or variant beyond the fields that all products have,
//! such as an ISBN or care instructions. Named by namespace and key, typed as Shopify types them.

use std::collections::BTreeMap;
use std::fmt;

use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, PrimitiveDateTime};

/// Most metafields of a product, and of each of its variants.
pub const MAX_METAFIELDS: usize = 250;

/// Most characters of a namespace or a key.
pub const MAX_NAME: usize = 64;

/// Most characters of a value.
pub const MAX_VALUE: usize = 65_536;

/// Largest whole number: browsers, templates and JSON agree on numbers up to here.
const MAX_INTEGER: i64 = (1 << 53) - 1;

/// What the values of a metafield are. A list has values of one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MetafieldType {
    of: Scalar,
    is_list: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Scalar {
    Line,
    Text,
    Integer,
    Decimal,
    Boolean,
    Date,
    DateTime,
    Url,
    Color,
    Json,
    /// An object of JSON, such as `{"value": 3.5, "unit": "kg"}`.
    Object,
    /// The name of something in the system that the metafield comes from.
    Reference,
}

const TYPES: [(&str, Scalar); 24] = [
    ("single_line_text_field", Scalar::Line),
    ("multi_line_text_field", Scalar::Text),
    ("number_integer", Scalar::Integer),
    ("number_decimal", Scalar::Decimal),
    ("boolean", Scalar::Boolean),
    ("date", Scalar::Date),
    ("date_time", Scalar::DateTime),
    ("url", Scalar::Url),
    ("color", Scalar::Color),
    ("json", Scalar::Json),
    ("rich_text_field", Scalar::Object),
    ("money", Scalar::Object),
    ("dimension", Scalar::Object),
    ("volume", Scalar::Object),
    ("weight", Scalar::Object),
    ("rating", Scalar::Object),
    ("id", Scalar::Line),
    ("product_reference", Scalar::Reference),
    ("variant_reference", Scalar::Reference),
    ("collection_reference", Scalar::Reference),
    ("file_reference", Scalar::Reference),
    ("page_reference", Scalar::Reference),
    ("metaobject_reference", Scalar::Reference),
    ("mixed_reference", Scalar::Reference),
];

/// Why something is no metafield.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetafieldError {
    /// A namespace or key that no template could name.
    #[error(
        "a namespace and a key are 1 to {MAX_NAME} letters, digits, hyphens and underscores of \
         ASCII"
    )]
    Name,
    /// An unknown type.
    #[error("not a type of metafield; types are single_line_text_field, number_integer and so on")]
    Type,
    /// A value that is not of its type.
    #[error("not a value of the type {name}: {expected}")]
    Value {
        /// The type's name.
        name: String,
        /// What would be one.
        expected: &'static str,
    },
    /// A value that is too long.
    #[error("a value has at most {MAX_VALUE} characters")]
    TooLong,
}

impl MetafieldType {
    /// A value of this type as it is kept, or what is wrong with it.
    fn check(self, name: &str, value: &str) -> Result<String, MetafieldError> {
        if value.chars().nth(MAX_VALUE).is_some() {
            return Err(MetafieldError::TooLong);
        }
        let wrong = |expected| MetafieldError::Value {
            name: name.to_owned(),
            expected,
        };
        if !self.is_list {
            return self.of.check(value).map_err(wrong);
        }
        let expected = "a list in JSON, such as [\"one\", \"two\"], of values of that type";
        let items: Vec<serde_json::Value> =
            serde_json::from_str(value).map_err(|_| wrong(expected))?;
        for item in &items {
            let fits = match item {
                serde_json::Value::String(text) => self.of.check(text).is_ok(),
                serde_json::Value::Object(_) => matches!(self.of, Scalar::Object | Scalar::Json),
                serde_json::Value::Bool(_) => matches!(self.of, Scalar::Boolean | Scalar::Json),
                serde_json::Value::Number(number) => {
                    matches!(self.of, Scalar::Integer | Scalar::Decimal | Scalar::Json)
                        && self.of.check(&number.to_string()).is_ok()
                }
                serde_json::Value::Null | serde_json::Value::Array(_) => self.of == Scalar::Json,
            };
            if !fits {
                return Err(wrong(expected));
            }
        }
        Ok(value.to_owned())
    }
}

impl Scalar {
    fn check(self, value: &str) -> Result<String, &'static str> {
        let digits = |text: &str, count: usize| {
            text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let kept = || Ok(value.to_owned());
        match self {
            Self::Line | Self::Reference if value.contains(['\n', '\r']) => Err("one line of text"),
            Self::Line | Self::Reference | Self::Text => kept(),
            Self::Integer => match value.parse::<i64>() {
                Ok(number) if (-MAX_INTEGER..=MAX_INTEGER).contains(&number) => {
                    Ok(number.to_string())
                }
                _ => Err("a whole number of at most 15 digits"),
            },
            Self::Decimal => {
                let plain = value.strip_prefix('-').unwrap_or(value);
                let (whole, fraction) = plain.split_once('.').unwrap_or((plain, "0"));
                match digits(whole, whole.len().clamp(1, 15))
                    && digits(fraction, fraction.len().clamp(1, 15))
                {
                    true => kept(),
                    false => Err("a number such as 12 or -3.75"),
                }
            }
            Self::Boolean => match value.to_ascii_lowercase().as_str() {
                lower @ ("true" | "false") => Ok(lower.to_owned()),
                _ => Err("true or false"),
            },
            Self::Date if is_date(value) => kept(),
            Self::Date => Err("a day such as 2026-05-31"),
            Self::DateTime if is_date_time(value) => kept(),
            Self::DateTime => Err("a moment such as 2026-05-31T18:30:00Z"),
            Self::Url => {
                let schemes = ["https://", "http://", "mailto:", "tel:", "sms:"];
                let has = |scheme: &&str| {
                    value
                        .get(..scheme.len())
                        .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
                };
                let is_plain = !value.contains(|one: char| one.is_whitespace() || one.is_control());
                match is_plain && schemes.iter().any(has) {
                    true => kept(),
                    false => {
                        Err("an address that begins with https:, http:, mailto:, tel: or sms:")
                    }
                }
            }
            Self::Color => match value.strip_prefix('#') {
                Some(hex) if hex.len() == 6 && hex.bytes().all(|one| one.is_ascii_hexdigit()) => {
                    kept()
                }
                _ => Err("a colour such as #ff9900"),
            },
            Self::Json => match serde_json::from_str::<serde_json::Value>(value) {
                Ok(_) => kept(),
                Err(_) => Err("JSON"),
            },
            Self::Object => match serde_json::from_str::<serde_json::Value>(value) {
                Ok(serde_json::Value::Object(_)) => kept(),
                _ => Err("an object in JSON, such as {\"value\": 3.5, \"unit\": \"kg\"}"),
            },
        }
    }
}

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// A day, `T`, a time with or without seconds and their fraction, and perhaps a zone.
const DATE_TIME: &[BorrowedFormatItem<'_>] = format_description!(
    "[year]-[month]-[day]T[hour]:[minute][optional [:[second][optional [.[subsecond]]]]]\
     [optional [[first [Z] [[offset_hour sign:mandatory]:[offset_minute]]]]]"
);

fn is_date(text: &str) -> bool {
    begins_with_digit(text) && Date::parse(text, DATE).is_ok()
}

fn is_date_time(text: &str) -> bool {
    begins_with_digit(text) && PrimitiveDateTime::parse(text, DATE_TIME).is_ok()
}

/// The year of a date is written without a sign.
fn begins_with_digit(text: &str) -> bool {
    text.starts_with(|one: char| one.is_ascii_digit())
}

impl std::str::FromStr for MetafieldType {
    type Err = MetafieldError;

    fn from_str(name: &str) -> Result<Self, MetafieldError> {
        let (is_list, name) = match name.strip_prefix("list.") {
            Some(rest) => (true, rest),
            None => (false, name),
        };
        TYPES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, of)| Self { of: *of, is_list })
            .ok_or(MetafieldError::Type)
    }
}

/// A value with its type.
#[derive(Clone, PartialEq, Eq)]
pub struct Metafield {
    kind: MetafieldType,
    type_name: String,
    value: String,
}

impl Metafield {
    /// A value of a type by Shopify's name for it, such as `number_integer`.
    pub fn new(type_name: &str, value: &str) -> Result<Self, MetafieldError> {
        let kind: MetafieldType = type_name.parse()?;
        Ok(Self {
            value: kind.check(type_name, value)?,
            kind,
            type_name: type_name.to_owned(),
        })
    }

    /// Text without a type: of one line, or of several.
    pub fn text(value: &str) -> Result<Self, MetafieldError> {
        match value.contains(['\n', '\r']) {
            true => Self::new("multi_line_text_field", value),
            false => Self::new("single_line_text_field", value),
        }
    }

    /// Whether it is plain text, of one line or several.
    pub(crate) fn is_text(&self) -> bool {
        !self.kind.is_list && matches!(self.kind.of, Scalar::Line | Scalar::Text)
    }

    /// The type by its name.
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// The value as text, such as `12`, `true` or `["a"]`.
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Debug for Metafield {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}({:?})", self.type_name, self.value)
    }
}

/// As templates see it: whole numbers and truth as such, lists and objects as such, everything
/// else as text. Decimals are text, so that no digit is lost.
impl Serialize for Metafield {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let is_json = self.kind.is_list || matches!(self.kind.of, Scalar::Json | Scalar::Object);
        match self.kind.of {
            _ if is_json => serde_json::from_str::<serde_json::Value>(&self.value)
                .map_err(S::Error::custom)?
                .serialize(serializer),
            Scalar::Integer => match self.value.parse() {
                Ok(number) => serializer.serialize_i64(number),
                Err(_) => serializer.serialize_str(&self.value),
            },
            Scalar::Boolean => serializer.serialize_bool(self.value == "true"),
            _ => serializer.serialize_str(&self.value),
        }
    }
}

/// What a metafield is called: `namespace.key`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetafieldName {
    /// Such as `custom`.
    pub namespace: String,
    /// Such as `isbn`.
    pub key: String,
}

impl MetafieldName {
    /// A name of these two parts.
    pub fn new(namespace: &str, key: &str) -> Result<Self, MetafieldError> {
        let is_name = |text: &str| {
            (1..=MAX_NAME).contains(&text.len())
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        match is_name(namespace) && is_name(key) {
            true => Ok(Self {
                namespace: namespace.to_owned(),
                key: key.to_owned(),
            }),
            false => Err(MetafieldError::Name),
        }
    }
}

/// The metafields of a product or variant. In templates:
/// `{{ product.metafields.custom.isbn }}`, and `{{ product.metafields["my-app"].size }}` where a
/// name has hyphens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metafields(BTreeMap<MetafieldName, Metafield>);

impl Metafields {
    /// The one of a namespace and key.
    pub fn get(&self, namespace: &str, key: &str) -> Option<&Metafield> {
        self.iter()
            .find(|(name, _)| name.namespace == namespace && name.key == key)
            .map(|(_, field)| field)
    }

    /// Puts one in place of what has its name; says whether there was room.
    pub fn insert(&mut self, name: MetafieldName, field: Metafield) -> bool {
        let has_room = self.0.len() < MAX_METAFIELDS || self.0.contains_key(&name);
        if has_room {
            self.0.insert(name, field);
        }
        has_room
    }

    /// Takes one away.
    pub fn remove(&mut self, name: &MetafieldName) {
        self.0.remove(name);
    }

    /// All of them, by their names.
    pub fn iter(&self) -> impl Iterator<Item = (&MetafieldName, &Metafield)> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// About how much memory they take, in bytes.
    pub(crate) fn weight(&self) -> usize {
        self.iter()
            .map(|(name, field)| 150 + name.key.len() + name.namespace.len() + field.value.len())
            .sum()
    }
}

impl Serialize for Metafields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut namespaces: BTreeMap<&str, BTreeMap<&str, &Metafield>> = BTreeMap::new();
        for (name, field) in &self.0 {
            namespaces
                .entry(&name.namespace)
                .or_default()
                .insert(&name.key, field);
        }
        let mut map = serializer.serialize_map(Some(namespaces.len()))?;
        for (namespace, fields) in &namespaces {
            map.serialize_entry(namespace, fields)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_are_checked_by_their_types() {
        let good = [
            ("single_line_text_field", "978-3-16"),
            ("multi_line_text_field", "a\nb"),
            ("number_integer", "-12"),
            ("number_decimal", "-3.75"),
            ("boolean", "TRUE"),
            ("date", "2024-02-29"),
            ("date_time", "2026-05-31T18:30:00.5+02:00"),
            ("date_time", "2026-05-31T18:30"),
            ("url", "https://example.com/a"),
            ("color", "#ff9900"),
            ("json", "[1, null]"),
            ("weight", r#"{"value": 3.5, "unit": "kg"}"#),
            ("list.single_line_text_field", r#"["a", "b"]"#),
            ("list.number_integer", "[1, 2]"),
            ("product_reference", "gid://shopify/Product/1"),
        ];
        for (kind, value) in good {
            assert!(Metafield::new(kind, value).is_ok(), "{kind} {value}");
        }
        let bad = [
            ("single_line_text_field", "a\nb"),
            ("number_integer", "1.5"),
            ("number_integer", "9007199254740992"),
            ("number_decimal", "1e3"),
            ("number_decimal", "."),
            ("number_decimal", ""),
            ("boolean", "1"),
            ("date", "2023-02-29"),
            ("date", "2023-2-9"),
            ("date_time", "2026-05-31 18:30"),
            ("date_time", "2026-05-31T25:30"),
            ("url", "javascript:alert(1)"),
            ("url", "https://a b"),
            ("color", "red"),
            ("json", "{"),
            ("weight", "3"),
            ("list.number_integer", r#"["x"]"#),
            ("list.url", r#"["javascript:x"]"#),
            ("list.boolean", "true"),
            ("text", "x"),
            ("list.list.json", "[]"),
        ];
        for (kind, value) in bad {
            assert!(Metafield::new(kind, value).is_err(), "{kind} {value}");
        }
        let long = "x".repeat(MAX_VALUE + 1);
        assert_eq!(Metafield::text(&long), Err(MetafieldError::TooLong));
    }

    #[test]
    fn templates_see_typed_values_by_namespace_and_key() {
        let mut fields = Metafields::default();
        for (key, kind, value) in [
            ("isbn", "single_line_text_field", "978"),
            ("pages", "number_integer", "320"),
            ("signed", "boolean", "True"),
            ("weight", "number_decimal", "0.10"),
            ("authors", "list.single_line_text_field", r#"["A", "B"]"#),
        ] {
            let name = MetafieldName::new("book", key).expect("a name");
            assert!(fields.insert(name, Metafield::new(kind, value).expect("a value")));
        }
        let json = serde_json::to_value(&fields).expect("JSON");
        let expected = serde_json::json!({"book": {
            "authors": ["A", "B"], "isbn": "978", "pages": 320, "signed": true, "weight": "0.10",
        }});
        assert_eq!(json, expected);
    }

    #[test]
    fn names_and_numbers_are_bounded() {
        assert!(MetafieldName::new("my-app", "size_2").is_ok());
        for bad in ["", "a b", "a.b", "ä", &"x".repeat(MAX_NAME + 1)] {
            assert_eq!(MetafieldName::new(bad, "k"), Err(MetafieldError::Name));
            assert_eq!(MetafieldName::new("n", bad), Err(MetafieldError::Name));
        }
        let mut fields = Metafields::default();
        let value = Metafield::text("x").expect("text");
        let name = |at| MetafieldName::new("n", &format!("k{at}")).expect("a name");
        for at in 0..MAX_METAFIELDS {
            assert!(fields.insert(name(at), value.clone()));
        }
        assert!(!fields.insert(name(MAX_METAFIELDS), value.clone()));
        assert!(fields.insert(name(0), value), "in place of one");
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_kept_is_kept_again(value in ".{0,40}") {
            for (kind, _) in TYPES {
                for kind in [kind.to_owned(), format!("list.{kind}")] {
                    if let Ok(field) = Metafield::new(&kind, &value) {
                        prop_assert!(serde_json::to_value(&field).is_ok());
                        prop_assert_eq!(Metafield::new(&kind, field.value()), Ok(field.clone()));
                    }
                }
            }
        }
    }
}
