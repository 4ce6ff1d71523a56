//! The shop from outside, as a browser asks it.

mod running;

use running::Running;

#[test]
fn the_first_page_is_that_of_the_product() {
    let page = Running::start().get("/");
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
    for part in [
        "data-go-id=\"product-form-1\"",
        "data-go-id=\"power-use-1\"",
        "The Lamp",
        "7 kWh in a year.",
    ] {
        assert!(page.contains(part), "{part} is not in:\n{page}");
    }
}

#[test]
fn what_is_bought_without_javascript_is_in_the_cart() {
    let shop = Running::start();
    let page = shop.get("/");
    let field = "name=\"variant_id\" value=\"";
    let (_, rest) = page.split_once(field).expect("a form that buys it");
    let variant = rest.split('"').next().expect("a value");
    let head = "POST /cart/add HTTP/1.1\r\nAccept: application/json\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n";
    let cart = shop.send(head, &format!("variant_id={variant}&quantity=2"));
    assert!(cart.starts_with("HTTP/1.1 200 "), "{cart}");
    assert!(cart.contains("\"subtotal\":17800"), "{cart}");
}
