//! The markup of a masked template, with byte ranges. It is parsed by lol_html, so that raw text,
//! comments and attribute values are not mistaken for markup.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;

use lol_html::html_content::{Comment, Element, TextChunk, TextType};
use lol_html::{
    DocumentContentHandlers, ElementContentHandlers, HtmlRewriter, MemorySettings, Selector,
    Settings,
};

/// The memory limit for one template.
const MAX_MEMORY_BYTES: usize = 8 * 1024 * 1024;

/// An attribute of a start tag.
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    /// In lower case.
    pub name: String,
    pub name_range: Range<usize>,
    /// Without quotes; `None` for an attribute without a value.
    pub value: Option<Range<usize>>,
}

/// A start tag.
#[derive(Debug, Clone)]
pub(super) struct StartTag {
    /// In lower case.
    pub name: String,
    pub range: Range<usize>,
    pub attributes: Vec<Attribute>,
    pub self_closing: bool,
}

/// Text in which tags are text: in script, style, title, textarea, noscript and the like.
#[derive(Debug, Clone)]
pub(super) struct RawText {
    pub range: Range<usize>,
    /// The element that contains it.
    pub element: String,
}

/// An end tag.
#[derive(Debug, Clone)]
pub(super) struct EndTag {
    /// In lower case.
    pub name: String,
    pub range: Range<usize>,
}

/// The markup of a template, each list in source order.
#[derive(Debug, Default)]
pub(super) struct Markup {
    pub starts: Vec<StartTag>,
    pub ends: Vec<EndTag>,
    pub raw: Vec<RawText>,
    comments: Vec<Range<usize>>,
}

impl Markup {
    /// Parses masked source. The error says which rule of HTML is broken.
    pub(super) fn read(masked: &[u8]) -> Result<Self, String> {
        let markup = RefCell::new(Markup::default());
        let everything: Selector = "*".parse().map_err(|error| format!("{error}"))?;
        let element = |element: &mut Element<'_, '_>| {
            markup.borrow_mut().starts.push(start_tag(element));
            Ok(())
        };
        let text = |text: &mut TextChunk<'_>| {
            let range = text.source_location().bytes();
            if text.text_type() != TextType::Data && !range.is_empty() {
                markup.borrow_mut().add_raw(range);
            }
            Ok(())
        };
        let comment = |comment: &mut Comment<'_>| {
            markup
                .borrow_mut()
                .comments
                .push(comment.source_location().bytes());
            Ok(())
        };
        let settings = Settings::new()
            .with_strict(true)
            .with_memory_settings(
                MemorySettings::new().with_max_allowed_memory_usage(MAX_MEMORY_BYTES),
            )
            .append_element_content_handler((
                Cow::Owned(everything),
                ElementContentHandlers::default().element(element),
            ))
            .append_document_content_handler(
                DocumentContentHandlers::default()
                    .text(text)
                    .comments(comment),
            );
        let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
        rewriter.write(masked).map_err(|error| error.to_string())?;
        rewriter.end().map_err(|error| error.to_string())?;
        let mut markup = markup.into_inner();
        markup.find_ends(masked);
        Ok(markup)
    }

    fn add_raw(&mut self, range: Range<usize>) {
        match self.raw.last_mut() {
            Some(last) if last.range.end == range.start => last.range.end = range.end,
            _ => {
                let element = self
                    .starts
                    .last()
                    .map(|start| start.name.clone())
                    .unwrap_or_default();
                self.raw.push(RawText { range, element });
            }
        }
    }

    fn find_ends(&mut self, masked: &[u8]) {
        let mut covered: Vec<Range<usize>> = self
            .starts
            .iter()
            .map(|start| start.range.clone())
            .collect();
        covered.extend(self.raw.iter().map(|raw| raw.range.clone()));
        covered.extend(self.comments.iter().cloned());
        covered.sort_by_key(|range| range.start);
        for start in memchr::memmem::find_iter(masked, b"</") {
            let before = covered.partition_point(|range| range.start <= start);
            if before > 0 && covered[before - 1].contains(&start) {
                continue;
            }
            let name: String = masked[start + 2..]
                .iter()
                .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-')
                .map(|byte| char::from(byte.to_ascii_lowercase()))
                .collect();
            if let Some(length) = memchr::memchr(b'>', &masked[start..]) {
                self.ends.push(EndTag {
                    name,
                    range: start..start + length + 1,
                });
            }
        }
    }
}

fn start_tag(element: &Element<'_, '_>) -> StartTag {
    let attributes = element.attributes().iter().filter_map(|attribute| {
        Some(Attribute {
            name: attribute.name(),
            name_range: attribute.name_source_location()?.bytes(),
            value: attribute
                .value_source_location()
                .map(|location| location.bytes()),
        })
    });
    StartTag {
        name: element.tag_name(),
        range: element.source_location().bytes(),
        attributes: attributes.collect(),
        self_closing: element.is_self_closing(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_the_source() {
        let source = r#"<p a="b" c>é</p><!-- </p> --><script>"</p>"</script><x-y d=e/>"#;
        let markup = Markup::read(source.as_bytes()).expect("readable");
        let starts: Vec<_> = markup
            .starts
            .iter()
            .map(|start| &source[start.range.clone()])
            .collect();
        assert_eq!(starts, [r#"<p a="b" c>"#, "<script>", "<x-y d=e/>"]);
        let [first, ..] = &markup.starts[..] else {
            panic!("no tags")
        };
        assert_eq!(
            &source[first.attributes[0].value.clone().expect("value")],
            "b"
        );
        assert_eq!(first.attributes[1].value, None);
        let ends: Vec<_> = markup
            .ends
            .iter()
            .map(|end| &source[end.range.clone()])
            .collect();
        assert_eq!(ends, ["</p>", "</script>"]);
        let raw: Vec<_> = markup
            .raw
            .iter()
            .map(|raw| (&source[raw.range.clone()], raw.element.as_str()))
            .collect();
        assert_eq!(raw, [("\"</p>\"", "script")]);
    }
}
