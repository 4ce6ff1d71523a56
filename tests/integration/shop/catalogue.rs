//! What is in the catalogue as pages show it: the demo, and a catalogue that was written to break
//! pages.

use protium_commerce::sqlite::{Options, Store};
use protium_commerce::{Card, Catalogue, Context, Currency, PageRequest, import};
use tempfile::TempDir;

use super::visitor::{Premises, Visitor, visit};

/// A store with a file of products in a data directory of its own.
fn stocked(csv: &str) -> (TempDir, Store) {
    let data = TempDir::new().expect("a temporary directory");
    let store = Store::open(data.path(), Options::default()).expect("a store");
    import::import(&store, csv.as_bytes(), "test.csv", Currency::EUR).expect("a sound file");
    (data, store)
}

async fn cards(store: &Store, handle: &str) -> Vec<Card> {
    let context = Context::new("en-US", Currency::EUR);
    let mut page = PageRequest::default();
    let mut cards = Vec::new();
    loop {
        let found = store.collection(&context, handle, &page).await;
        let found = found.expect("an answer").expect("a collection");
        cards.extend(found.products);
        page.cursor = found.page.next_cursor;
        if page.cursor.is_none() {
            return cards;
        }
    }
}

#[test]
fn the_demo_shows_everything_that_a_shop_has() {
    visit(async {
        let file = tests::workspace::path("example-store/data/catalogue.csv");
        let (_data, store) = stocked(&std::fs::read_to_string(file).expect("the demo"));
        let context = Context::new("en-US", Currency::EUR);
        let collections = store.collections(&context, 100).await.expect("an answer");
        assert!(collections.len() >= 6);
        assert!(collections.iter().all(|one| one.product_count > 0));
        let all = cards(&store, "all").await;
        assert!(all.len() >= 24);
        assert!(all.iter().any(|card| card.variant_id.is_none()));
        assert!(all.iter().any(|card| card.on_sale));
        assert!(all.iter().any(|card| !card.available));
        for card in &all {
            let product = store.product(&context, &card.handle).await;
            let product = product.expect("an answer").expect("a product");
            assert!(!product.collections.is_empty(), "{}", card.handle);
            assert!(!product.images.is_empty(), "{}", card.handle);
            for image in &product.images {
                Visitor::new().opens(&image.src).await.is(200);
                assert!(!image.alt.is_empty(), "{}", image.src);
            }
        }
    });
}

/// Texts that would be something else than text on a careless page.
const HOSTILE: [&str; 10] = [
    "</script><script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    "<!-- <go-cart-badge></go-cart-badge> -->",
    "<go-product-card product=\"x\"></go-product-card>",
    "{{ shop.name }}{% include \"layout.html\" %}",
    "\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "</textarea></style></noscript><plaintext>",
    "𝛑 😀 عربى \u{202e}drow",
    "a\u{0}b",
];

#[test]
fn text_of_a_merchant_is_text_on_every_page() {
    visit(async {
        let mut csv = String::from(
            "Handle,Title,Body (HTML),Vendor,Type,Tags,Option1 Name,Option1 Value,Variant Price,\
             Image Src,Image Alt Text,SEO Title,SEO Description,Collection\n",
        );
        for (number, text) in HOSTILE.iter().enumerate() {
            let text = format!("\"{}\"", text.replace('"', "\"\""));
            csv.push_str(&format!(
                "hostile-{number},{text},{text},{text},{text},{text},{text},{text},5,\
                 /images/a.svg,{text},{text},{text},{text}\n"
            ));
        }
        let (data, store) = stocked(&csv);
        drop(store);
        let shop = Premises::open(data).await;
        let mut visitor = shop.visitor();
        let page = visitor.opens("/products/hostile-0").await.is(200).text();
        let id = page.split("name=\"variant_id\" value=\"").nth(1);
        let id = id.and_then(|rest| rest.split('"').next());
        visitor
            .submits("/cart/add", &[("variant_id", id.expect("a form"))])
            .await
            .leads_to("/cart");
        let mut paths = vec!["/".to_owned(), "/collections/all".into(), "/cart".into()];
        paths.extend((0..HOSTILE.len()).map(|number| format!("/products/hostile-{number}")));
        paths.extend([
            "/search?q=alert".to_owned(),
            "/search?q=go-cart-badge".into(),
        ]);
        for path in paths {
            let page = visitor
                .opens(&path)
                .await
                .is(200)
                .shows_a_page_of_the_shop();
            for raw in [
                "<script>alert",
                "<img src=x",
                "<svg onload",
                "<plaintext",
                "<go-product-card",
                "<go-cart-badge",
                "\0",
            ] {
                assert!(!page.text().contains(raw), "{path}: {raw}");
            }
            let text = page.text();
            assert_eq!(text.matches("<main").count(), 1, "{path}: a template ran");
            assert_eq!(
                text.matches("data-go-id=\"cart-badge-1\"").count(),
                1,
                "{path}"
            );
        }
        let listed = visitor.opens("/collections/all").await.text();
        for text in [
            "{{ shop.name }}",
            "𝛑 😀 عربى",
            "a\u{fffd}b",
            "&lt;plaintext&gt;",
        ] {
            assert!(listed.contains(text), "{text}");
        }
    });
}
