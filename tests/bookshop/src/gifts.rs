//! Books as presents: what a visitor can say of a line in the cart, and what that costs.

use protium::prelude::*;
use protium::tera::{Kwargs, State};

/// What paper and ribbon for one book cost, in cents.
const WRAP: i64 = 350;
/// Most characters of a card, as a computer counts them: a letter with its accents may be several.
const CARD: usize = 300;

/// A check box, a card, and the price of the paper for each book.
pub fn rules() -> CartRules {
    CartRules::default()
        .attribute(LineAttribute::flag("gift_wrap", "Gift wrap"))
        .attribute(LineAttribute::text("gift_note", "Card", CARD))
        .rule(LineAdjustment::each("gift_wrap", WRAP))
}

/// The price, for templates.
pub fn price(_: Kwargs, _: &State) -> i64 {
    WRAP
}
