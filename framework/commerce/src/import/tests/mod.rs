mod columns;
mod properties;

use std::io::{self, Read};
use std::sync::Arc;

use parking_lot::Mutex;
use proptest::prelude::*;

use super::progress::{Progress, Step, Watch};
use super::{ImportError, Problem, import, import_watched};
use crate::fixtures::{Shop, context, example, shop};
use crate::{Carts, Catalogue, Currency, PageRequest};
use protium_types::money::MoneyError;

const SOUND: &str = "Handle,Title,Variant Price\nmug,Mug,9.50\n";

/// Imports a file that has a mistake into a shop that has something; says where the mistake is and
/// makes sure that nothing changed.
fn mistake(csv: impl AsRef<[u8]>) -> (u64, String, Problem) {
    let shop = shop().filled(SOUND);
    let before = shop.dump();
    let result = shop.import(csv);
    assert_eq!(shop.dump(), before);
    match result {
        Err(ImportError::Row(error)) => {
            assert_eq!(error.file, "test.csv");
            let message = error.to_string();
            let place = format!("test.csv, line {}, column {}: ", error.line, error.column);
            assert!(message.starts_with(&place), "{message}");
            (error.line, error.column, error.problem)
        }
        other => panic!("not a mistake: {other:?}"),
    }
}

/// A file of these columns besides handle, title and price, with these values.
fn with(columns: &str, values: &str) -> String {
    format!("Handle,Title,Variant Price,{columns}\nbowl,Bowl,1,{values}\n")
}

fn at(line: u64, column: &str, problem: Problem) -> (u64, String, Problem) {
    (line, column.to_owned(), problem)
}

#[test]
fn what_is_not_a_csv_has_no_handle() {
    let page = "<!doctype html>\n<html><body>Sign in</body></html>\n";
    for file in [
        "",
        "\n\n",
        page,
        "PK\u{3}\u{4}\u{14}",
        "Handle;Title;Variant Price\na;b;1\n",
    ] {
        assert_eq!(
            mistake(file),
            at(1, "Handle", Problem::NoColumn),
            "{file:?}"
        );
    }
}

#[test]
fn columns_that_are_needed_are_asked_for_by_name() {
    assert_eq!(
        mistake("Title,Variant Price\na,1\n"),
        at(1, "Handle", Problem::NoColumn)
    );
    assert_eq!(
        mistake("Handle,Title\na,b\n"),
        at(2, "Variant Price", Problem::NeededForNew)
    );
    assert_eq!(
        mistake("Handle,Price\na,1\n"),
        at(2, "Title", Problem::NeededForNew)
    );
    for again in ["handle", "URL handle"] {
        assert_eq!(
            mistake(format!("Handle,Title,Variant Price,{again}\na,b,1,c\n")),
            at(
                1,
                "Handle",
                Problem::ColumnTwice {
                    again: again.to_owned()
                }
            )
        );
    }
}

#[test]
fn rows_of_the_wrong_length_are_found() {
    let short = format!("{SOUND}\nbowl,Bowl\n");
    assert_eq!(mistake(short), at(4, "Variant Price", Problem::Missing));
    let long = format!("{SOUND}bowl,Bowl,1,2\n");
    let problem = Problem::WrongLength {
        found: 4,
        expected: 3,
    };
    assert_eq!(mistake(long), at(3, "4", problem));
    let open = format!("{SOUND}bowl,\"Bowl,1\nvase,Vase,2\n");
    assert_eq!(mistake(open), at(3, "Variant Price", Problem::Missing));
}

#[test]
fn prices_are_amounts() {
    for (price, error) in [
        ("abc", MoneyError::NotANumber),
        ("\"1,299.00\"", MoneyError::NotANumber),
        ("-1", MoneyError::Negative),
        ("NaN", MoneyError::NotANumber),
        (
            "1.999",
            MoneyError::TooPrecise {
                code: "EUR",
                digits: 2,
            },
        ),
        ("99999999999999999999999", MoneyError::TooLarge),
    ] {
        let (line, column, problem) = mistake(format!("{SOUND}bowl,Bowl,{price}\n"));
        assert_eq!((line, column.as_str()), (3, "Variant Price"));
        let value = price.trim_matches('"').to_owned();
        assert_eq!(problem, Problem::Money { value, error });
    }
    assert_eq!(
        mistake(format!("{SOUND}bowl,Bowl,\n")),
        at(3, "Variant Price", Problem::Missing)
    );
    let (_, column, _) = mistake(with("Variant Compare At Price", "x"));
    assert_eq!(column, "Variant Compare At Price");
}

