//! Errors between a template and a finished page, with their places.

use std::fmt;
use std::path::PathBuf;

use protium_wasm::GuestError;

/// A place in a template: file name as the shop knows it, line and column from 1 (columns count
/// characters).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The template's name, for example `product.html`.
    pub template: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Location {
    /// The place of byte `offset` in `source`.
    pub(super) fn of(template: &str, source: &str, offset: usize) -> Self {
        let before = source.get(..offset).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            template: template.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.template, self.line, self.column)
    }
}

/// A template that cannot be used as it is written, or that failed while it rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    /// Its place; `None` if it concerns no particular line.
    pub at: Option<Location>,
    /// What is wrong and what to do, one sentence or two.
    pub message: String,
    /// The author's line, if known.
    pub line: Option<String>,
}

impl TemplateError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            at: None,
            message: message.into(),
            line: None,
        }
    }

    /// An error at byte `offset` of `source`.
    pub(super) fn at(
        template: &str,
        source: &str,
        offset: usize,
        message: impl Into<String>,
    ) -> Self {
        let at = Location::of(template, source, offset);
        let line = source.lines().nth(at.line - 1).map(str::to_owned);
        Self {
            at: Some(at),
            message: message.into(),
            line,
        }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(at) = &self.at else {
            return f.write_str(&self.message);
        };
        write!(f, "{at}: {}", self.message)?;
        if let Some(line) = &self.line {
            let indent: String = line
                .chars()
                .take(at.column - 1)
                .map(|c| if c == '\t' { '\t' } else { ' ' })
                .collect();
            write!(f, "\n  | {line}\n  | {indent}^")?;
        }
        Ok(())
    }
}

impl std::error::Error for TemplateError {}

/// Every error found in a set of templates, in the order of their names.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct TemplateErrors(pub Vec<TemplateError>);

fn lines(errors: &[TemplateError]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Why a page, or the set of templates, could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// Templates that do not fit together or break a rule; found when they are read.
    #[error("{0}")]
    Templates(#[from] TemplateErrors),
    /// A template failed while it rendered this page.
    #[error("{0}")]
    Render(#[from] TemplateError),
    /// A file of templates or messages cannot be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// An invalid message file.
    #[error("messages/{file}: {message}")]
    Messages {
        /// The file's name.
        file: String,
        /// What is wrong with it.
        message: String,
    },
    /// A component declares a message that no file has.
    #[error(
        "<go-{component}> shows the message {key}, which is in no file: put it into \
         messages/en.json"
    )]
    NoMessage {
        /// The component's name.
        component: String,
        /// The message's key.
        key: String,
    },
    /// No template of this name in the base theme or the shop.
    #[error("there is no template named {0}: put it into the shop's templates folder")]
    NotFound(String),
    /// The page would exceed the size limit.
    #[error("the page made by {template} is larger than {limit} bytes: show fewer items on it")]
    TooLarge {
        /// The template that was rendered.
        template: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// The component host could not render (for example: no free instance).
    #[error(transparent)]
    Guest(#[from] GuestError),
}
