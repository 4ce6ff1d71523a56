//! Columns of both generations, columns that are not there, and values as merchants have them.

use super::{at, mistake};
use crate::fixtures::{Shop, context, data, shop};
use crate::import::{Note, Problem, Warning};
use crate::{Catalogue, PageRequest, Product};

/// A product of a shop that has only this file.
async fn product(file: &str, handle: &str) -> Product {
    let shop = shop().filled(file);
    (*shop.product(handle).await.expect("a product")).clone()
}

fn notes(warnings: &[Warning]) -> Vec<(Note, u64, u64)> {
    let notes = warnings.iter().filter_map(|warning| match warning {
        Warning::Values { note, count, line } => Some((*note, *count, *line)),
        Warning::UnusedColumns(_) => None,
    });
    notes.collect()
}

async fn collections(shop: &Shop) -> Vec<(String, i64)> {
    let found = shop.store.collections(&context(), 6).await;
    let found = found.expect("an answer").into_iter();
    found.map(|one| (one.title, one.product_count)).collect()
}

#[tokio::test]
async fn a_file_of_prices_changes_prices_and_nothing_else() {
    let shop = shop().filled(data("partial-1-full.csv"));
    let mut before = (*shop.product("oak-bowl").await.expect("a product")).clone();
    let report = shop.import(data("partial-2-price-only.csv"));
    assert_eq!(report.expect("a sound file").updated, 1);
    let after = shop.product("oak-bowl").await.expect("a product");
    assert_eq!(
        after
            .variants
            .iter()
            .map(|one| one.price)
            .collect::<Vec<_>>(),
        [2_100, 3_100]
    );
    assert_eq!(
        after
            .variants
            .iter()
            .map(|one| one.quantity)
            .collect::<Vec<_>>(),
        [Some(4), Some(2)],
        "stock stays tracked"
    );
    before.variants[0].price = 2_100;
    before.variants[1].price = 3_100;
    (before.price_min, before.price_max) = (2_100, 3_100);
    assert_eq!(*after, before);
}

#[tokio::test]
async fn a_former_price_comes_back_when_the_price_sinks_below_it_again() {
    let shop = shop().filled("Handle,Title,Price,Compare-at price\nmug,Mug,20,25\n");
    let former = async || shop.product("mug").await.expect("a product").variants[0].compare_at;
    shop.import("Handle,Price\nmug,30\n").expect("a sound file");
    assert_eq!(former().await, None);
    shop.import("Handle,Price\nmug,22\n").expect("a sound file");
    assert_eq!(former().await, Some(2_500));
}

#[tokio::test]
async fn both_generations_of_header_names_are_read() {
    let mug = product(&data("new-template-headers.csv"), "mug").await;
    assert_eq!((mug.title.as_str(), mug.vendor.as_str()), ("Mug", "Acme"));
    assert_eq!(mug.body_html, "<p>x</p>");
    assert!(mug.options.is_empty());
    let variant = &mug.variants[0];
    assert_eq!((variant.sku.as_str(), variant.price), ("S1", 950));
    assert_eq!(
        (variant.compare_at, variant.quantity),
        (Some(1_200), Some(3))
    );
    assert!(!variant.oversell);
    assert_eq!(mug.images[0].src, "https://e.com/a.jpg");
    let hyphen = product(&data("compare-at-hyphen.csv"), "mug").await;
    assert_eq!(hyphen.variants[0].compare_at, Some(1_200));
    let pressed =
        "Handle,Title,BodyHtml,VariantPrice,Option1Name,Option1Value\nmug,Mug,b,1,Size,S\n";
    assert_eq!(product(pressed, "mug").await.options[0].name, "Size");
}

#[test]
fn columns_that_are_not_used_are_named() {
    let file = "Handle,Title,Price,Price / International,Variant Grams,Image Alt \
                Text,\nmug,Mug,1,2,3,x,\n";
    let report = shop().import(file).expect("a sound file");
    let unused = ["Price / International", "Variant Grams", "Image Alt Text"];
    assert_eq!(
        report.warnings,
        [Warning::UnusedColumns(unused.map(str::to_owned).into())]
    );
    assert_eq!(
        report.warnings[0].to_string(),
        "columns that are not used: Price / International, Variant Grams, Image Alt Text"
    );
}

