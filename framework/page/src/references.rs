//! References between templates: `extends` and `include`. A missing name is reported with its line
//! and a suggestion, before Tera and the components are involved.

use std::collections::{BTreeMap, BTreeSet};

use super::error::TemplateError;
use super::layer::{Sources, THEME};
use super::mask::{Mask, SpanKind, split_word};
use super::nearest::nearest;

/// How a template uses another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Extends,
    Includes,
}

/// A reference in a template.
#[derive(Debug, Clone)]
struct Reference {
    name: String,
    offset: usize,
    usage: Use,
}

/// The references in all templates.
#[derive(Debug, Default)]
pub(super) struct References(BTreeMap<String, Vec<Reference>>);

impl References {
    /// Reads the references, and adds those files of the base theme that are named as `theme/NAME`.
    pub(super) fn read(sources: &mut Sources) -> Self {
        let mut references = BTreeMap::new();
        let mut unread: Vec<String> = sources.files.keys().cloned().collect();
        while let Some(template) = unread.pop() {
            let source = sources.files.get(&template).map_or("", String::as_str);
            let found = names(&template, source);
            for reference in &found {
                let of_theme = reference
                    .name
                    .strip_prefix(THEME)
                    .and_then(|name| sources.theme.get(name))
                    .filter(|_| !sources.files.contains_key(&reference.name))
                    .cloned();
                if let Some(source) = of_theme {
                    sources.files.insert(reference.name.clone(), source);
                    unread.push(reference.name.clone());
                }
            }
            references.insert(template, found);
        }
        Self(references)
    }

    /// Templates with a missing reference, and those that extend themselves.
    pub(super) fn errors(&self, sources: &Sources) -> BTreeMap<String, TemplateError> {
        let mut errors = BTreeMap::new();
        for (template, references) in &self.0 {
            let source = sources.files.get(template).map_or("", String::as_str);
            let missing = references
                .iter()
                .find(|reference| !sources.files.contains_key(&reference.name));
            if let Some(reference) = missing {
                let message = missing_message(template, reference, sources);
                let error = TemplateError::at(template, source, reference.offset, message);
                errors.insert(template.clone(), error);
            } else if let Some((reference, circle)) = self.circle(template) {
                let message = circle_message(template, &circle, sources);
                let error = TemplateError::at(template, source, reference.offset, message);
                errors.insert(template.clone(), error);
            }
        }
        errors
    }

    /// Templates that use a broken one, each with that one.
    pub(super) fn users(&self, broken: &BTreeSet<String>) -> BTreeMap<String, String> {
        let mut users: BTreeMap<String, String> = BTreeMap::new();
        loop {
            let before = users.len();
            for (template, references) in &self.0 {
                if broken.contains(template) || users.contains_key(template) {
                    continue;
                }
                let cause =
                    references
                        .iter()
                        .find_map(|reference| match broken.get(&reference.name) {
                            Some(name) => Some(name.clone()),
                            None => users.get(&reference.name).cloned(),
                        });
                if let Some(cause) = cause {
                    users.insert(template.clone(), cause);
                }
            }
            if users.len() == before {
                return users;
            }
        }
    }

    fn parent(&self, template: &str) -> Option<&Reference> {
        self.0
            .get(template)?
            .iter()
            .find(|reference| reference.usage == Use::Extends)
    }

    /// The cycle of a template that extends itself through others.
    fn circle(&self, template: &str) -> Option<(&Reference, Vec<&str>)> {
        let first = self.parent(template)?;
        let mut circle = vec![first.name.as_str()];
        while let Some(last) = circle.last().filter(|last| **last != template) {
            let next = self.parent(last)?;
            if circle.contains(&next.name.as_str()) {
                return None;
            }
            circle.push(&next.name);
        }
        Some((first, circle))
    }
}

fn names(template: &str, source: &str) -> Vec<Reference> {
    let Ok(mask) = Mask::read(template, source) else {
        return Vec::new();
    };
    mask.spans
        .iter()
        .filter(|span| span.kind == SpanKind::Statement)
        .filter_map(|span| {
            let (word, rest) = split_word(source.get(span.code.clone())?);
            let usage = match word {
                "extends" => Use::Extends,
                "include" => Use::Includes,
                _ => return None,
            };
            let quote = rest
                .chars()
                .next()
                .filter(|quote| matches!(quote, '"' | '\'' | '`'))?;
            let (name, _) = rest.get(1..)?.split_once(quote)?;
            Some(Reference {
                name: name.to_owned(),
                offset: span.range.start,
                usage,
            })
        })
        .collect()
}