#[test]
fn other_encodings_are_found_with_their_place() {
    let latin = b"Handle,Title,Variant Price,Note\r\nmug,\"Blue\r\nM\xfcg\",1,\r\n";
    assert_eq!(mistake(latin), at(3, "Title", Problem::NotUtf8));
    let elsewhere = b"Handle,Title,Variant Price,Note\nmug,Mug,1,caf\xe9\n";
    assert_eq!(mistake(elsewhere), at(2, "Note", Problem::NotUtf8));
    let utf16: Vec<u8> = SOUND.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(
        mistake([&b"\xff\xfe"[..], &utf16].concat()),
        at(1, "1", Problem::NotUtf8)
    );
    let split = b"Handle,Title,Variant Price\nmug\xc3,\xa9,1\n";
    assert_eq!(mistake(split), at(2, "Handle", Problem::NotUtf8));
}

#[test]
fn rows_of_one_handle_say_the_same_of_it() {
    let twice = format!("{SOUND}bowl,Bowl,1\nmug,,2\n");
    assert_eq!(
        mistake(twice),
        at(4, "Handle", Problem::DuplicateVariant { first: 2 })
    );
    let titled = format!("{SOUND}mug,Cup,9.50\n");
    assert_eq!(
        mistake(titled),
        at(3, "Title", Problem::Differs { first: 2 })
    );
    let header = "Handle,Title,Variant Price,Vendor,Tags\n";
    assert_eq!(
        mistake(format!("{header}mug,,,A,a\nmug,Mug,1,,\nmug,,,A,b\n")),
        at(4, "Tags", Problem::Differs { first: 2 })
    );
}

#[test]
fn a_field_of_two_gigabytes_ends_early() {
    struct Counted<R>(R, u64);
    impl<R: Read> Read for Counted<R> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read(buffer)?;
            self.1 += read as u64;
            Ok(read)
        }
    }
    let shop = shop().filled(SOUND);
    let before = shop.dump();
    let field = io::repeat(b'x').take(2 << 30);
    let beginning = format!("{SOUND}bowl,\"");
    let mut reader = Counted(beginning.as_bytes().chain(field), 0);
    let error = import(&shop.store, &mut reader, "big.csv", Currency::EUR).err();
    let message = error.map(|error| error.to_string()).unwrap_or_default();
    assert!(
        message.starts_with("big.csv, line 3, column Title: the row is longer"),
        "{message}"
    );
    assert!(reader.1 < 4 << 20, "read {} bytes", reader.1);
    assert_eq!(shop.dump(), before);
}

#[test]
fn values_that_make_no_sense_are_found() {
    let cases = [
        ("Variant Inventory Qty", "many", "Variant Inventory Qty"),
        ("Variant Inventory Qty", "1.5", "Variant Inventory Qty"),
        (
            "Variant Inventory Policy",
            "maybe",
            "Variant Inventory Policy",
        ),
        ("Published", "perhaps", "Published"),
        ("Status", "gone", "Status"),
        ("Image Position", "0", "Image Position"),
        ("Image Src", "javascript:alert(1)", "Image Src"),
        ("Image Src", "JAVASCRIPT:alert(1)", "Image Src"),
        ("Image Src", "data:image/svg+xml;x", "Image Src"),
        ("Image Src", "https:///a.png", "Image Src"),
        ("Image Src", "\\\\host\\a.png", "Image Src"),
        ("Variant Image", "vbscript:x", "Variant Image"),
        ("Collection", "!!!", "Collection"),
        ("Option1 Value", "Blue", "Option1 Name"),
        ("Option1 Name", "Color", "Option1 Value"),
        ("Option2 Name,Option2 Value", "Color,Blue", "Option1 Name"),
    ];
    for (columns, values, column) in cases {
        let (line, found, problem) = mistake(with(columns, values));
        assert_eq!((line, found.as_str()), (2, column), "{values}: {problem}");
    }
    for handle in ["..", "/", "?#", "%", "<>", "\u{7}"] {
        let (_, column, problem) = mistake(format!("{SOUND}{handle},Bowl,1\n"));
        assert_eq!(column, "Handle", "{handle}: {problem}");
    }
    let long = "x".repeat(256);
    for (row, column) in [
        (format!("{long},Bowl,1"), "Handle"),
        (format!("bowl,{long},1"), "Title"),
        (",Bowl,1".to_owned(), "Handle"),
        ("bowl,,1".to_owned(), "Title"),
    ] {
        assert_eq!(mistake(format!("{SOUND}{row}\n")).1, column);
    }
}

