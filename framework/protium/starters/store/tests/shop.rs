//! The shop from outside, as a browser asks it.

mod running;

use running::Running;

#[test]
fn a_tea_says_how_it_is_brewed_and_a_pot_does_not() {
    let shop = Running::start();
    let tea = shop.get("/products/spring-green");
    assert!(tea.starts_with("HTTP/1.1 200 "), "{tea}");
    for part in [
        "data-go-id=\"brew-guide-1\"",
        "3 g of leaves, water at 75 °C",
    ] {
        assert!(tea.contains(part), "{part} is not in:\n{tea}");
    }
    let pot = shop.get("/products/one-pot");
    assert!(pot.starts_with("HTTP/1.1 200 "), "{pot}");
    assert!(!pot.contains("data-go-id=\"brew-guide-1\""), "{pot}");
}

#[test]
fn what_is_bought_without_javascript_is_in_the_cart() {
    let shop = Running::start();
    let pot = shop.get("/products/one-pot");
    let field = "name=\"variant_id\" value=\"";
    let (_, rest) = pot.split_once(field).expect("a form that buys it");
    let variant = rest.split('"').next().expect("a value");
    let head = "POST /cart/add HTTP/1.1\r\nAccept: application/json\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n";
    let cart = shop.send(head, &format!("variant_id={variant}&quantity=2"));
    assert!(cart.starts_with("HTTP/1.1 200 "), "{cart}");
    assert!(
        cart.contains("\"count\":2") && cart.contains("\"subtotal\":8400"),
        "{cart}"
    );
}

#[test]
fn a_page_of_its_own_is_there() {
    let about = Running::start().get("/pages/about");
    assert!(about.starts_with("HTTP/1.1 200 "), "{about}");
    assert!(about.contains("Who we are"), "{about}");
}
