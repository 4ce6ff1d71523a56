//! `protium add`: puts a page, a component, an edge module or a language into a shop, with its
//! test.

mod changes;
pub(super) mod error;
mod name;

use std::path::Path;

use clap::ValueEnum;
use figment::Figment;
use figment::providers::{Format, Toml};
use protium_types::locale::known;

use self::changes::Changes;
use self::error::AddError;
use self::name::Name;
use crate::cli::new::common_file;
use crate::config::FILE;
use crate::kit;

/// Add a page, a component, an edge module or a language to the shop, with its test
#[derive(Debug, clap::Args)]
pub struct Add {
    /// What is added
    #[arg(value_enum)]
    kind: Kind,
    /// Its name: small letters, digits and hyphens; of a locale, for example de or de-AT
    name: String,
    /// Only say which files would be made or changed
    #[arg(long)]
    dry_run: bool,
}

/// What can be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A plain page at /pages/NAME: a template
    Page,
    /// A component that the server renders, and that needs nothing in the browser
    Component,
    /// A component with a state, that comes alive in the browser
    Island,
    /// A module that handlers and the prewarm ask about a SKU
    EdgeModule,
    /// The shop's own messages in one more language, to be translated
    Locale,
}

/// Adds it to the shop in `root`, and returns what the user is told.
pub fn run(command: &Add, root: &Path) -> Result<String, AddError> {
    if !root.join(FILE).is_file() {
        return Err(AddError::NoShop {
            path: root.to_owned(),
        });
    }
    // What is added is of this program's version.
    kit::check(&root.join("components"))?;
    let (changes, next) = match command.kind {
        Kind::Locale => locale(root, &command.name)?,
        kind => {
            let name = Name::new(&command.name)?;
            match kind {
                Kind::Page => page(root, &name)?,
                Kind::EdgeModule => edge_module(root, &name)?,
                Kind::Component | Kind::Locale => component(root, &name, false)?,
                Kind::Island => component(root, &name, true)?,
            }
        }
    };
    let done = changes.sentences(command.dry_run);
    if !command.dry_run {
        changes.apply(root)?;
    }
    Ok(format!("{done}{next}"))
}

fn page(root: &Path, name: &Name) -> Result<(Changes, String), AddError> {
    let mut changes = Changes::default();
    changes.make(
        format!("templates/pages/{name}.html"),
        name.put_into(include_str!("../../additions/page.html")),
    );
    changes.make(
        format!("tests/page_{}.rs", name.with_underscores()),
        name.put_into(include_str!("../../additions/page.rs")),
    );
    // Every shop that `new` made has it.
    let running = "tests/running/mod.rs";
    if !root.join(running).exists()
        && let Some(text) = common_file(running)
    {
        changes.make(
            running.to_owned(),
            text.replace("__name__", &crate_of(root)?),
        );
    }
    let next = format!("\nIt is at /pages/{name}; `cargo test` asks for it.");
    Ok((changes, next))
}

/// The name of the shop's crate.
fn crate_of(root: &Path) -> Result<String, AddError> {
    let manifest = root.join("Cargo.toml");
    let name = Figment::from(Toml::file_exact(&manifest)).extract_inner("package.name");
    name.map_err(|_| AddError::NoCrate { path: manifest })
}

fn component(root: &Path, name: &Name, is_island: bool) -> Result<(Changes, String), AddError> {
    let folder = root.join("components");
    if !folder.join("go.mod").is_file() {
        return Err(AddError::NoGoModule { path: folder });
    }
    let registered = format!("Register(\"{name}\"");
    let own = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let own = own.filter_map(|entry| std::fs::read_to_string(entry.path()).ok());
    if kit::theme_has(&registered) || own.into_iter().any(|text| text.contains(&registered)) {
        return Err(AddError::Registered {
            name: name.to_string(),
        });
    }
    let (code, test, attribute) = match is_island {
        false => (
            include_str!("../../additions/component.go"),
            include_str!("../../additions/component_test.go"),
            "",
        ),
        true => (
            include_str!("../../additions/island.go"),
            include_str!("../../additions/island_test.go"),
            " hydrate=\"visible\"",
        ),
    };
    let mut changes = Changes::default();
    // Without underscores: Go would take the word behind one for an operating system.
    let file = name.in_one_word();
    changes.make(format!("components/{file}.go"), name.put_into(code));
    changes.make(format!("components/{file}_test.go"), name.put_into(test));
    let title = name.title();
    let next = format!(
        "\nA template shows it:\n\n    \
         <go-{name} title=\"{title}\" text=\"…\"{attribute}></go-{name}>\n\n\
         `cargo test` tests it."
    );
    Ok((changes, next))
}

