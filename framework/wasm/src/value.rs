//! The value encoding, of props, state, context, events and answers between host and guest.
//!
//! Section 1 of `docs/protocol.md`. Reading is bounded and never panics; writing refuses what a
//! reader would refuse.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use crate::digest::keyed_digest;

/// The deepest nesting, the innermost value included; readers and writers refuse more.
pub const MAX_DEPTH: usize = 16;
/// The largest encoded message, in bytes; readers and writers refuse more.
pub const MAX_MESSAGE: usize = 4 << 20;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const TEXT: u8 = 4;
const LIST: u8 = 5;
const RECORD: u8 = 6;

/// A value of the protocol. Records keep the order of their entries; of a key that occurs twice the
/// first counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Value {
    /// Null; values of unknown kinds are decoded as this.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer; money is one in minor units.
    Int(i64),
    /// UTF-8 without NUL: a NUL is encoded and decoded as U+FFFD.
    Text(String),
    /// A list of values.
    List(Vec<Value>),
    /// A record: named values.
    Record(Vec<(String, Value)>),
    /// One of the others, shared by many messages: [`Value::shared`]. It behaves like the value
    /// inside.
    Shared(Arc<Shared>),
}

/// A value that is part of many messages, with its encoding.
#[derive(Debug)]
pub struct Shared {
    value: Value,
    encoded: Vec<u8>,
    pub(super) levels: usize,
    digest: OnceLock<u128>,
    /// JSON within a script element, once it was asked for.
    pub(super) script_json: OnceLock<String>,
}

impl Shared {
    /// The value.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The bytes of its encoding.
    pub fn encoded_len(&self) -> usize {
        self.encoded.len()
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Shared) -> bool {
        self.value == other.value
    }
}

impl Eq for Shared {}

impl Hash for Shared {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let digest = self.digest.get_or_init(|| keyed_digest(&self.encoded));
        state.write_u128(*digest);
    }
}

/// Why a value cannot be encoded or decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("the value is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// Larger than [`MAX_MESSAGE`].
    #[error("the value takes more than {MAX_MESSAGE} bytes")]
    TooLarge,
    /// A key of a record exceeds its 16-bit length.
    #[error("a key of a record has {0} bytes; at most 65535 fit")]
    KeyTooLong(usize),
    /// A length exceeds the end of the message.
    #[error("the encoded value is cut off at byte {0}")]
    CutOff(usize),
    /// There are bytes after the value.
    #[error("{0} bytes follow the encoded value")]
    Trailing(usize),
    /// A null or bool with a payload, or an int whose payload is not 8 bytes long.
    #[error("a value of tag {tag} has {length} bytes")]
    BadLength {
        /// The kind of value.
        tag: u8,
        /// Bytes of its payload.
        length: usize,
    },
}

impl Value {
    /// A record with these entries.
    pub fn record<K: Into<String>>(entries: impl IntoIterator<Item = (K, Value)>) -> Value {
        Value::Record(
            entries
                .into_iter()
                .map(|(key, value)| (key.into(), value))
                .collect(),
        )
    }

    /// Shares the value between messages: cloning copies nothing, encoding copies its encoding.
    pub fn shared(self) -> Result<Value, ValueError> {
        let mut encoded = Vec::new();
        self.encode(&mut encoded)?;
        Ok(Value::Shared(Arc::new(Shared {
            levels: self.depth(),
            value: self,
            encoded,
            digest: OnceLock::new(),
            script_json: OnceLock::new(),
        })))
    }

    /// The value itself, if it is shared.
    fn plain(&self) -> &Value {
        match self {
            Value::Shared(shared) => shared.value.plain(),
            value => value,
        }
    }

