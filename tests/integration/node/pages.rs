//! What visitors get from a node.

use super::{HIT, Premises, STATUS, TOKEN, get_as, product, timeless, with_a_cart};
use crate::program::{Answer, Running};

fn head(server: &Running, path: &str) -> Answer {
    server.sends(&format!("HEAD {path} HTTP/1.1\r\n"), "")
}

#[test]
fn the_second_request_for_a_page_is_a_hit() {
    let premises = Premises::open();
    let page = product(&premises.node);
    let first = head(&premises.node, &page);
    assert_eq!(first.status, 200);
    assert_eq!(first.header(STATUS), "Protium-eu-1; fwd=uri-miss; stored");
    let second = head(&premises.node, &page);
    assert!(
        second.header(STATUS).starts_with("Protium-eu-1; hit; ttl="),
        "{}",
        second.head
    );
    assert!(second.body.is_empty());
    let etag = format!(
        "GET {page} HTTP/1.1\r\nIf-None-Match: {}\r\n",
        second.header("etag")
    );
    assert_eq!(premises.node.sends(&etag, "").status, 304);
    // What no page declares is neither in the node's key nor asked of the origin.
    for odd in ["x=1", "variant=999999&y=2", "Size=none", "sort=newest"] {
        let odd = premises.node.get(&format!("{page}?{odd}"));
        assert!(odd.head.contains(HIT), "{}", odd.head);
    }
    let all = premises.node.get("/collections/all?sort=newest");
    assert_eq!(all.status, 200);
    let same = premises
        .node
        .get("/collections/all?x=1&sort=newest&sort=odd");
    assert!(same.head.contains(HIT), "{}", same.head);
    // Where a visitor came from makes no other page, and neither does another way to write its
    // address.
    let tracked = premises
        .node
        .get(&format!("{page}?utm_source=mail&gclid=1"));
    assert!(tracked.head.contains(HIT), "{}", tracked.head);
}

#[test]
fn a_page_of_the_node_is_the_page_of_the_origin_byte_for_byte() {
    let premises = Premises::open();
    let cart = with_a_cart(&premises.node, 3);
    let product = product(&premises.node);
    for path in [
        "/",
        &product,
        "/collections/all",
        "/pages/nothing",
        "/search?q=fork",
        "/cart",
    ] {
        for cookie in ["other=1", &cart, "protium=forged", &format!("a=b; {cart}")] {
            for _ in 0..2 {
                let (here, there) = (
                    premises.page(path, cookie),
                    get_as(premises.origin(), path, cookie),
                );
                assert_eq!(here.status, there.status, "{path} {cookie}");
                assert!(timeless(&here) == timeless(&there), "{path} {cookie}");
                for name in ["content-type", "content-security-policy", "cache-control"] {
                    assert_eq!(
                        here.header(name),
                        there.header(name),
                        "{path} {cookie} {name}"
                    );
                }
            }
        }
    }
}

#[test]
fn two_visitors_never_see_each_others_cart() {
    let premises = Premises::open();
    let carts: Vec<(u32, String)> = [2, 7]
        .map(|quantity| (quantity, with_a_cart(&premises.node, quantity)))
        .into();
    let page = product(&premises.node);
    for round in 0..10 {
        let path = [page.as_str(), "/", "/collections/all"][round % 3];
        for (quantity, cart) in &carts {
            let own = premises.page(path, cart);
            assert!(
                own.text().contains(&format!("Cart, {quantity} items")),
                "{path}"
            );
            assert_eq!(own.header("cache-control"), "private, no-cache");
            assert!(
                own.header(STATUS).starts_with("Protium-eu-1; "),
                "{}",
                own.head
            );
            assert!(!own.header(STATUS).contains("bypass"), "{}", own.head);
        }
        let nobody = premises.page(path, "other=1");
        assert!(!nobody.text().contains("Cart, 2") && !nobody.text().contains("Cart, 7"));
        assert_eq!(nobody.header("cache-control"), "public, no-cache");
    }
}

#[test]
fn a_node_without_the_secret_leaves_visitors_with_a_cart_to_the_origin() {
    let premises = Premises::with(None, "another secret, of nobody at all here");
    let cart = with_a_cart(&premises.node, 2);
    let own = premises.page("/", &cart);
    assert!(own.text().contains("Cart, 2 items"));
    assert!(
        own.head
            .contains("Protium-eu-1; fwd=bypass; detail=private"),
        "{}",
        own.head
    );
    assert!(premises.page("/", "other=1").head.contains(HIT));
}

