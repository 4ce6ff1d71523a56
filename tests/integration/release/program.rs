//! The shop's program takes over what its directory has, without a restart.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tests::workspace::path;

use super::{Directory, PATIENCE, TOKEN, data, mark_of};
use crate::program::{Running, shop};

/// A page with the component that these tests change.
pub const SEASON: &str =
    "{% extends \"layout.html\" %}{% block main %}<go-season></go-season>{% endblock %}";

/// Components in a directory of their own: the theme's, and one that changes.
pub struct Components(TempDir);

impl Components {
    pub fn new() -> Components {
        let components = Components(TempDir::new().expect("a directory"));
        for name in ["go.mod", "tinygo-target.json", "ui", "theme", "store"] {
            copy(
                &path("components-go").join(name),
                &components.0.path().join(name),
            );
        }
        components.season("return ui.P(ui.Text(\"spring\"))");
        components
    }

    /// What the component renders.
    pub fn season(&self, render: &str) {
        let source = format!(
            "package main\n\nimport \"protium.dev/components/ui\"\n\ntype season struct{{}}\n\n\
             func init() {{ ui.Register(\"season\", newSeason) }}\n\n\
             func (season) Render() ui.Node {{\n\t{render}\n}}\n\n\
             func newSeason() ui.Component {{ return season{{}} }}\n\n\
             func (season) Bind(*ui.Binder) {{}}\n"
        );
        let file = self.0.path().join("store/season.go");
        fs::write(file, source).expect("written");
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).expect("copied");
        return;
    }
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}

/// A shop that runs. The Go lane needs no toolchain but Go.
pub struct Shop(pub Running);

impl Shop {
    pub fn start(
        name: &str,
        directory: &Directory,
        components: &Components,
        settings: &[&str],
    ) -> Shop {
        let mut command = shop(directory.path());
        command
            .env("PROTIUM_DATA", data(name))
            .env("PROTIUM_COMPONENTS", components.0.path().join("store"))
            .env("PROTIUM_LANE", "go")
            .env("PROTIUM_OPERATOR_TOKEN", TOKEN)
            .envs(PATIENCE)
            .args(settings);
        Shop(Running::start(&mut command))
    }

    /// Runs `release` as an operator does: whether it succeeded, and what it says.
    fn release(&self, directory: &Directory, arguments: &[&str]) -> (bool, String) {
        let mut command: Command = shop(directory.path());
        let url = format!("http://{}", self.0.address);
        command
            .env("PROTIUM_OPERATOR_TOKEN", TOKEN)
            .args(["release", "--url", &url])
            .args(arguments);
        let output = command.output().expect("it runs");
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    }
}

#[test]
fn a_new_component_module_goes_live_and_a_broken_one_is_refused() {
    let (directory, components) = (Directory::new(), Components::new());
    directory.mark("one");
    directory.write("templates/pages/season.html", SEASON);
    let shop = Shop::start("program", &directory, &components, &[]);
    let page = || shop.0.get("/pages/season").text();
    assert!(page().contains("spring"));

    components.season("return ui.P(ui.Text(\"summer\"))");
    assert!(page().contains("spring"), "nothing changes by itself");
    let (ok, said) = shop.release(&directory, &[]);
    assert!(ok && said.contains("current"), "{said}");
    assert!(page().contains("summer"));

    components.season("return no");
    let (ok, said) = shop.release(&directory, &[]);
    assert!(!ok && said.contains("store/season.go:10"), "{said}");
    assert!(
        shop.0
            .logs("a release is refused")
            .contains("store/season.go:10")
    );
    assert!(page().contains("summer"), "the old one goes on");

    let (ok, said) = shop.release(&directory, &["--rollback"]);
    assert!(ok, "{said}");
    assert!(page().contains("spring"));
    let (ok, said) = shop.release(&directory, &["--status"]);
    assert!(ok && said.contains("previous"), "{said}");
    assert!(said.contains("store/season.go:10"), "{said}");
}

#[cfg(unix)]
#[test]
fn sighup_takes_over_what_the_directory_has() {
    let (directory, components) = (Directory::new(), Components::new());
    directory.mark("one");
    directory.write("templates/pages/season.html", SEASON);
    let shop = Shop::start("hangup", &directory, &components, &[]);
    directory.mark("two");
    assert_eq!(mark_of(&shop.0.get("/").text()), "one");
    shop.0.signal("HUP");
    shop.0.logs("a release took over");
    assert_eq!(mark_of(&shop.0.get("/").text()), "two");
    directory.write("templates/home.html", "{% if %}");
    shop.0.signal("HUP");
    let refused = shop.0.logs("a release is refused");
    assert!(refused.contains("home.html:1:"), "{refused}");
    assert_eq!(mark_of(&shop.0.get("/").text()), "two");
}

/// Builds an edge module that knows this price of everything.
fn price(file: &Path, price: u32) {
    build_module(
        file,
        &format!(
            "package main\n\nimport \"os\"\n\nfunc main() {{\n\t\
         os.Stdout.WriteString(`{{\"sku\":\"` + os.Getenv(\"SKU_ID\") + \
         `\",\"stock\":4,\"price\":{price},\"currency\":\"EUR\",\
         \"ts\":1700000000000}}`)\n}}\n"
        ),
    );
}

/// Builds a Go program as a WASI module.
pub fn build_module(file: &Path, program: &str) {
    let source = TempDir::new().expect("a directory");
    fs::write(source.path().join("main.go"), program).expect("written");
    fs::write(source.path().join("go.mod"), "module edge\n\ngo 1.24\n").expect("written");
    let go = tests::toolchain::go().expect("Go");
    let mut build = tests::workspace::command(go, source.path());
    build.args(["build", "-trimpath", "-o"]).arg(file).arg(".");
    build.env("GOOS", "wasip1").env("GOARCH", "wasm");
    tests::workspace::output(&mut build).expect("it builds");
}

#[test]
fn an_edge_module_is_replaced_while_the_shop_runs() {
    let (directory, components) = (Directory::new(), Components::new());
    directory.mark("one");
    let file = directory.path().join("price.wasm");
    let manifest = format!(
        "[shop]\ncurrency = \"EUR\"\n\n[modules.price]\nfile = {:?}\n\n\
         [modules.price.grants]\nenvironment = [\"SKU_ID\"]\n",
        file.display().to_string()
    );
    directory.write("protium.toml", &manifest);
    price(&file, 1_234);
    let shop = Shop::start("edge", &directory, &components, &[]);
    shop.0.says("prewarmed");
    let until = |words: &str| {
        let end = Instant::now() + Duration::from_secs(60);
        while !shop.0.get("/collections/all").text().contains(words) {
            assert!(Instant::now() < end, "no page says {words}");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    until("12.34");
    price(&file, 5_678);
    let (ok, said) = shop.release(&directory, &[]);
    assert!(ok, "{said}");
    until("56.78");

    fs::write(&file, b"\0asm no more").expect("written");
    let (ok, said) = shop.release(&directory, &[]);
    assert!(!ok && said.contains("`price`"), "{said}");
    until("56.78");
}
