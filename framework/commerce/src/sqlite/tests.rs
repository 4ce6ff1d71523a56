use std::time::Duration;

use super::{Options, Problem, Store};
use crate::cart::{MAX_LINES, MAX_QUANTITY};
use crate::fixtures::{Shop, context, example, shop, shop_with};
use crate::import::import;
use crate::{
    CartError, CartId, Carts, Catalogue, Currency, Direction, PageRequest, ProviderError, Sort,
};

const STOCK: &str = "Handle,Title,Option1 Name,Option1 Value,Variant Price,\
    Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy\n\
    mug,Mug,Size,Small,9.50,shopify,3,deny\n\
    mug,,,Large,12.00,shopify,0,deny\n\
    mug,,,Huge,20.00,shopify,0,continue\n\
    bowl,Bowl,Title,Default Title,8.00,,0,deny\n\
    vase,Vase,Title,Default Title,30.00,shopify,0,deny\n";

/// Ids of the variants of [`STOCK`] by their title, and of the bowl and the vase.
struct Ids {
    small: i64,
    large: i64,
    huge: i64,
    bowl: i64,
    vase: i64,
}

async fn stocked() -> (Shop, Ids) {
    let shop = shop().filled(STOCK);
    let mut ids = Vec::new();
    for handle in ["mug", "bowl", "vase"] {
        let product = shop.product(handle).await.expect("a product");
        ids.extend(product.variants.iter().map(|variant| variant.id));
    }
    let [small, large, huge, bowl, vase] = ids[..] else {
        panic!("five variants")
    };
    (
        shop,
        Ids {
            small,
            large,
            huge,
            bowl,
            vase,
        },
    )
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("file");
    std::fs::write(&file, "").expect("a file");
    let error = Store::open(file.join("data"), Options::default())
        .err()
        .expect("an error");
    assert!(matches!(error.problem, Problem::Create(_)), "{error}");
    assert!(error.to_string().contains("file/data"), "{error}");
    std::fs::create_dir(directory.path().join("shop.db")).expect("a directory");
    let error = Store::open(directory.path(), Options::default())
        .err()
        .expect("an error");
    assert!(matches!(error.problem, Problem::NotWritable(_)), "{error}");
}

#[test]
fn a_database_of_a_newer_release_is_left_alone() {
    let shop = shop();
    shop.other_process()
        .pragma_update(None, "user_version", 99)
        .expect("a version");
    let error = Store::open(shop.directory.path(), Options::default())
        .err()
        .expect("an error");
    assert!(
        matches!(
            error.problem,
            Problem::Newer {
                found: 99,
                known: super::schema::VERSION
            }
        ),
        "{error}"
    );
}

#[test]
fn files_of_others_are_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("shop.db");
    std::fs::write(&file, "this is not a database, it is a text".repeat(100)).expect("a file");
    let error = Store::open(directory.path(), Options::default())
        .err()
        .expect("an error");
    assert!(matches!(error.problem, Problem::Damaged), "{error}");
    std::fs::remove_file(&file).expect("removed");
    rusqlite::Connection::open(&file)
        .and_then(|other| other.execute_batch("CREATE TABLE notes (text TEXT)"))
        .expect("another program's database");
    let error = Store::open(directory.path(), Options::default())
        .err()
        .expect("an error");
    assert!(matches!(error.problem, Problem::Foreign), "{error}");
}

#[test]
fn stores_opened_at_once_make_one_database() {
    let directory = tempfile::tempdir().expect("a directory");
    std::thread::scope(|scope| {
        let opened: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| Store::open(directory.path(), Options::default()).map(drop)))
            .collect();
        for one in opened {
            one.join().expect("no panic").expect("a store");
        }
    });
}

