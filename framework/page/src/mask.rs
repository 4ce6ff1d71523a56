//! Finds Tera's own spans in a template, so that the HTML around them can be parsed as HTML.
//!
//! Only the outer structure is parsed (delimiters, strings, raw blocks, nesting of statements);
//! Tera checks what is inside.

use std::ops::Range;

use super::error::TemplateError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SpanKind {
    /// `{{ … }}`
    Expression,
    /// `{% … %}`
    Statement,
    /// `{# … #}`
    Comment,
    /// `{% raw %} … {% endraw %}`, with its content
    Raw,
}

/// A span of Tera in the source.
#[derive(Debug, Clone)]
pub(super) struct TeraSpan {
    pub kind: SpanKind,
    /// The whole span, delimiters included.
    pub range: Range<usize>,
    /// The code between the delimiters, without blanks and the dashes of whitespace control.
    pub code: Range<usize>,
}

/// A part of a template that runs as a whole: the body of a block, a loop, one arm of an `if`.
#[derive(Debug)]
struct Branch {
    parent: usize,
    block: Option<String>,
}

/// A template's Tera spans and the nesting of its statements.
#[derive(Debug)]
pub(super) struct Mask {
    pub spans: Vec<TeraSpan>,
    branches: Vec<Branch>,
    /// (offset, branch from there on)
    changes: Vec<(usize, usize)>,
}

impl Mask {
    pub(super) fn read(template: &str, source: &str) -> Result<Self, TemplateError> {
        let mut mask = Mask {
            spans: Vec::new(),
            branches: vec![Branch {
                parent: 0,
                block: None,
            }],
            changes: vec![(0, 0)],
        };
        let bytes = source.as_bytes();
        let mut at = 0;
        while let Some(found) = memchr::memchr(b'{', &bytes[at..]) {
            let start = at + found;
            let (kind, end) = match bytes.get(start + 1) {
                Some(b'{') => (SpanKind::Expression, code_end(source, start + 2, b"}}")),
                Some(b'#') => {
                    let end = memchr::memmem::find(&bytes[start + 2..], b"#}");
                    (SpanKind::Comment, end.map(|end| start + 2 + end))
                }
                Some(b'%') => (SpanKind::Statement, code_end(source, start + 2, b"%}")),
                _ => {
                    at = start + 1;
                    continue;
                }
            };
            let Some(end) = end else {
                let opened = &source[start..start + 2];
                return Err(TemplateError::at(
                    template,
                    source,
                    start,
                    format!("`{opened}` is never closed"),
                ));
            };
            let code = trim_code(source, start + 2..end);
            let mut span = TeraSpan {
                kind,
                range: start..end + 2,
                code,
            };
            if kind == SpanKind::Statement {
                if &source[span.code.clone()] == "raw" {
                    span.kind = SpanKind::Raw;
                    span.range.end = raw_end(source, span.range.end).ok_or_else(|| {
                        TemplateError::at(template, source, start, "`{% raw %}` is never closed")
                    })?;
                } else {
                    mask.enter(&source[span.code.clone()], span.range.end);
                }
            }
            at = span.range.end;
            mask.spans.push(span);
        }
        Ok(mask)
    }

    /// The source with every span replaced by letters of the same length in bytes, which have no
    /// meaning in HTML.
    pub(super) fn masked(&self, source: &str) -> Vec<u8> {
        let mut masked = source.as_bytes().to_vec();
        for span in &self.spans {
            masked[span.range.clone()].fill(b'x');
        }
        masked
    }

    /// The spans that intersect `range`.
    pub(super) fn within(&self, range: &Range<usize>) -> &[TeraSpan] {
        let first = self
            .spans
            .partition_point(|span| span.range.end <= range.start);
        let after = self
            .spans
            .partition_point(|span| span.range.start < range.end);
        self.spans.get(first..after).unwrap_or_default()
    }

    /// The branch of `offset`: two offsets of one branch run equally often, or not at all.
    pub(super) fn branch(&self, offset: usize) -> usize {
        let after = self.changes.partition_point(|(start, _)| *start <= offset);
        self.changes
            .get(after.wrapping_sub(1))
            .map_or(0, |(_, branch)| *branch)
    }

    /// The names of the `{% block %}`s around `offset`, innermost first.
    pub(super) fn blocks(&self, offset: usize) -> Vec<&str> {
        let mut names = Vec::new();
        let mut branch = self.branch(offset);
        while branch != 0 {
            let Branch { parent, block } = &self.branches[branch];
            names.extend(block.as_deref());
            branch = *parent;
        }
        names
    }

