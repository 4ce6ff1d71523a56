//! What is wrong with a file of the shop, as a page that is open in development shows it.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::app::start_error::StartError;
use crate::telemetry::with_causes;
use protium_page::{PageError, TemplateError, TemplateErrors};
use protium_wasm::{ArtifactError, GuestError};

/// Lines before and after the one with the error.
const AROUND: usize = 2;
/// The most errors that are shown, and the longest line and message.
const MOST: usize = 8;
const LONGEST: usize = 2_000;

/// What is wrong with a file of the shop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct DevError {
    /// The file as the shop names it, from the shop's directory or the components' on; empty if it
    /// is about no file.
    pub file: String,
    /// Line and column, from 1; 0: unknown.
    pub line: usize,
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// The line and those around it, with their numbers.
    pub excerpt: Vec<(usize, String)>,
}

impl DevError {
    fn new(message: &str) -> DevError {
        DevError {
            message: shortened(message),
            ..DevError::default()
        }
    }

    /// With the lines around it in this file.
    fn with_excerpt(self, path: &Path) -> DevError {
        let text = std::fs::read(path).unwrap_or_default();
        let excerpt = excerpt(&String::from_utf8_lossy(&text), self.line);
        DevError { excerpt, ..self }
    }
}

/// Why the files of the shop in `root` cannot be a release.
pub(crate) fn of_build(root: &Path, error: &StartError) -> Vec<DevError> {
    match error {
        StartError::Components(GuestError::Artifact(ArtifactError::Build {
            directory,
            output,
            ..
        })) => {
            let found = of_compiler(directory, output);
            match found.is_empty() {
                true => vec![DevError::new(output)],
                false => found,
            }
        }
        StartError::Pages(PageError::Templates(errors)) => of_templates(root, errors),
        error => vec![DevError::new(&with_causes(error))],
    }
}

/// What is wrong with the templates of the shop in `root`.
pub(crate) fn of_templates(root: &Path, errors: &TemplateErrors) -> Vec<DevError> {
    let errors = errors.0.iter().take(MOST);
    errors.map(|error| of_template(root, error)).collect()
}

fn of_template(root: &Path, error: &TemplateError) -> DevError {
    let without_place = DevError::new(&error.message);
    let Some(at) = &error.at else {
        return without_place;
    };
    let file = format!("templates/{}", at.template);
    let path = root.join(&file);
    DevError {
        file,
        line: at.line,
        column: at.column,
        ..without_place
    }
    .with_excerpt(&path)
}

/// The lines `FILE:LINE:COLUMN: MESSAGE` of a compiler that ran in `directory`. What stands below
/// one and is indented belongs to it.
fn of_compiler(directory: &Path, output: &str) -> Vec<DevError> {
    let mut found: Vec<(PathBuf, DevError)> = Vec::new();
    for line in output.lines() {
        if let Some((path, error)) = place(directory, line) {
            found.push((path, error));
        } else if let (true, Some((_, last))) = (line.starts_with('\t'), found.last_mut()) {
            last.message.push('\n');
            last.message.push_str(line.trim());
        }
    }
    let found = found.into_iter().take(MOST);
    found
        .map(|(path, error)| error.with_excerpt(&path))
        .collect()
}

/// A line of a compiler that begins with a place in a Go file below `directory`.
fn place(directory: &Path, line: &str) -> Option<(PathBuf, DevError)> {
    let (file, rest) = line.split_once(".go:")?;
    let file = format!("{}.go", file.strip_prefix("./").unwrap_or(file));
    let (number, rest) = rest.split_once(':')?;
    let (column, message) = match rest.split_once(':') {
        Some((column, message)) if column.parse::<usize>().is_ok() => (column, message),
        _ => ("0", rest),
    };
    let path = directory.join(&file).canonicalize().ok()?;
    let name = path.strip_prefix(directory.canonicalize().ok()?).ok()?;
    let error = DevError {
        file: name.to_string_lossy().into_owned(),
        line: number.parse().ok()?,
        column: column.parse().ok()?,
        ..DevError::new(message.trim())
    };
    Some((path, error))
}

/// The line with this number, and those around it.
fn excerpt(text: &str, line: usize) -> Vec<(usize, String)> {
    let lines = text.lines().enumerate();
    let lines = lines.map(|(index, text)| (index + 1, shortened(text)));
    lines
        .filter(|(number, _)| line > 0 && number.abs_diff(line) <= AROUND)
        .collect()
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_compiler_says_is_read_with_its_place_and_the_lines_around_it() {
        let folder = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(folder.path().join("store")).expect("made");
        let source = "package main\n\nfunc a() {\n\tb()\n}\n";
        std::fs::write(folder.path().join("store/a.go"), source).expect("written");
        std::fs::write(folder.path().join("b.go"), "package b\n").expect("written");
        let output = "# shop/store\n./store/a.go:4:2: undefined: b\n\thave ()\n\
                      b.go:1: it is another\n/etc/passwd.go:1:1: outside\n\
                      ../x.go:1:1: outside\nnote: no place\n";
        let found = of_compiler(folder.path(), output);
        let of = |file: &str, line, column, message: &str| {
            (file.to_owned(), line, column, message.to_owned())
        };
        let said: Vec<_> = found
            .iter()
            .map(|error| {
                (
                    error.file.clone(),
                    error.line,
                    error.column,
                    error.message.clone(),
                )
            })
            .collect();
        assert_eq!(
            said,
            [
                of("store/a.go", 4, 2, "undefined: b\nhave ()"),
                of("b.go", 1, 0, "it is another"),
            ]
        );
        let lines: Vec<_> = found[0].excerpt.iter().map(|(number, _)| *number).collect();
        assert_eq!(lines, [2, 3, 4, 5]);
        assert_eq!(found[0].excerpt[2].1, "\tb()");
    }

    #[test]
    fn a_template_has_the_name_of_its_file_in_the_shop() {
        let folder = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(folder.path().join("templates")).expect("made");
        std::fs::write(folder.path().join("templates/a.html"), "one\ntwo\n").expect("written");
        let error = TemplateError {
            at: Some(protium_page::Location {
                template: "a.html".to_owned(),
                line: 2,
                column: 1,
            }),
            message: "wrong".to_owned(),
            line: None,
        };
        let error = of_template(folder.path(), &error);
        assert_eq!((error.file.as_str(), error.line), ("templates/a.html", 2));
        let lines = [(1, "one".to_owned()), (2, "two".to_owned())];
        assert_eq!(error.excerpt, lines);
    }
}
