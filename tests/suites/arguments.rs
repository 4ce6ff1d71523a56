//! The part of libtest's command line that chooses tests.

#[derive(Default)]
pub struct Arguments {
    /// Print the names, run nothing.
    pub list: bool,
    filters: Vec<String>,
    skip: Vec<String>,
    exact: bool,
}

impl Arguments {
    pub fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut parsed = Self::default();
        let mut arguments = arguments.peekable();
        while let Some(argument) = arguments.next() {
            let (option, value) = match argument.split_once('=') {
                Some((option, value)) if option.starts_with("--") => {
                    (option.to_owned(), Some(value.to_owned()))
                }
                _ => (argument, None),
            };
            let mut value = || {
                value
                    .clone()
                    .or_else(|| arguments.next())
                    .ok_or(format!("{option} needs a value"))
            };
            match option.as_str() {
                "--list" => parsed.list = true,
                "--exact" => parsed.exact = true,
                "--skip" => parsed.skip.push(value()?),
                // They say how libtest runs or shows its tests; editors and habits pass them.
                "--nocapture" | "--no-capture" | "--quiet" | "-q" | "--show-output" => {}
                "--test-threads" | "--format" | "--color" => drop(value()?),
                option if option.starts_with('-') => {
                    return Err(format!("the test suites have no option {option}"));
                }
                _ => parsed.filters.push(option),
            }
        }
        Ok(parsed)
    }

    pub fn choose_all(&self) -> bool {
        self.filters.is_empty() && self.skip.is_empty()
    }

    /// Whether some test of `suite` may be chosen: a filter that begins with the name of one of
    /// `suites` chooses from no other.
    pub fn may_choose_from(&self, suite: &str, suites: &[String]) -> bool {
        let may = |filter: &String| match filter.split_once("::") {
            Some((named, _)) if suites.iter().any(|one| one == named) => named == suite,
            _ => true,
        };
        self.filters.is_empty() || self.filters.iter().any(may)
    }

    pub fn choose(&self, name: &str) -> bool {
        let matches = |pattern: &String| {
            if self.exact {
                name == pattern
            } else {
                name.contains(pattern.as_str())
            }
        };
        (self.filters.is_empty() || self.filters.iter().any(matches))
            && !self.skip.iter().any(matches)
    }
}
