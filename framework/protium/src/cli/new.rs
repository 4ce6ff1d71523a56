//! `protium new`: makes the directory of a shop from a starter that travels inside the program.
//! What the command line leaves open is asked, where somebody can answer.

mod dependency;
mod directory;
pub(super) mod error;
mod member;
mod name;
mod questions;
mod reference;
mod starter;
mod surroundings;

use std::io;
use std::path::{Path, PathBuf};

use clap::builder::NonEmptyStringValueParser;

use self::dependency::Dependency;
use self::error::NewError;
use self::member::Membership;
use self::name::ShopName;
use self::questions::Terminal;
pub(super) use self::starter::common_file;
use self::starter::{Replacements, Template};
use crate::kit;

/// What its manifest says about profiles.
const PROFILES: &str = concat!("\n", include_str!("../../starters/profiles.toml"));
/// What the manifest of a shop inside another workspace has.
const OWN_WORKSPACE: &str = "\n# The shop is a workspace of its own, not a member of the one \
                             around it.\n[workspace]\n";

/// Make a new shop
#[derive(Debug, clap::Args)]
pub struct New {
    /// The directory to make: the last part of its path is the shop's name
    directory: Option<PathBuf>,
    /// What the shop begins with
    #[arg(long, value_enum)]
    template: Option<Template>,
    /// A checkout of Protium that the shop is built with
    #[arg(long, value_name = "DIRECTORY", conflicts_with = "git")]
    path: Option<PathBuf>,
    /// The address of a git repository of Protium that the shop is built with
    #[arg(long, value_name = "ADDRESS", value_parser = NonEmptyStringValueParser::new())]
    git: Option<String>,
    /// The tag there: when it is not named, the one of this version
    #[arg(
        long,
        value_name = "TAG",
        conflicts_with = "path",
        value_parser = NonEmptyStringValueParser::new()
    )]
    tag: Option<String>,
    /// The shop's name for visitors: when it is not named, made of that of the directory
    #[arg(long, value_name = "TEXT", value_parser = name::title)]
    title: Option<String>,
    /// Make it a member of the Cargo workspace that the directory is in
    #[arg(long)]
    member: bool,
}

impl New {
    /// What is missing on this command line, where nobody can be asked.
    pub fn missing(&self) -> Option<&'static str> {
        match (&self.directory, self.template) {
            _ if questions::can_be_asked() => None,
            (None, _) => Some("there is no directory: protium new DIRECTORY --template TEMPLATE"),
            (_, None) => Some("there is no template: protium new DIRECTORY --template TEMPLATE"),
            _ => None,
        }
    }

    /// Whether only an answer can say where Protium is.
    fn leaves_source_open(&self) -> bool {
        self.path.is_none() && self.git.is_none() && !Dependency::has_repository()
    }
}

/// Makes the directory, and returns what the user is told: where it is, and what to do next. On a
/// terminal it asks for what the command line leaves open.
pub fn run(command: &New) -> Result<String, NewError> {
    make(command, questions::can_be_asked())
}

