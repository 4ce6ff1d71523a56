//! The name of a shop, which is that of its crate, its Go module and its package of browser tests.

use std::path::Path;

use super::error::NewError;

/// The most characters of a name: crates.io accepts no more.
const LONGEST: usize = 64;
/// What is suggested for a name without a letter or digit.
const ANY: &str = "my-shop";
/// Keywords of Rust, which Cargo does not take as names.
const KEYWORDS: [&str; 52] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "_",
];
/// Names that Cargo, Go or Windows use themselves, and that of the framework.
const RESERVED: [&str; 17] = [
    "alloc",
    "aux",
    "build",
    "cmd",
    "con",
    "core",
    "deps",
    "examples",
    "incremental",
    "nul",
    "prn",
    "proc-macro",
    "proc_macro",
    "protium",
    "std",
    "test",
    "tests",
];

/// Small letters, digits, hyphens and underscores, with a letter first: what all the tools of a
/// shop accept.
#[derive(Debug, PartialEq, Eq)]
pub struct ShopName(String);

impl ShopName {
    /// The last part of the directory's path.
    pub fn of_directory(directory: &Path) -> Result<ShopName, NewError> {
        match directory.file_name() {
            Some(name) => ShopName::new(&name.to_string_lossy()),
            None => Err(NewError::Name {
                given: directory.display().to_string(),
                problem: "it is not a directory to make",
                instead: ANY.to_owned(),
            }),
        }
    }

    fn new(name: &str) -> Result<ShopName, NewError> {
        match problem(name) {
            None => Ok(ShopName(name.to_owned())),
            Some(problem) => Err(NewError::Name {
                given: name.to_owned(),
                problem,
                instead: instead(name),
            }),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name for visitors: `tea-shop` is "Tea Shop".
    pub fn title(&self) -> String {
        let words = self.0.split(['-', '_']).filter(|word| !word.is_empty());
        let words = words.map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_ascii_uppercase() + rest
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

/// The most characters of a title.
const LONGEST_TITLE: usize = 100;

/// A title as the command line gives it: a line of text.
pub fn title(text: &str) -> Result<String, String> {
    let title = text.trim();
    if title.is_empty() || title.chars().any(char::is_control) {
        return Err("a title is a line of text".to_owned());
    }
    match title.chars().count() {
        0..=LONGEST_TITLE => Ok(title.to_owned()),
        count => Err(format!(
            "{count} characters are too many for a title: {LONGEST_TITLE} are not"
        )),
    }
}

/// Why the name is not accepted.
fn problem(name: &str) -> Option<&'static str> {
    let is_allowed = |letter: char| matches!(letter, 'a'..='z' | '0'..='9' | '-' | '_');
    if !name.starts_with(|first: char| first.is_ascii_lowercase()) {
        Some("it has to begin with one of the letters a to z")
    } else if !name.chars().all(is_allowed) {
        Some("it may have the letters a to z, digits, hyphens and underscores")
    } else if name.len() > LONGEST {
        Some("it may have 64 characters")
    } else if KEYWORDS.contains(&name) {
        Some("it is a keyword of Rust")
    } else if RESERVED.contains(&name) {
        Some("Rust, Go or Protium use this name themselves")
    } else {
        None
    }
}

/// A name that is accepted and as much as possible like this one.
fn instead(name: &str) -> String {
    let plain = deunicode::deunicode(name).to_ascii_lowercase();
    let words = plain.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let mut instead = words.join("-");
    if !instead.starts_with(|first: char| first.is_ascii_lowercase()) {
        let digits = instead.trim_start_matches(['_', '-']);
        instead = match digits.chars().next() {
            None => ANY.to_owned(),
            Some(first) if first.is_ascii_digit() => format!("shop-{digits}"),
            Some(_) => digits.to_owned(),
        };
    }
    instead.truncate(LONGEST);
    match problem(&instead) {
        Some(_) => format!("{instead}-shop"),
        None => instead,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(name: &str) -> String {
        ShopName::new(name).expect_err(name).to_string()
    }

    #[test]
    fn a_name_that_is_no_crate_name_is_refused_with_what_would_be_one() {
        for (name, instead) in [
            ("Tea Shop", "tea-shop"),
            ("Käse & Co", "kase-co"),
            ("7-days", "shop-7-days"),
            ("_tea", "tea"),
            ("match", "match-shop"),
            ("core", "core-shop"),
            ("protium", "protium-shop"),
            ("tea\"\n[dependencies]", "tea-dependencies"),
            ("", "my-shop"),
            ("!", "my-shop"),
        ] {
            let said = said(name);
            assert!(said.ends_with(&format!("`{instead}` can")), "{said}");
        }
        let long = said(&"tea".repeat(40));
        assert!(long.contains("64 characters"), "{long}");
    }

    #[test]
    fn a_directory_that_is_there_by_nature_is_none_to_make() {
        for directory in ["", ".", "..", "/", "a/.."] {
            let error = ShopName::of_directory(Path::new(directory)).expect_err(directory);
            assert!(error.to_string().contains("my-shop"), "{error}");
        }
    }

    #[test]
    fn the_last_part_of_the_directory_is_the_name_and_makes_the_title() {
        for (directory, name, title) in [
            ("tea", "tea", "Tea"),
            ("../shops/tea-shop", "tea-shop", "Tea Shop"),
            ("tea_for_2/", "tea_for_2", "Tea For 2"),
            ("t-", "t-", "T"),
        ] {
            let made = ShopName::of_directory(Path::new(directory)).expect(directory);
            assert_eq!((made.as_str(), made.title().as_str()), (name, title));
        }
    }

    proptest! {
        #[test]
        fn what_is_suggested_instead_is_accepted(name in any::<String>()) {
            let instead = instead(&name);
            prop_assert_eq!(problem(&instead), None, "{}", instead);
        }
    }
}
