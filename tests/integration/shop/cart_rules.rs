//! What a visitor put into the cart is in it, and what is said of it is true: additions at once,
//! quantities, refusals, carts that are gone, secrets that change.

use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::http::{HeaderMap, Request};
use serde_json::Value;
use tempfile::TempDir;

use super::visitor::{Answer, Premises, Visitor, example, something_to_buy, visit};

const KEY: &str = "protium-cart-key";

/// A visitor's browser with a key of its own, as one tab of it.
fn tab(key: &str) -> Visitor {
    Visitor::with_cookie(&format!("{KEY}={key}"))
}

fn cookies(headers: &HeaderMap) -> Vec<&str> {
    let values = headers.get_all(SET_COOKIE).iter();
    values.filter_map(|value| value.to_str().ok()).collect()
}

/// A product of one variant with stock: handle, variant, pieces.
async fn stocked() -> (&'static str, String, i64) {
    let page = Visitor::new().opens("/products/round-chopping-board").await;
    let text = page.is(200).text();
    let between = |before: &str| {
        let rest = text.split(before).nth(1).expect(before);
        rest.split('"').next().expect("an end").to_owned()
    };
    let variant = between("name=\"variant_id\" value=\"");
    let pieces = between("max=\"").parse().expect("a number");
    ("round-chopping-board", variant, pieces)
}

async fn cart(visitor: &mut Visitor) -> Value {
    visitor.asks_for_json("/cart").await.is(200).json()
}

#[test]
fn two_first_additions_at_once_end_in_one_cart() {
    visit(async {
        let (_, variant) = something_to_buy().await;
        let (_, other, _) = stocked().await;
        let key = "0123456789abcdef0123456789abcdef";
        let (mut first, mut second) = (tab(key), tab(key));
        let (one, two) = (
            [("variant_id", variant.as_str())],
            [("variant_id", other.as_str())],
        );
        let (one, two) = tokio::join!(
            first.submits("/cart/add", &one),
            second.submits("/cart/add", &two)
        );
        for answer in [one.is(303), two.is(303)] {
            let cookies = cookies(&answer.headers);
            assert_eq!(cookies.len(), 2, "{cookies:?}");
            assert!(
                cookies[0].starts_with("protium="),
                "first the new one: {cookies:?}"
            );
            assert!(cookies[1].starts_with(&format!("{KEY}=;")), "{cookies:?}");
            assert!(cookies[1].contains("Max-Age=0"), "{cookies:?}");
        }
        let (first, second) = (cart(&mut first).await, cart(&mut second).await);
        assert_eq!(first, second);
        assert_eq!(first["count"], 2);
        assert_ne!(first["id"], key, "who sees the id has not the key");
    });
}

#[test]
fn a_first_addition_whose_answer_never_came_is_in_the_cart() {
    visit(async {
        let (_, variant) = something_to_buy().await;
        let key = "00112233445566778899aabbccddeeff";
        let fields = [("variant_id", variant.as_str())];
        tab(key).submits("/cart/add", &fields).await.is(303);
        let mut back = tab(key);
        back.opens("/").await.is(200).shows("Cart, 1 item");
        let page = back.opens("/cart").await.is(200).shows("Cart, 1 item");
        assert!(cookies(&page.headers)[0].starts_with("protium="));
        assert_eq!(cart(&mut back).await["count"], 1);
    });
}

#[test]
fn a_cart_opens_with_its_key_alone() {
    visit(async {
        let (_, variant) = something_to_buy().await;
        let fields = [("variant_id", variant.as_str())];
        let mut owner = tab("fedcba9876543210fedcba9876543210");
        owner.submits("/cart/add", &fields).await.is(303);
        let id = cart(&mut owner).await["id"].as_str().map(str::to_owned);
        let id = id.expect("an id");
        for guess in [
            id.as_str(),
            "fedcba9876543210fedcba987654321",
            "FEDCBA9876543210FEDCBA9876543210",
            "fedcba9876543210fedcba98765432100",
            "%66edcba9876543210fedcba9876543210",
            "",
        ] {
            let mut other = tab(guess);
            assert_eq!(cart(&mut other).await["count"], 0, "{guess}");
            other.submits("/cart/add", &fields).await.is(303);
            assert_eq!(cart(&mut other).await["count"], 1, "{guess}");
        }
        // Neither a form nor an address brings a key along.
        let with_key = [("variant_id", variant.as_str()), (KEY, &id), ("key", &id)];
        let mut other = Visitor::new();
        let address = format!("/cart/add?{KEY}={id}");
        other.submits(&address, &with_key).await.is(303);
        assert_ne!(cart(&mut other).await["id"], id);
        assert_eq!(cart(&mut owner).await["count"], 1);
    });
}

