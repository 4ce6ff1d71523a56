//! Markets are chosen by host and path alone, and each has pages of its own.

use protium::prelude::*;

use super::{Directory, router, runtime};
use crate::cache::premises::get;

const CONFIG: &str = "[shop]\nname = \"Paper Boat\"\n\
    [markets.de]\nhost = \"buch.example\"\nlocale = \"de-DE\"\ncountry = \"DE\"\n\
    [price_lists.us]\ncurrency = \"USD\"\n\
    [markets.us]\nprefix = \"/us\"\nlocale = \"en-US\"\nprice_list = \"us\"\n";

const FILES: &[(&str, &str)] = &[
    ("protium.toml", CONFIG),
    (
        "templates/market.html",
        "<!doctype html><title>x</title><p>{{ name }} {{ market.currency }} {{ path }}</p>",
    ),
];

async fn market(market: Market) -> Page {
    Page::new("market.html").data("name", &market.name)
}

#[test]
fn host_and_path_choose_the_market_and_a_hit_is_of_the_same_market() {
    let directory = Directory::new(FILES);
    let app = directory.app().page("/market", market);
    runtime().block_on(async {
        let router = router(app).await;
        let german = [("host", "buch.example"), ("accept-language", "fr")];
        let other = [("host", "books.example"), ("accept-language", "de")];
        for _ in 0..2 {
            let page = get(&router, "/market", &german).await.text();
            assert!(page.contains("<p>de EUR /market</p>"), "{page}");
            let page = get(&router, "/market", &other).await.text();
            assert!(page.contains("<p>default EUR /market</p>"), "{page}");
            let page = get(&router, "/us/market", &other).await.text();
            assert!(page.contains("<p>us USD /market</p>"), "{page}");
        }
        let missing = get(&router, "/usual", &other).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
    });
}
