//! The manifest of a module: its components with props and handlers, and its stores.

use std::collections::HashSet;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::value::StrDeserializer;

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
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "DescribedProp")]
pub struct Prop {
    /// Its name in Bind.
    pub name: String,
    /// Its type.
    pub kind: PropType,
}

/// The type of a prop.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
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
    /// A part is missing or invalid.
    #[error("describe: {part}: {problem}")]
    Bad {
        /// The component, or `the module`.
        part: String,
        /// What is wrong with it.
        problem: String,
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
        let found = value.get("abi").and_then(Value::as_int).unwrap_or_default();
        if found != ABI_VERSION {
            return Err(ManifestError::Version {
                found,
                expected: ABI_VERSION,
            });
        }
        let description = serde_json::to_value(value).and_then(Description::deserialize);
        let Description {
            lane,
            components,
            mut stores,
        } = description.map_err(|error| bad("the module", &error))?;
        distinct(&stores, "the store")?;
        stores.sort();
        let components = components.into_iter().map(read_component);
        let mut components = components.collect::<Result<Vec<_>, _>>()?;
        components.sort_by(|a, b| a.name.cmp(&b.name));
        distinct(components.iter().map(|one| &one.name), "the component")?;
        Ok(Manifest {
            lane,
            components,
            stores,
            sources: None,
        })
    }
}

/// What `describe` says, with its components unread.
#[derive(Deserialize)]
struct Description {
    lane: Lane,
    #[serde(default)]
    components: Vec<serde_json::Value>,
    #[serde(default)]
    stores: Vec<String>,
}

/// A prop as `describe` writes it.
#[derive(Deserialize)]
struct DescribedProp {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    /// The plain type of a list's items.
    of: Option<PropType>,
    /// The fields of a record, or of a list's records.
    fields: Option<Vec<Prop>>,
}

impl TryFrom<DescribedProp> for Prop {
    type Error = String;

    fn try_from(described: DescribedProp) -> Result<Prop, String> {
        let fields = described.fields.map(|fields| {
            distinct(fields.iter().map(|field| &field.name), "the field")?;
            Ok::<_, ManifestError>(PropType::Record(fields))
        });
        let fields = fields.transpose().map_err(|error| error.to_string())?;
        let kind = match described.kind.as_str() {
            "list" => fields.or(described.of).map(Box::new).map(PropType::List),
            "record" => fields,
            plain => PropType::deserialize(StrDeserializer::<serde_json::Error>::new(plain)).ok(),
        };
        Ok(Prop {
            kind: kind
                .ok_or_else(|| format!("`{}` has no type of the protocol", described.name))?,
            name: described.name,
        })
    }
}

fn read_component(described: serde_json::Value) -> Result<Component, ManifestError> {
    let name = described["name"].as_str().unwrap_or_default().to_owned();
    if !is_name(&name) {
        return Err(ManifestError::Name(name));
    }
    let mut component = Component::deserialize(described).map_err(|error| bad(&name, &error))?;
    distinct(component.props.iter().map(|prop| &prop.name), "the prop")?;
    distinct(&component.state, "the state")?;
    distinct(&component.handlers, "the handler")?;
    if component.hydrate.is_empty() {
        component.hydrate = "load".to_owned();
    }
    // Nested components show what their parents do.
    component.messages.sort();
    component.messages.dedup();
    Ok(component)
}

fn bad(part: &str, problem: &serde_json::Error) -> ManifestError {
    ManifestError::Bad {
        part: part.to_owned(),
        problem: problem.to_string(),
    }
}

/// Refuses names of which one is there twice. `what` is before it in the message.
fn distinct<'a>(
    names: impl IntoIterator<Item = &'a String>,
    what: &str,
) -> Result<(), ManifestError> {
    let mut seen = HashSet::new();
    match names.into_iter().find(|name| !seen.insert(*name)) {
        Some(name) => Err(ManifestError::Twice(format!("{what} {name}"))),
        None => Ok(()),
    }
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