#[test]
fn a_browser_without_javascript_gets_its_key_from_an_answer_that_nobody_keeps() {
    visit(async {
        let mut visitor = Visitor::new();
        let page = visitor.opens("/").await.is(200);
        let page = page.shows("<noscript><img src=\"/cart/key\"");
        assert!(cookies(&page.headers).is_empty());
        let answer = visitor.opens("/cart/key").await.is(204);
        assert_eq!(answer.header(CACHE_CONTROL.as_str()), "private, no-store");
        let given = visitor.cookie().map(str::to_owned).expect("a key");
        let key = given
            .strip_prefix(&format!("{KEY}="))
            .expect("the key's cookie");
        assert_eq!(key.len(), 32);
        // The one that is there stays, and so does a cart.
        let again = visitor.opens("/cart/key").await.is(204);
        assert!(cookies(&again.headers).is_empty());
        for path in ["/", "/collections/all", "/cart"] {
            visitor.opens(path).await.is(200).hides(key);
        }
        let (_, variant) = something_to_buy().await;
        let fields = [("variant_id", variant.as_str())];
        visitor.submits("/cart/add", &fields).await.is(303);
        let again = visitor.opens("/cart/key").await.is(204);
        assert!(cookies(&again.headers).is_empty());
        // A page of another site cannot make a browser take one.
        let foreign = Request::get("/cart/key").header("sec-fetch-site", "cross-site");
        let foreign = Visitor::new().sends(foreign, "").await.is(204);
        assert!(cookies(&foreign.headers).is_empty());
    });
}

#[test]
fn a_page_shows_the_newest_count_and_not_that_of_the_cookie_that_came_last() {
    visit(async {
        let (_, variant) = something_to_buy().await;
        let fields = [("variant_id", variant.as_str())];
        let mut visitor = Visitor::new();
        visitor.submits("/cart/add", &fields).await.is(303);
        let older = visitor.cookie().map(str::to_owned).expect("a cookie");
        visitor.submits("/cart/add", &fields).await.is(303);
        visitor.takes_cookie(&older);
        visitor.opens("/").await.is(200).shows("Cart, 2 items");
        visitor
            .opens("/search")
            .await
            .is(200)
            .shows("Cart, 2 items");
        let page = visitor.opens("/cart").await.is(200);
        let page = page.shows("Cart, 2 items");
        assert_eq!(cookies(&page.headers).len(), 1, "the cookie is corrected");
        let page = visitor.opens("/cart").await.is(200);
        assert!(cookies(&page.headers).is_empty());
    });
}

#[test]
fn a_quantity_that_is_none_is_refused_and_says_what_is_wanted() {
    visit(async {
        let (_, variant, pieces) = stocked().await;
        let mut visitor = Visitor::new();
        let fields = [("variant_id", variant.as_str()), ("quantity", "4")];
        visitor.submits("/cart/add", &fields).await.is(303);
        let above = (pieces + 1).to_string();
        for (quantity, status, says) in [
            ("-3", 422, "from 0 to 999"),
            ("2.5", 400, "a whole number"),
            ("1e1", 400, "a whole number"),
            ("", 400, "a whole number"),
            ("1000", 422, "from 0 to 999"),
            ("9999999999999999999999", 400, "a whole number"),
            (
                above.as_str(),
                409,
                format!("only {pieces} left.").leak() as &str,
            ),
        ] {
            let fields = [("line", variant.as_str()), ("quantity", quantity)];
            let error = visitor
                .calls("/cart/update", &fields)
                .await
                .is(status)
                .json();
            let message = error["error"]["message"].as_str().expect("a message");
            assert!(message.contains(says), "{quantity:?}: {message}");
            // Without JavaScript: the cart's page, with the reason and the cart as it is.
            let page = visitor.submits("/cart/update", &fields).await.is(status);
            page.shows(&format!("role=\"alert\">{message}"))
                .shows("class=\"cart-line\"")
                .shows("Cart, 4 items");
        }
        assert_eq!(cart(&mut visitor).await["count"], 4);
        let fields = [("line", variant.as_str()), ("quantity", "0")];
        visitor
            .submits("/cart/update", &fields)
            .await
            .leads_to("/cart");
        assert_eq!(cart(&mut visitor).await["lines"], serde_json::json!([]));
    });
}

