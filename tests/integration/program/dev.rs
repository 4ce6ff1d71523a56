//! A shop in development says on its pages what its log says.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use tests::workspace::path;

use super::{Running, shop};

/// Data that stay from one run of the tests to the next, with the artifacts in them.
fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn lab(settings: &[&str]) -> Running {
    let mut command = shop(path("tests/e2e/lab"));
    command.env("PROTIUM_DATA", data("dev-lab")).args(settings);
    Running::start(&mut command)
}

/// The theme's shop with these pages of its own.
fn with_pages(pages: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().expect("a temporary directory");
    let folder = directory.path().join("templates/pages");
    fs::create_dir_all(&folder).expect("made");
    for (name, content) in pages {
        let page =
            format!("{{% extends \"layout.html\" %}}{{% block main %}}{content}{{% endblock %}}");
        fs::write(folder.join(format!("{name}.html")), page).expect("written");
    }
    directory
}

#[test]
fn a_panic_in_render_is_in_the_log_and_in_a_box_on_the_page() {
    let source = fs::read_to_string(path("components-go/lab/main.go")).expect("the lab");
    let line = source
        .lines()
        .position(|line| line.contains("panic(\"blown\")"));
    let line = line.expect("the panic") + 1;

    let running = lab(&["--dev"]);
    let page = running.get("/pages/fuses");
    assert_eq!(page.status, 200);
    let page = page.text();
    let said = format!("panic in <go-fuse number=13 blown=true>, lab/main.go:{line}: blown");
    let shown = said.replace('<', "&lt;").replace('>', "&gt;");
    assert!(page.contains("data-go-failed=\"fuse-13\""), "{page}");
    assert!(page.contains(&shown), "{page}");
    assert!(page.contains("Card 13 is resting"), "its fallback stays");
    let log: serde_json::Value =
        serde_json::from_str(&running.logs("a component failed")).expect("JSON");
    assert_eq!(log["message"], said.as_str());

    let page = lab(&[]).get("/pages/fuses").text();
    assert!(!page.contains("data-go-failed") && page.contains("Card 13 is resting"));
}

#[test]
fn a_page_that_is_not_there_says_which_file_to_create() {
    let running = lab(&["--dev"]);
    let page = running.get("/pages/nothing-here");
    assert_eq!(page.status, 404);
    assert!(
        page.text()
            .contains("no templates/pages/nothing-here.html; create it"),
        "{}",
        page.text()
    );
    let page = lab(&[]).get("/pages/nothing-here");
    assert_eq!(page.status, 404);
    assert!(!page.text().contains("create it"));
}

#[test]
fn a_panic_in_the_browser_gets_its_place_and_is_in_the_log() {
    let message = "panic: told to fail\\n\\ngoroutine 1 \
                   [running]:\\npanic(...)\\n\\truntime/panic.go:1 +0x1\\n\
                   main.(*Counter).Fail(...)\\n\\tprotium/lab/main.go:35 +0x2";
    let body = format!(
        "{{\"component\":\"counter\",\"id\":\"counter-1\",\"handler\":\"Fail\",\
          \"props\":{{\"start\":1}},\
         \"message\":\"{message}\"}}"
    );
    let head = "POST /_protium/dev/breakdown HTTP/1.1\r\nContent-Type: application/json\r\n\
                Sec-Fetch-Site: same-origin\r\n";
    let running = lab(&["--dev"]);
    let answer = running.sends(head, &body);
    let said = "panic in Fail of <go-counter start=1>, lab/main.go:35: told to fail";
    assert_eq!((answer.status, answer.text().as_str()), (200, said));
    assert!(running.logs("failed in the browser").contains(said));
    assert_eq!(lab(&[]).sends(head, &body).status, 404);
}

#[test]
fn a_record_of_another_kind_in_a_prop_is_an_error_and_not_a_product_that_is_sold_out() {
    let directory = with_pages(&[(
        "wrong",
        "<go-product-card product=\"{{ shop }}\"></go-product-card>",
    )]);
    let mut command = shop(directory.path());
    command
        .env("PROTIUM_DATA", data("dev-shop"))
        .env("PROTIUM_COMPONENTS", path("components-go/lab"))
        .arg("--dev");
    let running = Running::start(&mut command);
    let page = running.get("/pages/wrong");
    assert_eq!(page.status, 500);
    let page = page.text();
    assert!(
        page.contains("pages/wrong.html:1:") && page.contains("`product` takes a record with "),
        "{page}"
    );
}

#[test]
fn the_theme_gives_its_components_what_they_take() {
    let running = lab(&["--dev"]);
    let all = running.get("/collections/all").text();
    let product = all
        .split(['"', '?'])
        .find(|text| text.starts_with("/products/"));
    let product = product.expect("a product").to_owned();
    for page in ["/", "/collections/all", &product, "/search?q=a", "/cart"] {
        let answer = running.get(page);
        assert_eq!(answer.status, 200, "{page}: {}", answer.text());
        assert!(!answer.text().contains("data-go-failed"), "{page}");
    }
}

#[test]
fn a_component_of_the_sources_that_the_module_lacks_is_named_with_its_place() {
    let directory = with_pages(&[("fuse", "<go-fuse number=\"1\"></go-fuse>")]);
    let mut command = shop(directory.path());
    command
        .env("PROTIUM_DATA", data("dev-store"))
        .env("PROTIUM_COMPONENTS", path("components-go/store"))
        .arg("--dev");
    let page = Running::start(&mut command).get("/pages/fuse");
    assert_eq!(page.status, 500);
    let page = page.text();
    for words in [
        "pages/fuse.html:1:",
        "there is no component &lt;go-fuse&gt;",
        "the running module lacks it, and lab/main.go:",
    ] {
        assert!(page.contains(words), "{page}");
    }
}

#[test]
fn a_module_that_nothing_runs_and_a_field_that_nobody_reads_are_said() {
    let directory = with_pages(&[]);
    fs::write(
        directory.path().join("protium.toml"),
        "[modules.report]\nfile = \"report.wasm\"\n",
    )
    .expect("written");
    fs::create_dir_all(directory.path().join("data")).expect("made");
    fs::copy(
        path("tests/e2e/lab/data/catalogue.csv"),
        directory.path().join("data/catalogue.csv"),
    )
    .expect("copied");
    let mut command = shop(directory.path());
    command
        .env("PROTIUM_DATA", directory.path().join("kept"))
        .env("PROTIUM_COMPONENTS", path("components-go/store"))
        .arg("--dev");
    let running = Running::start(&mut command);
    running.logs("[modules.report] in protium.toml runs when a handler asks it");

    let all = running.get("/collections/all").text();
    let products = all
        .split(['"', '?'])
        .filter(|text| text.starts_with("/products/"));
    let variant = products.into_iter().find_map(|product| {
        let page = running.get(product).text();
        let (_, rest) = page.split_once("name=\"variant_id\" value=\"")?;
        Some(rest.split('"').next()?.to_owned())
    });
    let body = format!("variant_id={}&engraving=Ada", variant.expect("one to buy"));
    let head = "POST /cart/add HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Sec-Fetch-Site: same-origin\r\n";
    let answer = running.sends(head, &body);
    assert_eq!(answer.status, 303, "{}", answer.text());
    let line = running.logs("a field that the shop does not read");
    assert!(
        line.contains("engraving") && !line.contains("variant_id"),
        "{line}"
    );
}
