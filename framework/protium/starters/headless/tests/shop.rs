//! The shop from outside, as a page elsewhere asks it.

mod running;

use protium::serde_json::{self, Value};
use running::Running;

fn json(answer: &str) -> Value {
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).expect("JSON")
}

#[test]
fn products_are_json() {
    let shop = Running::start();
    let collections = json(&shop.get("/"));
    let mut handles = collections.as_array().expect("a list").iter();
    assert!(handles.any(|one| one["handle"] == "black-tea"), "{collections}");
    let all = json(&shop.get("/collections/all"));
    let products = all["products"].as_array().expect("a list");
    assert_eq!(products.len(), 8, "{all}");
    let tea = json(&shop.get("/products/spring-green"));
    assert_eq!(tea["title"], "Spring Green");
    let found = json(&shop.get("/search?q=jasmine"));
    assert_eq!(found["products"][0]["handle"], "jasmine-pearls", "{found}");
    assert!(shop.get("/products/coffee").starts_with("HTTP/1.1 404 "));
}

#[test]
fn a_component_is_html_and_nothing_else() {
    let shop = Running::start();
    let html = shop.get("/components/stock-level/MORNING-BLEND-500G");
    assert!(html.contains("12 pieces"), "{html}");
    for part in ["<head", "<script", "<body"] {
        assert!(!html.contains(part), "{part} is in:\n{html}");
    }
}

#[test]
fn the_cart_is_json_too() {
    let shop = Running::start();
    let tea = json(&shop.get("/products/morning-blend"));
    let variant = &tea["variants"][0]["id"];
    let head = "POST /cart/add HTTP/1.1\r\nAccept: application/json\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n";
    let cart = json(&shop.send(head, &format!("variant_id={variant}&quantity=2")));
    assert_eq!(cart["subtotal"], 1_900, "{cart}");
}