#[test]
fn a_refused_addition_without_javascript_leads_back_to_the_product() {
    visit(async {
        let (handle, variant, pieces) = stocked().await;
        let mut visitor = Visitor::new();
        let above = (pieces + 1).to_string();
        let shows_the_product = |answer: Answer, status: u16, message: &str| {
            answer
                .is(status)
                .shows(&format!("role=\"alert\">{message}"))
                .shows("<h1 class=\"product-title\"")
                .shows(&format!("name=\"variant_id\" value=\"{variant}\""))
                // Forms on it lead back to the product, and not to where this one was sent.
                .hides("value=\"/cart/add\"")
                .shows(&format!("/products/{handle}"))
        };
        for (quantity, status, says) in [
            (above.as_str(), 409, format!("Sorry, only {pieces} left.")),
            (
                "0",
                422,
                "Please choose a quantity from 1 to 999.".to_owned(),
            ),
            (
                "2.5",
                400,
                "Please enter the quantity as a whole number.".to_owned(),
            ),
        ] {
            let fields = [("variant_id", variant.as_str()), ("quantity", quantity)];
            let answer = visitor.submits("/cart/add", &fields).await;
            let answer = shows_the_product(answer, status, &says);
            assert!(answer.header("cache-control").contains("private"));
            assert!(!answer.headers.contains_key("etag"));
        }
        let some = (pieces - 1).to_string();
        let fields = [("variant_id", variant.as_str()), ("quantity", &some)];
        visitor.submits("/cart/add", &fields).await.is(303);
        let answer = visitor.submits("/cart/add", &fields).await;
        let message = format!("Sorry, only {pieces} left, and your cart has {some} of them.");
        shows_the_product(answer, 409, &message);
        // The address of a form that was refused stays in the browser.
        for path in ["/cart/add", "/cart/update", "/cart/remove"] {
            visitor.opens(path).await.leads_to("/cart");
        }
        // What is nowhere sold has no page of its own.
        let answer = visitor.submits("/cart/add", &[("variant_id", "-1")]).await;
        answer
            .is(404)
            .shows("role=\"alert\">This product is not sold any more.")
            .shows("Your cart");
    });
}

#[test]
fn page_and_program_are_told_one_subtotal_when_a_line_is_sold_out() {
    visit(async {
        let premises = Premises::open(TempDir::new().expect("a directory")).await;
        let (_, variant, _) = stocked().await;
        let (_, other) = something_to_buy().await;
        let mut visitor = premises.visitor();
        for variant in [&variant, &other] {
            let fields = [("variant_id", variant.as_str()), ("quantity", "2")];
            visitor.submits("/cart/add", &fields).await.is(303);
        }
        let both = cart(&mut visitor).await;
        premises.sql(&format!(
            "UPDATE stock SET on_hand = 0 WHERE variant_id = {variant}"
        ));
        let rest = cart(&mut visitor).await;
        let total = |cart: &Value, line: usize| cart["lines"][line]["line_total"].as_i64();
        assert_eq!(
            both["subtotal"].as_i64(),
            Some(total(&both, 0).unwrap_or(0) + total(&both, 1).unwrap_or(0))
        );
        assert_eq!(rest["subtotal"].as_i64(), total(&rest, 1));
        let minor = rest["subtotal"].as_i64().expect("an amount");
        let shown = format!("€{}.{:02}", minor / 100, minor % 100);
        let page = visitor.opens("/cart").await.is(200).text();
        let amount = page.split("cart-subtotal-amount\"").nth(1);
        let amount = amount.and_then(|rest| rest.split("</span>").next());
        assert!(
            amount.is_some_and(|amount| amount.ends_with(&shown)),
            "{amount:?} is not {shown}"
        );
        // Less than the line has is said on the line.
        premises.sql(&format!(
            "UPDATE stock SET on_hand = 1 WHERE variant_id = {variant}"
        ));
        let page = visitor.opens("/cart").await.is(200);
        page.shows("Only 1 left. Please choose fewer.");
    });
}

