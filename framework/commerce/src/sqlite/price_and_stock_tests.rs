//! Prices by price list, stock by location, what is found by SKU and barcode, metafields.

use crate::fixtures::{Shop, context, shop};
use crate::{Carts, Catalogue, Context, Currency, PageRequest, ProviderError, Sort};

const CSV: &str = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Barcode,Variant \
                   Price,\
    Price / us,Compare At Price / us,Inventory: Berlin,Inventory: Wien,\
    Metafield: book.pages [number_integer],Care (variant.metafields.my-app.care)\n\
    mug,Mug,Size,S,MUG-S,978-3-16-148410-0,9.00,11.00,13.00,3,4,320,by hand\n\
    mug,,,L,MUG-L,222,10.00,,,0,1,,\n\
    bowl,Bowl,Title,Default Title,BOWL,333,5.00,4.00,,0,0,,\n\
    vase,Vase,Title,Default Title,VASE,333,20.00,,,7,,,\n";

fn filled() -> Shop {
    let shop = shop();
    let lists = &shop.store;
    lists.add_price_list("us", Currency::USD).expect("a list");
    lists.add_price_list("us", Currency::USD).expect("the same");
    shop.filled(CSV)
}

fn us() -> Context {
    context().with_price_list("us", Currency::USD)
}

#[tokio::test]
async fn a_list_has_its_own_prices_and_sells_only_what_it_has_a_price_of() {
    let shop = filled();
    let store = &shop.store;
    let mug = store.product(&us(), "mug").await.expect("an answer");
    let mug = mug.expect("a product");
    assert_eq!(mug.variants.len(), 1);
    assert_eq!(
        (mug.price_min, mug.price_max, mug.compare_at),
        (1_100, 1_100, Some(1_300))
    );
    assert!(
        store
            .product(&us(), "vase")
            .await
            .expect("an answer")
            .is_none()
    );
    let home = shop.product("mug").await.expect("a product");
    assert_eq!((home.variants.len(), home.price_max), (2, 1_000));

    let request = PageRequest {
        sort: Sort::PriceAsc,
        ..PageRequest::default()
    };
    let page = store
        .collection(&us(), "all", &request)
        .await
        .expect("an answer");
    let page = page.expect("everything");
    let cards: Vec<_> = page
        .products
        .iter()
        .map(|card| {
            (
                card.handle.as_str(),
                card.price_min,
                card.available,
                card.on_sale,
            )
        })
        .collect();
    assert_eq!(
        cards,
        [("bowl", 400, false, false), ("mug", 1_100, true, true)]
    );
    assert_eq!(page.page.total, 2);
    let found = store.search(&us(), "mug", &PageRequest::default()).await;
    assert_eq!(found.expect("an answer").products[0].price_min, 1_100);
    let suggested = store.suggest(&us(), "mu").await.expect("an answer");
    assert_eq!(suggested.products[0].price_min, 1_100);
}

#[tokio::test]
async fn a_cart_is_at_the_prices_of_its_market() {
    let shop = filled();
    let store = &shop.store;
    let mug = shop.product("mug").await.expect("a product");
    let (small, large) = (mug.variants[0].id, mug.variants[1].id);
    let cart = store.add(&us(), None, small, 2).await.expect("a cart");
    assert_eq!((cart.subtotal, cart.currency), (2_200, "USD"));
    let cart = store.cart(&context(), &cart.id).await.expect("an answer");
    let cart = cart.expect("a cart");
    assert_eq!((cart.subtotal, cart.currency), (1_800, "EUR"));
    // What the other list does not sell stays in the cart, and counts for nothing.
    let cart = store
        .add(&context(), Some(&cart.id), large, 1)
        .await
        .expect("a cart");
    let cart = store
        .cart(&us(), &cart.id)
        .await
        .expect("an answer")
        .expect("a cart");
    assert_eq!((cart.lines[1].available, cart.subtotal), (false, 2_200));
    let refused = store
        .add(&us(), None, large, 1)
        .await
        .expect_err("not sold");
    assert_eq!(refused.code(), "unknown_variant");
}

