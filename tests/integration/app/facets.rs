//! Facets of collections and searches: addresses, caching, markets, and what cannot be meant.

use axum::Router;
use protium_commerce::filter::MAX_CHOSEN;

use super::{Directory, router, runtime};
use crate::cache::premises::{Answer, STATUS, get};

const CONFIG: &str = "[shop]\nname = \"Paper Boat\"\n\
    [price_lists.united-states]\ncurrency = \"USD\"\n\
    [markets.us]\nprefix = \"/us\"\nlocale = \"en-US\"\nprice_list = \"united-states\"\n";

const CATALOGUE: &str = "Handle,Title,Vendor,Tags,Option1 Name,Option1 Value,Variant Price,\
    Price / United States,Collection\n\
    fork,Hand Fork,Oak & Ash,\"steel, gift\",Title,Default Title,18.50,22.00,Tools\n\
    can,Watering Can,Fern,gift,Size,Small,39.00,31.00,Tools\n\
    can,,,,,Large,49.00,41.00,Tools\n\
    glove,Glove,Fern,,Size,Large,9.00,,Tools\n\
    seeds,Seeds,Fern,,Title,Default Title,2.00,2.50,Seeds\n";

fn shop() -> Directory {
    let directory = Directory::new(&[("protium.toml", CONFIG)]);
    let file = directory.path().join("data/catalogue.csv");
    std::fs::write(file, CATALOGUE).expect("written");
    directory
}

/// The handles of the products in a list, in its order.
fn handles(page: &Answer) -> Vec<String> {
    let text = page.text();
    let (_, main) = text.split_once("<main").expect("a main part");
    let (main, _) = main.split_once("</main>").expect("a main part");
    let links = main.split("class=\"card-link\"").skip(1);
    let addresses = links.filter_map(|rest| rest.split("href=\"").nth(1)?.split('"').next());
    let handles = addresses.filter_map(|address| address.rsplit('/').next());
    handles.map(str::to_owned).collect()
}

async fn found(router: &Router, path: &str) -> Vec<String> {
    let page = get(router, path, &[]).await;
    assert_eq!(page.status, 200, "{path}");
    handles(&page)
}

#[test]
fn lists_are_narrowed_in_every_market() {
    let directory = shop();
    runtime().block_on(async {
        let router = router(directory.app()).await;
        for (path, expected) in [
            (
                "/collections/tools?filter.p.vendor=Fern",
                vec!["can", "glove"],
            ),
            (
                "/collections/tools?filter.p.vendor=Fern&filter.p.vendor=Oak+%26+Ash",
                vec!["fork", "can", "glove"],
            ),
            (
                "/collections/tools?filter.v.option.size=Large",
                vec!["can", "glove"],
            ),
            // One and the same variant is large and costs at most 40.
            (
                "/collections/tools?filter.v.option.size=Large&filter.v.price.lte=40",
                vec!["glove"],
            ),
            (
                "/us/collections/tools?filter.v.option.size=Large&filter.v.price.lte=41",
                vec!["can"],
            ),
            (
                "/collections/all?filter.p.tag=gift&sort=price-desc",
                vec!["can", "fork"],
            ),
            ("/search?q=can&filter.v.price.gte=40", vec!["can"]),
            ("/search?q=can&filter.v.price.gte=50", vec![]),
            ("/us/search?q=glove&filter.v.price.gte=1", vec![]),
            (
                "/collections/tools?filter.v.price.gte=40&filter.v.price.lte=10",
                vec![],
            ),
            ("/collections/tools?filter.p.vendor=Nobody", vec![]),
            ("/collections/tools?filter.v.option.none=1", vec![]),
            // What names no facet is no part of the address.
            (
                "/collections/tools?filter.p.none=1",
                vec!["fork", "can", "glove"],
            ),
        ] {
            assert_eq!(found(&router, path).await, expected, "{path}");
        }
        let page = get(&router, "/us/collections/tools?filter.p.vendor=Fern", &[]).await;
        let text = page.text();
        for part in [
            "<meta name=\"robots\" content=\"noindex\">",
            "/us/collections/tools\">",
            "action=\"/us/collections/tools\"",
            "$31.00",
            "<bdi>Oak &amp; Ash</bdi>",
        ] {
            assert!(text.contains(part), "{part}");
        }
        let whole = get(&router, "/collections/tools", &[]).await.text();
        assert!(!whole.contains("noindex") && whole.contains("filter.v.option.size"));
    });
}

#[test]
fn what_cannot_be_meant_is_refused_and_a_page_that_is_not_there_is_not_found() {
    let directory = shop();
    runtime().block_on(async {
        let router = router(directory.app()).await;
        let values = |count: usize| -> String {
            (0..count)
                .map(|number| format!("&filter.p.tag={number}"))
                .collect()
        };
        for (query, status) in [
            ("filter.v.price.gte=cheap".to_owned(), 400),
            ("filter.v.price.lte=99999999999999999999999".to_owned(), 400),
            ("page=0".to_owned(), 400),
            ("page=18446744073709551616".to_owned(), 400),
            (values(MAX_CHOSEN + 1), 400),
            (values(3_000), 414),
            ("page=4294967295".to_owned(), 404),
            ("page=2&filter.p.vendor=Fern".to_owned(), 404),
            (values(MAX_CHOSEN), 200),
        ] {
            for list in ["/collections/tools?", "/search?q=fern&"] {
                let page = get(&router, &format!("{list}{query}"), &[]).await;
                let name: String = query.chars().take(60).collect();
                assert_eq!(page.status, status, "{list}{name}");
                assert!(
                    page.text().contains("<header class=\"site-header\">"),
                    "{name}"
                );
            }
        }
        let gone = get(&router, "/collections/none?filter.p.vendor=Fern", &[]).await;
        assert_eq!(gone.status, 404);
    });
}

#[test]
fn one_choice_is_one_cached_page_and_words_of_a_visitor_are_none() {
    let directory = shop();
    runtime().block_on(async {
        let router = router(directory.app()).await;
        let is_hit = async |path: &str| {
            let page = get(&router, path, &[]).await;
            page.header(STATUS).contains("hit")
        };
        assert!(!is_hit("/collections/tools?filter.p.vendor=Fern&filter.p.tag=gift").await);
        // Another order of the parameters, empty fields, the same twice, and what is no parameter.
        for same in [
            "filter.p.tag=gift&filter.p.vendor=Fern",
            "filter.p.tag=gift&filter.p.vendor=Fern&filter.v.price.gte=&filter.v.price.lte=&x=1",
            "filter.p.vendor=Fern&filter.p.vendor=Fern&filter.p.tag=gift&filter.p.none=2&page=",
        ] {
            assert!(
                is_hit(&format!("/collections/tools?{same}")).await,
                "{same}"
            );
        }
        for _ in 0..2 {
            let path = "/collections/tools?filter.p.vendor=Fern&filter.p.vendor=Whatever";
            assert!(!is_hit(path).await);
            assert_eq!(found(&router, path).await, ["can", "glove"]);
        }
    });
}