#[tokio::test]
async fn values_may_stand_on_every_row() {
    let mug = product(&data("title-on-every-row.csv"), "mug").await;
    assert_eq!(mug.tags, ["a", "b"]);
    let skus: Vec<_> = mug.variants.iter().map(|one| one.sku.as_str()).collect();
    assert_eq!(skus, ["S1", "S2"]);
    assert_eq!(mug.images.len(), 1);
    let pictures = "Handle,Title,Price,Image Src\nmug,Mug,1,/a.png\nmug,Mug,1,/b.png\n";
    assert_eq!(product(pictures, "mug").await.images.len(), 2);
}

#[tokio::test]
async fn whole_numbers_may_have_decimals() {
    let mug = product(&data("decimal-quantity.csv"), "mug").await;
    assert_eq!(mug.variants[0].quantity, Some(3));
    let places =
        "Handle,Title,Price,Image Src,Image Position\nmug,Mug,1,/b.png,2.0\nmug,,,/a.png,1.0\n";
    assert_eq!(product(places, "mug").await.images[0].src, "/a.png");
}

#[tokio::test]
async fn rows_may_end_with_their_last_value() {
    let file = "Handle,Title,Price,Vendor,Tags\nmug,Mug,1\nbowl,Bowl,2,Acme,,,\n";
    let bowl = product(file, "bowl").await;
    assert_eq!((bowl.vendor.as_str(), bowl.tags.len()), ("Acme", 0));
}

#[tokio::test]
async fn rows_of_a_product_may_stand_apart() {
    let file = "Handle,Title,Option1 Name,Option1 Value,Price\n\
                mug,,,S,1\nbowl,Bowl,,,2\nmug,Mug,Size,L,3\n";
    let mug = product(file, "mug").await;
    assert_eq!(mug.options[0].values, ["S", "L"]);
    assert_eq!((mug.price_min, mug.price_max), (100, 300));
}

#[tokio::test]
async fn several_addresses_in_a_cell_are_several_pictures() {
    let file = "Handle,Title,Price,Image Src,Image Alt Text\n\
                mug,Mug,1,\"https://a.example/1.jpg, http://a.example/2,b.jpg\n/3.jpg\",Front\n";
    let shop = shop();
    let report = shop.import(file).expect("a sound file");
    assert_eq!(notes(&report.warnings), [(Note::PictureByHttp, 1, 2)]);
    let mug = shop.product("mug").await.expect("a product");
    let images: Vec<_> = mug
        .images
        .iter()
        .map(|one| (one.src.as_str(), one.alt.as_str()))
        .collect();
    assert_eq!(
        images,
        [
            ("https://a.example/1.jpg", "Front"),
            ("https://a.example/2,b.jpg", "Mug"),
            ("/3.jpg", "Mug")
        ]
    );
}

#[tokio::test]
async fn handles_are_lower_case() {
    let file = data("handle-upper-case.csv");
    let rows: Vec<_> = file.lines().collect();
    let mug = product(&rows[..2].join("\n"), "blue-mug").await;
    assert_eq!(mug.variants[0].sku, "S1");
    let header: Vec<_> = rows[0].split(',').collect();
    assert!(header.contains(&"Option1 Value"));
    assert_eq!(
        mistake(&file),
        at(3, "Option1 Value", Problem::DuplicateVariant { first: 2 }),
        "both spellings are one product"
    );
    let shop = shop().filled("Handle,Title,Price\nÄrmel,A,1\n");
    let report = shop.import("Handle,Title,Price\närmel,A,1\n");
    assert_eq!(report.expect("a sound file").unchanged, 1);
}

#[tokio::test]
async fn handles_are_made_fit_for_addresses() {
    let shop = shop();
    let report = shop.import("Handle,Title,Price\nMaroubra Beach/Stub (old),A,1\nb%c,B,2\nb-c,,\n");
    assert_eq!(
        notes(&report.expect("a sound file").warnings),
        [(Note::HandleMade, 2, 2)]
    );
    for handle in ["maroubra-beach-stub-old", "b-c"] {
        assert!(shop.product(handle).await.is_some(), "{handle}");
    }
}