#[test]
fn options_belong_to_a_product_as_a_whole() {
    let header = "Handle,Title,Variant Price,Option1 Name,Option1 Value,Option2 Name,Option2 Value";
    let file = |rows: &str| format!("{header}\n{rows}\n");
    assert_eq!(
        mistake(file("a,A,1,Size,S,Color,Red\na,,2,,S,,Red")),
        at(3, "Option1 Value", Problem::DuplicateVariant { first: 2 })
    );
    assert_eq!(
        mistake(file("a,A,1,Size,S,Color,Red\na,,1,,L,,")),
        at(3, "Option2 Value", Problem::Missing)
    );
    assert_eq!(
        mistake(file("a,A,1,Size,S,,\na,,1,Length,L,,")),
        at(
            3,
            "Option1 Name",
            Problem::OptionRenamed {
                first: "Size".into()
            }
        )
    );
    assert_eq!(
        mistake(file("a,A,1,Title,Default Title,,\na,,1,,L,,")),
        at(3, "Option1 Name", Problem::OptionWithoutName)
    );
    assert_eq!(
        mistake(file("a,A,1,Title,Default Title,,\na,,2,,,,")),
        at(3, "Option1 Value", Problem::DuplicateVariant { first: 2 })
    );
}

#[test]
fn a_catalogue_has_one_currency() {
    let shop = shop().filled(SOUND);
    let before = shop.dump();
    let result = import(&shop.store, SOUND.as_bytes(), "test.csv", Currency::USD);
    assert!(matches!(
        result,
        Err(ImportError::Currency {
            kept: Currency::EUR,
            ..
        })
    ));
    let result = import(&shop.store, SOUND.as_bytes(), "test.csv", Currency::XXX);
    assert!(matches!(result, Err(ImportError::Unsellable(_))));
    assert_eq!(shop.dump(), before);
}

#[test]
fn a_stream_that_breaks_off_changes_nothing() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let shop = shop();
    let reader = SOUND.as_bytes().chain(Broken);
    let error = import(&shop.store, reader, "test.csv", Currency::EUR).err();
    assert!(
        matches!(error, Some(ImportError::Read { line: 3, .. })),
        "{error:?}"
    );
    assert_eq!(shop.store.state().expect("a state").version, 0);
}

#[tokio::test]
async fn both_examples_of_shopify_move_in_and_the_second_time_changes_nothing() {
    let shop = shop();
    let take =
        |name| import(&shop.store, example(name), name, Currency::USD).expect("a sound file");
    let first = take("apparel.csv");
    assert_eq!((first.created, first.updated, first.version), (20, 0, 1));
    assert_eq!(take("home-and-garden.csv").version, 2);
    let before = shop.dump();
    let again = take("apparel.csv");
    assert_eq!((again.created, again.unchanged, again.version), (0, 20, 2));
    let again = take("home-and-garden.csv");
    assert_eq!((again.created, again.updated, again.version), (0, 0, 2));
    assert_eq!(shop.dump(), before);
    let top = shop
        .product("classic-varsity-top")
        .await
        .expect("a product");
    let skus: Vec<_> = top
        .variants
        .iter()
        .map(|variant| variant.sku.as_str())
        .collect();
    assert_eq!(
        skus,
        [
            "classic-varsity-top-small",
            "classic-varsity-top-medium",
            "classic-varsity-top-large"
        ]
    );
    assert!(
        top.variants
            .iter()
            .all(|variant| variant.available && variant.quantity.is_none())
    );
    let all = shop
        .collection("all", PageRequest::default())
        .await
        .expect("everything");
    assert_eq!(all.page.total as u64, 20 + again.unchanged);
    let total = all.page.total;
    let request = PageRequest {
        size: 100,
        ..PageRequest::default()
    };
    let all = shop.collection("all", request).await.expect("everything");
    assert_eq!(all.products.len() as i64, total);
    for card in all.products {
        let product = shop.product(&card.handle).await.expect("a product");
        let variant = product.select(None, []).expect("a variant");
        assert!(
            shop.store
                .add(&context(), None, variant.id, 1)
                .await
                .is_ok()
        );
    }
}