fn edge_module(root: &Path, name: &Name) -> Result<(Changes, String), AddError> {
    let folder = root.join("components");
    if !folder.join("go.mod").is_file() {
        return Err(AddError::NoGoModule { path: folder });
    }
    let path = root.join(FILE);
    let config = std::fs::read_to_string(&path).map_err(|source| AddError::Read {
        path: path.clone(),
        source,
    })?;
    let key = format!("modules.{name}");
    if Figment::from(Toml::string(&config))
        .find_value(&key)
        .is_ok()
    {
        return Err(AddError::Registered {
            name: name.to_string(),
        });
    }
    let changed = format!("{}\n\n[{key}.grants]\ndatabase = true\n", config.trim_end());
    if Figment::from(Toml::string(&changed))
        .find_value(&key)
        .is_err()
    {
        return Err(AddError::Configuration { path });
    }
    let mut changes = Changes::default();
    for (file, text) in [
        ("main.go", include_str!("../../additions/edge_module.go")),
        (
            "main_test.go",
            include_str!("../../additions/edge_module_test.go"),
        ),
    ] {
        changes.make(format!("components/edge/{name}/{file}"), text.to_owned());
    }
    changes.change(FILE.to_owned(), changed);
    let next = format!(
        "\nA handler asks it: shop.edge(\"{name}\").ask(sku). It may read the shop's database. \
         `cargo test` tests it."
    );
    Ok((changes, next))
}

fn locale(root: &Path, name: &str) -> Result<(Changes, String), AddError> {
    let shown = market_locale(name).ok_or_else(|| AddError::Locale {
        name: name.to_owned(),
        known: known().join(", "),
    })?;
    let path = root.join("messages/en.json");
    let english =
        std::fs::read_to_string(&path).map_err(|source| AddError::Read { path, source })?;
    let mut changes = Changes::default();
    changes.make(format!("messages/{name}.json"), english);
    let test = "tests/messages.rs";
    if !root.join(test).exists() {
        let text = include_str!("../../additions/messages.rs");
        changes.make(test.to_owned(), text.to_owned());
    }
    let prefix = name.to_lowercase();
    let next = format!(
        "\nIts texts are to be translated; those of the base theme can be added. A market shows \
         it, in {FILE}:\n\n    [markets.{prefix}]\n    prefix = \"/{prefix}\"\n    \
         locale = \"{shown}\"\n\n`cargo test` finds messages that it lacks."
    );
    Ok((changes, next))
}