#[test]
fn a_cart_that_is_gone_corrects_badge_and_cookie_and_begins_anew() {
    visit(async {
        let (_, variant) = something_to_buy().await;
        let fields = [("variant_id", variant.as_str())];
        let mut visitor = Visitor::new();
        visitor.submits("/cart/add", &fields).await.is(303);
        let before = cart(&mut visitor).await;
        let id = before["id"].as_str().expect("an id");
        example().sql(&format!("DELETE FROM cart WHERE id = '{id}'"));
        let version = |cart: &Value| cart["version"].as_i64().expect("a version");
        let change = [("line", variant.as_str()), ("quantity", "2")];
        let refused = visitor.calls("/cart/update", &change).await.is(404).json();
        assert_eq!(refused["error"]["code"], "unknown_cart");
        let answer = visitor.asks_for_json("/cart").await.is(200);
        assert_eq!(cookies(&answer.headers).len(), 1);
        let gone = answer.json();
        assert_eq!(gone["count"], 0);
        assert!(version(&gone) > version(&before));
        visitor.opens("/").await.is(200).shows("Cart, empty");
        // A first addition of two tabs at once, once more.
        let mut tab = Visitor::with_cookie(visitor.cookie().expect("a cookie"));
        let (one, two) = tokio::join!(
            visitor.calls("/cart/add", &fields),
            tab.calls("/cart/add", &fields)
        );
        let (one, two) = (one.is(200).json(), two.is(200).json());
        assert_eq!((&one["id"], &two["id"]), (&before["id"], &before["id"]));
        assert!(version(&one).min(version(&two)) > version(&gone));
        assert_eq!(cart(&mut visitor).await["count"], 2);
        // Without JavaScript.
        example().sql(&format!("DELETE FROM cart WHERE id = '{id}'"));
        let page = visitor.submits("/cart/update", &change).await.is(404);
        page.shows("Your cart has expired. Please start a new one.")
            .shows("Cart, empty");
    });
}

#[test]
fn a_visitor_without_a_cart_is_told_of_no_version() {
    visit(async {
        let cart = cart(&mut Visitor::new()).await;
        assert_eq!(
            (&cart["version"], &cart["id"]),
            (&Value::from(0), &Value::from(""))
        );
    });
}

#[test]
fn a_new_secret_keeps_the_carts_when_the_one_before_is_named() {
    visit(async {
        let (_, variant) = something_to_buy().await;
        let fields = [("variant_id", variant.as_str())];
        let (old, new) = ("o".repeat(32), "n".repeat(32));
        let data = TempDir::new().expect("a directory");
        let premises = Premises::open_with(data, |config| config.secret.clone_from(&old)).await;
        let mut visitor = premises.visitor();
        visitor.submits("/cart/add", &fields).await.is(303);
        let cookie = visitor.cookie().expect("a cookie").to_owned();

        let premises = Premises::open_with(premises.close(), |config| {
            config.secret.clone_from(&new);
            config.previous_secret = old;
        })
        .await;
        let mut visitor = premises.visitor();
        visitor.takes_cookie(&cookie);
        visitor.opens("/").await.is(200).shows("Cart, 1 item");
        visitor.submits("/cart/add", &fields).await.is(303);
        assert_eq!(cart(&mut visitor).await["count"], 2);
        let renewed = visitor.cookie().expect("a cookie").to_owned();

        let premises = Premises::open_with(premises.close(), |config| config.secret = new).await;
        let mut visitor = premises.visitor();
        visitor.takes_cookie(&renewed);
        visitor.opens("/").await.is(200).shows("Cart, 2 items");
        visitor.takes_cookie(&cookie);
        visitor.opens("/").await.is(200).shows("Cart, empty");
    });
}

#[test]
fn one_address_makes_so_many_carts_and_others_go_on() {
    visit(async {
        let (_, variant) = something_to_buy().await;
        let data = TempDir::new().expect("a directory");
        let premises = Premises::open_with(data, |config| {
            config.carts.new_per_minute = 2;
            config.carts.changes_per_minute = 4;
        })
        .await;
        let body = format!("variant_id={variant}");
        let request = |address: &str, accept: &str| {
            Request::post("/cart/add")
                .header("x-forwarded-for", address)
                .header("accept", accept)
                .header("sec-fetch-site", "same-origin")
                .header("content-type", "application/x-www-form-urlencoded")
        };
        let (json, html) = ("application/json", "text/html");
        let mut first = premises.visitor();
        let from = "203.0.113.77";
        first.sends(request(from, json), &body).await.is(200);
        premises
            .visitor()
            .sends(request(from, json), &body)
            .await
            .is(200);
        let refused = premises.visitor().sends(request(from, json), &body).await;
        let refused = refused.is(429);
        assert_eq!(refused.header("retry-after"), "10");
        assert_eq!(refused.json()["error"]["code"], "too_many_changes");
        // Whoever has a cart goes on, but not for ever.
        let changed = first.sends(request(from, json), &body).await;
        changed.is(200);
        let refused = first.sends(request(from, html), &body).await;
        refused
            .is(429)
            .shows("That was a lot at once. Please wait a moment and try again.");
        for other in ["203.0.113.78", "127.0.0.1", "10.0.0.7"] {
            let mut visitor = premises.visitor();
            visitor.sends(request(other, json), &body).await.is(200);
        }
    });
}
