//! Carts through a node: the shop behind it makes them, the node shows what is newest of them.

use super::{Premises, SECRET};
use crate::program::{Answer, Running};

/// Adds one of what is sold, for somebody with this cookie.
fn add(server: &Running, variant: &str, cookie: &str) -> Answer {
    let added = server.sends(
        &format!(
            "POST /cart/add HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Sec-Fetch-Site: same-origin\r\nCookie: {cookie}\r\n"
        ),
        &format!("variant_id={variant}"),
    );
    assert_eq!(added.status, 303, "{}", added.head);
    added
}

fn cookie(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie").split(';').next();
    cookie.expect("a cookie").to_owned()
}

fn variants(server: &Running) -> Vec<String> {
    let page = server.get("/collections/all").text();
    let variants = page.split("name=\"variant_id\" value=\"").skip(1);
    variants
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn first_additions_at_once_through_a_node_end_in_one_cart() {
    let premises = Premises::with(None, SECRET);
    let node = &premises.node;
    let keys: Vec<Answer> = (0..2).map(|_| node.get("/cart/key")).collect();
    for key in &keys {
        assert_eq!(key.status, 204, "{}", key.head);
        assert_eq!(key.header("cache-control"), "private, no-store");
    }
    let key = cookie(&keys[0]);
    assert!(key.starts_with("protium-cart-key="), "{key}");
    assert_ne!(key, cookie(&keys[1]), "every visitor has another");
    let variants = variants(node);
    let added: Vec<Answer> = std::thread::scope(|scope| {
        let adding: Vec<_> = variants[..2]
            .iter()
            .map(|variant| scope.spawn(|| add(node, variant, &key)))
            .collect();
        let done = adding.into_iter().map(|adding| adding.join());
        done.map(|added| added.expect("no panic")).collect()
    });
    for cookie in added.iter().map(cookie) {
        // The node has heard both answers, so it knows which of the two cookies is the older one.
        let page = premises.page("/", &cookie).text();
        assert!(page.contains("Cart, 2 items"), "{cookie}");
        let cart = premises.page("/cart", &cookie).text();
        assert_eq!(cart.matches("class=\"cart-line\"").count(), 2);
    }
    // A browser whose answers never came has its cart all the same.
    let page = premises.page("/", &key).text();
    assert!(page.contains("Cart, 2 items"));
}
