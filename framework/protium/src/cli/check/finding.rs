//! One thing that is wrong with a shop.

use std::fmt;

use serde::Serialize;

/// How bad a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It is to be mended: the command fails.
    Error,
    /// It may be meant so.
    Warning,
}

/// One thing that is wrong with a shop: on a line of its own, or an object of JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// The rule that it breaks.
    pub rule: &'static str,
    /// The file in the shop's directory, where it is known.
    pub file: Option<String>,
    /// The line in the file, from 1, where it is known.
    pub line: Option<usize>,
    /// The address of the first page that has it.
    pub page: Option<String>,
    /// How many pages have it.
    pub pages: usize,
    /// What was found.
    pub found: String,
    /// What to do.
    pub advice: String,
}

impl Finding {
    /// Something that is to be mended.
    pub fn error(
        rule: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Finding {
        Finding {
            level: Level::Error,
            rule,
            file: None,
            line: None,
            page: None,
            pages: 0,
            found: found.into(),
            advice: advice.into(),
        }
    }

    /// Something that may be meant so.
    pub fn warning(
        rule: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Finding {
        Finding {
            level: Level::Warning,
            ..Finding::error(rule, found, advice)
        }
    }

    /// In this file of the shop's directory.
    pub fn in_file(self, file: impl Into<String>, line: Option<usize>) -> Finding {
        Finding {
            file: Some(file.into()),
            line,
            ..self
        }
    }

    /// On the page of this address.
    pub fn on_page(self, address: &str) -> Finding {
        Finding {
            page: Some(address.to_owned()),
            pages: 1,
            ..self
        }
    }

    /// Whether the other one is the same, perhaps on another page.
    fn is_same(&self, other: &Finding) -> bool {
        let key = |finding: &Finding| (finding.rule, finding.file.clone(), finding.line);
        key(self) == key(other) && self.found == other.found
    }
}

/// Each thing once: the first page that has it, and how many do.
pub fn joined(findings: impl IntoIterator<Item = Finding>) -> Vec<Finding> {
    let mut joined: Vec<Finding> = Vec::new();
    for finding in findings {
        match joined.iter_mut().find(|known| known.is_same(&finding)) {
            Some(known) => known.pages += finding.pages,
            None => joined.push(finding),
        }
    }
    joined.sort_by_key(|finding| finding.level);
    joined
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(formatter, "{file}:{line}: ")?,
            (Some(file), None) => write!(formatter, "{file}: ")?,
            (None, _) => {}
        }
        write!(
            formatter,
            "{level}: {}; {} [{}]",
            self.found, self.advice, self.rule
        )?;
        match (&self.page, self.pages) {
            (None, _) => Ok(()),
            (Some(page), 0 | 1) => write!(formatter, " on {page}"),
            (Some(page), pages) => write!(formatter, " on {page} and {} more", pages - 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_that_many_pages_have_is_told_once() {
        let one = |page| Finding::error("image-alt", "no alt", "say it").on_page(page);
        let other = Finding::warning("prop-unset", "no `start`", "set it");
        let found = joined([other.clone(), one("/"), one("/cart"), one("/search")]);
        assert_eq!(found.len(), 2);
        assert_eq!(
            found[0].to_string(),
            "error: no alt; say it [image-alt] on / and 2 more"
        );
        let other = other.in_file("templates/home.html", Some(3));
        assert_eq!(
            other.to_string(),
            "templates/home.html:3: warning: no `start`; set it [prop-unset]"
        );
    }
}