#[tokio::test]
async fn a_product_has_what_its_page_shows() {
    let shop = shop();
    let file = example("home-and-garden.csv");
    import(&shop.store, file, "home-and-garden.csv", Currency::USD).expect("imported");
    let pot = shop.product("clay-plant-pot").await.expect("a product");
    assert_eq!(pot.title, "Clay Plant Pot");
    assert_eq!(pot.body_html, "<p>Classic blown clay pot for plants</p>");
    assert_eq!(pot.description, "Classic blown clay pot for plants");
    assert_eq!(pot.seo_description, pot.description);
    assert_eq!(
        (pot.vendor.as_str(), pot.product_type.as_str()),
        ("Company 123", "Outdoor")
    );
    assert_eq!(pot.tags, ["Pot", "Plants"]);
    assert_eq!(pot.images.len(), 2);
    assert_eq!(pot.options[0].name, "Size");
    assert_eq!(pot.options[0].values, ["Regular", "Large"]);
    assert_eq!((pot.price_min, pot.price_max), (999, 1_599));
    assert_eq!(pot.variants[1].sku, "clay-plant-pot-large");
    assert_eq!(pot.variants[1].title, "Large");
    let light = shop.product("copper-light").await.expect("a product");
    assert!(light.options.is_empty());
    assert_eq!(light.variants[0].title, "");
    assert_eq!(light.compare_at, Some(7_500));
    assert_eq!(light.variants[0].sku, "copper-light");
    let pots = shop
        .product("biodegradable-cardboard-pots")
        .await
        .expect("a product");
    assert_eq!(pots.variants[0].quantity, Some(8));
    assert!(shop.product("no-such-thing").await.is_none());
    assert!(shop.product("' OR 1=1 --").await.is_none());
}

#[tokio::test]
async fn a_product_read_twice_is_decoded_once_and_its_stock_is_true() {
    let (shop, ids) = stocked().await;
    let first = shop.product("mug").await.expect("a product");
    let second = shop.product("mug").await.expect("a product");
    assert!(std::sync::Arc::ptr_eq(&first, &second));
    assert!(first.available);
    // Another process sells the last ones.
    shop.other_process()
        .execute(
            "UPDATE stock SET on_hand = 0 WHERE variant_id = ?1",
            [ids.small],
        )
        .expect("an update");
    let sold = shop.product("mug").await.expect("a product");
    assert_eq!(sold.variants[0].quantity, Some(0));
    assert!(!sold.variants[0].available);
    assert!(sold.variants[2].available, "sold on without stock");
    shop.other_process()
        .execute("UPDATE variant SET oversell = 0 WHERE id = ?1", [ids.huge])
        .expect("an update");
    assert!(!shop.product("mug").await.expect("a product").available);
    let all = shop
        .collection("all", PageRequest::default())
        .await
        .expect("everything");
    assert_eq!(
        all.products
            .iter()
            .map(|card| card.available)
            .collect::<Vec<_>>(),
        [false, true, false]
    );
}

#[tokio::test]
async fn answers_note_what_they_depend_on() {
    let shop = shop()
        .filled("Handle,Title,Variant Price,Collection\nmug,Mug,1,Kitchen\nbowl,Bowl,2,Kitchen\n");
    let context = context();
    shop.store
        .product(&context, "mug")
        .await
        .expect("an answer");
    let noted = context.recorder.dependencies();
    assert_eq!(noted.tags.into_iter().collect::<Vec<_>>(), ["product:1"]);
    assert_eq!(noted.freshness, Some(Duration::from_secs(60)));
    let page = PageRequest::default();
    shop.store
        .collection(&context, "kitchen", &page)
        .await
        .expect("an answer");
    let noted = context.recorder.dependencies();
    assert_eq!(
        noted.tags.into_iter().collect::<Vec<_>>(),
        ["collection:1", "product:1", "product:2"]
    );
}

/// Fifty products whose titles and prices repeat, in two collections.
fn fifty() -> Shop {
    let mut csv = "Handle,Title,Variant Price,Collection,Image Src\n".to_owned();
    for number in 0..50 {
        let collection = if number % 5 == 0 { "Fives" } else { "Others" };
        let (letter, price) = (["b", "A", "c"][number % 3], number % 7);
        csv.push_str(&format!(
            "p-{number},{letter} thing,{price}.00,{collection},/p-{number}.png\n"
        ));
    }
    shop().filled(csv)
}