    /// Tracks the nesting of statements; Tera reports statements that nest wrongly.
    fn enter(&mut self, code: &str, offset: usize) {
        let current = self.changes.last().map_or(0, |(_, branch)| *branch);
        let parent = self.branches[current].parent;
        let (word, rest) = split_word(code);
        let next = match word {
            "if" | "for" | "filter" | "component" => self.open(current, None),
            "block" => self.open(current, Some(split_word(rest).0.to_owned())),
            "set" | "set_global" if !split_word(rest).1.starts_with('=') => {
                self.open(current, None)
            }
            "else" | "elif" => self.open(parent, None),
            _ if word.starts_with("end") => parent,
            // `{% <Card> %} … {% </Card> %}`: Tera's own components with a body
            "" if code.starts_with("</") => parent,
            "" if code.starts_with('<') && !code.ends_with("/>") => self.open(current, None),
            _ => return,
        };
        self.changes.push((offset, next));
    }

    fn open(&mut self, parent: usize, block: Option<String>) -> usize {
        self.branches.push(Branch { parent, block });
        self.branches.len() - 1
    }
}

pub(super) fn split_word(code: &str) -> (&str, &str) {
    let end = code
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(code.len());
    (&code[..end], code[end..].trim_start())
}

/// The offset of the `close` delimiter outside of strings.
fn code_end(source: &str, start: usize, close: &[u8; 2]) -> Option<usize> {
    let bytes = source.as_bytes();
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' | b'`' => {
                at += 1;
                while *bytes.get(at)? != byte {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            _ if bytes[at..].starts_with(close) => return Some(at),
            _ => at += 1,
        }
    }
    None
}

/// The end of the `{% endraw %}` that closes a raw block whose content begins at `start`.
fn raw_end(source: &str, start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at += memchr::memmem::find(source.as_bytes().get(at..)?, b"{%")? + 2;
        let rest = source[at..].strip_prefix('-').unwrap_or(&source[at..]);
        if let Some(rest) = rest.trim_ascii_start().strip_prefix("endraw") {
            let rest = rest.trim_ascii_start();
            let rest = rest.strip_prefix('-').unwrap_or(rest);
            if let Some(rest) = rest.strip_prefix("%}") {
                return Some(source.len() - rest.len());
            }
        }
    }
}

fn trim_code(source: &str, range: Range<usize>) -> Range<usize> {
    let code = &source[range.clone()];
    let code = code.strip_prefix('-').unwrap_or(code);
    let start = range.end - code.len();
    let code = code.strip_suffix('-').unwrap_or(code);
    let trimmed = code.trim_ascii();
    let start = start + (code.len() - code.trim_ascii_start().len());
    start..start + trimmed.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(source: &str) -> String {
        let mask = Mask::read("t.html", source).expect("readable");
        String::from_utf8(mask.masked(source)).expect("text")
    }

    #[test]
    fn spans_of_all_kinds_are_covered_and_nothing_else() {
        assert_eq!(masked("a{{ b }}c"), "axxxxxxxc");
        assert_eq!(masked("a{# <b> {{ #}c"), "axxxxxxxxxxxxc");
        assert_eq!(
            masked("{% if a %}<b>{% endif %}"),
            "xxxxxxxxxx<b>xxxxxxxxxxx"
        );
        assert_eq!(masked("{ a } {"), "{ a } {");
    }

    #[test]
    fn a_delimiter_in_a_string_does_not_end_a_span() {
        assert_eq!(masked(r#"{{ "}}" }}<p>"#), "xxxxxxxxxx<p>");
        assert_eq!(masked(r"{{ 'a\'}}' }}<p>"), "xxxxxxxxxxxxx<p>");
    }

    #[test]
    fn a_raw_block_is_covered_with_its_content() {
        assert_eq!(
            masked("{% raw %}{{ <p> {%- endraw -%}<b>"),
            "x".repeat(30) + "<b>"
        );
    }

    #[test]
    fn arms_of_an_if_are_different_branches() {
        let source = "0{% if a %}1{% else %}2{% endif %}3{% set a = 1 %}4{% set b %}5{% endset %}6";
        let mask = Mask::read("t.html", source).expect("readable");
        let at = |mark: char| {
            let found = source
                .char_indices()
                .find(|(at, c)| *c == mark && mask.within(&(*at..at + 1)).is_empty());
            mask.branch(found.expect("mark").0)
        };
        assert_eq!(at('0'), at('3'));
        assert_eq!(at('3'), at('4'));
        assert_eq!(at('4'), at('6'));
        assert_ne!(at('1'), at('2'));
        assert_ne!(at('0'), at('1'));
        assert_ne!(at('5'), at('4'));
    }

    #[test]
    fn unclosed_spans_are_named_with_their_place() {
        let error = Mask::read("t.html", "a\n  {{ b").expect_err("unclosed");
        assert_eq!(
            error.to_string(),
            "t.html:2:3: `{{` is never closed\n  |   {{ b\n  |   ^"
        );
    }
}
