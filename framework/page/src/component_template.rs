//! A template for each component, which has nothing but its element: for pages that are made
//! elsewhere, and show what the server renders.

use protium_wasm::{Component, Manifest};

use super::props;
use super::scanner::ARGUMENTS;

/// What the data of such a template is called: a record with a value for each prop.
pub const COMPONENT_PROPS: &str = "props";

/// The name of a component's template, which no file can have: those end with `.html`.
pub fn component_template(component: &str) -> String {
    format!("<go-{component}>")
}

/// The templates of all components by their names.
pub(super) fn all(manifest: &Manifest) -> impl Iterator<Item = (String, String)> {
    // An element has no more expressions.
    let placed = manifest.components.iter();
    let placed = placed.filter(|component| component.props.len() <= ARGUMENTS.len());
    placed.map(|component| (component_template(&component.name), source(component)))
}

fn source(component: &Component) -> String {
    let name = &component.name;
    let mut written = format!("<go-{name} hydrate=\"none\"");
    for prop in &component.props {
        let attribute = props::attribute_name(&prop.name);
        let value = format!("{COMPONENT_PROPS}[\"{}\"]", prop.name);
        written += &format!(" {attribute}=\"{{{{ {value} }}}}\"");
    }
    written + &format!("></go-{name}>")
}
