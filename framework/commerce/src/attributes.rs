//! Attributes of cart lines: what a visitor says of a thing in the cart, such as that it is to be
//! wrapped. A shop declares which there are; nothing else is taken from a form.
//!
//! ```
//! use protium_commerce::attributes::LineAttribute;
//!
//! let wrap = LineAttribute::flag("gift_wrap", "Gift wrap");
//! let text = LineAttribute::text("engraving", "Engraving", 40);
//! let paper = LineAttribute::choice("paper", "Paper", ["plain", "stars"]);
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::text;

/// Most attributes that a shop can declare.
pub const MAX_ATTRIBUTES: usize = 20;

/// Most characters of a text, whatever its declaration says.
pub const MAX_TEXT: usize = 500;

/// An attribute that lines of a cart may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineAttribute {
    name: String,
    label: String,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Flag,
    Text { most: usize },
    Choice(Vec<String>),
}

impl LineAttribute {
    /// A check box: `on`, or not there.
    pub fn flag(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Flag)
    }

    /// A line of text of at most so many characters, and at most [`MAX_TEXT`].
    pub fn text(name: impl Into<String>, label: impl Into<String>, most: usize) -> Self {
        let most = most.min(MAX_TEXT);
        Self::new(name, label, Kind::Text { most })
    }

    /// One of these values.
    pub fn choice<V: Into<String>>(
        name: impl Into<String>,
        label: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        Self::new(name, label, Kind::Choice(values))
    }

    fn new(name: impl Into<String>, label: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            kind,
        }
    }

    /// Its name in forms: `attributes[NAME]`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the cart calls it.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What a form says, as it is kept: `None` where it says nothing.
    fn read(&self, value: &str) -> Result<Option<String>, AttributeError> {
        let value = value.trim();
        let refused = || AttributeError::Value {
            label: self.label.clone(),
        };
        if value.is_empty() {
            return Ok(None);
        }
        match &self.kind {
            Kind::Flag => match value {
                "on" | "true" | "1" => Ok(Some("on".to_owned())),
                "off" | "false" | "0" => Ok(None),
                _ => Err(refused()),
            },
            Kind::Choice(values) => match values.iter().find(|known| *known == value) {
                Some(known) => Ok(Some(known.clone())),
                None => Err(refused()),
            },
            Kind::Text { most } => {
                if value.chars().nth(*most).is_some() {
                    return Err(AttributeError::TooLong {
                        label: self.label.clone(),
                        most: *most,
                    });
                }
                let is_control = |one: char| one.is_control() && one != '\n' && one != '\r';
                let line = text::one_line(&value.replace(is_control, "\u{fffd}"));
                Ok(Some(line).filter(|line| !line.is_empty()))
            }
        }
    }
}

/// Why an attribute of a form is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttributeError {
    /// The shop has declared none of this name. It is a visitor's, so it is not repeated here.
    #[error("the shop does not know this attribute")]
    Unknown,
    /// None of the values that it can have.
    #[error("{label} cannot have this value")]
    Value {
        /// What the cart calls the attribute.
        label: String,
    },
    /// A text that is too long.
    #[error("{label} has at most {most} characters")]
    TooLong {
        /// What the cart calls the attribute.
        label: String,
        /// Characters that it may have.
        most: usize,
    },
}

/// What a form says of a line's attributes: some of them, checked. `None` takes one away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttributeChanges(BTreeMap<String, Option<String>>);

