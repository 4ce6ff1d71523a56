//! The manifest of a module: its components with props and handlers, and its stores.

use std::collections::HashSet;
use std::path::PathBuf;

use super::registrations;
use crate::value::Value;
use crate::variant::Lane;

/// The output of `describe`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The toolchain that the module was built with.
    pub lane: Lane,
    /// Sorted by name.
    pub components: Vec<Component>,
    /// Names of the stores that components share, sorted.
    pub stores: Vec<String>,
    /// The folder of Go components of the module.
    pub sources: Option<PathBuf>,
}

/// A component that templates can place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Its name: the tag without `go-`.
    pub name: String,
    /// Whether it depends on the visitor, and is rendered separately from the public page.
    pub personal: bool,
    /// Whether it has a slot for the template's content.
    pub slot: bool,
    /// The default `hydrate` directive.
    pub hydrate: String,
    /// The props that a template may set.
    pub props: Vec<Prop>,
    /// Names of saved state.
    pub state: Vec<String>,
    /// Names of the handlers.
    pub handlers: Vec<String>,
    /// Keys of the messages that it shows.
    pub messages: Vec<String>,
}

/// A prop of a component, or a field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prop {
    /// Its name in Bind.
    pub name: String,
    /// Its type.
    pub kind: PropType,
}

/// The type of a prop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PropType {
    /// True or false.
    Bool,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 64 bits.
    Int64,
    /// Minor units of the context's currency.
    Money,
    /// Text.
    Text,
    /// Values of one type.
    List(Box<PropType>),
    /// Named values.
    Record(Vec<Prop>),
}

/// What is wrong with the output of `describe`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// The module has another version of the protocol.
    #[error(
        "the module speaks version {found} of the component protocol, this server speaks version \
         {expected}: build the components with the kit that belongs to this server \
         (`cargo run -- build --dist` in the shop, where their sources are)"
    )]
    Version {
        /// The module's version.
        found: i64,
        /// This server's version.
        expected: i64,
    },
    /// An entry is missing or invalid.
    #[error("describe: {place} is missing or is not {expected}")]
    Bad {
        /// Which entry.
        place: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A name that is invalid in a template.
    #[error(
        "describe: {0:?} cannot be the name of a component: it must match \
         [a-z][a-z0-9]*(-[a-z][a-z0-9]*)*"
    )]
    Name(String),
    /// Two entries have one name.
    #[error("describe: {0} is there twice")]
    Twice(String),
}

/// The version of the ABI and of the protocol in this host.
pub const ABI_VERSION: i64 = 2;

impl Manifest {
    /// The component of this name.
    pub fn component(&self, name: &str) -> Option<&Component> {
        let at = self
            .components
            .binary_search_by(|component| component.name.as_str().cmp(name))
            .ok()?;
        self.components.get(at)
    }

    /// Where the sources register a component of this name, as `FOLDER/FILE.go:LINE`, even if the
    /// module does not have it.
    pub fn registered_in_sources(&self, name: &str) -> Option<String> {
        registrations::find(self.sources.as_deref()?, name)
    }

    /// Parses the output of `describe`.
    pub(crate) fn read(value: &Value) -> Result<Manifest, ManifestError> {
        let found = value
            .get("abi")
            .and_then(Value::as_int)
            .ok_or_else(|| bad("abi", "an int"))?;
        if found != ABI_VERSION {
            return Err(ManifestError::Version {
                found,
                expected: ABI_VERSION,
            });
        }
        let lane = match value.get("lane").and_then(Value::as_text) {
            Some("tinygo") => Lane::TinyGo,
            Some("go") => Lane::Go,
            _ => return Err(bad("lane", "\"tinygo\" or \"go\"")),
        };
        let mut components = list(value, "components", "components")?
            .iter()
            .enumerate()
            .map(|(at, component)| read_component(component, &format!("components[{at}]")))
            .collect::<Result<Vec<_>, _>>()?;
        components.sort_by(|a, b| a.name.cmp(&b.name));
        for pair in components.windows(2) {
            if let [a, b] = pair
                && a.name == b.name
            {
                return Err(ManifestError::Twice(format!("the component {}", a.name)));
            }
        }
        let mut stores = names(value, "stores", "stores")?;
        stores.sort();
        Ok(Manifest {
            lane,
            components,
            stores,
            sources: None,
        })
    }
}

