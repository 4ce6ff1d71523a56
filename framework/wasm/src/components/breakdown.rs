//! The message about a component's failure, in the log and on a page of development: `panic in
//! <go-NAME PROP=VALUE>, FOLDER/FILE.go:LINE: MESSAGE`.

use crate::engine::{Instruction, Places, panic_text};
use crate::value::Value;

/// The most characters of one prop's value, and of all props.
const VALUE: usize = 40;
const PROPS: usize = 160;

/// What is known about a call that failed.
#[derive(Debug, Default)]
pub(super) struct Breakdown {
    /// The guest's last message.
    pub said: Option<String>,
    /// The runtime's message; `None` if it adds nothing to a panic's.
    pub reason: Option<String>,
    /// Frames of the call, innermost first.
    pub frames: Vec<Instruction>,
}

impl Breakdown {
    /// The message, and the source place.
    pub fn message(&self) -> String {
        let said = self.said.as_deref().unwrap_or_default().trim();
        match (panic_text(said), &self.reason) {
            (Some(panic), _) => panic,
            (None, None) if said.is_empty() => "without a message".to_owned(),
            (None, None) => said.to_owned(),
            (None, Some(reason)) if said.is_empty() => reason.clone(),
            (None, Some(reason)) => format!("{said} ({reason})"),
        }
    }

    /// The whole line. `what` is for example `panic in`.
    pub fn describe(&self, what: &str, component: &str, props: &Value, places: &Places) -> String {
        let trace = self.said.as_deref().and_then(|said| places.of_trace(said));
        let place = trace.or_else(|| places.of_frames(&self.frames));
        let mut message = self.message();
        // A TinyGo that does not store messages: the source line is shown instead.
        if self.said.is_none()
            && let Some(source) = place.as_deref().and_then(|place| places.source_line(place))
        {
            message = format!("{message}, at `{source}`");
        }
        line(what, component, props, place.as_deref(), &message)
    }
}

/// The whole line from its parts.
pub(super) fn line(
    what: &str,
    component: &str,
    props: &Value,
    place: Option<&str>,
    message: &str,
) -> String {
    let element = element(component, props);
    match place {
        Some(place) => format!("{what} {element}, {place}: {message}"),
        None => format!("{what} {element}: {message}"),
    }
}

/// The component as a tag with its props.
fn element(component: &str, props: &Value) -> String {
    let mut text = format!("<go-{component}");
    for (name, value) in props.as_record().unwrap_or_default() {
        let part = format!(" {name}={}", short(value));
        if text.chars().count() + part.chars().count() > PROPS {
            text.push_str(" …");
            break;
        }
        text.push_str(&part);
    }
    text.push('>');
    text
}

fn short(value: &Value) -> String {
    let text = match value {
        Value::Null => "null".to_owned(),
        Value::Bool(on) => on.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::List(items) => format!("[{} items]", items.len()),
        Value::Record(entries) => {
            let names: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
            format!("{{{}}}", names.join(","))
        }
        Value::Shared(shared) => return short(shared.value()),
    };
    match text.char_indices().nth(VALUE) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_shown_with_its_props_in_short() {
        let props = Value::record([
            ("number", Value::Int(13)),
            ("blown", Value::Bool(true)),
            ("title", Value::from("a \"cup\"")),
            ("lines", Value::List(vec![Value::Null, Value::Null])),
            (
                "product",
                Value::record([("id", Value::Int(1)), ("title", Value::from("x"))]),
            ),
        ]);
        assert_eq!(
            element("fuse", &props),
            r#"<go-fuse number=13 blown=true title="a \"cup\"" lines=[2 items] product={id,title}>"#
        );
        let long =
            Value::record((0..100).map(|at| (format!("p{at}"), Value::from("x".repeat(100)))));
        assert!(element("fuse", &long).chars().count() <= PROPS + 3);
        assert_eq!(element("fuse", &Value::Null), "<go-fuse>");
    }

    #[test]
    fn a_line_names_component_place_and_message() {
        let props = Value::record([("blown", Value::Bool(true))]);
        let line = line("panic in", "fuse", &props, Some("lab/main.go:95"), "blown");
        assert_eq!(line, "panic in <go-fuse blown=true>, lab/main.go:95: blown");
    }
}
