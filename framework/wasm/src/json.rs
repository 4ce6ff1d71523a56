//! JSON of values, and JSON within a script element.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, Write};

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::value::{MAX_DEPTH, Shared, Value, without_nul};

/// The largest int that is a JSON number: 2⁵³ − 1. Ints beyond it are strings of decimal digits.
const MAX_NUMBER: i64 = (1 << 53) - 1;

/// In records with more entries, repeated keys are found with a set.
const FEW: usize = 16;

impl Value {
    /// Converts the value to JSON. An error if it is nested deeper than the protocol allows.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// Parses a value from JSON. Numbers that are not integers within ±(2⁵³ − 1) are refused.
    pub fn from_json(json: &str) -> Result<Value, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// The nesting of a value, itself included.
    pub(super) fn depth(&self) -> usize {
        match self {
            Value::List(items) => 1 + items.iter().map(Value::depth).max().unwrap_or(0),
            Value::Record(entries) => {
                1 + entries
                    .iter()
                    .map(|(_, value)| value.depth())
                    .max()
                    .unwrap_or(0)
            }
            Value::Shared(shared) => shared.value().depth(),
            _ => 1,
        }
    }
}

impl Shared {
    /// Its JSON within a script element: [`to_script_json`], written once.
    pub fn script_json(&self) -> Result<&str, serde_json::Error> {
        if let Some(json) = self.script_json.get() {
            return Ok(json);
        }
        let json = to_script_json(self.value())?;
        Ok(self.script_json.get_or_init(|| json))
    }
}

/// JSON for a `<script type="application/json">`: nothing in it ends the element, begins a comment
/// or has a meaning to an old JavaScript parser. All JSON in pages is written by this function.
pub fn to_script_json<T: Serialize + ?Sized>(value: &T) -> Result<String, serde_json::Error> {
    let mut json = Vec::new();
    write_script_json(&mut json, value)?;
    String::from_utf8(json).map_err(serde::ser::Error::custom)
}

/// Appends the same to a page.
pub fn write_script_json<T: Serialize + ?Sized>(
    html: &mut Vec<u8>,
    value: &T,
) -> Result<(), serde_json::Error> {
    value.serialize(&mut Serializer::with_formatter(html, InScript))
}

/// Appends a record with these entries, whose keys differ. Of its values, shared ones are copied.
pub fn write_script_record<'v>(
    html: &mut Vec<u8>,
    entries: impl IntoIterator<Item = &'v (String, Value)>,
) -> Result<(), serde_json::Error> {
    html.push(b'{');
    for (at, (key, value)) in entries.into_iter().enumerate() {
        if at > 0 {
            html.push(b',');
        }
        write_script_json(html, &*without_nul(key))?;
        html.push(b':');
        match value {
            Value::Shared(shared) if shared.levels < MAX_DEPTH => {
                html.extend_from_slice(shared.script_json()?.as_bytes());
            }
            value => write_script_json(html, &Inside(value, 1))?,
        }
    }
    html.push(b'}');
    Ok(())
}

/// Escapes what has a meaning to HTML or to an old JavaScript parser. It occurs in strings only.
struct InScript;

impl Formatter for InScript {
    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let bytes = fragment.as_bytes();
        let mut written = 0;
        for (at, byte) in bytes.iter().enumerate() {
            let (escape, length) = match byte {
                b'<' => (r"\u003c", 1),
                b'>' => (r"\u003e", 1),
                b'&' => (r"\u0026", 1),
                // The first byte of U+2028 and U+2029, among others.
                0xE2 => match bytes.get(at + 1..at + 3) {
                    Some([0x80, 0xA8]) => (r"\u2028", 3),
                    Some([0x80, 0xA9]) => (r"\u2029", 3),
                    _ => continue,
                },
                _ => continue,
            };
            writer.write_all(&bytes[written..at])?;
            writer.write_all(escape.as_bytes())?;
            written = at + length;
        }
        writer.write_all(&bytes[written..])
    }
}

/// A value inside `depth` containers: nesting is checked while it is written.
struct Inside<'a>(&'a Value, usize);

impl Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Inside(self, 0).serialize(serializer)
    }
}

impl Serialize for Inside<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let &Inside(value, depth) = self;
        if depth >= MAX_DEPTH {
            return Err(S::Error::custom(format_args!(
                "the value is nested deeper than {MAX_DEPTH} levels"
            )));
        }
        match value {
            Value::Shared(shared) => Inside(shared.value(), depth).serialize(serializer),
            Value::Null => serializer.serialize_unit(),
            Value::Bool(bool) => serializer.serialize_bool(*bool),
            Value::Int(int) if (-MAX_NUMBER..=MAX_NUMBER).contains(int) => {
                serializer.serialize_i64(*int)
            }
            Value::Int(int) => serializer.collect_str(int),
            Value::Text(text) => serializer.serialize_str(&without_nul(text)),
            Value::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&Inside(item, depth + 1))?;
                }
                list.end()
            }
            Value::Record(entries) => {
                // In JSON the last of two equal keys would count, in the protocol the first does.
                let mut seen = HashSet::new();
                let mut record = serializer.serialize_map(None)?;
                for (at, (key, value)) in entries.iter().enumerate() {
                    let again = if entries.len() <= FEW {
                        entries.iter().take(at).any(|(earlier, _)| earlier == key)
                    } else {
                        !seen.insert(key)
                    };
                    if !again {
                        record.serialize_entry(&*without_nul(key), &Inside(value, depth + 1))?;
                    }
                }
                record.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = deserializer.deserialize_any(Anything)?;
        if value.depth() > MAX_DEPTH {
            return Err(D::Error::custom(format_args!(
                "the value is nested deeper than {MAX_DEPTH} levels"
            )));
        }
        Ok(value)
    }
}