#[tokio::test]
async fn a_file_of_pictures_changes_the_gallery_only() {
    let shop = shop().filled(
        "Handle,Title,Price,Inventory quantity,Image Src,Image Alt Text,Image Position\n\
         mug,Mug,1,3,/a.png,Front,2\nmug,,,,/b.png,Back,1\n",
    );
    let report = shop.import("Handle,Image Src\nmug,/c.png\nmug,/a.png\n");
    assert_eq!(report.expect("a sound file").updated, 1);
    let mug = shop.product("mug").await.expect("a product");
    let images: Vec<_> = mug
        .images
        .iter()
        .map(|one| (one.src.as_str(), one.alt.as_str()))
        .collect();
    assert_eq!(images, [("/a.png", "Front"), ("/c.png", "Mug")]);
    assert_eq!(
        (mug.variants[0].price, mug.variants[0].quantity),
        (100, Some(3))
    );
    shop.import("Handle,Image Src\nmug,\n")
        .expect("a sound file");
    let mug = shop.product("mug").await.expect("a product");
    assert!(mug.images.is_empty(), "an empty value empties");
}

#[test]
fn two_options_of_one_name_are_refused() {
    let name = || Problem::OptionTwice {
        name: "Size".to_owned(),
    };
    assert_eq!(
        mistake(data("two-options-same-name.csv")),
        at(2, "Option2 Name", name())
    );
    assert_eq!(
        mistake(data("http-pictures.csv")),
        at(2, "Option2 Name", name())
    );
}

#[tokio::test]
async fn two_options_of_one_name_in_an_older_catalogue_are_told_apart() {
    let shop = shop().filled(
        "Handle,Title,Price,Option1 Name,Option1 Value,Option2 Name,Option2 \
                              Value\nmug,Mug,1,Size,S,Width,30\n",
    );
    let document = "UPDATE product_document SET body = replace(body, 'Width', 'Size')";
    shop.other_process().execute(document, []).expect("written");
    let mug = shop.product("mug").await.expect("a product");
    let names: Vec<_> = mug.options.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Size", "Size 2"]);
    let chosen = mug.select(None, [("Size 2", "30")]).expect("a variant");
    assert_eq!(chosen.options, ["S", "30"]);
}

#[tokio::test]
async fn pictures_by_http_are_loaded_by_https() {
    let shop = shop();
    let file = data("http-pictures.csv").replace("Size,30", "Width,30");
    let report = shop.import(file).expect("a sound file");
    assert_eq!(notes(&report.warnings), [(Note::PictureByHttp, 1, 2)]);
    let twice = shop.product("twice").await.expect("a product");
    assert_eq!(twice.images[0].src, "https://images.example.net/a.jpg");
    let body = &shop
        .product("upper-case")
        .await
        .expect("a product")
        .body_html;
    assert!(
        body.contains("<img src=\"https://images.example.net/b.jpg\">"),
        "{body}"
    );
    assert!(
        body.contains("<img src=\"https://images.example.net/c.jpg\">"),
        "{body}"
    );
    assert!(body.contains("href=\"https://shop.example/"), "{body}");
}

#[tokio::test]
async fn skus_and_barcodes_are_one_line_each() {
    let shop = shop();
    let report = shop
        .import(
            "Handle,Title,Price,SKU,Barcode\n\
             mug,Mug,1,\"A\nB\",'4006381333931\nbowl,Bowl,1,'007,9.78E+12\nvase,Vase,1,\" C \
             \n\",12'3\n",
        )
        .expect("a sound file");
    assert_eq!(
        notes(&report.warnings),
        [(Note::SkuLines, 1, 2), (Note::BarcodeDigits, 1, 4)]
    );
    let mut found = Vec::new();
    for handle in ["mug", "bowl", "vase"] {
        let product = shop.product(handle).await.expect("a product");
        found.push((
            product.variants[0].sku.clone(),
            product.variants[0].barcode.clone(),
        ));
    }
    let found: Vec<_> = found
        .iter()
        .map(|(sku, code)| (sku.as_str(), code.as_str()))
        .collect();
    assert_eq!(
        found,
        [("A B", "4006381333931"), ("007", "9.78E+12"), ("C", "12'3")]
    );
    shop.import("Handle,Barcode\nbowl,9780000000000\n")
        .expect("a sound file");
    let bowl = shop.product("bowl").await.expect("a product");
    assert_eq!(bowl.variants[0].barcode, "9780000000000");
    assert_eq!(bowl.variants[0].sku, "007");
}