#[tokio::test]
async fn a_list_that_is_not_there_or_in_another_currency_is_refused() {
    let shop = filled();
    for context in [
        context().with_price_list("fr", Currency::EUR),
        context().with_price_list("us", Currency::EUR),
    ] {
        let refused = shop.store.product(&context, "mug").await;
        assert!(matches!(refused, Err(ProviderError::Invalid { .. })));
    }
    let refused = shop.store.add_price_list("us", Currency::EUR);
    assert!(matches!(refused, Err(ProviderError::Invalid { .. })));
    let refused = shop.store.add_price_list("", Currency::EUR);
    assert!(matches!(refused, Err(ProviderError::Invalid { .. })));
}

#[tokio::test]
async fn what_can_be_sold_is_the_sum_over_locations_without_what_is_committed() {
    let shop = filled();
    let pieces = async || {
        let mug = shop.product("mug").await.expect("a product");
        mug.variants
            .iter()
            .map(|one| one.quantity)
            .collect::<Vec<_>>()
    };
    assert_eq!(pieces().await, [Some(7), Some(1)]);
    let sql = |text: &str| shop.other_process().execute_batch(text).expect("changed");
    sql("UPDATE stock SET committed = 3 WHERE on_hand = 4");
    assert_eq!(pieces().await, [Some(4), Some(1)]);
    let mug = shop.product("mug").await.expect("a product");
    let refused = shop
        .store
        .add(&context(), None, mug.variants[0].id, 5)
        .await;
    assert_eq!(refused.expect_err("too many").code(), "sold_out");

    // Shopify's inventory CSV: a row for each location, and nothing of other variants.
    let report = shop
        .import(
            "Handle,Title,Option1 Name,Option1 Value,SKU,Location,Committed,Available,On hand\n\
             mug,Mug,Size,S,MUG-S,Berlin,0,3,9\n\
             mug,Mug,Size,S,MUG-S,Wien,3,1,not stocked\n",
        )
        .expect("a sound file");
    assert_eq!((report.updated, report.retired), (1, 0));
    assert_eq!(pieces().await, [Some(9 + 1), Some(1)]);
    let report = shop
        .import("Handle,SKU,Inventory: Wien\nmug,MUG-S,2\n")
        .expect("a sound file");
    assert_eq!(report.updated, 1);
    assert_eq!(
        pieces().await,
        [Some(9 + 2), Some(1)],
        "three stay committed"
    );
    let again = shop.import("Handle,SKU,Inventory: Wien\nmug,MUG-S,2\n");
    assert_eq!(again.expect("a sound file").unchanged, 1);
}

#[tokio::test]
async fn each_change_of_price_or_stock_is_an_event() {
    let shop = filled();
    let other = shop.other_process();
    let count = |table: &str| -> i64 {
        other
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
                row.get(0)
            })
            .expect("a number")
    };
    let (prices, stock) = (count("price_event"), count("stock_event"));
    assert_eq!((prices, stock), (6, 7), "those of the import");
    other
        .execute_batch(
            "UPDATE price SET amount = 950 WHERE list_id = 1 AND amount = 900;
             UPDATE price SET amount = amount;
             UPDATE stock SET on_hand = 2 WHERE on_hand = 3;
             DELETE FROM price WHERE list_id = 2 AND amount = 400;",
        )
        .expect("changed");
    assert_eq!(
        (count("price_event"), count("stock_event")),
        (prices + 2, stock + 1)
    );
    let last: (i64, i64, i64) = other
        .query_row(
            "SELECT on_hand_before, on_hand, at FROM stock_event ORDER BY id DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .expect("an event");
    assert_eq!((last.0, last.1), (3, 2));
    assert!((last.2 - crate::cart::first_version()).abs() < 60_000);
    // Nobody rewrites what happened.
    other
        .execute("UPDATE stock_event SET on_hand = 1", [])
        .expect_err("refused");
    // What is rolled back did not happen.
    other
        .execute_batch("BEGIN; UPDATE stock SET on_hand = 99; ROLLBACK;")
        .expect("undone");
    assert_eq!(count("stock_event"), stock + 1);
}