#[test]
fn a_form_of_another_site_is_refused_through_the_node_too() {
    let premises = Premises::open();
    for origin in ["Origin: http://evil.example", "Sec-Fetch-Site: cross-site"] {
        let form = "Content-Type: application/x-www-form-urlencoded";
        let head = format!("POST /cart/add HTTP/1.1\r\n{form}\r\n{origin}\r\n");
        let refused = premises.node.sends(&head, "variant_id=1&quantity=1");
        assert_eq!(refused.status, 403, "{origin}");
    }
}

#[test]
fn a_file_that_may_be_kept_is_asked_for_once() {
    let premises = Premises::open();
    let page = premises.node.get("/").text();
    let module = page
        .split('"')
        .find(|text| text.ends_with(".wasm"))
        .expect("a module")
        .to_owned();
    for coding in ["br", "gzip", "identity"] {
        let ask = format!("GET {module} HTTP/1.1\r\nAccept-Encoding: {coding}\r\n");
        let (first, second) = (premises.node.sends(&ask, ""), premises.node.sends(&ask, ""));
        assert!(first.header(STATUS).contains("stored"), "{}", first.head);
        assert!(second.head.contains(HIT), "{}", second.head);
        let origin = premises.origin().sends(&ask, "");
        assert!(
            second.body == origin.body && first.body == origin.body,
            "{coding}"
        );
        for name in ["content-type", "content-encoding", "etag", "cache-control"] {
            assert_eq!(second.header(name), origin.header(name));
        }
        let known = format!("{ask}If-None-Match: {}\r\n", second.header("etag"));
        assert_eq!(premises.node.sends(&known, "").status, 304);
    }
    // What has to be asked for each time is.
    let plain = premises.node.get("/_protium/store.wasm");
    assert_eq!(plain.header("cache-control"), "public, no-cache");
    assert!(!premises.node.get("/_protium/store.wasm").head.contains(HIT));
}

#[test]
fn operators_see_what_a_node_keeps_and_purge_it() {
    let premises = Premises::open();
    let ask = |request: &str| {
        let token = format!("Authorization: Bearer {TOKEN}\r\n");
        premises
            .node
            .sends(&format!("{request} HTTP/1.1\r\n{token}"), "")
    };
    let page = product(&premises.node);
    premises.node.get(&page);
    assert!(premises.node.get(&page).head.contains(HIT));
    let kept = ask("GET /_protium/cache");
    assert!(
        kept.text().contains(&format!("page{page} en-US EUR ")),
        "{}",
        kept.text()
    );
    assert!(kept.text().contains(" eu-1\""), "{}", kept.text());
    assert!(
        ask("GET /_protium/metrics")
            .text()
            .contains("protium_cache_hits_total")
    );
    assert!(
        ask("GET /_protium/prewarm")
            .text()
            .contains("\"region\":\"eu-1\"")
    );
    assert_eq!(ask("POST /_protium/purge?prefix=/products/").status, 200);
    assert!(
        premises
            .node
            .get(&page)
            .header(STATUS)
            .contains("fwd=uri-miss")
    );
    assert_eq!(premises.node.get("/_protium/cache").status, 401);
    assert_eq!(
        premises
            .node
            .sends("POST /_protium/purge?all=1 HTTP/1.1\r\n", "")
            .status,
        401
    );
}

#[test]
fn pages_with_holes_are_for_nodes_alone() {
    let premises = Premises::open();
    let origin = premises.origin();
    let ask = |token: &str| {
        let region = "Protium-Edge: eu-1";
        origin.sends(
            &format!("GET / HTTP/1.1\r\n{region}\r\nAuthorization: Bearer {token}\r\n"),
            "",
        )
    };
    assert_eq!(
        ask(TOKEN).header("content-type"),
        "application/vnd.protium.page"
    );
    assert_eq!(
        ask("wrong").header("content-type"),
        "text/html; charset=utf-8"
    );
    assert_eq!(origin.get("/_protium/edge").status, 401);
    // Nobody gets one through a node.
    let through = premises
        .node
        .sends("GET / HTTP/1.1\r\nProtium-Edge: eu-1\r\n", "");
    assert_eq!(through.header("content-type"), "text/html; charset=utf-8");
}