#[tokio::test]
async fn rows_of_one_handle_form_one_product() {
    let shop = shop().filled(
        "\u{feff}HANDLE,title,Body (HTML),Tags,Option1 Name,Option1 Value,Option2 Name,Option2 \
         Value,\
         Variant SKU,Variant Price,Variant Compare At Price,Image Src,Image Position,\
         Image Alt Text,Variant Image,Collection,SEO Title,Cost per item\r\n\
         shirt,Sh\0irt,\"<p onclick=\"\"x\"\">Soft\r\nwool</p>\",\"a, \
         b,,a\",Size,S/M,Color,Rød,,10,20,\
         /b.png,2,Back,,Sale,Buy,3\r\n\
         shirt,,,,,S-M,,Rød,,11,5,/a.png,1,Front,/v.png,All,,\r\n\
         ,,,,,,,,,,,,,,,,,\r\n\
         shirt,,,,,L,,Blå,OWN,12,,,,,https://x.org/a b.png,Sale & more,,\r\n\
         shirt,,,,,,,,,,,c/d.png,,,,,,\r\n",
    );
    let shirt = shop.product("shirt").await.expect("a product");
    assert_eq!(shirt.title, "Sh\u{fffd}irt");
    assert_eq!(shirt.body_html, "<p>Soft\nwool</p>");
    assert_eq!(shirt.description, "Soft wool");
    assert_eq!(shirt.seo_title, "Buy");
    assert_eq!(shirt.tags, ["a", "b"]);
    let skus: Vec<_> = shirt
        .variants
        .iter()
        .map(|variant| variant.sku.as_str())
        .collect();
    assert_eq!(skus, ["shirt-s-m-rød", "shirt-s-m-rød-2", "OWN"]);
    let former: Vec<_> = shirt
        .variants
        .iter()
        .map(|variant| variant.compare_at)
        .collect();
    assert_eq!(former, [Some(2_000), None, None]);
    assert_eq!(shirt.options[1].values, ["Rød", "Blå"]);
    let images: Vec<_> = shirt
        .images
        .iter()
        .map(|image| image.src.as_str())
        .collect();
    assert_eq!(
        images,
        [
            "/a.png",
            "/b.png",
            "c/d.png",
            "/v.png",
            "https://x.org/a b.png"
        ]
    );
    assert_eq!(shirt.images[0].alt, "Front");
    let collections: Vec<_> = shirt
        .collections
        .iter()
        .map(|one| one.handle.as_str())
        .collect();
    assert_eq!(collections, ["sale", "sale-more"]);
    let sale = shop
        .collection("sale", PageRequest::default())
        .await
        .expect("a collection");
    assert!(sale.products[0].on_sale);
    assert_eq!(sale.products[0].variant_id, None);
}

