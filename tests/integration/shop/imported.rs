//! The products of Shopify's two example files, as a visitor meets them.

use protium_commerce::sqlite::{Options, Store};
use protium_commerce::{Currency, import};
use tempfile::TempDir;

use super::visitor::{Premises, Visitor, visit};

/// A shop that sells what is in both files, and nothing else.
async fn imported() -> Premises {
    let data = TempDir::new().expect("a temporary directory");
    for name in ["apparel.csv", "home-and-garden.csv"] {
        let file = tests::workspace::path("tests/data/shopify-csv").join(name);
        let store = Store::open(data.path(), Options::default()).expect("a store");
        let reader = std::fs::File::open(&file).expect("a file");
        import::import(&store, reader, name, Currency::EUR).expect("a sound file");
    }
    Premises::open(data).await
}

/// The data of a shop that sells what is in this file.
fn filled(file: &str) -> TempDir {
    let data = TempDir::new().expect("a temporary directory");
    let store = Store::open(data.path(), Options::default()).expect("a store");
    import::import(&store, file.as_bytes(), "test.csv", Currency::EUR).expect("a sound file");
    data
}

/// The handles of the products on the pages of a list, from its first page on.
async fn products(visitor: &mut Visitor, first: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(address) = next {
        let page = visitor
            .opens(&address)
            .await
            .is(200)
            .shows_a_page_of_the_shop();
        let page = page.text();
        let main = between(&page, "<main", "</main>").expect("a main part");
        for rest in main.split("href=\"/products/").skip(1) {
            let handle = rest.split(['"', '?']).next().expect("a handle");
            if !found.iter().any(|known| known == handle) {
                found.push(handle.to_owned());
            }
        }
        next = between(main, "rel=\"next\" href=\"", "\"").map(|link| link.replace("&amp;", "&"));
    }
    found
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?
        .1
        .split_once(after)
        .map(|(found, _)| found)
}

#[test]
fn every_product_is_browsed_and_put_into_a_cart() {
    visit(async {
        let shop = imported().await;
        let mut visitor = shop.visitor();
        let all = products(&mut visitor, "/collections/all").await;
        assert_eq!(all.len(), 40, "{all:?}");
        for handle in &all {
            let page = visitor.opens(&format!("/products/{handle}")).await.is(200);
            let page = page.shows("data-go-id=\"product-form-1\"").text();
            let variant = between(&page, "name=\"variant_id\" value=\"", "\"").expect("a form");
            let mut buyer = shop.visitor();
            buyer
                .submits("/cart/add", &[("variant_id", variant)])
                .await
                .leads_to("/cart");
            buyer
                .opens("/cart")
                .await
                .is(200)
                .shows(&format!("/products/{handle}"));
        }
    });
}

#[test]
fn every_product_is_found_by_its_title() {
    visit(async {
        let shop = imported().await;
        let mut visitor = shop.visitor();
        for handle in products(&mut visitor, "/collections/all").await {
            let page = visitor
                .opens(&format!("/products/{handle}"))
                .await
                .is(200)
                .text();
            let title = between(&page, "<h1", "</h1>").and_then(|heading| heading.split_once('>'));
            let title = title.expect("a title").1;
            let words: String = title.replace("&amp;", " ").replace("&#x27;", " ");
            let query: String = words
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .join("+");
            let found = products(&mut visitor, &format!("/search?q={query}")).await;
            assert!(found.contains(&handle), "{title}: {found:?}");
        }
    });
}

#[test]
fn a_variant_is_chosen_by_its_option_and_bought() {
    visit(async {
        let shop = imported().await;
        let mut visitor = shop.visitor();
        let mut seen = Vec::new();
        for size in ["Small", "Medium", "Large"] {
            let page = visitor
                .opens(&format!("/products/classic-varsity-top?Size={size}"))
                .await
                .is(200)
                .text();
            let variant = between(&page, "name=\"variant_id\" value=\"", "\"").expect("a form");
            assert!(
                !seen.contains(&variant.to_owned()),
                "{size} is another size"
            );
            seen.push(variant.to_owned());
            let added = visitor
                .calls("/cart/add", &[("variant_id", variant)])
                .await
                .is(200)
                .json();
            let lines = added["lines"].as_array().expect("lines");
            let last = lines.iter().any(|line| line.to_string().contains(size));
            assert!(last, "{size} is not in {added}");
        }
    });
}

#[test]
fn collections_of_imported_products_are_in_the_navigation() {
    visit(async {
        let shop = imported().await;
        let mut visitor = shop.visitor();
        let page = visitor.opens("/").await.is(200).text();
        let nav = between(&page, "<nav class=\"site-nav\"", "</nav>").expect("a navigation");
        let links: Vec<_> = nav
            .split("href=\"/collections/")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(links.len() > 2, "{links:?}");
        assert!(links.contains(&"women"), "{links:?}");
        for handle in links {
            let found = products(&mut visitor, &format!("/collections/{handle}")).await;
            assert!(!found.is_empty(), "{handle}");
        }
    });
}

#[test]
fn the_old_spelling_of_a_handle_leads_to_the_product() {
    visit(async {
        let path = tests::workspace::path("tests/data/import/handle-upper-case.csv");
        let file = std::fs::read_to_string(path).expect("a file");
        // Both of its rows are one product by now; the second one is another variant without
        // options.
        let rows: Vec<_> = file.lines().take(2).collect();
        let data = filled(&rows.join("\n"));
        let shop = Premises::open(data).await;
        let mut visitor = shop.visitor();
        let moved = visitor.opens("/products/Blue-Mug?variant=1").await.is(301);
        assert_eq!(moved.header("location"), "/products/blue-mug?variant=1");
        visitor.opens("/products/blue-mug").await.is(200);
    });
}

#[test]
fn two_options_of_one_name_do_not_keep_a_product_from_being_shown() {
    visit(async {
        let file = "Handle,Title,Price,Option1 Name,Option1 Value,Option2 Name,Option2 Value\n\
                    mug,Mug,5,Size,S,Width,L\nmug,,6,,M,,L\n";
        let data = filled(file);
        // As an earlier version imported them.
        let database = rusqlite::Connection::open(data.path().join("shop.db")).expect("a file");
        let twice = "UPDATE product_document SET body = replace(body, 'Width', 'Size')";
        database.execute(twice, []).expect("written");
        drop(database);
        let shop = Premises::open(data).await;
        let page = shop.visitor().opens("/products/mug").await.is(200);
        page.shows("class=\"variant-picker\"")
            .hides("plain-variant");
    });
}
