//! Conversion of props from a template to a component: from text at load, from Tera's values at
//! render. Both check the types of the module's manifest, and omit what the component does not
//! declare.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tera::value::{Key, ValueKind};

use protium_wasm::{Prop, PropType, Value};

use super::marker;

/// The number of a record's fields that an error message lists.
const FIELDS: usize = 12;

/// Why a value does not fit a prop. The place within it (`lines[2].price`) is part of the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PropMismatch {
    path: String,
    message: String,
}

impl PropMismatch {
    fn new(message: impl Into<String>) -> Self {
        Self {
            path: String::new(),
            message: message.into(),
        }
    }

    fn within(mut self, step: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') {
            ""
        } else {
            "."
        };
        self.path = format!("{step}{dot}{}", self.path);
        self
    }

    /// The message, for the prop of this name.
    pub(super) fn of(self, prop: &str) -> String {
        let mismatch = self.within(prop);
        format!("`{}` {}", mismatch.path, mismatch.message)
    }
}

/// The name of a prop in a template: `returnTo` and `return_to` are `return-to`.
pub(super) fn attribute_name(prop: &str) -> String {
    let mut name = String::with_capacity(prop.len() + 4);
    for c in prop.chars() {
        if c == '_' {
            name.push('-');
        } else if c.is_ascii_uppercase() {
            if !name.is_empty() && !name.ends_with('-') {
                name.push('-');
            }
            name.push(c.to_ascii_lowercase());
        } else {
            name.push(c);
        }
    }
    name
}

/// The name of a type for template authors.
fn type_name(kind: &PropType) -> &'static str {
    match kind {
        PropType::Bool => "a bool",
        PropType::Int32 => "a whole number of 32 bits",
        PropType::Int64 => "a whole number",
        PropType::Money => "money (a whole number of minor units)",
        PropType::Text => "text",
        PropType::List(_) => "a list",
        PropType::Record(_) => "a record",
    }
}

/// Parses a literal in a template: `text` is `None` for an attribute without a value.
pub(super) fn literal(kind: &PropType, text: Option<&str>) -> Result<Value, PropMismatch> {
    match (kind, text) {
        (PropType::Text, text) => Ok(Value::Text(text.unwrap_or_default().to_owned())),
        (PropType::Bool, None | Some("" | "true")) => Ok(Value::Bool(true)),
        (PropType::Bool, Some("false")) => Ok(Value::Bool(false)),
        (PropType::Bool, Some(_)) => Err(PropMismatch::new("takes `true` or `false`")),
        (PropType::Int32 | PropType::Int64 | PropType::Money, Some(text)) => text
            .parse()
            .map_err(|_| ())
            .and_then(|int| in_range(kind, int).ok_or(()))
            .map_err(|()| PropMismatch::new(format!("takes {}, not `{text}`", type_name(kind)))),
        (PropType::List(_) | PropType::Record(_), Some(_)) => Err(PropMismatch::new(format!(
            "takes {}: give it an expression, for example `=\"{{{{ product }}}}\"`",
            type_name(kind)
        ))),
        (_, None) => Err(PropMismatch::new(format!(
            "takes {} and has no value",
            type_name(kind)
        ))),
    }
}

fn in_range(kind: &PropType, int: i64) -> Option<Value> {
    (*kind != PropType::Int32 || i32::try_from(int).is_ok()).then_some(Value::Int(int))
}

/// Converts a value that Tera computed to a prop of this type; `None` if it is undefined.
pub(super) fn typed(kind: &PropType, value: &tera::Value) -> Result<Option<Value>, PropMismatch> {
    let mismatch = || {
        let given = match value.kind() {
            ValueKind::F64 => {
                "a fraction: no value of a component is one (money is minor units; \
                 for text write it as text: `{{ x | str }}`)"
            }
            ValueKind::U128 | ValueKind::I128 | ValueKind::U64 => "a number beyond 64 bits",
            _ => value.name(),
        };
        PropMismatch::new(format!("takes {} and got {given}", type_name(kind)))
    };
    let typed = match (kind, value.kind()) {
        (_, ValueKind::Undefined) => return Ok(None),
        (_, ValueKind::None) => Value::Null,
        (PropType::Bool, ValueKind::Bool) => Value::Bool(value.is_truthy()),
        (PropType::Int32 | PropType::Int64 | PropType::Money, _) => {
            let int = if value.is_f64() { None } else { value.as_i64() };
            let int = int.ok_or_else(mismatch)?;
            in_range(kind, int)
                .ok_or_else(|| PropMismatch::new(format!("takes 32 bits and got {int}")))?
        }
        (PropType::Text, ValueKind::String) => text(value.as_str().unwrap_or_default())?,
        (PropType::Text, ValueKind::I64 | ValueKind::U64) => {
            Value::Text(value.as_i64().ok_or_else(mismatch)?.to_string())
        }
        (PropType::List(of), ValueKind::Array) => {
            let items = value.as_array().unwrap_or_default();
            let mut list = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                let item =
                    typed(of, item).map_err(|mismatch| mismatch.within(&format!("[{index}]")))?;
                list.push(item.unwrap_or_default());
            }
            Value::List(list)
        }
        (PropType::Record(fields), ValueKind::Map) if fields.is_empty() => untyped(value)?,
        (PropType::Record(fields), ValueKind::Map) => {
            let map = value.as_map();
            let mut record = Vec::with_capacity(fields.len());
            for Prop { name, kind } in fields {
                let Some(field) = map.and_then(|map| map.get(&Key::Str(name))) else {
                    continue;
                };
                if let Some(field) = typed(kind, field).map_err(|mismatch| mismatch.within(name))? {
                    record.push((name.clone(), field));
                }
            }
            Value::Record(record)
        }
        _ => return Err(mismatch()),
    };
    Ok(Some(typed))
}

