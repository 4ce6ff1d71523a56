//! The name of what is added, as files, templates and Go write it.

use std::fmt;

use super::error::AddError;

/// Most bytes of a name.
const LONGEST: usize = 64;

/// Words of small letters and digits with hyphens between them, with a letter first.
#[derive(Debug)]
pub struct Name(String);

impl Name {
    /// The name, where it is one.
    pub fn new(name: &str) -> Result<Name, AddError> {
        let is_word = |word: &str| {
            let is_allowed = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
            !word.is_empty() && word.chars().all(is_allowed)
        };
        let sound = name.starts_with(|first: char| first.is_ascii_lowercase())
            && name.len() <= LONGEST
            && name.split('-').all(is_word);
        match sound {
            true => Ok(Name(name.to_owned())),
            false => Err(AddError::Name {
                given: name.to_owned(),
            }),
        }
    }

    /// `size_guide`: a module of Rust.
    pub fn with_underscores(&self) -> String {
        self.0.replace('-', "_")
    }

    /// `sizeguide`: a file of Go.
    pub fn in_one_word(&self) -> String {
        self.0.replace('-', "")
    }

    /// "Size Guide": for visitors.
    pub fn title(&self) -> String {
        self.capitalised().join(" ")
    }

    /// The text with the name in place of `__name__`, `__title__` and `__type__`.
    pub fn put_into(&self, text: &str) -> String {
        text.replace("__name__", &self.0)
            .replace("__title__", &self.title())
            .replace("__type__", &self.capitalised().concat())
    }

    fn capitalised(&self) -> Vec<String> {
        let words = self.0.split('-').map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_ascii_uppercase() + rest
        });
        words.collect()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_as_each_place_needs_it() {
        let name = Name::new("size-guide-2").expect("a name");
        assert_eq!(name.with_underscores(), "size_guide_2");
        assert_eq!(name.in_one_word(), "sizeguide2");
        let text = name.put_into("__name__ · __title__ · __type__");
        assert_eq!(text, "size-guide-2 · Size Guide 2 · SizeGuide2");
    }
}
