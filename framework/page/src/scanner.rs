//! Parses a template once, when it is loaded: finds the components, checks them against the
//! modules' manifest, and replaces each element by a call of a Tera function, with markers around
//! its content.
//!
//! The result keeps the line numbers of the author's file, and records where each byte came from,
//! so that Tera's errors can be shown for the author's source.

use std::ops::Range;

use protium_wasm::Manifest;

use super::error::{Location, TemplateError};
use super::marker::Mark;
use super::markup::{EndTag, Markup, StartTag};
use super::mask::{Mask, SpanKind};
use super::nesting;
use super::site::{Hydrate, Site};
use super::source_map::{Output, SourceMap};

/// The largest template, in bytes.
const MAX_TEMPLATE_BYTES: usize = 1024 * 1024;

/// The Tera function that replaces a component.
pub(super) const ISLAND_FUNCTION: &str = "protium_island";
/// The Tera function that says whether this render writes the fallbacks of public components:
/// nearly always these are shown, and their fallbacks are not.
pub(super) const FALLBACKS_FUNCTION: &str = "protium_fallbacks";

/// Names of the arguments for an element's expressions; they limit how many expressions one element
/// may have.
pub(super) const ARGUMENTS: [&str; 24] = [
    "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "a10", "a11", "a12", "a13", "a14",
    "a15", "a16", "a17", "a18", "a19", "a20", "a21", "a22", "a23",
];

/// A template, ready for Tera.
#[derive(Debug)]
pub(super) struct Scanned {
    /// What Tera compiles.
    pub source: String,
    /// Where its bytes came from.
    pub map: SourceMap,
    /// Its components, in source order; their numbers in `source` begin with the one passed to
    /// [`scan`].
    pub sites: Vec<Site>,
    /// Blocks inside elements whose content is text, with that element.
    pub text_blocks: Vec<(String, String)>,
    /// Blocks that contain components, with the place of the first.
    pub component_blocks: Vec<(String, TemplateError)>,
}

/// Scans `source`, whose components are numbered from `first_site`.
pub(super) fn scan(
    name: &str,
    source: &str,
    manifest: &Manifest,
    first_site: usize,
) -> Result<Scanned, Vec<TemplateError>> {
    if source.len() > MAX_TEMPLATE_BYTES {
        let message = format!(
            "{name} is larger than {MAX_TEMPLATE_BYTES} bytes: split it with `{{% include %}}`"
        );
        return Err(vec![TemplateError::new(message)]);
    }
    let mask = Mask::read(name, source).map_err(|error| vec![error])?;
    nesting::check(name, source, &mask).map_err(|error| vec![error])?;
    let masked = mask.masked(source);
    let markup = Markup::read(&masked)
        .map_err(|message| vec![TemplateError::new(format!("{name}: {message}"))])?;
    let mut scanner = Scanner {
        name,
        source,
        manifest,
        mask,
        masked,
        errors: Vec::new(),
    };
    scanner.check_places(&markup);
    let output = scanner.rewrite(&markup, first_site);
    if scanner.errors.is_empty() {
        let text_blocks = scanner.text_blocks(&markup);
        let component_blocks = scanner.component_blocks(&output.sites, &markup);
        let Output {
            text, map, sites, ..
        } = output;
        Ok(Scanned {
            source: text,
            map,
            sites,
            text_blocks,
            component_blocks,
        })
    } else {
        Err(scanner.errors)
    }
}

/// A template being scanned.
pub(super) struct Scanner<'a> {
    pub name: &'a str,
    pub source: &'a str,
    pub manifest: &'a Manifest,
    pub mask: Mask,
    masked: Vec<u8>,
    errors: Vec<TemplateError>,
}

/// An open element.
#[derive(Debug)]
enum Open {
    Component {
        name: String,
        start: usize,
        branch: usize,
        /// Where its content begins.
        content: usize,
        /// Whether its content is used: for a slot, or as the browser's first rendering.
        takes_content: bool,
        is_only: bool,
        /// Whether its fallback is shown only when it fails.
        is_public: bool,
        fallback: Option<Range<usize>>,
    },
    Fallback {
        start: usize,
        branch: usize,
        of_public: bool,
    },
    /// Another `<template>`: counted only, so that the right end tag closes a fallback.
    Template,
}