fn make(command: &New, can_be_asked: bool) -> Result<String, NewError> {
    let mut terminal = Terminal {
        input: io::stdin().lock(),
        output: io::stderr(),
    };
    let directory = match &command.directory {
        Some(directory) => directory.clone(),
        None => questions::directory(&mut terminal)?,
    };
    let name = ShopName::of_directory(&directory)?;
    let place = directory::place_for(&directory)?;
    let template = match command.template {
        Some(template) => template,
        None => questions::template(&mut terminal)?,
    };
    let dependency = match &command.path {
        Some(checkout) => Dependency::of_checkout(checkout)?,
        None if can_be_asked && command.leaves_source_open() => {
            let built_from = Path::new(env!("CARGO_MANIFEST_DIR"));
            questions::source(&mut terminal, built_from, command.tag.as_deref())?
        }
        None => Dependency::of_repository(command.git.as_deref(), command.tag.as_deref())?,
    };
    let title = command.title.clone().unwrap_or_else(|| name.title());
    let workspace = surroundings::workspace_around(&place);
    let shop = place.join(name.as_str());
    let membership = match (&workspace, command.member) {
        (_, false) => None,
        (Some(manifest), true) => Some(Membership::of(manifest, &shop)?),
        (None, true) => return Err(NewError::NoWorkspace { path: place }),
    };
    let files = template.files(&Replacements {
        name: name.as_str(),
        title: &title,
        kit: kit::VERSION,
        protium: &dependency.in_manifest(&shop)?,
        workspace: match (&workspace, &membership) {
            (Some(_), None) => OWN_WORKSPACE,
            _ => "",
        },
        // Cargo takes profiles from the workspace.
        profiles: match membership {
            Some(_) => "",
            None => PROFILES,
        },
    });
    let files = files.iter().map(|(path, content)| (&**path, &**content));
    directory::make(&directory, files)?;
    let shown = directory.display();
    let mut said = format!("{title} is made in {shown}.");
    match (&workspace, &membership) {
        (_, Some(membership)) => {
            if let Err(error) = membership.write() {
                // It is whole or not there.
                let _ = std::fs::remove_dir_all(&directory);
                return Err(error);
            }
            said += &format!(" It is a member of {}.", membership.manifest().display());
        }
        (Some(manifest), None) => {
            said += &format!(
                " It is a workspace of its own, and no member of {}: --member makes it one.",
                manifest.display()
            );
        }
        (None, None) => {}
    }
    let package = match membership {
        Some(_) => format!(" -p {}", name.as_str()),
        None => String::new(),
    };
    said += &format!(
        "\n\n    cd {shown}\n    \
         cargo run{package} -- dev    # opens it, and follows its files\n    \
         cargo test{package}          # tests it"
    );
    Ok(said)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::{Parser, ValueEnum};
    use figment::Figment;
    use figment::providers::{Format, Toml};

    use super::*;
    use crate::config::{Config, Flags};

    /// The command alone, as the command line has it.
    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        new: New,
    }

    fn checkout() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    /// `new` for a directory, with a checkout.
    fn new(directory: &Path, template: Template) -> New {
        New {
            directory: Some(directory.to_owned()),
            template: Some(template),
            path: Some(checkout()),
            git: None,
            tag: None,
            title: None,
            member: false,
        }
    }

    /// Runs it where nobody can be asked.
    fn run_alone(command: &New) -> Result<String, NewError> {
        make(command, false)
    }

    #[test]
    fn an_unknown_template_names_those_that_exist() {
        let line = ["new", "tea", "--template", "shelf"];
        let said = Line::try_parse_from(line).expect_err("refused").to_string();
        for template in Template::value_variants() {
            let known = template.to_possible_value().expect("it is shown");
            assert!(said.contains(known.get_name()), "{said}");
        }
    }

    #[test]
    fn an_address_and_a_tag_are_more_than_nothing() {
        for (git, tag) in [("", "v1"), ("https://git.example/protium", "")] {
            let line = ["new", "tea", "--template", "minimal"];
            let source = ["--git", git, "--tag", tag];
            let said = Line::try_parse_from(line.into_iter().chain(source)).expect_err("refused");
            assert!(said.to_string().contains("a value is required"), "{said}");
        }
    }

    #[test]
    fn a_shop_has_its_name_in_every_place() {
        for template in Template::value_variants() {
            let shops = tempfile::tempdir().expect("a directory");
            let shop = shops.path().join("tea-shop");
            let said = run_alone(&new(&shop, *template)).expect("made");
            assert!(said.starts_with("Tea Shop is made in "), "{said}");
            let read = |path: &str| fs::read_to_string(shop.join(path)).expect(path);

            let manifest = Figment::from(Toml::string(&read("Cargo.toml")));
            let value = |key: &str| manifest.extract_inner::<String>(key).expect(key);
            assert_eq!(value("package.name"), "tea-shop");
            let protium = PathBuf::from(value("dependencies.protium.path"));
            assert!(protium.is_relative(), "{}", protium.display());
            let found = shop
                .join(protium)
                .canonicalize()
                .expect("it leads somewhere");
            let this = Path::new(env!("CARGO_MANIFEST_DIR"));
            assert_eq!(found, this.canonicalize().expect("this crate"));

            assert!(read("src/main.rs").contains("App::new(env!(\"CARGO_MANIFEST_DIR\"))"));
            let go_mod = read("components/go.mod");
            let required = format!("require protium.dev/components {}\n", kit::VERSION);
            assert!(
                go_mod.starts_with("module tea-shop/components\n"),
                "{go_mod}"
            );
            assert!(go_mod.contains(&required), "{go_mod}");
            assert!(read("tests/components.rs").contains("\"CARGO_BIN_EXE_tea-shop\""));
        }
    }

    #[test]
    fn its_configuration_is_accepted() {
        for template in Template::value_variants() {
            let shops = tempfile::tempdir().expect("a directory");
            let shop = shops.path().join("tea-shop");
            run_alone(&new(&shop, *template)).expect("made");
            let config = Config::load(&shop, [], &Flags::default()).expect("accepted");
            assert_eq!(config.shop.name, "Tea Shop");
            assert_eq!(config.components, shop.join("components"));
        }
    }

    #[test]
    fn its_go_module_gets_the_kit_of_this_program() {
        for template in Template::value_variants() {
            let shops = tempfile::tempdir().expect("a directory");
            let shop = shops.path().join("tea-shop");
            run_alone(&new(&shop, *template)).expect("made");
            kit::lay_out(&shop.join("components")).expect("laid out");
            assert!(
                shop.join("components/.protium/components/ui/node.go")
                    .is_file()
            );
        }
    }

    #[test]
    fn inside_a_workspace_it_is_one_of_its_own() {
        let shops = tempfile::tempdir().expect("a directory");
        let workspace = shops.path().join("Cargo.toml");
        fs::write(&workspace, "[workspace]\nmembers = []\n").expect("written");
        let (inside, outside) = (
            shops.path().join("tea"),
            tempfile::tempdir().expect("another"),
        );
        let said = run_alone(&new(&inside, Template::Minimal)).expect("made");
        assert!(said.contains("no member of "), "{said}");
        let is_workspace = |shop: &Path| {
            let manifest = Figment::from(Toml::file_exact(shop.join("Cargo.toml")));
            manifest.find_value("workspace").is_ok()
        };
        assert!(is_workspace(&inside));
        let around = fs::read_to_string(&workspace).expect("read");
        assert_eq!(around, "[workspace]\nmembers = []\n");

        let alone = outside.path().join("tea");
        run_alone(&new(&alone, Template::Minimal)).expect("made");
        assert!(!is_workspace(&alone));
    }

    #[test]
    fn a_member_is_in_the_list_of_the_workspace_and_has_no_profiles() {
        let shops = tempfile::tempdir().expect("a directory");
        let member = |name: &str| New {
            member: true,
            ..new(&shops.path().join(name), Template::Minimal)
        };
        let error = run_alone(&member("tea")).expect_err("there is no workspace");
        assert!(error.to_string().contains("no Cargo workspace"), "{error}");
        assert_eq!(fs::read_dir(shops.path()).expect("a directory").count(), 0);

        let workspace = shops.path().join("Cargo.toml");
        let before = "# Our shops.\n[workspace]\nmembers = [\"coffee\"] # all\n";
        fs::write(&workspace, before).expect("written");
        let said = run_alone(&member("tea")).expect("made");
        assert!(said.contains("cargo test -p tea "), "{said}");
        let after = fs::read_to_string(&workspace).expect("read");
        let expected = "# Our shops.\n[workspace]\nmembers = [\"coffee\", \"tea\"] # all\n";
        assert_eq!(after, expected);
        let manifest = fs::read_to_string(shops.path().join("tea/Cargo.toml")).expect("read");
        assert!(!manifest.contains("[workspace]"), "{manifest}");
        assert!(!manifest.contains("[profile"), "{manifest}");
    }

    #[test]
    fn a_title_is_for_visitors_whatever_is_in_it() {
        for (title, is_accepted) in [
            ("Käte's \"Tea\" & Söhne <fine>\\", true),
            ("", false),
            (" ", false),
            ("a\nb", false),
        ] {
            let line = ["new", "tea", "--template", "store", "--title", title];
            let parsed = Line::try_parse_from(line);
            assert_eq!(parsed.is_ok(), is_accepted, "{title}");
            if !is_accepted {
                continue;
            }
            let shops = tempfile::tempdir().expect("a directory");
            let shop = shops.path().join("tea");
            let titled = New {
                title: Some(title.to_owned()),
                ..new(&shop, Template::Store)
            };
            run_alone(&titled).expect("made");
            let config = Config::load(&shop, [], &Flags::default()).expect("accepted");
            assert_eq!(config.shop.name, title);
        }
    }

    #[test]
    fn without_a_place_for_protium_nothing_is_made() {
        let shops = tempfile::tempdir().expect("a directory");
        let shop = shops.path().join("tea");
        let missing = New {
            path: Some(shops.path().join("nowhere")),
            ..new(&shop, Template::Minimal)
        };
        let error = run_alone(&missing).expect_err("refused");
        assert!(
            error.to_string().contains("no checkout of Protium"),
            "{error}"
        );
        assert_eq!(fs::read_dir(shops.path()).expect("a directory").count(), 0);
    }
}