/// The locale of a market whose messages are in the file of this name: of a language (`de`) the one
/// of its own country, else any that there is.
fn market_locale(name: &str) -> Option<String> {
    let known = known();
    if known.iter().any(|locale| locale == name) {
        return Some(name.to_owned());
    }
    let own = format!("{name}-{}", name.to_uppercase());
    let of_language = |locale: &&String| {
        let language = locale.split_once('-').map(|(language, _)| language);
        language == Some(name)
    };
    let found = known.iter().find(|locale| **locale == own);
    found.or_else(|| known.iter().find(of_language)).cloned()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A shop as far as `add` looks at one.
    fn shop() -> tempfile::TempDir {
        let shop = tempfile::tempdir().expect("a directory");
        let write = |path: &str, text: &str| {
            let file = shop.path().join(path);
            fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            fs::write(file, text).expect("written");
        };
        write("Cargo.toml", "[package]\nname = \"tea-shop\"\n");
        write(FILE, "[shop]\nname = \"Tea\"\n");
        write("components/go.mod", "module tea\n");
        write("messages/en.json", "{ \"tea\": \"Tea\" }\n");
        shop
    }

    fn add(shop: &Path, kind: Kind, name: &str) -> Result<String, AddError> {
        let command = Add {
            kind,
            name: name.to_owned(),
            dry_run: false,
        };
        run(&command, shop)
    }

    const KINDS: [(Kind, &str, &[&str]); 5] = [
        (
            Kind::Page,
            "opening-hours",
            &[
                "templates/pages/opening-hours.html",
                "tests/page_opening_hours.rs",
                "tests/running/mod.rs",
            ],
        ),
        (
            Kind::Component,
            "size-linux",
            &["components/sizelinux.go", "components/sizelinux_test.go"],
        ),
        (
            Kind::Island,
            "questions",
            &["components/questions.go", "components/questions_test.go"],
        ),
        (
            Kind::EdgeModule,
            "in-stock",
            &[
                "components/edge/in-stock/main.go",
                "components/edge/in-stock/main_test.go",
            ],
        ),
        (
            Kind::Locale,
            "de-AT",
            &["messages/de-AT.json", "tests/messages.rs"],
        ),
    ];

    #[test]
    fn each_kind_has_its_files_with_its_name_in_them() {
        for (kind, name, files) in KINDS {
            let shop = shop();
            let said = add(shop.path(), kind, name).expect("added");
            for file in files {
                let text = fs::read_to_string(shop.path().join(file)).expect(file);
                assert!(!text.contains("__"), "{file}: {text}");
                assert!(said.contains(&format!("made     {file}\n")), "{said}");
            }
            assert!(said.contains("`cargo test`"), "{said}");
        }
    }

    #[test]
    fn what_is_there_is_refused_and_left_as_it_is() {
        for (kind, name, files) in KINDS {
            let shop = shop();
            add(shop.path(), kind, name).expect("added");
            let config = fs::read_to_string(shop.path().join(FILE)).expect("read");
            fs::write(shop.path().join(files[0]), "changed").expect("written");
            let refused = add(shop.path(), kind, name).expect_err("refused");
            assert!(refused.to_string().contains("another"), "{refused}");
            let left = fs::read_to_string(shop.path().join(files[0])).expect("read");
            assert_eq!(left, "changed");
            let left = fs::read_to_string(shop.path().join(FILE)).expect("read");
            assert_eq!(left, config);
        }
    }

    #[test]
    fn messages_of_a_language_are_for_a_market_of_it() {
        for (name, shown) in [("de", "de-DE"), ("de-AT", "de-AT"), ("sv", "sv-SE")] {
            assert_eq!(market_locale(name).as_deref(), Some(shown));
        }
        let shop = shop();
        let said = add(shop.path(), Kind::Locale, "de").expect("added");
        assert!(said.contains("locale = \"de-DE\""), "{said}");
        assert!(shop.path().join("messages/de.json").is_file());
    }

    #[test]
    fn a_dry_run_only_says_what_would_be_done() {
        let shop = shop();
        let command = Add {
            kind: Kind::EdgeModule,
            name: "stock".to_owned(),
            dry_run: true,
        };
        let said = run(&command, shop.path()).expect("said");
        assert!(
            said.contains("would make    components/edge/stock/main.go"),
            "{said}"
        );
        assert!(said.contains("would change  protium.toml"), "{said}");
        assert!(!shop.path().join("components/edge").exists());
        let config = fs::read_to_string(shop.path().join(FILE)).expect("read");
        assert!(!config.contains("modules"), "{config}");
    }

    #[test]
    fn an_edge_module_is_granted_the_database_after_all_that_was_in_the_file() {
        let shop = shop();
        add(shop.path(), Kind::EdgeModule, "stock").expect("added");
        let config = fs::read_to_string(shop.path().join(FILE)).expect("read");
        let all = "[shop]\nname = \"Tea\"\n\n[modules.stock.grants]\ndatabase = true\n";
        assert_eq!(config, all);
        // What is no TOML stays so, and gets nothing.
        fs::write(shop.path().join(FILE), "[shop\n").expect("written");
        let refused = add(shop.path(), Kind::EdgeModule, "price").expect_err("refused");
        assert!(refused.to_string().contains(FILE), "{refused}");
        assert!(!shop.path().join("components/edge/price").exists());
    }

    #[test]
    fn a_component_of_the_theme_or_of_the_shop_is_not_made_again() {
        let shop = shop();
        let code = "func init() { ui.Register(\"brew-guide\", nil) }";
        fs::write(shop.path().join("components/brew_guide.go"), code).expect("written");
        for name in ["product-form", "brew-guide"] {
            let refused = add(shop.path(), Kind::Island, name).expect_err("refused");
            assert!(matches!(refused, AddError::Registered { .. }), "{refused}");
        }
    }

    #[test]
    fn what_no_address_or_language_is_called_is_refused() {
        let shop = shop();
        for name in ["", "Hours", "a b", "../hours", "a--b", "-a", "a-", "7", "ä"] {
            for kind in [Kind::Page, Kind::Island, Kind::EdgeModule] {
                let refused = add(shop.path(), kind, name).expect_err("refused");
                assert!(matches!(refused, AddError::Name { .. }), "{refused}");
            }
        }
        for name in ["", "klingon", "../de", "de-"] {
            let refused = add(shop.path(), Kind::Locale, name).expect_err("refused");
            assert!(matches!(refused, AddError::Locale { .. }), "{refused}");
        }
    }
}