#[tokio::test]
async fn a_changed_file_keeps_ids_and_retires_variants() {
    let header = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Collection\n";
    let shop = shop().filled(format!(
        "{header}mug,Mug,Size,S,A,1,Old\nmug,,,L,B,2,\nbowl,Bowl,,,,3,Old\n"
    ));
    let before = shop.product("mug").await.expect("a product");
    let cart = shop
        .store
        .add(&context(), None, before.variants[0].id, 1)
        .await
        .expect("a cart");
    let report = shop
        .import(format!(
            "{header}mug,Big Mug,Size,XL,C,4,New\nmug,,,Large,B,5,\n"
        ))
        .expect("a sound file");
    assert_eq!(
        (
            report.created,
            report.updated,
            report.collections,
            report.version
        ),
        (0, 1, 1, 2)
    );
    let after = shop.product("mug").await.expect("a product");
    assert_eq!((after.id, after.title.as_str()), (before.id, "Big Mug"));
    assert_eq!(after.variants[1].id, before.variants[1].id);
    assert_eq!(after.variants[1].title, "Large");
    assert_eq!((after.price_min, after.price_max), (400, 500));
    for (query, found) in [("big mug", 1), ("s", 0), ("XL", 1), ("bowl", 1)] {
        let page = shop
            .store
            .search(&context(), query, &PageRequest::default())
            .await;
        assert_eq!(page.expect("an answer").page.total, found, "{query}");
    }
    assert_eq!(after.collections[0].handle, "new");
    let old = shop
        .collection("old", PageRequest::default())
        .await
        .expect("a collection");
    assert_eq!(
        (old.page.total, old.products[0].handle.as_str()),
        (1, "bowl")
    );
    let cart = shop
        .store
        .cart(&context(), &cart.id)
        .await
        .expect("an answer")
        .expect("a cart");
    assert!(
        !cart.lines[0].available,
        "nothing is lost, but it is not sold any more"
    );
    let back = format!("{header}mug,Mug,Size,S,A,1,Old\nmug,,,L,B,2,\n");
    shop.import(back).expect("a sound file");
    let again = shop.product("mug").await.expect("a product");
    assert_eq!(again.variants, before.variants);
    assert_eq!(shop.store.state().expect("a state").version, 3);
}

#[tokio::test]
async fn drafts_are_not_shown() {
    let header = "Handle,Title,Variant Price,Published,Status,Collection\n";
    let shop = shop().filled(format!(
        "{header}a,Apple,1,true,active,Fruit\nb,Banana,1,FALSE,active,Fruit\n\
         c,Cherry,1,true,draft,Fruit\nd,Date,1,,Archived,Fruit\n"
    ));
    let found = |shop: &Shop| shop.store.state().expect("a state").published;
    assert_eq!(found(&shop), 1);
    let fruit = shop
        .collection("fruit", PageRequest::default())
        .await
        .expect("a collection");
    assert_eq!((fruit.page.total, fruit.products.len()), (1, 1));
    assert!(shop.product("c").await.is_none());
    let search = shop
        .store
        .search(&context(), "banana", &PageRequest::default())
        .await
        .expect("an answer");
    assert_eq!(search.page.total, 0);
    let error = shop.store.add(&context(), None, 2, 1).await.err();
    assert_eq!(error.map(|error| error.code()), Some("unknown_variant"));
    shop.import(format!("{header}b,Banana,1,TRUE,,Fruit\n"))
        .expect("a sound file");
    assert_eq!(found(&shop), 2);
    shop.import(format!("{header}a,Apple,1,false,,Fruit\n"))
        .expect("a sound file");
    assert_eq!(found(&shop), 1);
    assert!(shop.product("a").await.is_none());
}

#[test]
fn a_file_without_collections_leaves_them_alone() {
    let shop = shop().filled("Handle,Title,Variant Price,Collection\nmug,Mug,1,Kitchen\n");
    let report = shop
        .import("Handle,Title,Variant Price\nmug,Mug,1\n")
        .expect("a sound file");
    assert_eq!((report.unchanged, report.version), (1, 1));
    let report = shop
        .import("Handle,Title,Variant Price,Collection\nmug,Mug,1,\n")
        .expect("a sound file");
    assert_eq!((report.updated, report.version), (1, 2));
}

/// The title of a product, and price and stock of its variants.
type Described = (String, Vec<(i64, Option<i64>)>);