    /// The entry of a record with this name; the first of several.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_record()?
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// The entries of a record.
    pub fn as_record(&self) -> Option<&[(String, Value)]> {
        match self.plain() {
            Value::Record(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items of a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self.plain() {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The text of a text value.
    pub fn as_text(&self) -> Option<&str> {
        match self.plain() {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number of an int.
    pub fn as_int(&self) -> Option<i64> {
        match self.plain() {
            Value::Int(int) => Some(*int),
            _ => None,
        }
    }

    /// The value of a bool.
    pub fn as_bool(&self) -> Option<bool> {
        match self.plain() {
            Value::Bool(bool) => Some(*bool),
            _ => None,
        }
    }

    /// Appends the encoded value to `out`. After an error `out` is unchanged.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), ValueError> {
        let start = out.len();
        let result = self.write(out, 0).and_then(|()| {
            if out.len() - start > MAX_MESSAGE {
                Err(ValueError::TooLarge)
            } else {
                Ok(())
            }
        });
        if result.is_err() {
            out.truncate(start);
        }
        result
    }

    /// Encodes the value inside `depth` other values.
    pub(crate) fn write(&self, out: &mut Vec<u8>, depth: usize) -> Result<(), ValueError> {
        if depth >= MAX_DEPTH {
            return Err(ValueError::TooDeep);
        }
        match self {
            Value::Null => out.extend_from_slice(&[NULL, 0, 0, 0, 0]),
            Value::Bool(bool) => {
                out.extend_from_slice(&[if *bool { TRUE } else { FALSE }, 0, 0, 0, 0]);
            }
            Value::Int(int) => write_int(out, *int),
            Value::Text(text) => write_text(out, text)?,
            Value::List(items) => {
                let list = open_list(out);
                for item in items {
                    item.write(out, depth + 1)?;
                }
                close(out, list)?;
            }
            Value::Record(entries) => {
                let record = open_record(out);
                for (key, value) in entries {
                    write_key(out, key)?;
                    value.write(out, depth + 1)?;
                }
                close(out, record)?;
            }
            Value::Shared(shared) if depth + shared.levels > MAX_DEPTH => {
                return Err(ValueError::TooDeep);
            }
            Value::Shared(shared) => out.extend_from_slice(&shared.encoded),
        }
        Ok(())
    }

    /// Decodes the one value in `bytes`.
    pub fn decode(bytes: &[u8]) -> Result<Value, ValueError> {
        if bytes.len() > MAX_MESSAGE {
            return Err(ValueError::TooLarge);
        }
        let mut reader = Reader { bytes, at: 0 };
        let value = reader.value(0)?;
        match bytes.len() - reader.at {
            0 => Ok(value),
            rest => Err(ValueError::Trailing(rest)),
        }
    }
}

/// Encodes an int.
pub(crate) fn write_int(out: &mut Vec<u8>, int: i64) {
    out.extend_from_slice(&[INT, 8, 0, 0, 0]);
    out.extend_from_slice(&int.to_le_bytes());
}

/// Encodes a text.
pub(crate) fn write_text(out: &mut Vec<u8>, text: &str) -> Result<(), ValueError> {
    let text = without_nul(text);
    out.push(TEXT);
    out.extend_from_slice(&length(text.len())?);
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

/// Encodes the key of a record's next entry.
pub(crate) fn write_key(out: &mut Vec<u8>, key: &str) -> Result<(), ValueError> {
    let key = without_nul(key);
    let length = u16::try_from(key.len()).map_err(|_| ValueError::KeyTooLong(key.len()))?;
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(key.as_bytes());
    Ok(())
}

/// An open container, whose length is written when it is closed.
#[must_use]
pub(crate) struct Open(usize);

/// Opens a record.
pub(crate) fn open_record(out: &mut Vec<u8>) -> Open {
    open(out, RECORD)
}

/// Opens a list.
pub(crate) fn open_list(out: &mut Vec<u8>) -> Open {
    open(out, LIST)
}

fn open(out: &mut Vec<u8>, tag: u8) -> Open {
    out.extend_from_slice(&[tag, 0, 0, 0, 0]);
    Open(out.len())
}

/// Closes a container: writes its length.
pub(crate) fn close(out: &mut [u8], Open(start): Open) -> Result<(), ValueError> {
    let length = length(out.len() - start)?;
    out[start - 4..start].copy_from_slice(&length);
    Ok(())
}

fn length(bytes: usize) -> Result<[u8; 4], ValueError> {
    match u32::try_from(bytes) {
        Ok(length) if bytes <= MAX_MESSAGE => Ok(length.to_le_bytes()),
        _ => Err(ValueError::TooLarge),
    }
}

/// The text in the protocol's form: without NUL.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    if memchr::memchr(0, text.as_bytes()).is_some() {
        Cow::Owned(text.replace('\0', "\u{FFFD}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Text from untrusted bytes: NUL and invalid bytes become U+FFFD.
pub(crate) fn text(bytes: &[u8]) -> Cow<'_, str> {
    // Nearly all text is valid, and validating is much faster than searching for invalid bytes.
    match std::str::from_utf8(bytes) {
        Ok(text) => without_nul(text),
        Err(_) => Cow::Owned(without_nul(&String::from_utf8_lossy(bytes)).into_owned()),
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], ValueError> {
        let end = self
            .at
            .checked_add(length)
            .ok_or(ValueError::CutOff(self.at))?;
        let bytes = self
            .bytes
            .get(self.at..end)
            .ok_or(ValueError::CutOff(self.at))?;
        self.at = end;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ValueError> {
        let at = self.at;
        self.take(N)?.try_into().map_err(|_| ValueError::CutOff(at))
    }

    fn value(&mut self, depth: usize) -> Result<Value, ValueError> {
        if depth >= MAX_DEPTH {
            return Err(ValueError::TooDeep);
        }
        let [tag] = self.array()?;
        let length = u32::from_le_bytes(self.array()?) as usize;
        let payload = self.take(length)?;
        let mut inside = Reader {
            bytes: payload,
            at: 0,
        };
        let bad = || ValueError::BadLength { tag, length };
        Ok(match tag {
            NULL | FALSE | TRUE if length != 0 => return Err(bad()),
            NULL => Value::Null,
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            INT => Value::Int(i64::from_le_bytes(payload.try_into().map_err(|_| bad())?)),
            TEXT => Value::Text(text(payload).into_owned()),
            LIST => {
                let mut items = Vec::new();
                while inside.at < payload.len() {
                    items.push(inside.value(depth + 1)?);
                }
                Value::List(items)
            }
            RECORD => {
                let mut entries = Vec::new();
                while inside.at < payload.len() {
                    let length = u16::from_le_bytes(inside.array()?);
                    let key = text(inside.take(usize::from(length))?).into_owned();
                    entries.push((key, inside.value(depth + 1)?));
                }
                Value::Record(entries)
            }
            _ => Value::Null,
        })
    }
}

impl From<bool> for Value {
    fn from(bool: bool) -> Self {
        Value::Bool(bool)
    }
}

impl From<i64> for Value {
    fn from(int: i64) -> Self {
        Value::Int(int)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Value::List(items)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Any value of the protocol.
    pub fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            "[^\0]{0,12}".prop_map(Value::Text),
        ];
        leaf.prop_recursive(6, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
                prop::collection::vec(("[^\0]{0,8}", inner), 0..6).prop_map(Value::Record),
            ]
        })
    }

    fn encoded(value: &Value) -> Vec<u8> {
        let mut out = Vec::new();
        value.encode(&mut out).unwrap();
        out
    }

    /// A value with this nesting.
    fn nested(levels: usize) -> Value {
        (1..levels).fold(Value::Null, |inner, _| Value::List(vec![inner]))
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(value in any_value()) {
            prop_assert_eq!(Value::decode(&encoded(&value)).unwrap(), value);
        }

        #[test]
        fn reading_anything_ends_without_a_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..256)
        ) {
            let _ = Value::decode(&bytes);
        }

        #[test]
        fn a_damaged_message_is_read_without_a_panic(
            value in any_value(), at in any::<prop::sample::Index>(), byte: u8
        ) {
            let mut bytes = encoded(&value);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Ok(value) = Value::decode(&bytes) {
                let mut again = Vec::new();
                value.encode(&mut again).unwrap();
            }
        }

        #[test]
        fn a_message_that_is_cut_off_is_refused(
            value in any_value(), at in any::<prop::sample::Index>()
        ) {
            let bytes = encoded(&value);
            prop_assert!(Value::decode(&bytes[..at.index(bytes.len())]).is_err());
        }
    }

    proptest! {
        #[test]
        fn a_shared_value_is_written_and_read_as_what_it_holds(
            value in any_value(), around in 0usize..MAX_DEPTH
        ) {
            let wrap = |value| (0..around).fold(value, |inner, _| Value::List(vec![inner]));
            let (mut plain, mut shared) = (Vec::new(), Vec::new());
            let held = value.clone().shared().unwrap();
            prop_assert_eq!(held.as_record(), value.as_record());
            let of_shared = wrap(held);
            prop_assert_eq!(wrap(value.clone()).encode(&mut plain), of_shared.encode(&mut shared));
            prop_assert_eq!(plain, shared);
            prop_assert_eq!(wrap(value.clone()).to_json().ok(), of_shared.to_json().ok());
        }
    }

    #[test]
    fn a_nul_becomes_the_replacement_character_on_the_way_in_and_out() {
        assert_eq!(
            Value::decode(&encoded(&"a\0b".into())).unwrap(),
            "a\u{FFFD}b".into()
        );
        assert_eq!(
            Value::decode(&[TEXT, 3, 0, 0, 0, b'a', 0, 0xFF]).unwrap(),
            "a\u{FFFD}\u{FFFD}".into()
        );
    }

    #[test]
    fn a_value_of_an_unknown_tag_is_null() {
        assert_eq!(Value::decode(&[9, 2, 0, 0, 0, 1, 2]).unwrap(), Value::Null);
    }

    #[test]
    fn of_a_key_that_occurs_twice_the_first_counts() {
        let value = Value::record([("a", Value::Int(1)), ("a", Value::Int(2))]);
        assert_eq!(
            Value::decode(&encoded(&value)).unwrap().get("a"),
            Some(&Value::Int(1))
        );
    }

    #[test]
    fn nesting_is_bounded_both_ways() {
        assert!(Value::decode(&encoded(&nested(MAX_DEPTH))).is_ok());
        let mut out = vec![7];
        assert_eq!(
            nested(MAX_DEPTH + 1).encode(&mut out),
            Err(ValueError::TooDeep)
        );
        assert_eq!(out, [7]);
        let deep = (0..200_000).fold(Vec::new(), |inner: Vec<u8>, _| {
            if inner.len() > 4096 {
                return inner;
            }
            [&[LIST][..], &(inner.len() as u32).to_le_bytes(), &inner].concat()
        });
        assert_eq!(Value::decode(&deep), Err(ValueError::TooDeep));
    }

    #[test]
    fn size_is_bounded_both_ways() {
        let large = Value::Text("x".repeat(MAX_MESSAGE));
        assert_eq!(large.encode(&mut Vec::new()), Err(ValueError::TooLarge));
        assert_eq!(
            Value::decode(&vec![0; MAX_MESSAGE + 1]),
            Err(ValueError::TooLarge)
        );
    }
}
