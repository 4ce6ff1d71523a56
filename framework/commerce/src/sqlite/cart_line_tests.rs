//! Lines of carts with attributes, and the prices that the shop's rules make of them.

use crate::attributes::LineAttribute;
use crate::fixtures::{Shop, context, shop};
use crate::pricing::{CartRules, LineAdjustment};
use crate::{AttributeChanges, Carts, Context, LineChange, NewLine};

const CSV: &str = "Handle,Title,Variant Price,Variant Inventory Tracker,Variant Inventory Qty\n\
    mug,Mug,10.00,shopify,5\nbowl,Bowl,20.00,,\n";

fn rules() -> CartRules {
    CartRules::default()
        .attribute(LineAttribute::flag("gift_wrap", "Gift wrap"))
        .attribute(LineAttribute::text("engraving", "Engraving", 20))
        .rule(LineAdjustment::each("gift_wrap", 350))
        .rule(LineAdjustment::once("engraving", 99))
}

fn asking() -> Context {
    Context {
        cart_rules: rules(),
        ..context()
    }
}

fn said(pairs: &[(&str, &str)]) -> AttributeChanges {
    AttributeChanges::read(rules().attributes(), pairs.iter().copied()).expect("declared")
}

fn line(variant_id: i64, quantity: i64, pairs: &[(&str, &str)]) -> NewLine {
    NewLine {
        variant_id,
        quantity,
        attributes: said(pairs),
    }
}

async fn ids(shop: &Shop) -> (i64, i64) {
    let id = async |handle| shop.product(handle).await.expect("a product").variants[0].id;
    (id("mug").await, id("bowl").await)
}

#[tokio::test]
async fn one_variant_with_other_attributes_is_another_line_and_costs_what_the_rules_say() {
    let shop = shop().filled(CSV);
    let (mug, bowl) = ids(&shop).await;
    let (store, asking) = (&shop.store, asking());
    let cart = store.add_line(&asking, None, line(mug, 2, &[])).await;
    let id = cart.expect("a cart").id;
    let wrapped = line(mug, 1, &[("gift_wrap", "on")]);
    for _ in 0..2 {
        let cart = store.add_line(&asking, Some(&id), wrapped.clone()).await;
        cart.expect("a cart");
    }
    let ada = line(bowl, 3, &[("engraving", "Ada"), ("gift_wrap", "on")]);
    let cart = store
        .add_line(&asking, Some(&id), ada)
        .await
        .expect("a cart");
    let lines: Vec<_> = cart
        .lines
        .iter()
        .map(|line| {
            (
                line.variant_id,
                line.quantity,
                line.details.as_str(),
                line.line_total,
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            (mug, 2, "", 2_000),
            (mug, 2, "Gift wrap", 2 * 1_350),
            (bowl, 3, "Gift wrap · Engraving: Ada", 3 * 2_350 + 99),
        ]
    );
    assert_eq!(cart.subtotal, 2_000 + 2_700 + 7_149);
    assert_eq!(cart.lines[0].id, mug, "without attributes as ever");
    assert!(cart.lines[1].id > 1 << 52 && cart.lines[1].id < 1 << 53);
    // The counts and totals of a cart that is read are those of its last change.
    let read = store.cart(&asking, &id).await.expect("an answer");
    assert_eq!(read, Some(cart));
    // Without the rules the attributes stay, and cost nothing.
    let plain = store.cart(&context(), &id).await.expect("an answer");
    let plain = plain.expect("a cart");
    assert_eq!(plain.subtotal, 4_000 + 6_000);
    assert_eq!(plain.lines[1].details, "gift_wrap: on");
}

#[tokio::test]
async fn stock_is_for_all_lines_of_a_variant_together() {
    let shop = shop().filled(CSV);
    let (mug, _) = ids(&shop).await;
    let (store, asking) = (&shop.store, asking());
    let cart = store.add_line(&asking, None, line(mug, 3, &[])).await;
    let id = cart.expect("a cart").id;
    let wrapped = |quantity| line(mug, quantity, &[("gift_wrap", "on")]);
    let refused = store.add_line(&asking, Some(&id), wrapped(3)).await;
    assert_eq!(refused.expect_err("six of five").code(), "sold_out");
    let cart = store.add_line(&asking, Some(&id), wrapped(1)).await;
    let cart = cart.expect("four of five");
    let most: Vec<_> = cart.lines.iter().map(|line| line.max).collect();
    assert_eq!(most, [Some(4), Some(2)]);
    let refused = store.set_quantity(&asking, &id, mug, 5).await;
    assert_eq!(refused.expect_err("six of five").code(), "sold_out");
    let cart = store.set_quantity(&asking, &id, mug, 4).await;
    assert_eq!(cart.expect("five of five").count, 5);
}

#[tokio::test]
async fn a_change_of_attributes_moves_a_line_or_joins_two() {
    let shop = shop().filled(CSV);
    let (mug, _) = ids(&shop).await;
    let (store, asking) = (&shop.store, asking());
    let cart = store.add_line(&asking, None, line(mug, 2, &[])).await;
    let id = cart.expect("a cart").id;
    let change = |pairs: &[(&str, &str)]| LineChange {
        quantity: None,
        attributes: said(pairs),
    };
    let wrap = change(&[("gift_wrap", "on")]);
    let cart = store
        .change_line(&asking, &id, mug, wrap)
        .await
        .expect("a cart");
    let wrapped = cart.lines[0].id;
    assert_eq!((cart.lines.len(), cart.subtotal), (1, 2_700));
    assert_ne!(wrapped, mug);
    // What a form does not say stays.
    let both = LineChange {
        quantity: Some(1),
        attributes: said(&[("engraving", "x")]),
    };
    let cart = store
        .change_line(&asking, &id, wrapped, both)
        .await
        .expect("a cart");
    assert_eq!(cart.lines[0].details, "Gift wrap · Engraving: x");
    store
        .add_line(&asking, Some(&id), line(mug, 3, &[]))
        .await
        .expect("a cart");
    let bare = change(&[("gift_wrap", ""), ("engraving", "")]);
    let engraved = cart.lines[0].id;
    let cart = store
        .change_line(&asking, &id, engraved, bare)
        .await
        .expect("a cart");
    let lines: Vec<_> = cart
        .lines
        .iter()
        .map(|line| (line.id, line.quantity))
        .collect();
    assert_eq!(lines, [(mug, 4)]);
    let gone = store.change_line(&asking, &id, engraved, change(&[])).await;
    assert_eq!(gone.expect_err("gone").code(), "unknown_line");
}

#[tokio::test]
async fn a_cart_that_has_no_price_is_not_changed() {
    let shop = shop().filled(CSV);
    let (mug, _) = ids(&shop).await;
    let asking = Context {
        cart_rules: CartRules::default().rule(
            |_: &crate::pricing::LineToPrice<'_>, _: &crate::pricing::PriceMarket<'_>| {
                Some(crate::Adjustment::each("free", -2_000))
            },
        ),
        ..context()
    };
    let before = shop.dump();
    let refused = shop.store.add_line(&asking, None, line(mug, 1, &[])).await;
    assert_eq!(refused.expect_err("less than nothing").code(), "internal");
    assert_eq!(shop.dump(), before);
}
