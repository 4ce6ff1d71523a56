//! What the command line leaves open, asked line by line on a terminal.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use clap::builder::PossibleValue;

use super::dependency::Dependency;
use super::directory::place_for;
use super::error::NewError;
use super::name::ShopName;
use super::starter::Template;

/// The directory that an empty line stands for.
const DIRECTORY: &str = "my-shop";

/// Whether somebody is there to answer.
pub fn can_be_asked() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// The directory to make.
pub fn directory(terminal: &mut Terminal<impl BufRead, impl Write>) -> Result<PathBuf, NewError> {
    let question = format!("Directory of the shop; its last part is the name [{DIRECTORY}]: ");
    terminal.ask(&question, |answer| {
        let directory = PathBuf::from(if answer.is_empty() { DIRECTORY } else { answer });
        ShopName::of_directory(&directory)?;
        place_for(&directory)?;
        Ok(directory)
    })
}

/// What the shop begins with.
pub fn template(terminal: &mut Terminal<impl BufRead, impl Write>) -> Result<Template, NewError> {
    let templates = Template::value_variants();
    let shown: Vec<PossibleValue> = templates
        .iter()
        .filter_map(ValueEnum::to_possible_value)
        .collect();
    let mut question = String::from("What does it begin with?\n");
    for (place, value) in shown.iter().enumerate() {
        let help = value.get_help().map(ToString::to_string);
        let (number, name) = (place + 1, value.get_name());
        question += &format!("  {number}  {name:8}  {}\n", help.unwrap_or_default());
    }
    question += "Number or name [1]: ";
    terminal.ask(&question, |answer| {
        let number = if answer.is_empty() { "1" } else { answer };
        let by_number = number.parse::<usize>().ok().and_then(|number| {
            let place = number.checked_sub(1)?;
            templates.get(place).copied()
        });
        by_number
            .or_else(|| Template::from_str(answer, true).ok())
            .ok_or_else(|| NewError::NoTemplate {
                given: answer.to_owned(),
            })
    })
}

/// Where Protium is. An empty line stands for the checkout that this program was built from, where
/// that is still there.
pub fn source(
    terminal: &mut Terminal<impl BufRead, impl Write>,
    built_from: &Path,
    tag: Option<&str>,
) -> Result<Dependency, NewError> {
    let known = Dependency::of_checkout(built_from).ok();
    let offered = match &known {
        Some(Dependency::Path(folder)) => format!(" [{}]", folder.display()),
        _ => String::new(),
    };
    let question = format!("Protium: a checkout's directory, or a repository's address{offered}: ");
    terminal.ask(&question, |answer| match &known {
        Some(known) if answer.is_empty() => Ok(known.clone()),
        _ if is_address(answer) => Dependency::of_repository(Some(answer), tag),
        _ if answer.is_empty() => Err(NewError::NoSource),
        _ => Dependency::of_checkout(Path::new(answer)),
    })
}

/// Whether this is the address of a repository, as git writes them, and no directory.
fn is_address(text: &str) -> bool {
    text.contains("://") || text.starts_with("git@")
}

/// Where questions are shown and answered.
pub struct Terminal<I, O> {
    /// What is typed.
    pub input: I,
    /// What is shown.
    pub output: O,
}

impl<I: BufRead, O: Write> Terminal<I, O> {
    /// Asks until there is an answer that can be used.
    fn ask<T>(
        &mut self,
        question: &str,
        read: impl Fn(&str) -> Result<T, NewError>,
    ) -> Result<T, NewError> {
        loop {
            write!(self.output, "{question}")
                .and_then(|()| self.output.flush())
                .map_err(NewError::Terminal)?;
            let mut line = String::new();
            let length = self.input.read_line(&mut line);
            if length.map_err(NewError::Terminal)? == 0 {
                return Err(NewError::NoAnswer);
            }
            match read(line.trim()) {
                Ok(answer) => return Ok(answer),
                Err(problem) => {
                    writeln!(self.output, "{problem}").map_err(NewError::Terminal)?;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a question makes of these lines, and what was shown.
    fn asked<'a, T>(
        lines: &'a str,
        question: impl FnOnce(&mut Terminal<&'a [u8], Vec<u8>>) -> Result<T, NewError>,
    ) -> (Result<T, NewError>, String) {
        let mut terminal = Terminal {
            input: lines.as_bytes(),
            output: Vec::new(),
        };
        let answer = question(&mut terminal);
        let shown = String::from_utf8_lossy(&terminal.output).into_owned();
        (answer, shown)
    }

    #[test]
    fn a_template_is_chosen_by_its_number_or_its_name() {
        for (lines, expected) in [
            ("\n", Template::Minimal),
            ("2\n", Template::Store),
            ("landing\n", Template::Landing),
            ("0\n9\nshelf\nstore\n", Template::Store),
        ] {
            let (chosen, shown) = asked(lines, template);
            assert_eq!(chosen.expect("chosen"), expected);
            assert!(
                shown.contains("2  store     A shop with products"),
                "{shown}"
            );
        }
        let (_, shown) = asked("shelf\n1\n", template);
        assert!(shown.contains("there is no template `shelf`"), "{shown}");
    }

    #[test]
    fn a_name_that_cannot_be_is_asked_for_again() {
        let (directory, shown) = asked("Tea Shop\n/no/such/tea\ntea-shop\n", directory);
        assert_eq!(directory.expect("answered"), Path::new("tea-shop"));
        assert!(shown.contains("`tea-shop` can"), "{shown}");
        assert!(shown.contains("make it first"), "{shown}");
        assert_eq!(shown.matches("Directory of the shop").count(), 3);
    }

    #[test]
    fn protium_is_the_checkout_it_was_built_from_or_what_is_named() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (known, shown) = asked("\n", |t| source(t, here, None));
        let checkout = Dependency::of_checkout(here).expect("a checkout");
        assert_eq!(known.expect("answered"), checkout);
        assert!(shown.contains("framework/protium]: "), "{shown}");

        let elsewhere = Path::new("/no/such/checkout");
        let address = "https://git.example/protium";
        let lines = format!("\nnowhere\n{address}\n");
        let (named, shown) = asked(&lines, |t| source(t, elsewhere, Some("v9")));
        let repository =
            Dependency::of_repository(Some(address), Some("v9")).expect("a repository");
        assert_eq!(named.expect("answered"), repository);
        assert!(shown.contains("where is Protium?"), "{shown}");
        assert!(shown.contains("no checkout of Protium"), "{shown}");
    }

    #[test]
    fn without_an_answer_nothing_is_chosen() {
        let (answer, _) = asked("shelf\n", template);
        assert!(matches!(answer, Err(NewError::NoAnswer)), "{answer:?}");
    }
}