/// The fields that a record, or the first of a list, lacks, if it lacks most of what the component
/// declares: then it is a different kind of record, and the component would show zeros.
pub(super) fn another_record(kind: &PropType, value: &tera::Value) -> Option<String> {
    match kind {
        PropType::List(of) => another_record(of, value.as_array()?.first()?),
        PropType::Record(fields) => {
            let map = value.as_map()?;
            let lacks = |field: &&Prop| map.get(&Key::Str(&field.name)).is_none();
            let lacking: Vec<&str> = fields
                .iter()
                .filter(lacks)
                .map(|field| field.name.as_str())
                .collect();
            (lacking.len() * 2 > fields.len()).then(|| {
                let has: Vec<&str> = map.keys().filter_map(Key::as_str).take(FIELDS).collect();
                format!(
                    "takes a record with {} and got one that has {}",
                    lacking.join(", "),
                    has.join(", ")
                )
            })
        }
        _ => None,
    }
}

/// Converts a value of a record whose component declares no fields.
fn untyped(value: &tera::Value) -> Result<Value, PropMismatch> {
    Ok(match value.kind() {
        ValueKind::Undefined | ValueKind::None => Value::Null,
        ValueKind::Bool => Value::Bool(value.is_truthy()),
        ValueKind::String => text(value.as_str().unwrap_or_default())?,
        ValueKind::Array => {
            let items = value.as_array().unwrap_or_default();
            Value::List(items.iter().map(untyped).collect::<Result<_, _>>()?)
        }
        ValueKind::Map => {
            let entries = value.as_map().into_iter().flatten();
            let entries = entries.filter_map(|(key, value)| Some((key.as_str()?, value)));
            Value::Record(
                entries
                    .map(|(key, value)| match untyped(value) {
                        Ok(value) => Ok((key.to_owned(), value)),
                        Err(mismatch) => Err(mismatch.within(key)),
                    })
                    .collect::<Result<_, _>>()?,
            )
        }
        _ => typed(&PropType::Int64, value)?.unwrap_or_default(),
    })
}

/// A text without NUL, as in the protocol. A rendered component cannot be passed in a prop.
fn text(text: &str) -> Result<Value, PropMismatch> {
    if memchr::memchr(0, text.as_bytes()).is_none() {
        return Ok(Value::Text(text.to_owned()));
    }
    if marker::count(text.as_bytes()) > 0 {
        return Err(PropMismatch::new(
            "holds a rendered component: put the component into the slot instead",
        ));
    }
    Ok(Value::Text(
        marker::without_address(text).replace('\0', "\u{FFFD}"),
    ))
}

/// Appends the value of an expression in a text.
pub(super) fn append_text(joined: &mut String, value: &tera::Value) -> Result<(), PropMismatch> {
    match value.kind() {
        ValueKind::Bool => joined.push_str(if value.is_truthy() { "true" } else { "false" }),
        ValueKind::Undefined => return Err(PropMismatch::new("has an undefined part")),
        ValueKind::None => {}
        _ => match typed(&PropType::Text, value)? {
            Some(Value::Text(text)) => joined.push_str(&text),
            _ => return Err(PropMismatch::new("has a part that is not text")),
        },
    }
    Ok(())
}