#[tokio::test]
async fn a_variant_knows_its_picture_in_the_gallery() {
    let scarf = product(&data("variant-pictures.csv"), "scarf").await;
    assert_eq!(scarf.images.len(), 2);
    let pictures: Vec<_> = scarf
        .variants
        .iter()
        .map(|one| (one.image.as_deref(), one.image_index))
        .collect();
    assert_eq!(
        pictures,
        [
            (Some("https://images.example.net/blue.jpg"), Some(0)),
            (Some("https://images.example.net/red.jpg"), Some(1))
        ]
    );
    let only = "Handle,Title,Price,Option1 Name,Option1 Value,Variant Image,Image Src\n\
                scarf,Scarf,1,Colour,Blue,/blue.png,/all.png\n\
                scarf,,1,,Red,/red.png,\nscarf,,1,,Grey,,\n";
    let shop = shop().filled(only);
    let scarf = shop.product("scarf").await.expect("a product");
    let images: Vec<_> = scarf
        .images
        .iter()
        .map(|one| (one.src.as_str(), one.alt.as_str()))
        .collect();
    assert_eq!(
        images,
        [
            ("/all.png", "Scarf"),
            ("/blue.png", "Scarf, Blue"),
            ("/red.png", "Scarf, Red")
        ]
    );
    let places: Vec<_> = scarf.variants.iter().map(|one| one.image_index).collect();
    assert_eq!(places, [Some(1), Some(2), None]);
    let bare = product(
        "Handle,Title,Price,Variant Image\nmug,Mug,1,/mug.png\n",
        "mug",
    )
    .await;
    assert_eq!(bare.images[0].src, "/mug.png");
}

#[tokio::test]
async fn the_title_describes_a_picture_without_words() {
    let shop = shop().filled("Handle,Title,Price,Type,Image Src\nmug,Mug & Co,1,Cups,/a.png\n");
    let mug = shop.product("mug").await.expect("a product");
    assert_eq!(mug.images[0].alt, "Mug & Co");
    let page = shop.collection("cups", PageRequest::default()).await;
    let page = page.expect("a collection");
    let alt = |image: &Option<crate::Image>| image.as_ref().map(|one| one.alt.clone());
    assert_eq!(alt(&page.products[0].image).as_deref(), Some("Mug & Co"));
    assert_eq!(alt(&page.collection.image).as_deref(), Some("Cups"));
}

#[tokio::test]
async fn a_file_of_stock_by_sku_changes_the_variants_it_names() {
    let shop = shop().filled(data("partial-1-full.csv"));
    let report = shop.import("Handle,Variant SKU,Variant Inventory Qty\noak-bowl,OAK-L,9\n");
    assert_eq!(report.expect("a sound file").retired, 0);
    let bowl = shop.product("oak-bowl").await.expect("a product");
    let stock: Vec<_> = bowl.variants.iter().map(|one| one.quantity).collect();
    assert_eq!(stock, [Some(4), Some(9)]);
    let before = shop.dump();
    for (row, column, problem) in [
        ("oak-bowl,NOPE,1", "Variant SKU", Problem::NoSuchVariant),
        ("oak-bowl,,1", "Option1 Value", Problem::WhichVariant),
        ("new-bowl,OAK-L,1", "Title", Problem::NeededForNew),
    ] {
        let file = format!("Handle,Variant SKU,Variant Inventory Qty\n{row}\n");
        let error = shop.import(file).expect_err("a mistake").to_string();
        let place = format!("test.csv, line 2, column {column}: {problem}");
        assert_eq!(error, place);
    }
    assert_eq!(shop.dump(), before);
}

