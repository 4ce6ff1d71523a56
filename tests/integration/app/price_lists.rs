//! Prices of a market's own list: from the configuration to the page, the cart and the search.

use axum::Router;
use axum::http::Method;
use protium::prelude::*;
use serde_json::Value;

use super::{Directory, router, runtime};
use crate::cache::premises::{Answer, get, send_body};

const CONFIG: &str = "[shop]\nname = \"Paper Boat\"\n\
    [price_lists.united-states]\ncurrency = \"USD\"\n\
    [markets.us]\nprefix = \"/us\"\nlocale = \"en-US\"\nprice_list = \"united-states\"\n";

/// Twine is not sold in the United States.
const CATALOGUE: &str = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,\
    Price / United States,Compare At Price / United States,Collection\n\
    fork,Hand Fork,Title,Default Title,HAND-FORK,18.50,12.00,15.00,Tools\n\
    can,Watering Can,Size,Small,CAN-S,39.00,31.00,,Tools\n\
    can,,,Large,CAN-L,49.00,41.00,,Tools\n\
    twine,Garden Twine,Title,Default Title,TWINE,3.00,,,Tools\n";

/// A shop with a market that has prices of its own.
fn shop(config: &str, catalogue: &str) -> Directory {
    let directory = Directory::new(&[("protium.toml", config)]);
    let file = directory.path().join("data/catalogue.csv");
    std::fs::write(file, catalogue).expect("written");
    directory
}

async fn json(router: &Router, path: &str, cookie: &str) -> Value {
    let headers = [("accept", "application/json"), ("cookie", cookie)];
    get(router, path, &headers).await.json()
}

