//! In development a change of any file is a release.

use std::time::{Duration, Instant};

use super::program::{Components, Shop};
use super::{Directory, mark_of};

#[test]
fn templates_styles_and_components_are_as_they_were_saved() {
    let (directory, components) = (Directory::new(), Components::new());
    directory.mark("one");
    directory.write("templates/pages/season.html", super::program::SEASON);
    let shop = Shop::start("dev", &directory, &components, &["--dev"]);
    let page = || shop.0.get("/pages/season");
    assert_eq!(mark_of(&page().text()), "one");

    directory.mark("two");
    assert_eq!(mark_of(&page().text()), "two", "the next request shows it");
    assert!(shop.0.get("/static/mark.css").text().contains("two"));

    directory.write("templates/pages/season.html", "\n{{ 1 + }}");
    let broken = page();
    assert_eq!(broken.status, 500);
    assert!(
        broken.text().contains("pages/season.html:2:"),
        "{}",
        broken.text()
    );
    assert_eq!(shop.0.get("/").status, 200, "other pages stay");
    directory.write("templates/pages/season.html", super::program::SEASON);
    assert_eq!(page().status, 200);

    let until = |words: &str| {
        let end = Instant::now() + Duration::from_secs(240);
        while !page().text().contains(words) {
            assert!(Instant::now() < end, "`{words}`: {}", page().text());
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    components.season("return ui.P(ui.Text(\"autumn\"))");
    until("autumn");
    components.season("return no");
    until("store/season.go:10");
    components.season("return ui.P(ui.Text(\"winter\"))");
    until("winter");
    assert_eq!(shop.0.get("/").status, 200);
}