#[tokio::test]
async fn a_variant_is_found_by_its_sku_and_its_barcode() {
    let shop = filled();
    let by_sku = async |sku: &str| {
        let found = shop.store.variant_by_sku(&context(), sku).await;
        found
            .expect("an answer")
            .map(|found| found.variant().expect("one").sku.clone())
    };
    let by_barcode = async |code: &str| {
        let found = shop.store.variant_by_barcode(&context(), code).await;
        found
            .expect("an answer")
            .map(|found| found.variant().expect("one").sku.clone())
    };
    assert_eq!(by_sku("MUG-L").await.as_deref(), Some("MUG-L"));
    for nothing in ["", "NOPE", "mug-l", "' OR 1=1 --"] {
        assert_eq!(by_sku(nothing).await, None, "{nothing}");
    }
    for isbn in ["9783161484100", "978-3-16-148410-0", "978 3 16 148410 0"] {
        assert_eq!(by_barcode(isbn).await.as_deref(), Some("MUG-S"), "{isbn}");
    }
    for nothing in ["", "-", "333", "978316148410"] {
        assert_eq!(by_barcode(nothing).await, None, "{nothing}");
    }
    // Of two with one barcode, the one that is left has it.
    shop.other_process()
        .execute_batch("UPDATE product SET published = 0 WHERE handle = 'vase'")
        .expect("hidden");
    assert_eq!(by_barcode("333").await.as_deref(), Some("BOWL"));
    let context = context();
    let found = shop.store.variant_by_sku(&context, "BOWL").await;
    let id = found.expect("an answer").expect("a bowl").product.id;
    let tags = context.recorder.dependencies().tags;
    assert!(tags.contains(&protium_types::Tag::product(id)), "{tags:?}");
}

#[tokio::test]
async fn metafields_come_from_columns_and_go_with_them() {
    let shop = filled();
    let mug = shop.product("mug").await.expect("a product");
    let pages = mug.metafields.get("book", "pages").expect("a metafield");
    assert_eq!(
        (pages.type_name(), pages.value()),
        ("number_integer", "320")
    );
    let json = serde_json::to_value(&*mug).expect("JSON");
    assert_eq!(json["metafields"]["book"]["pages"], 320);
    assert_eq!(
        json["variants"][0]["metafields"]["my-app"]["care"],
        "by hand"
    );

    // A column without a type leaves the type, and is checked by it.
    let column = "Handle,Pages (product.metafields.book.pages)\n";
    shop.import(format!("{column}mug,321\n")).expect("sound");
    let mug = shop.product("mug").await.expect("a product");
    let pages = mug.metafields.get("book", "pages").expect("a metafield");
    assert_eq!(
        (pages.type_name(), pages.value()),
        ("number_integer", "321")
    );
    let refused = shop
        .import(format!("{column}mug,many\n"))
        .expect_err("no number");
    assert!(refused.to_string().contains("whole number"), "{refused}");
    let refused = shop.import("Handle,Metafield: book.pages [number]\nmug,1\n");
    let refused = refused.expect_err("no type").to_string();
    assert!(refused.contains("not a type of metafield"), "{refused}");
    let refused = shop
        .import("Handle,Metafield: book.out [date]\nmug,2026-02-30\n")
        .expect_err("no day")
        .to_string();
    assert!(
        refused.contains("line 2, column Metafield: book.out [date]"),
        "{refused}"
    );
    shop.import(format!("{column}mug,\n")).expect("sound");
    let mug = shop.product("mug").await.expect("a product");
    assert!(mug.metafields.is_empty());
    assert!(
        !mug.variants[0].metafields.is_empty(),
        "no column, no change"
    );

    // What somebody wrote by hand and that is not of its type is not shown.
    shop.other_process()
        .execute_batch("INSERT INTO metafield VALUES (NULL, 1, 0, 'a', 'b', 'date', 'soon')")
        .expect("written");
    let mug = shop.product("mug").await.expect("a product");
    assert!(mug.metafields.is_empty());
}
