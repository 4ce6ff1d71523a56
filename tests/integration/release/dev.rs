//! In development a change of any file is a release.

use std::io::{BufRead, BufReader, Write};
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

/// What open pages are told, by a connection that stays.
struct Told(BufReader<std::net::TcpStream>);

impl Told {
    fn by(shop: &Shop) -> Told {
        let mut stream = shop.0.connect();
        let host = shop.0.address;
        let request = format!(
            "GET /_protium/dev/events HTTP/1.1\r\nHost: {host}\r\n\
             Sec-Fetch-Site: same-origin\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("it reads");
        Told(BufReader::new(stream))
    }

    /// The next state of the shop's files; `None` at the end of the connection.
    fn next(&mut self) -> Option<serde_json::Value> {
        loop {
            let mut line = String::new();
            match self.0.read_line(&mut line).expect("a line in time") {
                0 => return None,
                _ => {
                    if let Some(state) = line.strip_prefix("data: ") {
                        return serde_json::from_str(state).ok();
                    }
                }
            }
        }
    }

    /// The first state from now on that is like this.
    fn until(&mut self, wanted: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        loop {
            let state = self.next().expect("a state");
            if wanted(&state) {
                return state;
            }
        }
    }
}

#[test]
fn open_pages_are_told_of_each_change_without_asking_for_it() {
    let (directory, components) = (Directory::new(), Components::new());
    directory.mark("one");
    let shop = Shop::start("told", &directory, &components, &["--dev"]);
    let page = shop.0.get("/").text();
    let release = super::between(&page, "data-go-release=\"", "\"").expect("every page has it");
    let mut told = Told::by(&shop);
    let first = told.next().expect("a state");
    assert_eq!(first["release"], release);
    assert_eq!(first["errors"].as_array().map(Vec::len), Some(0));

    directory.write("static/mark.css", "p { --mark: green }");
    let style = "/static/mark.css";
    let styled = told.until(|state| state["styles"][style] != first["styles"][style]);
    assert_eq!(styled["pages"], first["pages"], "only a style differs");

    directory.write("templates/home.html", "\n\n{{ 1 + }}");
    let broken = told.until(|state| state["pages"] != styled["pages"]);
    let error = &broken["errors"][0];
    assert_eq!(
        (&error["file"], &error["line"]),
        (&"templates/home.html".into(), &3.into())
    );
    directory.write("templates/home.html", "<p>whole</p>");
    let mended = told.until(|state| state["errors"][0].is_null());
    assert_eq!(mended["module"], first["module"]);

    components.season("return no");
    let broken = told.until(|state| !state["errors"][0].is_null());
    let error = &broken["errors"][0];
    assert_eq!(
        (&error["file"], &error["line"]),
        (&"store/season.go".into(), &10.into())
    );
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|text| text.contains("undefined: no"))
    );
    assert_eq!(broken["release"], mended["release"], "the old one stays");
    components.season("return ui.P(ui.Text(\"autumn\"))");
    told.until(|state| state["errors"][0].is_null() && state["module"] != first["module"]);

    #[cfg(unix)]
    {
        shop.0.signal("TERM");
        while told.next().is_some() {}
    }
}

#[test]
fn other_sites_are_told_nothing_and_outside_of_development_nobody_is() {
    let (directory, components) = (Directory::new(), Components::new());
    directory.mark("one");
    let shop = Shop::start("told-others", &directory, &components, &["--dev"]);
    let asked = |shop: &Shop, header: &str| {
        let head = format!(
            "GET /_protium/dev/events HTTP/1.1\r\nAccept: application/json\r\n{header}\r\n"
        );
        shop.0.sends(&head, "").status
    };
    assert_eq!(asked(&shop, "Sec-Fetch-Site: cross-site"), 403);
    assert_eq!(asked(&shop, "Origin: https://other.example"), 403);
    let shop = Shop::start("told-others", &directory, &components, &[]);
    assert_eq!(asked(&shop, "Sec-Fetch-Site: same-origin"), 404);
    assert!(!shop.0.get("/").text().contains("data-go-release"));
}