#[tokio::test]
async fn every_order_pages_through_everything_once_forth_and_back() {
    let shop = fifty();
    for handle in ["all", "others"] {
        for sort in Sort::ALL {
            let whole = PageRequest {
                sort,
                size: 100,
                ..PageRequest::default()
            };
            let whole = shop.collection(handle, whole).await.expect("a collection");
            assert_eq!(whole.page.next_cursor, None);
            assert_eq!(whole.products.len() as i64, whole.page.total);
            let mut ids = Vec::new();
            let mut request = PageRequest {
                sort,
                size: 7,
                ..PageRequest::default()
            };
            let mut pages = Vec::new();
            loop {
                let page = shop
                    .collection(handle, request.clone())
                    .await
                    .expect("a page");
                ids.extend(page.products.iter().map(|card| card.id));
                assert_eq!(
                    page.page.prev_cursor.is_none(),
                    pages.is_empty(),
                    "{sort:?}"
                );
                let next = page.page.next_cursor.clone();
                pages.push(page);
                match next {
                    Some(cursor) => request.cursor = Some(cursor),
                    None => break,
                }
            }
            let expected: Vec<_> = whole.products.iter().map(|card| card.id).collect();
            assert_eq!(ids, expected, "{handle} {sort:?}");
            request.direction = Direction::Prev;
            for earlier in pages.iter().rev().skip(1).cloned() {
                let later = pages
                    .iter()
                    .position(|page| *page == earlier)
                    .expect("a page")
                    + 1;
                request.cursor = pages[later].page.prev_cursor.clone();
                let page = shop
                    .collection(handle, request.clone())
                    .await
                    .expect("a page");
                assert_eq!(page, earlier, "{handle} {sort:?}");
            }
        }
    }
}

#[tokio::test]
async fn lists_are_in_the_order_they_say() {
    let shop = fifty();
    let page = |sort| PageRequest {
        sort,
        ..PageRequest::default()
    };
    let titles = shop
        .collection("all", page(Sort::TitleAsc))
        .await
        .expect("a page");
    assert_eq!(titles.products[0].title, "A thing");
    let dear = shop
        .collection("all", page(Sort::PriceDesc))
        .await
        .expect("a page");
    assert_eq!(dear.products[0].price_min, 600);
    let new = shop
        .collection("all", page(Sort::Newest))
        .await
        .expect("a page");
    assert_eq!(new.products[0].handle, "p-49");
    let fives = shop
        .collection("fives", page(Sort::Featured))
        .await
        .expect("a page");
    assert_eq!(fives.collection.title, "Fives");
    assert_eq!(fives.collection.product_count, 10);
    assert_eq!(fives.collection.image.expect("a picture").src, "/p-0.png");
    assert_eq!(fives.products[1].handle, "p-5");
    assert!(fives.products[1].variant_id.is_some());
    let collections = shop
        .store
        .collections(&context(), 10)
        .await
        .expect("an answer");
    assert_eq!(
        collections
            .iter()
            .map(|one| one.handle.as_str())
            .collect::<Vec<_>>(),
        ["fives", "others"]
    );
    assert!(
        shop.collection("none", page(Sort::Featured))
            .await
            .is_none()
    );
}

#[tokio::test]
async fn a_cursor_nobody_gave_out_is_refused_and_one_past_the_end_begins_anew() {
    let shop = fifty();
    for cursor in ["", "x", "%00", &"A".repeat(5_000), "W10"] {
        let page = PageRequest {
            cursor: Some(cursor.into()),
            ..PageRequest::default()
        };
        let refused = shop.store.collection(&context(), "all", &page).await;
        assert!(
            matches!(refused, Err(ProviderError::Invalid { .. })),
            "{cursor}"
        );
        let refused = shop.store.search(&context(), "thing", &page).await;
        assert!(
            matches!(refused, Err(ProviderError::Invalid { .. })),
            "{cursor}"
        );
    }
    let place = super::cursor::Place {
        key: super::cursor::Key::Nothing,
        id: 9_999,
    };
    let past = PageRequest {
        cursor: Some(super::cursor::encode(Sort::Featured, &place)),
        ..PageRequest::default()
    };
    let first = shop
        .collection("all", PageRequest::default())
        .await
        .expect("a page");
    assert_eq!(shop.collection("all", past).await.expect("a page"), first);
}