fn bad(place: impl Into<String>, expected: &'static str) -> ManifestError {
    ManifestError::Bad {
        place: place.into(),
        expected,
    }
}

fn list<'a>(value: &'a Value, key: &str, place: &str) -> Result<&'a [Value], ManifestError> {
    match value.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::List(items)) => Ok(items),
        Some(_) => Err(bad(place, "a list")),
    }
}

/// A list of texts that may contain duplicates: nested components show what their parents do.
fn keys(value: &Value, key: &str, place: &str) -> Result<Vec<String>, ManifestError> {
    let text = |item: &Value| item.as_text().map(str::to_owned);
    let mut keys = list(value, key, place)?
        .iter()
        .map(|item| text(item).ok_or_else(|| bad(place, "a list of texts")))
        .collect::<Result<Vec<_>, _>>()?;
    keys.sort();
    keys.dedup();
    Ok(keys)
}

fn names(value: &Value, key: &str, place: &str) -> Result<Vec<String>, ManifestError> {
    let names = list(value, key, place)?
        .iter()
        .map(|name| {
            name.as_text()
                .map(str::to_owned)
                .ok_or_else(|| bad(place, "a list of texts"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut seen = HashSet::new();
    match names.iter().find(|name| !seen.insert(*name)) {
        Some(name) => Err(ManifestError::Twice(format!("{name} in {place}"))),
        None => Ok(names),
    }
}

fn flag(value: &Value, key: &str, place: &str) -> Result<bool, ManifestError> {
    match value.get(key) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(bad(format!("{place}.{key}"), "a bool")),
    }
}

fn read_component(value: &Value, place: &str) -> Result<Component, ManifestError> {
    let name = value
        .get("name")
        .and_then(Value::as_text)
        .ok_or_else(|| bad(format!("{place}.name"), "a text"))?
        .to_owned();
    if !is_name(&name) {
        return Err(ManifestError::Name(name));
    }
    let place = name.clone();
    let hydrate = match value.get("hydrate") {
        None | Some(Value::Null) => "load".to_owned(),
        Some(Value::Text(directive)) if directive.is_empty() => "load".to_owned(),
        Some(Value::Text(directive)) => directive.clone(),
        Some(_) => return Err(bad(format!("{place}.hydrate"), "a text")),
    };
    Ok(Component {
        personal: flag(value, "personal", &place)?,
        slot: flag(value, "slot", &place)?,
        hydrate,
        props: read_props(value, "props", &place)?,
        state: names(value, "state", &format!("{place}.state"))?,
        handlers: names(value, "handlers", &format!("{place}.handlers"))?,
        messages: keys(value, "messages", &format!("{place}.messages"))?,
        name,
    })
}

fn read_props(value: &Value, key: &str, place: &str) -> Result<Vec<Prop>, ManifestError> {
    let place = format!("{place}.{key}");
    let mut seen = HashSet::new();
    let mut props = Vec::new();
    for prop in list(value, key, &place)? {
        let name = prop
            .get("name")
            .and_then(Value::as_text)
            .ok_or_else(|| bad(format!("{place}[].name"), "a text"))?;
        if !seen.insert(name) {
            return Err(ManifestError::Twice(format!("{name} in {place}")));
        }
        props.push(Prop {
            kind: read_type(prop, &format!("{place}.{name}"))?,
            name: name.to_owned(),
        });
    }
    Ok(props)
}

fn read_type(prop: &Value, place: &str) -> Result<PropType, ManifestError> {
    let kind = prop
        .get("type")
        .and_then(Value::as_text)
        .ok_or_else(|| bad(format!("{place}.type"), "a text"))?;
    match kind {
        "list" if prop.get("fields").is_some() => Ok(PropType::List(Box::new(PropType::Record(
            read_props(prop, "fields", place)?,
        )))),
        "list" => {
            let of = prop.get("of").and_then(Value::as_text).and_then(plain);
            Ok(PropType::List(Box::new(of.ok_or_else(|| {
                bad(format!("{place}.of"), "a plain type")
            })?)))
        }
        "record" => Ok(PropType::Record(read_props(prop, "fields", place)?)),
        kind => plain(kind).ok_or_else(|| bad(format!("{place}.type"), "a type of the protocol")),
    }
}

fn plain(name: &str) -> Option<PropType> {
    Some(match name {
        "bool" => PropType::Bool,
        "int32" => PropType::Int32,
        "int64" => PropType::Int64,
        "money" => PropType::Money,
        "text" => PropType::Text,
        _ => return None,
    })
}

fn is_name(name: &str) -> bool {
    name.split('-').all(|part| {
        part.starts_with(|first: char| first.is_ascii_lowercase())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::tests::any_value;
    use proptest::prelude::*;

    fn read(json: &str) -> Result<Manifest, ManifestError> {
        Manifest::read(&Value::from_json(json).unwrap())
    }

    #[test]
    fn a_description_becomes_a_manifest() {
        let manifest = read(
            r#"{"abi":2,"lane":"tinygo","stores":["cart"],"components":[
                {"name":"quantity","personal":false,"slot":false,"hydrate":"","props":[],"state":[],
                 "handlers":[]},
                {"name":"cart-lines","personal":true,"slot":true,"hydrate":"visible",
                 "state":["open"],"handlers":["Remove"],
                 "props":[{"name":"lines","type":"list","fields":[{"name":"price","type":"money"}]},
                          {"name":"tags","type":"list","of":"text"}]}]}"#,
        )
        .unwrap();
        assert_eq!(manifest.component("quantity").unwrap().hydrate, "load");
        let lines = manifest.component("cart-lines").unwrap();
        assert!(lines.personal && lines.slot);
        let price = Prop {
            name: "price".into(),
            kind: PropType::Money,
        };
        assert_eq!(
            lines.props[0].kind,
            PropType::List(Box::new(PropType::Record(vec![price])))
        );
        assert_eq!(
            lines.props[1].kind,
            PropType::List(Box::new(PropType::Text))
        );
        assert_eq!(manifest.component("other"), None);
    }

    #[test]
    fn keys_that_this_host_does_not_know_are_passed_over() {
        let described = |later: &str| {
            read(&format!(
                r#"{{"abi":2,{later}"lane":"go","components":[{{{later}"name":"a",
                    "messages":["y","x","y"],
                    "props":[{{{later}"name":"n","type":"int64"}}]}}]}}"#
            ))
        };
        let manifest = described("").unwrap();
        assert_eq!(
            manifest.component("a").unwrap().messages,
            ["x", "y"],
            "each key once"
        );
        assert_eq!(described(r#""later":{"x":[1]},"#), Ok(manifest));
    }

    #[test]
    fn another_version_is_a_clear_error() {
        let error = read(r#"{"abi":1}"#).unwrap_err();
        assert_eq!(
            error,
            ManifestError::Version {
                found: 1,
                expected: 2
            }
        );
        assert!(error.to_string().contains("version 1"));
    }

    #[test]
    fn names_that_no_template_can_write_are_refused() {
        for name in ["", "A", "1a", "a--b", "-a", "a-", "a b", "ä", "a\"b"] {
            let component = Value::record([("name", Value::from(name))]);
            let value = Value::record([
                ("abi", Value::Int(ABI_VERSION)),
                ("lane", "go".into()),
                ("components", Value::List(vec![component])),
            ]);
            assert_eq!(
                Manifest::read(&value),
                Err(ManifestError::Name(name.into())),
                "{name}"
            );
        }
    }

    #[test]
    fn a_component_that_is_there_twice_is_refused() {
        let error =
            read(r#"{"abi":2,"lane":"go","components":[{"name":"a"},{"name":"a"}]}"#).unwrap_err();
        assert_eq!(error, ManifestError::Twice("the component a".into()));
    }

    proptest! {
        #[test]
        fn any_answer_is_read_or_refused(answer in any_value()) {
            let entries = [
                ("abi", Value::Int(ABI_VERSION)), ("lane", "go".into()),
                ("components", Value::List(vec![answer]))
            ];
            let _ = Manifest::read(&Value::record(entries));
        }
    }
}