fn missing_message(template: &str, reference: &Reference, sources: &Sources) -> String {
    let Reference { name, usage, .. } = reference;
    let what = match usage {
        Use::Extends => "extend",
        Use::Includes => "include",
    };
    let others = |names: &BTreeMap<String, String>| -> Vec<String> {
        names
            .keys()
            .filter(|other| *other != template)
            .cloned()
            .collect()
    };
    let (known, prefix, asked) = match name.strip_prefix(THEME) {
        Some(asked) => (others(&sources.theme), THEME, asked),
        None => (others(&sources.files), "", name.as_str()),
    };
    let place = match prefix.is_empty() {
        true => "",
        false => " in the base theme",
    };
    let hint = match nearest(asked, known.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{prefix}{meant}`?"),
        None => match usage {
            Use::Extends => "pages extend `layout.html`".to_owned(),
            Use::Includes => {
                "names are paths in the templates folder, for example `partials/nav.html`"
                    .to_owned()
            }
        },
    };
    format!("there is no `{asked}`{place} to {what}: {hint}")
}

fn circle_message(template: &str, circle: &[&str], sources: &Sources) -> String {
    let advice = match sources.theme.contains_key(template) {
        true => format!(
            "to build on the base theme's file of this name write `{{% extends \
             \"{THEME}{template}\" %}}`"
        ),
        false => "extend another template, for example `layout.html`".to_owned(),
    };
    match circle {
        [_] => format!("{template} extends itself: {advice}"),
        [way @ .., _] => format!(
            "{template} extends {}, which extends {template} again: {advice}",
            way.join(", which extends ")
        ),
        [] => advice,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(files: &[(&str, &str)], theme: &[(&str, &str)]) -> String {
        let collect = |files: &[(&str, &str)]| -> BTreeMap<String, String> {
            files
                .iter()
                .map(|(name, source)| ((*name).to_owned(), (*source).to_owned()))
                .collect()
        };
        let theme = collect(theme);
        let mut all = theme.clone();
        all.extend(collect(files));
        let mut sources = Sources { files: all, theme };
        let references = References::read(&mut sources);
        let errors = references.errors(&sources);
        errors
            .into_values()
            .map(|error| error.to_string())
            .collect::<Vec<_>>()
            .join("\n")
    }

    const LAYOUT: (&str, &str) = ("layout.html", "{% block main %}{% endblock %}");

    #[test]
    fn a_missing_parent_has_a_line_and_a_suggestion() {
        let page = ("a.html", "{# a #}\n{% extends \"layuot.html\" %}");
        assert_eq!(
            message(&[page], &[LAYOUT]),
            "a.html:2:1: there is no `layuot.html` to extend: did you mean `layout.html`?\n  \
             | {% extends \"layuot.html\" %}\n  | ^"
        );
        let page = ("a.html", "{% extends \"theme/prduct.html\" %}");
        let text = message(&[page], &[LAYOUT, ("product.html", "")]);
        assert!(
            text.contains("in the base theme to extend: did you mean `theme/product.html`?"),
            "{text}"
        );
        let page = ("a.html", "{% include 'partials/navi.html' %}");
        let text = message(&[page], &[("partials/nav.html", "")]);
        assert!(
            text.contains("to include: did you mean `partials/nav.html`?"),
            "{text}"
        );
    }

    #[test]
    fn a_template_that_extends_itself_says_what_to_write() {
        let page = ("product.html", "{% extends \"product.html\" %}");
        let text = message(&[page], &[("product.html", "")]);
        assert!(
            text.starts_with("product.html:1:1: product.html extends itself: ")
                && text.contains("{% extends \"theme/product.html\" %}"),
            "{text}"
        );
        let circle = [
            ("a.html", "{% extends 'b.html' %}"),
            ("b.html", "{% extends 'a.html' %}"),
        ];
        let text = message(&circle, &[]);
        assert!(
            text.contains("a.html extends b.html, which extends a.html again"),
            "{text}"
        );
    }

    #[test]
    fn the_theme_s_file_of_the_same_name_is_no_circle() {
        let page = ("product.html", "{% extends \"theme/product.html\" %}");
        assert_eq!(
            message(
                &[page],
                &[LAYOUT, ("product.html", "{% extends 'layout.html' %}")]
            ),
            ""
        );
    }
}