/// The content of a container, whose depth was already checked. The JSON parser limits the
/// recursion.
struct Item(Value);

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything).map(Item)
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(
            "a value of the protocol: null, a bool, a whole number within ±(2⁵³ − \
                             1), text, a list or a record",
        )
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, bool: bool) -> Result<Value, E> {
        Ok(Value::Bool(bool))
    }

    fn visit_i64<E: serde::de::Error>(self, int: i64) -> Result<Value, E> {
        if (-MAX_NUMBER..=MAX_NUMBER).contains(&int) {
            Ok(Value::Int(int))
        } else {
            Err(E::invalid_value(serde::de::Unexpected::Signed(int), &self))
        }
    }

    fn visit_u64<E: serde::de::Error>(self, int: u64) -> Result<Value, E> {
        match i64::try_from(int) {
            Ok(int) => self.visit_i64(int),
            Err(_) => Err(E::invalid_value(
                serde::de::Unexpected::Unsigned(int),
                &self,
            )),
        }
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Value, E> {
        if number.fract() == 0.0 && number.abs() <= MAX_NUMBER as f64 {
            // Exact: both bounds, and all integers between them, are representable as doubles.
            Ok(Value::Int(number as i64))
        } else {
            Err(E::invalid_value(
                serde::de::Unexpected::Float(number),
                &self,
            ))
        }
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(without_nul(text).into_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Item(item)) = list.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, Item(value))) = map.next_entry::<String, Item>()? {
            entries.push((without_nul(&key).into_owned(), value));
        }
        Ok(Value::Record(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::tests::any_value;
    use proptest::prelude::*;

    #[test]
    fn ints_beyond_the_safe_range_are_strings() {
        let json = |int| Value::Int(int).to_json().unwrap();
        assert_eq!(json(9_007_199_254_740_991), "9007199254740991");
        assert_eq!(json(9_007_199_254_740_992), "\"9007199254740992\"");
        assert_eq!(json(i64::MIN), "\"-9223372036854775808\"");
    }

    #[test]
    fn numbers_that_are_no_values_are_refused() {
        for json in [
            "1.5",
            "9007199254740992",
            "-9007199254740992",
            "1e300",
            "18446744073709551615",
        ] {
            assert!(Value::from_json(json).is_err(), "{json}");
        }
        assert_eq!(Value::from_json("-3.0").unwrap(), Value::Int(-3));
    }

    #[test]
    fn a_record_keeps_the_order_of_its_entries_and_the_first_of_two_equal_keys() {
        let value = Value::from_json(r#"{"b":1,"a":2,"b":3}"#).unwrap();
        assert_eq!(value.to_json().unwrap(), r#"{"b":1,"a":2}"#);
    }

    #[test]
    fn nesting_is_bounded_both_ways() {
        let json = |levels| "[".repeat(levels) + &"]".repeat(levels);
        assert!(
            Value::from_json(&json(MAX_DEPTH))
                .unwrap()
                .to_json()
                .is_ok()
        );
        assert!(Value::from_json(&json(MAX_DEPTH + 1)).is_err());
        assert!(
            Value::List(vec![Value::from_json(&json(MAX_DEPTH)).unwrap()])
                .to_json()
                .is_err()
        );
    }

    #[test]
    fn nothing_in_a_script_element_can_end_it() {
        let text = "</script><!--&\u{2028}\u{2029}";
        let json = to_script_json(&Value::from(text)).unwrap();
        assert_eq!(json, r#""\u003c/script\u003e\u003c!--\u0026\u2028\u2029""#);
    }

    #[test]
    fn a_record_in_a_script_element_is_bounded_too_whether_its_values_are_shared_or_not() {
        let nested = |levels| Value::from_json(&("[".repeat(levels) + &"]".repeat(levels)));
        for (levels, fits) in [(MAX_DEPTH - 1, true), (MAX_DEPTH, false)] {
            let value = nested(levels).unwrap();
            for value in [value.clone(), value.shared().unwrap()] {
                let written = write_script_record(&mut Vec::new(), &[("a".to_owned(), value)]);
                assert_eq!(written.is_ok(), fits, "{levels}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_record_with_shared_values_is_written_like_any_other(value in any_value()) {
            let record = |value| vec![("a\0".to_owned(), value), ("b".to_owned(), Value::Null)];
            let plain = to_script_json(&Value::Record(record(value.clone())));
            for value in [value.clone(), value.shared().unwrap()] {
                let mut written = Vec::new();
                let result = write_script_record(&mut written, &record(value));
                prop_assert_eq!(result.is_ok(), plain.is_ok());
                if let Ok(plain) = &plain {
                    prop_assert_eq!(std::str::from_utf8(&written).unwrap(), plain);
                }
            }
        }

        #[test]
        fn script_json_is_the_same_json(value in any_value()) {
            let json = to_script_json(&value).unwrap();
            let escaped = !json.contains(['<', '>', '&', '\u{2028}', '\u{2029}']);
            prop_assert!(escaped);
            let read: serde_json::Value = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(
                read,
                serde_json::from_str::<serde_json::Value>(&value.to_json().unwrap()).unwrap()
            );
        }
    }
}
