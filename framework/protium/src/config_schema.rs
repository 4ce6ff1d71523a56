//! The JSON schema of `protium.toml`, made from the types that it is read into.

use std::path::Path;

use serde_json::{Map, Value};

use crate::config::{Config, FILE};

/// The JSON schema (draft 2020-12) of `protium.toml`, with the default of every key: what editors
/// complete and check the file with.
///
/// ```
/// let schema = protium::config_schema();
/// let key = &schema["properties"]["listen"];
/// assert_eq!(key["default"], "127.0.0.1:3000");
/// assert_eq!(schema["additionalProperties"], false);
/// ```
pub fn config_schema() -> Value {
    let mut schema = schemars::schema_for!(Config).to_value();
    let defaults = serde_json::to_value(Config::defaults(Path::new(""))).unwrap_or_default();
    let definitions = schema.get("$defs").cloned().unwrap_or_default();
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".to_owned(), Value::from(FILE));
        with_defaults(root, &defaults, &definitions);
    }
    schema
}

/// Says the default of each key of a table and of the tables in it. What has a default is not
/// required.
fn with_defaults(table: &mut Map<String, Value>, defaults: &Value, definitions: &Value) {
    table.remove("required");
    let properties = table.get_mut("properties").and_then(Value::as_object_mut);
    for (key, property) in properties.into_iter().flatten() {
        let (Some(property), Some(default)) = (property.as_object_mut(), defaults.get(key)) else {
            continue;
        };
        let named = property.get("$ref").and_then(Value::as_str);
        let named = named.and_then(|name| definitions.get(name.strip_prefix("#/$defs/")?));
        match named.and_then(Value::as_object) {
            Some(inner) if inner.contains_key("properties") => {
                let mut inner = inner.clone();
                with_defaults(&mut inner, default, definitions);
                // In place of the reference, whose text about the key goes first.
                property.remove("$ref");
                for (name, value) in inner {
                    property.entry(name).or_insert(value);
                }
            }
            _ => {
                property.insert("default".to_owned(), default.clone());
            }
        }
    }
}
