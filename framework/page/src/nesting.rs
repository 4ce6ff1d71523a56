//! Statements that are never closed, reported where they were opened.

use super::error::TemplateError;
use super::mask::{Mask, SpanKind, split_word};

/// An open statement.
struct Open<'a> {
    word: &'a str,
    offset: usize,
}

/// Checks that every statement with a body is closed, innermost first.
pub(super) fn check(template: &str, source: &str, mask: &Mask) -> Result<(), TemplateError> {
    let mut open: Vec<Open<'_>> = Vec::new();
    for span in &mask.spans {
        if span.kind != SpanKind::Statement {
            continue;
        }
        let code = source.get(span.code.clone()).unwrap_or_default();
        let offset = span.range.start;
        if let Some(word) = opened(code) {
            open.push(Open { word, offset });
            continue;
        }
        let (word, _) = split_word(code);
        let Some(closed) = word.strip_prefix("end") else {
            continue;
        };
        match open.last() {
            Some(last) if last.word == closed => {
                open.pop();
            }
            Some(last) if open.iter().any(|one| one.word == closed) => {
                let line = source
                    .get(..offset)
                    .unwrap_or_default()
                    .matches('\n')
                    .count()
                    + 1;
                let before = format!("`{{% {word} %}}` in line {line} comes before");
                return Err(unclosed(template, source, last, &before));
            }
            // Tera reports an end without a beginning.
            _ => {}
        }
    }
    match open.last() {
        Some(last) => Err(unclosed(template, source, last, "the file ends before")),
        None => Ok(()),
    }
}

fn unclosed(template: &str, source: &str, open: &Open<'_>, before: &str) -> TemplateError {
    let word = open.word;
    let message = format!("`{{% {word} %}}` is never closed: {before} its `{{% end{word} %}}`");
    TemplateError::at(template, source, open.offset, message)
}

/// The name of a statement that has a body.
fn opened(code: &str) -> Option<&str> {
    let (word, rest) = split_word(code);
    match word {
        "if" | "for" | "filter" | "block" | "component" => Some(word),
        "set" | "set_global" => {
            let (_, value) = split_word(rest);
            (value.is_empty() || value.starts_with('|')).then_some("set")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(source: &str) -> Option<String> {
        let mask = Mask::read("t.html", source).expect("readable");
        check("t.html", source, &mask)
            .err()
            .map(|error| error.to_string())
    }

    #[test]
    fn an_if_that_is_never_closed_is_named_at_its_line() {
        let source =
            "{% block main %}\n <p>{% if a %}b</p>\n{% for x in y %}{% endfor %}\n{% endblock %}";
        let message = message(source).expect("refused");
        assert!(
            message.starts_with(
                "t.html:2:5: `{% if %}` is never closed: `{% endblock %}` in line 4 comes before"
            ),
            "{message}"
        );
    }

    #[test]
    fn every_statement_with_a_body_is_looked_at() {
        for (source, word) in [
            ("a{% for x in y %}b", "for"),
            ("{% block a %}{% block b %}{% endblock %}", "block"),
            ("{% set a %}x", "set"),
            ("{% set_global a | upper %}x", "set"),
            (
                "{% filter upper %}x{% if a %}{% endfilter %}{% endif %}",
                "if",
            ),
        ] {
            let message = message(source).unwrap_or_default();
            assert!(
                message.contains(&format!("`{{% {word} %}}` is never closed")),
                "{source}: {message}"
            );
        }
    }

    #[test]
    fn what_is_closed_is_left_alone() {
        for source in [
            "{% if a %}{% elif b %}{% else %}{% endif %}{% set a = 1 %}{% set b %}{% endset %}",
            "{% raw %}{% if %}{% endraw %}{# {% if %} #}{% block a %}{% endblock a %}",
            "{%- for a in b -%}{%- endfor -%}{% set_global c %}{% endset %}",
        ] {
            assert_eq!(message(source), None, "{source}");
        }
    }
}