fn products() -> impl Strategy<Value = Vec<Described>> {
    let variants =
        proptest::collection::vec((0..1_000_000_i64, proptest::option::of(-5..50_i64)), 1..4);
    proptest::collection::vec(("[^\\x00-\\x1f\\x7f-\\x9f\\p{Z}]{1,20}", variants), 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn random_catalogues_come_back_as_they_were(products in products()) {
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record([
            "Handle", "Title", "Option1 Name", "Option1 Value", "Variant Price",
            "Variant Inventory Tracker", "Variant Inventory Qty",
        ])?;
        for (number, (title, variants)) in products.iter().enumerate() {
            for (place, (price, stock)) in variants.iter().enumerate() {
                let first = place == 0;
                csv.write_record([
                    format!("p-{number}").as_str(),
                    if first { title.as_str() } else { "" },
                    if first { title.as_str() } else { "" },
                    &format!("{title} {place}"),
                    &format!("{}.{:02}", price / 100, price % 100),
                    if stock.is_some() { "shopify" } else { "" },
                    &stock.map(|pieces| pieces.to_string()).unwrap_or_default(),
                ])?;
            }
        }
        let csv = csv.into_inner()?;
        let shop = shop();
        let report = shop.import(&csv)?;
        prop_assert_eq!(report.created, products.len() as u64);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        for (number, (title, variants)) in products.iter().enumerate() {
            let product = runtime.block_on(shop.product(&format!("p-{number}")));
            let Some(product) = product else { return Err(TestCaseError::fail("lost")) };
            prop_assert_eq!(&product.title, title);
            let found: Vec<_> =
                product.variants.iter().map(|one| (one.price, one.quantity)).collect();
            prop_assert_eq!(&found, variants);
        }
        let before = shop.dump();
        prop_assert_eq!(shop.import(&csv)?.unchanged, products.len() as u64);
        prop_assert_eq!(shop.dump(), before);
    }
}

#[test]
fn random_bytes_never_panic_and_change_nothing_unless_they_are_sound() {
    let shop = shop().filled(SOUND);
    let before = std::cell::RefCell::new(shop.dump());
    let bytes = proptest::collection::vec(any::<u8>(), 0..400);
    const SCRAPS: [&[u8]; 15] = [
        b"mug",
        b",",
        b",,",
        b"\n",
        b"\r\n",
        b"\"",
        b"9.99",
        b"Title",
        b"Default Title",
        b"\xff",
        b"\0",
        b"-1",
        b"https://",
        b"<script>",
        b"\xef\xbb\xbf",
    ];
    let scraps = proptest::collection::vec(proptest::sample::select(&SCRAPS[..]), 0..60)
        .prop_map(|scraps| scraps.concat());
    let mut runner = proptest::test_runner::TestRunner::default();
    let headers = [
        &b""[..],
        b"Handle,Title,Variant Price\n",
        b"Handle,Title,Option1 Name,Option1 Value,Variant Price,Image Src\n",
    ];
    let strategy = (0..headers.len(), prop_oneof![bytes, scraps]);
    runner
        .run(&strategy, |(header, body)| {
            let file = [headers[header], &body].concat();
            match shop.import(&file) {
                // Sound by luck.
                Ok(report) if report.created + report.updated > 0 => {
                    before.replace(shop.dump());
                }
                _ => prop_assert_eq!(&shop.dump(), &*before.borrow()),
            }
            Ok(())
        })
        .expect("no file changes anything");
}

#[test]
fn an_import_says_how_far_it_is() {
    let shop = shop();
    let file = "Handle,Title,Variant Price\na,A,1\nb,B,2\n";
    let steps = || {
        let heard: Arc<Mutex<Vec<Progress>>> = Arc::default();
        let hears = Arc::clone(&heard);
        let watch: Watch = Arc::new(move |progress| hears.lock().push(progress));
        let done = import_watched(&shop.store, file.as_bytes(), "f", Currency::EUR, &watch);
        assert!(done.is_ok());
        drop(watch);
        let heard = heard.lock().clone();
        assert!(heard.is_sorted_by_key(|progress| progress.step));
        let ended = heard
            .iter()
            .filter(|progress| progress.of == Some(progress.done));
        ended
            .map(|progress| (progress.step, progress.done))
            .collect::<Vec<_>>()
    };
    let new = [(Step::Check, 2), (Step::Write, 2), (Step::Index, 2)];
    assert_eq!(steps(), new);
    // Nothing is left to be written.
    assert_eq!(
        steps(),
        [(Step::Check, 2), (Step::Compare, 2), (Step::Write, 0)]
    );
}