impl AttributeChanges {
    /// Reads names and values as a form has them; of one name the last value counts, so that a
    /// hidden field before a check box says that the box is empty.
    pub fn read<'a>(
        declared: &[LineAttribute],
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, AttributeError> {
        let mut changes = BTreeMap::new();
        for (name, value) in pairs {
            let attribute = declared.iter().find(|known| known.name == name);
            let attribute = attribute.ok_or(AttributeError::Unknown)?;
            changes.insert(attribute.name.clone(), attribute.read(value)?);
        }
        Ok(Self(changes))
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The attributes of a line, by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LineAttributes(BTreeMap<String, String>);

impl LineAttributes {
    /// The value of an attribute; a check box has `on`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These, with what a form says of some.
    pub fn with(mut self, changes: &AttributeChanges) -> Self {
        for (name, value) in &changes.0 {
            match value {
                Some(value) => self.0.insert(name.clone(), value.clone()),
                None => self.0.remove(name),
            };
        }
        self
    }

    /// As one line of text, in the order in which they are declared: `Gift wrap · Engraving: Ada`.
    /// What is not declared any more stands there by its name.
    pub fn details(&self, declared: &[LineAttribute]) -> String {
        let known = declared.iter().filter_map(|attribute| {
            let value = self.get(&attribute.name)?;
            Some(match attribute.kind {
                Kind::Flag => attribute.label.clone(),
                Kind::Text { .. } | Kind::Choice(_) => format!("{}: {value}", attribute.label),
            })
        });
        let is_unknown =
            |(name, _): &(&str, &str)| !declared.iter().any(|known| known.name == *name);
        let unknown = self
            .iter()
            .filter(is_unknown)
            .map(|(name, value)| format!("{name}: {value}"));
        known.chain(unknown).collect::<Vec<_>>().join(" · ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn declared() -> Vec<LineAttribute> {
        vec![
            LineAttribute::flag("gift_wrap", "Gift wrap"),
            LineAttribute::text("engraving", "Engraving", 5),
            LineAttribute::choice("paper", "Paper", ["plain", "stars"]),
        ]
    }

    fn read(pairs: &[(&str, &str)]) -> Result<LineAttributes, AttributeError> {
        let changes = AttributeChanges::read(&declared(), pairs.iter().copied())?;
        Ok(LineAttributes::default().with(&changes))
    }

    #[test]
    fn what_is_declared_is_taken_and_said() {
        let all = read(&[
            ("paper", "stars"),
            ("engraving", " A\nda "),
            ("gift_wrap", "on"),
        ]);
        let all = all.expect("attributes");
        assert_eq!(all.get("engraving"), Some("A da"));
        assert_eq!(
            all.details(&declared()),
            "Gift wrap · Engraving: A da · Paper: stars"
        );
        assert_eq!(
            all.details(&[]),
            "engraving: A da · gift_wrap: on · paper: stars"
        );
        let box_is_empty = read(&[("gift_wrap", "on"), ("gift_wrap", "")]);
        assert_eq!(box_is_empty, Ok(LineAttributes::default()));
        let box_is_checked = read(&[("gift_wrap", ""), ("gift_wrap", "on")]);
        assert_eq!(box_is_checked.expect("one").get("gift_wrap"), Some("on"));
    }

    #[test]
    fn everything_else_is_refused() {
        assert_eq!(read(&[("other", "x")]), Err(AttributeError::Unknown));
        assert_eq!(read(&[("", "on")]), Err(AttributeError::Unknown));
        for pair in [("gift_wrap", "<b>"), ("paper", "Stars"), ("paper", "silk")] {
            let refused = read(&[pair]);
            assert!(
                matches!(refused, Err(AttributeError::Value { .. })),
                "{pair:?}"
            );
        }
        let long = read(&[("engraving", "123456")]);
        assert!(matches!(long, Err(AttributeError::TooLong { most: 5, .. })));
        let wide = LineAttribute::text("x", "X", usize::MAX);
        assert!(wide.read(&"x".repeat(MAX_TEXT + 1)).is_err());
    }

    proptest! {
        #[test]
        fn no_form_panics_and_what_is_kept_is_bounded(
            pairs in proptest::collection::vec((".{0,12}", ".{0,60}"), 0..8),
            value in ".{0,20}",
        ) {
            let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let known = [("engraving", value.as_str())];
            if let Ok(changes) = AttributeChanges::read(&declared(), known) {
                let kept = LineAttributes::default().with(&changes);
                let text = kept.get("engraving").unwrap_or_default();
                prop_assert!(text.chars().count() <= 5);
                prop_assert!(!text.chars().any(char::is_control));
            }
            let _ = AttributeChanges::read(&declared(), pairs);
        }
    }
}