/// A key as it is written in an id.
pub(super) fn encode_key(key: &str) -> String {
    const ODD: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-');
    utf8_percent_encode(key, ODD).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tera(json: serde_json::Value) -> tera::Value {
        tera::Value::from_serializable(&json)
    }

    fn card() -> PropType {
        let field = |name: &str, kind| Prop {
            name: name.to_owned(),
            kind,
        };
        PropType::Record(vec![
            field("title", PropType::Text),
            field("price", PropType::Money),
            field("tags", PropType::List(Box::new(PropType::Text))),
        ])
    }

    #[test]
    fn a_record_travels_with_its_declared_fields_alone() {
        let value =
            tera(serde_json::json!({"id": 7, "price": null, "title": "Cup", "body_html": "<b>"}));
        let wanted = Value::record([("title", Value::from("Cup")), ("price", Value::Null)]);
        assert_eq!(typed(&card(), &value), Ok(Some(wanted)));
    }

    #[test]
    fn a_mismatch_says_where_and_what() {
        let value = tera(serde_json::json!({"title": "Cup", "price": 19.99}));
        let message = typed(&card(), &value)
            .expect_err("a fraction")
            .of("product");
        assert!(message.starts_with(
            "`product.price` takes money (a whole number of minor units) and got a fraction"
        ));
        let value = tera(serde_json::json!({"tags": ["a", [1]]}));
        let message = typed(&card(), &value).expect_err("a list").of("product");
        assert_eq!(message, "`product.tags[1]` takes text and got array");
        let message =
            typed(&PropType::Int32, &tera(serde_json::json!(1u64 << 31))).expect_err("too large");
        assert_eq!(message.of("n"), "`n` takes 32 bits and got 2147483648");
        assert!(typed(&PropType::Int64, &tera(serde_json::json!(u64::MAX))).is_err());
        assert_eq!(typed(&PropType::Int64, &tera::Value::undefined()), Ok(None));
    }

    #[test]
    fn a_record_of_another_kind_is_told_by_what_it_lacks() {
        let collection = tera(serde_json::json!({"handle": "tea", "title": "Tea", "image": null}));
        assert_eq!(
            another_record(&card(), &collection).as_deref(),
            Some("takes a record with price, tags and got one that has handle, image, title")
        );
        let list = PropType::List(Box::new(card()));
        assert!(another_record(&list, &tera(serde_json::json!([{"name": 1}]))).is_some());
        for fits in [
            serde_json::json!({"title": "Cup", "price": null}),
            serde_json::json!([]),
            serde_json::json!(null),
        ] {
            assert_eq!(another_record(&card(), &tera(fits.clone())), None, "{fits}");
            assert_eq!(another_record(&list, &tera(fits)), None);
        }
    }

    #[test]
    fn literals_become_values_of_the_declared_type() {
        assert_eq!(
            literal(&PropType::Int64, Some("9007199254740993")),
            Ok(Value::Int(9_007_199_254_740_993))
        );
        assert_eq!(literal(&PropType::Bool, None), Ok(Value::Bool(true)));
        assert_eq!(
            literal(&PropType::Text, Some("007")),
            Ok(Value::from("007"))
        );
        assert!(literal(&PropType::Int32, Some("2147483648")).is_err());
        assert!(literal(&PropType::Money, Some("19.99")).is_err());
        assert!(literal(&PropType::Bool, Some("yes")).is_err());
        assert!(literal(&card(), Some("{}")).is_err());
        assert!(literal(&PropType::Int64, None).is_err());
    }

    #[test]
    fn props_are_written_in_kebab_case() {
        for prop in ["returnTo", "return_to", "return-to", "ReturnTo"] {
            assert_eq!(attribute_name(prop), "return-to");
        }
    }

    #[test]
    fn keys_are_encoded_as_the_vectors_say() {
        #[derive(serde::Deserialize)]
        struct Case {
            key: String,
            out: String,
        }
        #[derive(serde::Deserialize)]
        struct Keys {
            text: Vec<Case>,
        }
        let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/keys.json");
        let vectors = std::fs::read_to_string(vectors).expect("the vectors");
        let vectors: Keys = serde_json::from_str(&vectors).expect("keys");
        for Case { key, out } in vectors.text {
            let key = text(&key).expect("no rendered component");
            assert_eq!(key.as_text().map(encode_key), Some(out), "{key:?}");
        }
    }

    proptest! {
        #[test]
        fn a_key_has_only_letters_that_ids_know(key in any::<String>()) {
            let encoded = encode_key(&key);
            prop_assert!(
                encoded.bytes().all(
                    |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'%')
                )
            );
            let decoded = percent_encoding::percent_decode_str(&encoded);
            let decoded = decoded.decode_utf8().expect("text");
            prop_assert_eq!(decoded, key);
        }
    }
}
