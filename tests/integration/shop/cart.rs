//! The cart with and without JavaScript, and who may see it.

use axum::http::Request;
use axum::http::header::CONTENT_TYPE;

use super::visitor::{Premises, Visitor, something_to_buy, visit};

#[test]
fn a_visitor_without_javascript_fills_changes_and_empties_a_cart() {
    visit(async {
        let (handle, variant) = something_to_buy().await;
        let mut visitor = Visitor::new();
        let back = format!("/products/{handle}");
        visitor
            .submits(
                "/cart/add",
                &[("variant_id", &variant), ("return_to", &back)],
            )
            .await
            .leads_to(&back);
        visitor
            .opens("/cart")
            .await
            .is(200)
            .shows(&handle)
            .hides(">Your cart is empty.<");
        visitor
            .submits("/cart/update", &[("line", &variant), ("quantity", "2")])
            .await
            .leads_to("/cart");
        assert_eq!(
            visitor.asks_for_json("/cart").await.is(200).json()["count"],
            2
        );
        visitor
            .submits("/cart/remove", &[("line", &variant)])
            .await
            .leads_to("/cart");
        visitor
            .opens("/cart")
            .await
            .is(200)
            .shows(">Your cart is empty.<");
    });
}

#[test]
fn the_form_and_the_call_end_in_the_same_state() {
    visit(async {
        let (_, variant) = something_to_buy().await;
        let fields = [("variant_id", variant.as_str()), ("quantity", "1")];
        let (mut plain, mut enhanced) = (Visitor::new(), Visitor::new());
        plain.submits("/cart/add", &fields).await.leads_to("/cart");
        let answer = enhanced.calls("/cart/add", &fields).await.is(200).json();
        let mut one = plain.asks_for_json("/cart").await.json();
        let mut other = enhanced.asks_for_json("/cart").await.json();
        assert_eq!(answer, other);
        // Two carts differ by their ids, and by their versions, which begin with the time.
        for of_one_cart in ["id", "version"] {
            one[of_one_cart] = serde_json::Value::Null;
            other[of_one_cart] = serde_json::Value::Null;
        }
        assert_eq!(one, other);
    });
}

#[test]
fn two_visitors_never_see_each_others_cart() {
    visit(async {
        let (handle, variant) = something_to_buy().await;
        let (mut ada, mut ben) = (Visitor::new(), Visitor::new());
        ada.submits("/cart/add", &[("variant_id", &variant), ("quantity", "1")])
            .await
            .is(303);
        let page = ben
            .opens("/cart")
            .await
            .is(200)
            .shows(">Your cart is empty.<");
        assert!(page.header("cache-control").contains("private"));
        ada.opens("/cart").await.is(200).shows(&handle);
        ben.opens("/").await.is(200).shows("Cart, empty");
        let home = ada.opens("/").await.is(200).shows("Cart, 1 item");
        assert!(
            home.header("cache-control").contains("private"),
            "a page with a badge is for one visitor"
        );
        ben.submits("/cart/add", &[("variant_id", &variant), ("quantity", "1")])
            .await
            .is(303);
        assert_ne!(ada.cookie(), ben.cookie());
    });
}

