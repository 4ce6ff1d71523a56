//! A component's element in a template: what is known about it before any page is rendered.

use protium_wasm::{PropType, Value};

use super::error::Location;

/// When the browser hydrates an island.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hydrate {
    Load,
    Idle,
    Visible,
    Interaction,
    /// While a media query matches.
    Media,
    Only,
    None,
}

impl Hydrate {
    /// Parses a directive.
    pub(super) fn parse(directive: &str) -> Option<Self> {
        Some(match directive {
            "load" => Hydrate::Load,
            "idle" => Hydrate::Idle,
            "visible" => Hydrate::Visible,
            "interaction" => Hydrate::Interaction,
            "only" => Hydrate::Only,
            "none" => Hydrate::None,
            _ => {
                let query = directive.strip_prefix("media(")?.strip_suffix(')')?;
                (!query.trim().is_empty()).then_some(Hydrate::Media)?
            }
        })
    }

    /// Whether the browser needs the module at once.
    pub(super) fn wants_module_at_once(self) -> bool {
        matches!(self, Hydrate::Load | Hydrate::Only)
    }
}

/// A piece of an attribute's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    /// The index of the expression within the element.
    Expression(usize),
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// A constant, known at load.
    Fixed(Value),
    /// One expression, with its own type.
    Expression(usize),
    /// Text with expressions in it.
    Mixed(Vec<Piece>),
}

/// A prop that the template sets.
#[derive(Debug, Clone)]
pub(super) struct SiteProp {
    pub name: String,
    pub kind: PropType,
    pub source: Source,
}

/// A component's element in a template.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub component: String,
    pub personal: bool,
    pub hydrate: Hydrate,
    /// The directive as text of the protocol.
    pub directive: String,
    /// The `key` that distinguishes components of one name.
    pub key: Option<SiteProp>,
    pub props: Vec<SiteProp>,
    pub at: Location,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_are_read() {
        for directive in [
            "load",
            "idle",
            "visible",
            "interaction",
            "media((min-width: 40em))",
            "only",
            "none",
        ] {
            assert!(Hydrate::parse(directive).is_some(), "{directive}");
        }
        for directive in [
            "", "Load", "media", "media()", "media(a", "lazy", "visible ",
        ] {
            assert_eq!(Hydrate::parse(directive), None, "{directive}");
        }
    }
}