#[tokio::test]
async fn searches_find_words_by_their_beginning() {
    let shop = shop();
    import(
        &shop.store,
        example("apparel.csv"),
        "apparel.csv",
        Currency::EUR,
    )
    .expect("imported");
    let found = |query: &'static str| {
        let store = shop.store.clone();
        async move {
            let page = store
                .search(&context(), query, &PageRequest::default())
                .await;
            let page = page.expect("an answer");
            page.products
                .into_iter()
                .map(|card| card.handle)
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(found("varsity").await, ["classic-varsity-top"]);
    assert_eq!(found("VARS cla").await, ["classic-varsity-top"]);
    assert_eq!(found("  wool jumper ").await, ["yellow-wool-jumper"]);
    assert!(found("jacket").await.len() >= 5);
    assert_eq!(
        found("leather jacket").await[0],
        "classic-leather-jacket",
        "titles count most"
    );
    assert!(found("").await.is_empty());
    assert!(found("zebra\" OR \"zulu").await.is_empty());
    assert_eq!(
        found("varsity NOT zulu").await,
        ["classic-varsity-top"],
        "the query language of the index is not spoken"
    );
    let suggested = shop
        .store
        .suggest(&context(), "s")
        .await
        .expect("an answer");
    assert_eq!(suggested.products.len(), 6);
    assert!(suggested.products[0].image_src.is_some());
}

#[tokio::test]
async fn searches_page_and_count() {
    let shop = fifty();
    let mut request = PageRequest {
        size: 20,
        ..PageRequest::default()
    };
    let mut handles = Vec::new();
    let mut pages = Vec::new();
    loop {
        let page = shop
            .store
            .search(&context(), "thing", &request)
            .await
            .expect("an answer");
        assert_eq!(page.page.total, 50);
        handles.extend(page.products.iter().map(|card| card.handle.clone()));
        pages.push(page.clone());
        match page.page.next_cursor {
            Some(cursor) => request.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(pages.len(), 3);
    handles.sort();
    handles.dedup();
    assert_eq!(handles.len(), 50);
    request.cursor = pages[2].page.prev_cursor.clone();
    request.direction = Direction::Prev;
    let back = shop
        .store
        .search(&context(), "thing", &request)
        .await
        .expect("an answer");
    assert_eq!(back.products, pages[1].products);
    let collections = shop
        .store
        .search(&context(), "five", &PageRequest::default())
        .await;
    assert_eq!(
        collections.expect("an answer").collections[0].handle,
        "fives"
    );
    let suggested = shop
        .store
        .suggest(&context(), "%")
        .await
        .expect("an answer");
    assert!(suggested.collections.is_empty());
}

#[tokio::test]
async fn a_cart_adds_up() {
    let (shop, ids) = stocked().await;
    let context = context();
    let cart = shop
        .store
        .add(&context, None, ids.bowl, 2)
        .await
        .expect("a cart");
    let first = cart.version;
    assert_eq!((cart.count, cart.subtotal), (2, 1_600));
    let cart = shop
        .store
        .add(&context, Some(&cart.id), ids.small, 1)
        .await
        .expect("a cart");
    let cart = shop
        .store
        .add(&context, Some(&cart.id), ids.bowl, 1)
        .await
        .expect("a cart");
    assert_eq!(
        (cart.version - first, cart.count, cart.subtotal),
        (2, 4, 3_350)
    );
    assert_eq!(cart.lines[0].title, "Bowl");
    assert_eq!(cart.lines[0].max, None);
    assert_eq!(
        (cart.lines[1].variant_title.as_str(), cart.lines[1].max),
        ("Small", Some(3))
    );
    assert_eq!(cart.currency, "EUR");
    let cart = shop
        .store
        .set_quantity(&context, &cart.id, ids.bowl, 1)
        .await
        .expect("a cart");
    assert_eq!((cart.version - first, cart.count), (3, 2));
    let same = shop
        .store
        .set_quantity(&context, &cart.id, ids.bowl, 1)
        .await
        .expect("a cart");
    assert_eq!(same, cart);
    let cart = shop
        .store
        .set_quantity(&context, &cart.id, ids.small, 0)
        .await
        .expect("a cart");
    assert_eq!(cart.lines.len(), 1);
    let cart = shop
        .store
        .remove(&context, &cart.id, ids.bowl)
        .await
        .expect("a cart");
    assert_eq!((cart.version - first, cart.count, cart.subtotal), (5, 0, 0));
    let again = shop
        .store
        .remove(&context, &cart.id, ids.bowl)
        .await
        .expect("a cart");
    assert_eq!(again, cart, "a form sent twice");
    let read = shop
        .store
        .cart(&context, &cart.id)
        .await
        .expect("an answer");
    assert_eq!(read, Some(cart));
}

#[tokio::test]
async fn a_cart_holds_no_more_than_there_is() {
    let (shop, ids) = stocked().await;
    let context = context();
    let cart = shop
        .store
        .add(&context, None, ids.small, 2)
        .await
        .expect("a cart");
    let id = Some(&cart.id);
    let refused = [
        (shop.store.add(&context, id, ids.small, 2).await, "sold_out"),
        (
            shop.store
                .set_quantity(&context, &cart.id, ids.small, 4)
                .await,
            "sold_out",
        ),
        (shop.store.add(&context, id, ids.large, 1).await, "sold_out"),
        (shop.store.add(&context, id, ids.vase, 1).await, "sold_out"),
        (
            shop.store.add(&context, id, 9_999, 1).await,
            "unknown_variant",
        ),
        (
            shop.store.add(&context, id, i64::MIN, 1).await,
            "unknown_variant",
        ),
        (
            shop.store.add(&context, id, ids.bowl, 0).await,
            "quantity_out_of_range",
        ),
        (
            shop.store.add(&context, id, ids.bowl, -1).await,
            "quantity_out_of_range",
        ),
        (
            shop.store.add(&context, id, ids.bowl, i64::MAX).await,
            "quantity_out_of_range",
        ),
        (
            shop.store
                .set_quantity(&context, &cart.id, ids.small, -1)
                .await,
            "quantity_out_of_range",
        ),
        (
            shop.store
                .set_quantity(&context, &cart.id, ids.bowl, 1)
                .await,
            "unknown_line",
        ),
    ];
    for (result, code) in refused {
        assert_eq!(result.err().map(|error| error.code()), Some(code));
    }
    let error = shop.store.add(&context, id, ids.small, 2).await.err();
    assert!(matches!(
        error,
        Some(CartError::SoldOut {
            available: 3,
            held: 2
        })
    ));
    assert_eq!(
        shop.store
            .cart(&context, &cart.id)
            .await
            .expect("an answer"),
        Some(cart.clone())
    );
    let oversold = shop
        .store
        .add(&context, id, ids.huge, MAX_QUANTITY)
        .await
        .expect("a cart");
    assert_eq!(oversold.lines[1].max, None);
    let error = shop.store.add(&context, id, ids.huge, 1).await.err();
    assert!(matches!(
        error,
        Some(CartError::QuantityOutOfRange { min: 1, max: 999 })
    ));
}

#[tokio::test]
async fn stock_that_shrinks_below_a_cart_can_be_followed_down() {
    let (shop, ids) = stocked().await;
    let context = context();
    let cart = shop
        .store
        .add(&context, None, ids.small, 3)
        .await
        .expect("a cart");
    shop.other_process()
        .execute(
            "UPDATE stock SET on_hand = 0 WHERE variant_id = ?1",
            [ids.small],
        )
        .expect("an update");
    let cart = shop
        .store
        .set_quantity(&context, &cart.id, ids.small, 2)
        .await
        .expect("a cart");
    assert_eq!(
        (cart.lines[0].available, cart.lines[0].max),
        (false, Some(0))
    );
    assert!(
        shop.store
            .set_quantity(&context, &cart.id, ids.small, 3)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_full_cart_takes_no_further_line() {
    let mut csv = "Handle,Title,Variant Price\n".to_owned();
    for number in 0..=MAX_LINES {
        csv.push_str(&format!("p-{number},P,10000000000\n"));
    }
    let shop = shop().filled(csv);
    let context = context();
    let mut id = None;
    for variant in 1..=MAX_LINES {
        let cart = shop
            .store
            .add(&context, id.as_ref(), variant, MAX_QUANTITY)
            .await;
        id = Some(cart.expect("a cart").id);
    }
    let error = shop
        .store
        .add(&context, id.as_ref(), MAX_LINES + 1, 1)
        .await
        .err();
    assert!(matches!(error, Some(CartError::TooManyLines)));
    let cart = shop
        .store
        .cart(&context, &id.expect("an id"))
        .await
        .expect("an answer");
    assert_eq!(cart.expect("a cart").subtotal, 99_900_000_000_000_000);
}

#[tokio::test]
async fn a_cart_that_is_not_there_is_made_under_its_id_by_an_addition_alone() {
    let (shop, ids) = stocked().await;
    let context = context();
    let chosen: CartId = "0".repeat(32).parse().expect("an id");
    assert_eq!(
        shop.store.cart(&context, &chosen).await.expect("an answer"),
        None
    );
    let cart = shop
        .store
        .add(&context, Some(&chosen), ids.bowl, 1)
        .await
        .expect("a cart");
    assert_eq!(cart.id, chosen);
    let other: CartId = "1".repeat(32).parse().expect("an id");
    let error = shop
        .store
        .set_quantity(&context, &other, ids.bowl, 1)
        .await
        .err();
    assert!(matches!(error, Some(CartError::UnknownCart)));
    let error = shop.store.remove(&context, &other, ids.bowl).await.err();
    assert!(matches!(error, Some(CartError::UnknownCart)));
}

#[tokio::test]
async fn carts_nobody_touches_expire_and_are_swept() {
    let lifetime = Duration::from_secs(100);
    let shop = shop_with(Options {
        cart_lifetime: lifetime,
        ..Options::default()
    })
    .filled(STOCK);
    let context = context();
    let old = shop.store.add(&context, None, 4, 1).await.expect("a cart");
    let kept = shop.store.add(&context, None, 4, 1).await.expect("a cart");
    let mut other = shop.other_process();
    other
        .pragma_update(None, "foreign_keys", true)
        .expect("a pragma");
    other
        .execute(
            "UPDATE cart SET changed_at = changed_at - 200 WHERE id = ?1",
            [old.id.as_str()],
        )
        .expect("an update");
    assert_eq!(
        shop.store.cart(&context, &old.id).await.expect("an answer"),
        None
    );
    let new = shop
        .store
        .add(&context, Some(&old.id), 4, 1)
        .await
        .expect("a cart");
    assert_eq!(new.id, old.id);
    assert_eq!(new.count, 1, "nothing of the expired one is left");
    assert!(new.version > old.version);
    assert!(!super::expired_carts::sweep(&mut other, lifetime));
    let left: i64 = other
        .query_row("SELECT count(*) FROM cart_line", [], |row| row.get(0))
        .expect("a count");
    assert_eq!(left, 2);
    assert!(
        shop.store
            .cart(&context, &kept.id)
            .await
            .expect("an answer")
            .is_some()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_one_cart_at_once_all_count() {
    let (shop, ids) = stocked().await;
    let cart = shop
        .store
        .add(&context(), None, ids.bowl, 1)
        .await
        .expect("a cart");
    let first = cart.version;
    let adding: Vec<_> = (0..50)
        .map(|_| {
            let (store, id, bowl) = (shop.store.clone(), cart.id.clone(), ids.bowl);
            tokio::spawn(async move { store.add(&context(), Some(&id), bowl, 1).await.is_ok() })
        })
        .collect();
    for one in adding {
        assert!(one.await.expect("no panic"));
    }
    let cart = shop
        .store
        .cart(&context(), &cart.id)
        .await
        .expect("an answer")
        .expect("a cart");
    assert_eq!((cart.version - first, cart.count), (50, 51));
}

#[tokio::test]
async fn a_search_past_its_deadline_is_busy() {
    let shop = fifty();
    let late = context().with_deadline(std::time::Instant::now());
    let held = shop.store.0.readers.long(context().deadline, |_| ());
    assert!(held.await.is_ok());
    let endless = shop.store.0.readers.long(late.deadline, |connection| {
        connection
            .query_row(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
                 SELECT count(*) FROM n",
                [],
                |row| row.get::<_, i64>(0),
            )
            .map_err(|error| super::failure::failure("counting", error))
    });
    assert!(matches!(endless.await, Ok(Err(ProviderError::Busy(_)))));
    assert!(shop.product("p-1").await.is_some());
}

#[tokio::test]
async fn a_read_that_begins_after_its_deadline_is_interrupted_all_the_same() {
    let shop = fifty();
    let late = std::time::Instant::now();
    let endless = shop.store.0.readers.long(late, |connection| {
        // The first interrupt comes while no statement runs.
        std::thread::sleep(std::time::Duration::from_millis(50));
        connection.query_row(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
             SELECT count(*) FROM n",
            [],
            |row| row.get::<_, i64>(0),
        )
    });
    assert!(matches!(endless.await, Ok(Err(_))));
}
