//! A component's element in a template, checked against the module's manifest.

use std::ops::Range;

use protium_wasm::{Component, PropType, Value};

use super::entities;
use super::error::Location;
use super::markup::StartTag;
use super::mask::SpanKind;
use super::nearest::nearest;
use super::props;
use super::scanner::{ARGUMENTS, Scanner};
use super::site::{Hydrate, Piece, Site, SiteProp, Source};

impl<'a> Scanner<'a> {
    /// The component that a tag names.
    pub(super) fn component(&mut self, tag: &StartTag) -> Option<&'a Component> {
        let manifest = self.manifest;
        let name_range = tag.range.start + 1..tag.range.start + 1 + tag.name.len();
        if !self.mask.within(&name_range).is_empty() {
            self.error(
                tag.range.start,
                "the name of a component cannot be computed: use `{% if %}` around elements",
            );
            return None;
        }
        let name = tag.name.strip_prefix("go-").unwrap_or_default();
        let found = manifest.component(name);
        if found.is_none() {
            let known = manifest.components.iter();
            let known: Vec<&str> = known.map(|component| component.name.as_str()).collect();
            let meant = nearest(name, known.iter().copied());
            let hint = match (manifest.registered_in_sources(name), meant) {
                (Some(place), _) => format!(
                    "the running module lacks it, and {place} registers it: start the shop again, \
                     which builds the module, and see that the module's package imports this one"
                ),
                (None, Some(meant)) => format!("did you mean <go-{meant}>?"),
                (None, None) if known.is_empty() => "the module has no components".to_owned(),
                (None, None) => format!("there are {}", known.join(", ")),
            };
            self.error(
                tag.range.start,
                format!("there is no component <{}>; {hint}", tag.name),
            );
        }
        found
    }

    /// The element's attributes, and its expressions in order.
    pub(super) fn element(
        &mut self,
        tag: &StartTag,
        component: &Component,
    ) -> Option<(Site, Vec<Range<usize>>)> {
        let (hydrate, directive) = match Hydrate::parse(&component.hydrate) {
            Some(hydrate) => (hydrate, component.hydrate.as_str()),
            None => (Hydrate::Load, "load"),
        };
        let mut site = Site {
            component: component.name.clone(),
            personal: component.personal,
            directive: directive.to_owned(),
            hydrate,
            key: None,
            props: Vec::new(),
            at: Location::of(self.name, self.source, tag.range.start),
        };
        let mut expressions = Vec::new();
        if let Some(at) = self.loose_code(tag) {
            self.error(
                at,
                "a component's tag takes attributes only: put `{% if %}` around the element",
            );
            return None;
        }
        for (index, attribute) in tag.attributes.iter().enumerate() {
            let at = attribute.name_range.start;
            if tag.attributes[..index]
                .iter()
                .any(|earlier| earlier.name == attribute.name)
            {
                self.error(at, format!("`{}` is given twice", attribute.name));
                continue;
            }
            let Some(pieces) = self.pieces(attribute.value.clone(), &mut expressions) else {
                continue;
            };
            match attribute.name.as_str() {
                "hydrate" => self.hydrate(at, &pieces, &mut site),
                "key" => self.key(at, pieces, &mut site),
                name => self.prop(
                    at,
                    name,
                    attribute.value.is_some(),
                    pieces,
                    component,
                    &mut site,
                ),
            }
        }
        if expressions.len() > ARGUMENTS.len() {
            let message = format!(
                "more than {} expressions in one element: give a record",
                ARGUMENTS.len()
            );
            self.error(tag.range.start, message);
            return None;
        }
        Some((site, expressions))
    }

    /// Finds Tera in a component's tag outside of attribute values.
    fn loose_code(&self, tag: &StartTag) -> Option<usize> {
        let values = || {
            tag.attributes
                .iter()
                .filter_map(|attribute| attribute.value.as_ref())
        };
        let is_loose = |span: &Range<usize>| {
            !values().any(|value| value.start <= span.start && span.end <= value.end)
        };
        self.mask
            .within(&tag.range)
            .iter()
            .map(|span| &span.range)
            .find(|span| is_loose(span))
            .map(|span| span.start)
    }

    fn hydrate(&mut self, at: usize, pieces: &[Piece], site: &mut Site) {
        if let [Piece::Text(text)] = pieces
            && let Some(hydrate) = Hydrate::parse(text)
        {
            (site.hydrate, site.directive) = (hydrate, text.clone());
            return;
        }
        self.error(
            at,
            "`hydrate` is one of load, idle, visible, interaction, media(QUERY), only, none, and \
             is not computed",
        );
    }

    fn key(&mut self, at: usize, pieces: Vec<Piece>, site: &mut Site) {
        let source = source(pieces);
        if source == Source::Fixed(Value::Text(String::new())) {
            self.error(
                at,
                "`key` tells components of a kind apart: it cannot be empty",
            );
        }
        site.key = Some(SiteProp {
            name: "key".to_owned(),
            kind: PropType::Text,
            source,
        });
    }

    fn prop(
        &mut self,
        at: usize,
        name: &str,
        has_value: bool,
        pieces: Vec<Piece>,
        component: &Component,
        site: &mut Site,
    ) {
        let Some(prop) = component
            .props
            .iter()
            .find(|prop| props::attribute_name(&prop.name) == name)
        else {
            let known: Vec<String> = component
                .props
                .iter()
                .map(|prop| props::attribute_name(&prop.name))
                .collect();
            let hint = match nearest(
                name,
                known.iter().map(String::as_str).chain(["hydrate", "key"]),
            ) {
                Some(known) => format!("did you mean `{known}`?"),
                None if known.is_empty() => "it takes none".to_owned(),
                None => format!("it takes {}", known.join(", ")),
            };
            self.error(
                at,
                format!("<go-{}> has no prop `{name}`; {hint}", component.name),
            );
            return;
        };
        let source = match source(pieces) {
            Source::Fixed(value) => {
                match props::literal(&prop.kind, value.as_text().filter(|_| has_value)) {
                    Ok(value) => Source::Fixed(value),
                    Err(mismatch) => {
                        self.error(
                            at,
                            format!("<go-{}>: {}", component.name, mismatch.of(name)),
                        );
                        return;
                    }
                }
            }
            Source::Mixed(_) if prop.kind != PropType::Text => {
                let message = format!(
                    "<go-{}>: `{name}` is not text: give it one expression and nothing else",
                    component.name
                );
                self.error(at, message);
                return;
            }
            source => source,
        };
        site.props.push(SiteProp {
            name: prop.name.clone(),
            kind: prop.kind.clone(),
            source,
        });
    }

    /// An attribute's value as text and expressions. `None` with an error if it is invalid.
    fn pieces(
        &mut self,
        value: Option<Range<usize>>,
        expressions: &mut Vec<Range<usize>>,
    ) -> Option<Vec<Piece>> {
        let Some(value) = value else {
            return Some(Vec::new());
        };
        let mut pieces = Vec::new();
        let mut at = value.start;
        let spans = self.mask.within(&value).to_vec();
        for span in spans {
            if span.kind != SpanKind::Expression {
                self.error(
                    span.range.start,
                    "an attribute of a component takes text and `{{ expressions }}` only, for \
                     example \
                     `{{ 'a' if x else 'b' }}`",
                );
                return None;
            }
            if span.code.is_empty() {
                self.error(span.range.start, "the expression is empty");
                return None;
            }
            self.text_piece(at..span.range.start, &mut pieces)?;
            pieces.push(Piece::Expression(expressions.len()));
            expressions.push(span.code);
            at = span.range.end;
        }
        self.text_piece(at..value.end, &mut pieces)?;
        Some(pieces)
    }

    fn text_piece(&mut self, range: Range<usize>, pieces: &mut Vec<Piece>) -> Option<()> {
        if range.is_empty() {
            return Some(());
        }
        let source = self.source;
        match entities::decode(&source[range.clone()]) {
            Ok(text) => pieces.push(Piece::Text(text)),
            Err(entities::UnknownEntity(name)) => {
                self.error(
                    range.start,
                    format!(
                        "`&{name};` is not known in a component's attribute: write the \
                             character itself"
                    ),
                );
                return None;
            }
        }
        Some(())
    }
}

/// The kind of an attribute's value, by its pieces.
fn source(mut pieces: Vec<Piece>) -> Source {
    match (pieces.pop(), pieces.is_empty()) {
        (None, _) => Source::Fixed(Value::Text(String::new())),
        (Some(Piece::Text(text)), true) => Source::Fixed(Value::Text(text)),
        (Some(Piece::Expression(index)), true) => Source::Expression(index),
        (Some(last), false) => {
            pieces.push(last);
            Source::Mixed(pieces)
        }
    }
}