#[tokio::test]
async fn stock_is_never_without_end_by_accident() {
    let header = "Handle,Title,Price,Option1 Name,Option1 Value";
    let tracked = format!("{header},Inventory quantity\nmug,Mug,1,Size,Small,3\n");
    let shop = shop().filled(tracked);
    let stock = async |shop: &Shop| -> Vec<Option<i64>> {
        let mug = shop.product("mug").await.expect("a product");
        mug.variants.iter().map(|one| one.quantity).collect()
    };
    assert_eq!(
        stock(&shop).await,
        [Some(3)],
        "a quantity means that it is counted"
    );
    let report = shop.import(format!("{header}\nmug,Mug,1,Size,small\nmug,,1,,Large\n"));
    let report = report.expect("a sound file");
    assert_eq!(stock(&shop).await, [Some(3), Some(0)]);
    assert_eq!(notes(&report.warnings), [(Note::QuantityMissing, 1, 3)]);

    let free = crate::fixtures::shop().filled("Handle,Title,Price\ncard,Card,1\n");
    let report = free.import("Handle,Inventory quantity\ncard,0\n");
    let report = report.expect("a sound file");
    assert_eq!((report.unchanged, report.updated), (1, 0));
    assert_eq!(notes(&report.warnings), [(Note::QuantityUntracked, 1, 2)]);
}

#[tokio::test]
async fn collections_are_made_from_types_categories_and_tags() {
    let shop = shop().filled(
        "Handle,Title,Price,Type,Product Category,Tags\n\
         a,A,1,Mugs,Home > Cups,x\nb,B,1,Mugs,,\nc,C,1,,Home & Garden > Vases,x\nd,D,1,,,\"women, \
         on sale\"\n",
    );
    let one = |title: &str, count| (title.to_owned(), count);
    assert_eq!(
        collections(&shop).await,
        [
            one("Mugs", 2),
            one("Vases", 1),
            one("Women", 1),
            one("On sale", 1)
        ]
    );
    shop.import("Handle,Title,Price,Collection\ne,E,1,Gifts\n")
        .expect("a sound file");
    assert_eq!(
        collections(&shop).await[0],
        one("Gifts", 1),
        "what is named goes first"
    );
    shop.import("Handle,Type\na,Cups\ne,Cups\n")
        .expect("a sound file");
    let a = shop.product("a").await.expect("a product");
    assert_eq!(a.collections[0].handle, "cups");
    let e = shop.product("e").await.expect("a product");
    assert_eq!(e.collections.len(), 1, "what a file named stays");
    assert_eq!(e.collections[0].handle, "gifts");
}

#[tokio::test]
async fn whether_a_product_is_seen_changes_by_its_own_columns_only() {
    let shop = shop().filled("Handle,Title,Price,Published,Status\nmug,Mug,1,TRUE,draft\n");
    let is_seen = async |file: &str| {
        shop.import(file).expect("a sound file");
        shop.product("mug").await.is_some()
    };
    assert!(!is_seen("Handle,Price\nmug,2\n").await);
    assert!(!is_seen("Handle,Published on online store\nmug,TRUE\n").await);
    assert!(is_seen("Handle,Status\nmug,Active\n").await);
    assert!(!is_seen("Handle,Published\nmug,FALSE\n").await);
    assert!(is_seen("Handle,Published\nmug,\n").await);
}

#[tokio::test]
async fn prices_of_a_product_count_all_its_variants() {
    let header = "Handle,Title,Price,Option1 Name,Option1 Value\n";
    let shop = shop().filled(format!("{header}mug,Mug,1,Size,S\n"));
    shop.import(format!("{header}mug,Mug,2,Size,S\nmug,,100,,XL\n"))
        .expect("a sound file");
    let mug = shop.product("mug").await.expect("a product");
    assert_eq!((mug.price_min, mug.price_max), (200, 10_000));
}

#[tokio::test]
async fn a_price_changed_by_sql_is_no_reduction_of_a_lower_former_price() {
    let shop = shop().filled("Handle,Title,Price,Compare-at price\nmug,Mug,20,25\n");
    let change = |price: i64| {
        let sql = "UPDATE price SET amount = ?1";
        shop.other_process().execute(sql, [price]).expect("written");
    };
    let seen = async || {
        let page = shop.collection("all", PageRequest::default()).await;
        let card = page.expect("everything").products.remove(0);
        let mug = shop.product("mug").await.expect("a product");
        assert_eq!(mug.compare_at, card.compare_at);
        assert_eq!(mug.variants[0].compare_at, card.compare_at);
        (card.price_min, card.compare_at, card.on_sale)
    };
    assert_eq!(seen().await, (2_000, Some(2_500), true));
    change(3_000);
    assert_eq!(seen().await, (3_000, None, false));
    change(1_000);
    assert_eq!(seen().await, (1_000, Some(2_500), true));
}