async fn sends(router: &Router, path: &str, cookie: &str, body: &str) -> Answer {
    let headers = [
        ("accept", "application/json"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
        ("cookie", cookie),
    ];
    send_body(router, Method::POST, path, &headers, body).await
}

fn has(page: &str, shown: &[&str], hidden: &[&str]) {
    let (_, page) = page.split_once("<main").expect("a main part");
    let (page, _) = page.split_once("</main>").expect("a main part");
    for text in shown {
        assert!(page.contains(text), "{text} is not in {page}");
    }
    for text in hidden {
        assert!(!page.contains(text), "{text} is in {page}");
    }
}

/// Whether a page shows a price, soon.
async fn shows(router: &Router, path: &str, price: &str) -> bool {
    for _ in 0..200 {
        if get(router, path, &[]).await.text().contains(price) {
            return true;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    false
}

#[test]
fn pages_of_a_market_show_the_prices_of_its_list() {
    let directory = shop(CONFIG, CATALOGUE);
    runtime().block_on(async {
        let router = router(directory.app()).await;
        // Twice, in turns: what is kept for one market is not shown in the other.
        for _ in 0..2 {
            for (path, dollars, euros) in [
                ("/products/fork", "$12.00", "€18.50"),
                ("/products/can?variant=3", "$41.00", "€49.00"),
                ("/collections/tools", "$31.00", "€39.00"),
                ("/", "$12.00", "€18.50"),
                ("/search?q=fork", "$12.00", "€18.50"),
            ] {
                let page = get(&router, &format!("/us{path}"), &[]).await.text();
                has(&page, &[dollars], &[euros, "€"]);
                let page = get(&router, path, &[]).await.text();
                has(&page, &[euros], &[dollars, "$"]);
            }
        }
        let page = get(&router, "/us/products/fork", &[]).await.text();
        has(&page, &["$15.00"], &[]);
        assert!(page.contains("Prices in USD."), "{page}");
        let found = json(&router, "/us/search/suggest?q=fork", "").await;
        assert_eq!(found["products"][0]["price_min"], 1200);
        let found = json(&router, "/search/suggest?q=fork", "").await;
        assert_eq!(found["products"][0]["price_min"], 1850);
    });
}

#[test]
fn what_a_markets_list_has_no_price_of_is_not_sold_there() {
    let directory = shop(CONFIG, CATALOGUE);
    runtime().block_on(async {
        let router = router(directory.app()).await;
        let missing = get(&router, "/us/products/twine", &[]).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
        let page = get(&router, "/us/collections/all", &[]).await.text();
        has(&page, &["Hand Fork"], &["Twine"]);
        let page = get(&router, "/collections/all", &[]).await.text();
        has(&page, &["Garden Twine"], &[]);
        let variant = get(&router, "/products/twine", &[]).await.text();
        let (_, rest) = variant
            .split_once("name=\"variant_id\" value=\"")
            .expect("a form");
        let fields = format!("variant_id={}", rest.split('"').next().expect("an id"));
        let refused = sends(&router, "/us/cart/add", "", &fields).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{}", refused.text());
    });
}

#[test]
fn a_cart_has_the_prices_of_the_market_that_it_is_looked_at_in() {
    let directory = shop(CONFIG, CATALOGUE);
    runtime().block_on(async {
        let router = router(directory.app()).await;
        let found = get(&router, "/us/products/fork", &[]).await.text();
        let (_, rest) = found
            .split_once("name=\"variant_id\" value=\"")
            .expect("a form");
        let variant = rest.split('"').next().expect("an id");
        let fields = format!("variant_id={variant}&quantity=2");
        let added = sends(&router, "/us/cart/add", "", &fields).await;
        let cart = added.json();
        assert_eq!(
            (&cart["subtotal"], &cart["currency"]),
            (&2400.into(), &"USD".into())
        );
        let cookie = added
            .header("set-cookie")
            .split(';')
            .next()
            .expect("a cookie")
            .to_owned();
        let line = cart["lines"][0]["id"].to_string();
        let change = format!("line={line}&quantity=3");
        let changed = sends(&router, "/us/cart/update", &cookie, &change)
            .await
            .json();
        assert_eq!(changed["lines"][0]["unit_price"], 1200);
        assert_eq!(changed["subtotal"], 3600);
        let page = get(&router, "/us/cart", &[("cookie", &cookie)])
            .await
            .text();
        has(&page, &["$36.00"], &["€"]);
        let here = json(&router, "/cart", &cookie).await;
        assert_eq!(
            (&here["subtotal"], &here["currency"]),
            (&5550.into(), &"EUR".into())
        );
        let empty = json(&router, "/us/cart", "").await;
        assert_eq!(empty["currency"], "USD");
    });
}

#[test]
fn prices_of_a_list_are_imported_into_a_shop_that_is_open() {
    let directory = shop(CONFIG, CATALOGUE);
    runtime().block_on(async {
        let shop = directory.app().open().await.expect("the shop opens");
        let router = shop.router();
        let file = directory.path().join("prices.csv");
        let prices =
            "URL handle,SKU,Price / united-states\nfork,HAND-FORK,11.25\ntwine,TWINE,2.00\n";
        std::fs::write(&file, prices).expect("written");
        let report = Shop::import(shop.config(), &file).await.expect("imported");
        assert_eq!((report.updated, report.warnings.len()), (2, 0));
        assert!(shows(&router, "/us/products/fork", "$11.25").await);
        assert!(shows(&router, "/us/products/twine", "$2.00").await);
    });
}

/// The block of code in a language in the document about markets.
fn documented(language: &str) -> String {
    let document = tests::workspace::path("framework/docs/markets.md");
    let document = std::fs::read_to_string(document).expect("a document");
    let (_, rest) = document
        .split_once(&format!("```{language}\n"))
        .expect("a block of code");
    rest.split("```").next().unwrap_or_default().to_owned()
}

#[test]
fn the_document_about_markets_is_true() {
    let directory = Directory::new(&[("protium.toml", &documented("toml"))]);
    runtime().block_on(async {
        let shop = directory.app().open().await.expect("the shop opens");
        let router = shop.router();
        let file = directory.path().join("prices.csv");
        std::fs::write(&file, documented("csv")).expect("written");
        let report = Shop::import(shop.config(), &file).await.expect("imported");
        assert_eq!((report.updated, report.warnings.len()), (1, 0));
        assert!(shows(&router, "/us/products/hand-fork", "$21.50").await);
        assert!(shows(&router, "/us/products/hand-fork", "$24.00").await);
        let database = rusqlite::Connection::open(shop.config().data.join("shop.db"));
        let changed = database
            .expect("the database")
            .execute(&documented("sql"), []);
        assert_eq!(changed, Ok(1));
        assert!(shows(&router, "/us/products/hand-fork", "$19.75").await);
        let german = get(&router, "/products/hand-fork", &[("host", "laden.example")]).await;
        assert!(german.text().contains("24,00\u{a0}€"), "{}", german.text());
    });
}

/// What a shop says that does not open.
fn refusal(config: &str) -> String {
    let directory = Directory::new(&[("protium.toml", config)]);
    let error = runtime().block_on(directory.app().router());
    error.expect_err("it does not open").to_string()
}

#[test]
fn an_unknown_price_list_is_named_at_start() {
    let said = refusal("[markets.us]\nprefix = \"/us\"\nprice_list = \"exprot\"\n");
    assert!(said.contains("protium.toml"), "{said}");
    assert!(said.contains("markets.us.price_list"), "{said}");
    assert!(said.contains("there is no price list `exprot`"), "{said}");
}

#[test]
fn a_market_in_another_currency_needs_prices_in_it() {
    let said = refusal("[markets.us]\nprefix = \"/us\"\ncurrency = \"USD\"\n");
    assert!(said.contains("market `us` is in USD"), "{said}");
}

#[test]
fn a_price_list_keeps_its_currency() {
    let directory = shop(CONFIG, CATALOGUE);
    runtime().block_on(async {
        drop(router(directory.app()).await);
        let other = CONFIG.replace("USD", "GBP");
        std::fs::write(directory.path().join("protium.toml"), other).expect("written");
        let error = directory
            .app()
            .router()
            .await
            .expect_err("it does not open");
        let said = error.to_string();
        assert!(
            said.contains("`united-states`") && said.contains("GBP"),
            "{said}"
        );
    });
}