#[test]
fn a_forged_cookie_is_a_new_session() {
    visit(async {
        let (_, variant) = something_to_buy().await;
        let mut ada = Visitor::new();
        ada.submits("/cart/add", &[("variant_id", &variant), ("quantity", "1")])
            .await
            .is(303);
        let id = ada.asks_for_json("/cart").await.json()["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let signed = ada.cookie().expect("a cookie").to_owned();
        let cookies = [
            format!("protium=1.1.1.{id}"),
            format!("protium={}1.1.1.{id}", "A".repeat(44)),
            signed.replace(&id, &"0".repeat(32)),
            signed.to_uppercase(),
            signed.chars().rev().collect(),
            "protium=".to_owned(),
            "protium".to_owned(),
        ];
        for cookie in cookies {
            Visitor::with_cookie(&cookie)
                .opens("/cart")
                .await
                .is(200)
                .shows(">Your cart is empty.<");
        }
    });
}

#[test]
fn a_cookie_of_another_shop_is_a_new_session() {
    visit(async {
        let data = tempfile::tempdir().expect("a temporary directory");
        let other = Premises::open(data).await;
        let (_, variant) = something_to_buy().await;
        let mut ada = Visitor::new();
        ada.submits("/cart/add", &[("variant_id", &variant), ("quantity", "1")])
            .await
            .is(303);
        let mut there = other.visitor();
        there.takes_cookie(ada.cookie().expect("a cookie"));
        there
            .opens("/cart")
            .await
            .is(200)
            .shows(">Your cart is empty.<");
        let refused = there.calls("/cart/remove", &[("line", &variant)]).await;
        assert_eq!(refused.is(404).json()["error"]["code"], "unknown_cart");
    });
}

#[test]
fn no_page_sets_a_cookie() {
    visit(async {
        for path in ["/", "/collections/all", "/search?q=a", "/cart", "/nowhere"] {
            let answer = Visitor::with_cookie("protium=nonsense").opens(path).await;
            assert!(!answer.headers.contains_key("set-cookie"), "{path}");
        }
    });
}

#[test]
fn a_form_of_another_site_changes_nothing() {
    visit(async {
        let (_, variant) = something_to_buy().await;
        let mut ada = Visitor::new();
        ada.submits("/cart/add", &[("variant_id", &variant), ("quantity", "1")])
            .await
            .is(303);
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("x-nothing", ""),
        ] {
            let request = Request::post("/cart/add")
                .header(name, value)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            ada.sends(request, &format!("variant_id={variant}"))
                .await
                .is(403)
                .shows_a_page_of_the_shop();
        }
        assert_eq!(ada.asks_for_json("/cart").await.json()["count"], 1);
    });
}

#[test]
fn a_form_leads_to_addresses_of_this_shop_only() {
    visit(async {
        let (_, variant) = something_to_buy().await;
        for place in [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "\\\\evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/a\r\nset-cookie: b=c",
            "",
        ] {
            let fields = [("variant_id", variant.as_str()), ("return_to", place)];
            Visitor::new()
                .submits("/cart/add", &fields)
                .await
                .leads_to("/cart");
        }
    });
}

#[test]
fn a_refused_change_says_why() {
    visit(async {
        let (_, variant) = something_to_buy().await;
        let mut visitor = Visitor::new();
        for (path, fields, status, code) in [
            ("/cart/add", vec![], 400, "missing_field"),
            (
                "/cart/add",
                vec![("variant_id", "many")],
                400,
                "invalid_number",
            ),
            (
                "/cart/add",
                vec![("variant_id", "99999999999999999999")],
                400,
                "invalid_number",
            ),
            (
                "/cart/add",
                vec![("variant_id", "-1")],
                404,
                "unknown_variant",
            ),
            (
                "/cart/add",
                vec![("variant_id", variant.as_str()), ("quantity", "0")],
                422,
                "quantity_out_of_range",
            ),
            (
                "/cart/add",
                vec![("variant_id", variant.as_str()), ("quantity", "1000")],
                422,
                "quantity_out_of_range",
            ),
            (
                "/cart/update",
                vec![("line", "1"), ("quantity", "1")],
                404,
                "unknown_cart",
            ),
        ] {
            let error = visitor.calls(path, &fields).await.is(status).json();
            assert_eq!(error["error"]["code"], code, "{path} {fields:?}");
            assert!(
                error["error"]["message"]
                    .as_str()
                    .is_some_and(|message| !message.is_empty())
            );
            visitor
                .submits(path, &fields)
                .await
                .is(status)
                .shows_a_page_of_the_shop();
        }
    });
}