/// A start or end tag, with its position.
enum Tag<'m> {
    Start(&'m StartTag),
    End(&'m EndTag),
}

impl<'a> Scanner<'a> {
    /// Records an error at a byte of the source.
    pub(super) fn error(&mut self, offset: usize, message: impl Into<String>) {
        self.errors
            .push(TemplateError::at(self.name, self.source, offset, message));
    }

    /// Refuses components where they would be text, and expressions where escaping would not be
    /// safe.
    fn check_places(&mut self, markup: &Markup) {
        for raw in &markup.raw {
            if let Some(at) = component_tag(&self.masked[raw.range.clone()]) {
                let message = format!(
                    "a component cannot stand in <{}>, where everything is text: move it out of \
                     the element",
                    raw.element
                );
                self.error(raw.range.start + at, message);
            }
            if raw.element == "script" {
                let unsafe_spans: Vec<usize> = self
                    .mask
                    .within(&raw.range)
                    .iter()
                    .filter(|span| {
                        span.kind == SpanKind::Expression && !self.ends_in_json(&span.code)
                    })
                    .map(|span| span.range.start)
                    .collect();
                for at in unsafe_spans {
                    self.error(
                        at,
                        "HTML escapes mean nothing in a script: end the expression with `| json`",
                    );
                }
            }
        }
        for start in &markup.starts {
            for attribute in &start.attributes {
                if let Some(at) = attribute
                    .value
                    .clone()
                    .and_then(|value| Some(value.start + component_tag(&self.masked[value])?))
                {
                    self.error(
                        at,
                        format!(
                            "a component cannot stand in the attribute `{}`",
                            attribute.name
                        ),
                    );
                }
            }
            if !is_component(&start.name) {
                self.check_expressions(start);
            }
        }
    }

    fn ends_in_json(&self, code: &Range<usize>) -> bool {
        self.source[code.clone()]
            .rsplit('|')
            .next()
            .is_some_and(|filter| filter.trim() == "json")
    }

    /// In an ordinary element an expression must be in quotes: otherwise a blank in the data would
    /// begin an attribute.
    fn check_expressions(&mut self, start: &StartTag) {
        let quoted: Vec<Range<usize>> = start
            .attributes
            .iter()
            .filter_map(|attribute| attribute.value.clone())
            .filter(|value| {
                matches!(
                    self.masked.get(value.start.wrapping_sub(1)),
                    Some(b'"' | b'\'')
                )
            })
            .collect();
        let name_end = start.range.start + 1 + start.name.len();
        let loose = self.mask.within(&start.range).iter().find(|span| {
            span.kind == SpanKind::Expression
                && span.range.start >= name_end
                && !quoted
                    .iter()
                    .any(|value| value.start <= span.range.start && span.range.end <= value.end)
        });
        if let Some(span) = loose {
            let at = span.range.start;
            self.error(
                at,
                "an expression in a tag belongs in quotes: `name=\"{{ value }}\"`",
            );
        }
    }

    fn rewrite(&mut self, markup: &Markup, first_site: usize) -> Output<'a> {
        let mut output = Output::of(self.source);
        let mut tags: Vec<(usize, Tag<'_>)> = markup
            .starts
            .iter()
            .map(|tag| (tag.range.start, Tag::Start(tag)))
            .collect();
        tags.extend(
            markup
                .ends
                .iter()
                .map(|tag| (tag.range.start, Tag::End(tag))),
        );
        tags.sort_by_key(|(at, _)| *at);
        let mut open: Vec<Open> = Vec::new();
        for (index, (_, tag)) in tags.iter().enumerate() {
            match tag {
                Tag::Start(tag) if is_component(&tag.name) => {
                    self.start(tag, &mut open, &mut output, first_site);
                }
                Tag::Start(tag) if tag.name == "template" => {
                    self.start_template(tag, &mut open, &mut output);
                }
                Tag::Start(tag) if tag.name == "head" && open.is_empty() => {
                    // The encoding must be declared early in the document; nothing else may precede
                    // the scripts.
                    let at = match tags.get(index + 1) {
                        Some((_, Tag::Start(next))) if is_charset(next) => next.range.end,
                        _ => tag.range.end,
                    };
                    output.copy_to(at);
                    output.write(&Mark::Head.text(), at);
                }
                Tag::End(tag) if is_component(&tag.name) => self.end(tag, &mut open, &mut output),
                Tag::End(tag) if tag.name == "template" => match open.pop() {
                    Some(Open::Fallback {
                        start,
                        branch,
                        of_public,
                    }) => {
                        self.check_branch(start, branch, tag.range.start, "the fallback");
                        output.copy_to(tag.range.start);
                        if of_public {
                            output.write("{% endif %}", tag.range.start);
                        }
                        output.write(&Mark::FallbackClose.text(), tag.range.start);
                        output.skip_to(tag.range.end);
                        if let Some(Open::Component {
                            fallback: Some(fallback),
                            ..
                        }) = open.last_mut()
                        {
                            fallback.end = tag.range.end;
                        }
                    }
                    Some(Open::Template) | None => {}
                    Some(other) => open.push(other),
                },
                Tag::End(tag) if tag.name == "body" && open.is_empty() => {
                    output.copy_to(tag.range.start);
                    output.write(&Mark::Snapshot.text(), tag.range.start);
                }
                _ => {}
            }
        }
        for unclosed in &open {
            match unclosed {
                Open::Component { name, start, .. } => {
                    self.error(
                        *start,
                        format!("<{name}> is never closed: add </{name}>, or write <{name} …/>"),
                    );
                }
                Open::Fallback { start, .. } => {
                    self.error(*start, "<template fallback> is never closed");
                }
                Open::Template => {}
            }
        }
        output.copy_to(self.source.len());
        output
    }

    fn start(
        &mut self,
        tag: &StartTag,
        open: &mut Vec<Open>,
        output: &mut Output<'a>,
        first_site: usize,
    ) {
        let at = tag.range.start;
        match open
            .iter()
            .rev()
            .find(|open| !matches!(open, Open::Template))
        {
            Some(Open::Fallback { .. }) => {
                self.error(
                    at,
                    "a fallback is shown when components cannot be: it cannot have one itself",
                );
            }
            Some(Open::Component {
                name,
                is_only: true,
                ..
            }) => {
                let message = format!(
                    "<{name} hydrate=\"only\"> is made in the browser: its content cannot have \
                     components"
                );
                self.error(at, message);
            }
            _ => {}
        }
        let component = self.component(tag);
        let before = self.errors.len();
        let site_index = output.sites.len();
        let element = component.and_then(|component| self.element(tag, component));
        if let Some((site, expressions)) = element
            && self.errors.len() == before
        {
            output.copy_to(at);
            output.write(
                &format!("{{{{ {ISLAND_FUNCTION}(s={}", first_site + site_index),
                at,
            );
            for (argument, code) in ARGUMENTS.iter().zip(expressions) {
                output.skip_to(code.start);
                output.write(&format!(",{argument}=("), code.start);
                output.copy_to(code.end);
                output.write(")", code.end);
            }
            output.skip_to(tag.range.end);
            output.write(") }}", at);
            output.sites.push(site);
        }
        if tag.self_closing {
            output.write(&Mark::Close.text(), tag.range.end);
        } else {
            let is_only = output
                .sites
                .get(site_index)
                .is_some_and(|site| site.hydrate == Hydrate::Only);
            open.push(Open::Component {
                name: tag.name.clone(),
                start: at,
                branch: self.mask.branch(at),
                content: tag.range.end,
                takes_content: is_only || component.is_none_or(|component| component.slot),
                is_only,
                is_public: !is_only && component.is_some_and(|component| !component.personal),
                fallback: None,
            });
        }
    }

    fn end(&mut self, tag: &EndTag, open: &mut Vec<Open>, output: &mut Output<'a>) {
        let at = tag.range.start;
        while matches!(open.last(), Some(Open::Template)) {
            open.pop();
        }
        match open.pop() {
            Some(Open::Component {
                name,
                start,
                branch,
                content,
                takes_content,
                fallback,
                ..
            }) if name == tag.name => {
                self.check_branch(start, branch, at, &format!("<{name}>"));
                let before = fallback
                    .as_ref()
                    .map_or(content..at, |fallback| content..fallback.start);
                let after = fallback.map_or(at..at, |fallback| fallback.end..at);
                let is_blank = |range: Range<usize>| self.masked[range].trim_ascii().is_empty();
                if !(takes_content || is_blank(before) && is_blank(after)) {
                    let message = format!(
                        "<{name}> has no slot: put its content into `<template fallback>`, or \
                         leave it out"
                    );
                    self.error(start, message);
                }
                output.copy_to(at);
                output.write(&Mark::Close.text(), at);
                output.skip_to(tag.range.end);
            }
            Some(other) => {
                let inner = match &other {
                    Open::Component { name, .. } => name.as_str(),
                    Open::Fallback { .. } | Open::Template => "template fallback",
                };
                self.error(
                    at,
                    format!("</{}> comes before <{inner}> is closed", tag.name),
                );
                open.push(other);
            }
            None => self.error(at, format!("</{}> closes nothing", tag.name)),
        }
    }

    fn start_template(&mut self, tag: &StartTag, open: &mut Vec<Open>, output: &mut Output<'a>) {
        let at = tag.range.start;
        if !tag
            .attributes
            .iter()
            .any(|attribute| attribute.name == "fallback")
        {
            open.push(Open::Template);
            return;
        }
        let mut of_public = false;
        match open.last_mut() {
            Some(Open::Component {
                fallback: fallback @ None,
                is_public,
                ..
            }) => {
                *fallback = Some(tag.range.clone());
                of_public = *is_public;
                output.copy_to(at);
                output.write(&Mark::FallbackOpen.text(), at);
                if of_public {
                    output.write(&format!("{{% if {FALLBACKS_FUNCTION}() %}}"), at);
                }
                output.skip_to(tag.range.end);
            }
            Some(Open::Component { name, .. }) => {
                let message = format!("<{name}> has a fallback already");
                self.error(at, message);
            }
            _ => self.error(at, "<template fallback> belongs directly into a component"),
        }
        open.push(Open::Fallback {
            start: at,
            branch: self.mask.branch(at),
            of_public,
        });
    }

    fn check_branch(&mut self, start: usize, branch: usize, end: usize, what: &str) {
        if self.mask.branch(end) != branch {
            let message = format!(
                "{what} begins here and ends in another branch (line {}): begin and end it inside \
                 the same `{{% if %}}`, \
                 `{{% for %}}` or block",
                Location::of(self.name, self.source, end).line
            );
            self.error(start, message);
        }
    }

    fn text_blocks(&self, markup: &Markup) -> Vec<(String, String)> {
        let mut blocks = Vec::new();
        for raw in &markup.raw {
            // Blocks around the whole element have its content among other content.
            let around = self.mask.blocks(raw.range.start.saturating_sub(1)).len();
            for span in self.mask.within(&raw.range) {
                let names = self.mask.blocks(span.range.end);
                let inside = names.len().saturating_sub(around);
                let names = names.into_iter().take(inside);
                blocks.extend(names.map(|name| (name.to_owned(), raw.element.clone())));
            }
        }
        blocks
    }

    fn component_blocks(&self, sites: &[Site], markup: &Markup) -> Vec<(String, TemplateError)> {
        let mut blocks = Vec::new();
        let tags = markup.starts.iter().filter(|tag| is_component(&tag.name));
        for (tag, site) in tags.zip(sites) {
            for block in self.mask.blocks(tag.range.start) {
                let error = TemplateError::at(
                    self.name,
                    self.source,
                    tag.range.start,
                    format!("<go-{}> stands in the block `{block}`", site.component),
                );
                blocks.push((block.to_owned(), error));
            }
        }
        blocks
    }
}

fn is_component(name: &str) -> bool {
    name.starts_with("go-")
}

fn is_charset(tag: &StartTag) -> bool {
    tag.name == "meta"
        && tag
            .attributes
            .iter()
            .any(|attribute| attribute.name == "charset")
}

/// Where a component's tag seems to begin within text.
fn component_tag(masked: &[u8]) -> Option<usize> {
    memchr::memmem::find_iter(masked, b"<").find(|at| {
        let rest = &masked[at + 1..];
        let rest = rest.strip_prefix(b"/").unwrap_or(rest);
        rest.len() > 3 && rest[..3].eq_ignore_ascii_case(b"go-")
    })
}
