//! What a page says of itself in its head: its language, which way that goes, and its address.

use super::{Running, example};

#[test]
fn a_shop_in_arabic_goes_from_right_to_left() {
    let data = tempfile::tempdir().expect("a directory");
    let shop = Running::start(example(data.path()).env("PROTIUM_SHOP_LOCALE", "ar-AE"));
    let page = shop.get("/collections/all").text();
    assert!(
        page.contains("<html lang=\"ar-AE\" dir=\"rtl\">"),
        "{}",
        page.get(..400).unwrap_or(&page)
    );
}

#[test]
fn a_page_names_the_shops_own_address_or_else_the_host_that_was_asked() {
    let data = tempfile::tempdir().expect("a directory");
    let says = |shop: &Running, base: &str, of: &str| {
        let page = shop.get("/products/hand-fork?utm_source=x").text();
        let link = format!("<link rel=\"canonical\" href=\"{base}/products/hand-fork\">");
        assert!(page.contains(&link), "{of}: {link}");
    };
    let mut told = example(data.path());
    let told = Running::start(told.env("PROTIUM_SHOP_URL", "https://shop.example/"));
    says(&told, "https://shop.example", "a shop that was told");
    drop(told);
    for cache in ["on", "off"] {
        let shop = Running::start(example(data.path()).env("PROTIUM_CACHE", cache));
        says(&shop, &format!("http://{}", shop.address), cache);
    }
}
