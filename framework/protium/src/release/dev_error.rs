//! What is wrong with a file of the shop, as a page that is open in development shows it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::app::start_error::StartError;
use crate::config::{ConfigError, FILE};
use crate::telemetry::with_causes;
use protium_page::{PageError, TemplateError, TemplateErrors};
use protium_wasm::{ArtifactError, GuestError};

/// Lines before and after the one with the error.
const AROUND: usize = 2;
/// The most errors that are shown, and the longest line and message.
const MOST: usize = 8;
const LONGEST: usize = 2_000;

/// What is wrong with a file of the shop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// One that is about no file.
    pub fn new(message: &str) -> DevError {
        DevError {
            message: shortened(message),
            ..DevError::default()
        }
    }

    /// With the lines around it in this file.
    pub fn with_excerpt(self, path: &Path) -> DevError {
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

/// What is wrong with the configuration of the shop in `root`.
pub(crate) fn of_config(root: &Path, error: &ConfigError) -> DevError {
    let path = root.join(FILE);
    let (place, key, problem) = match error {
        ConfigError::Place { place, problem } => (place, "", problem.clone()),
        ConfigError::UnknownKey { place, key, .. } | ConfigError::Value { place, key, .. } => {
            (place, key.as_str(), error.to_string())
        }
    };
    if *place != path.display().to_string() {
        return DevError::new(&error.to_string());
    }
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let number = |name: &str| {
        let (_, rest) = problem.split_once(name)?;
        let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next()?;
        digits.parse().ok()
    };
    let message = problem.strip_prefix(place.as_str()).unwrap_or(&problem);
    DevError {
        file: FILE.to_owned(),
        line: number("at line ")
            .or_else(|| line_of(&text, key))
            .unwrap_or(0),
        column: number(", column ").unwrap_or(0),
        ..DevError::new(message.trim_start_matches([':', ' ']))
    }
    .with_excerpt(&path)
}

/// That of these keys of protium.toml, the new values take effect only when the shop is started
/// again.
pub(crate) fn of_restart(root: &Path, keys: &[String]) -> DevError {
    let path = root.join(FILE);
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let line = keys.iter().find_map(|key| line_of(&text, key));
    DevError {
        file: FILE.to_owned(),
        line: line.unwrap_or(0),
        ..DevError::new(&format!(
            "`{}` is another one now: start the shop again, or run it with `dev`, which does that",
            keys.join("`, `")
        ))
    }
    .with_excerpt(&path)
}

/// The line of a TOML file where this key is, its tables before it, or the table that it is.
fn line_of(text: &str, key: &str) -> Option<usize> {
    let mut table = String::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        let named = match line.strip_prefix('[') {
            Some(name) => {
                table = name.trim_matches(['[', ']', ' ']).replace('"', "");
                table.clone()
            }
            None => {
                let name = line.split('=').next().unwrap_or_default();
                let name = name.trim().replace('"', "");
                match table.as_str() {
                    "" => name,
                    table => format!("{table}.{name}"),
                }
            }
        };
        if !key.is_empty() && named == key {
            return Some(index + 1);
        }
    }
    None
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
    use crate::config::{Config, Flags};

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
    fn an_error_of_the_configuration_has_its_line() {
        let folder = tempfile::tempdir().expect("a directory");
        let of = |text: &str| {
            std::fs::write(folder.path().join(FILE), text).expect("written");
            let loaded = Config::load(folder.path(), [], &Flags::default());
            let error = of_config(folder.path(), &loaded.expect_err("an error"));
            assert_eq!(error.file, FILE);
            (error.line, error.message)
        };
        let (line, message) = of("[shop]\nname = \"Tea\"\n\n[limits]\ncpu_ms = 0\n");
        assert_eq!(line, 5);
        assert!(message.starts_with("key `limits.cpu_ms`"), "{message}");
        let (line, message) = of("[shop]\nnmae = \"Tea\"\n");
        assert_eq!(line, 2);
        assert!(message.contains("did you mean `name`"), "{message}");
        let (line, _) = of("[shop]\nname = \"Tea\n");
        assert_eq!(line, 2);
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
