//! What lists show of a product by the default price list, derived from its variants as the trigger
//! `product_summarised` does it: an import knows all of them already.

use super::stored::{Price, StoredVariant};

/// See the columns of the same names of `product`.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub available: bool,
    pub price_min: i64,
    pub price_max: i64,
    pub compare_at: Option<i64>,
    pub on_sale: bool,
}

impl Summary {
    /// Of the variants on sale, in their order.
    pub fn of(variants: &[StoredVariant]) -> Self {
        let prices = || variants.iter().map(|one| one.price);
        // The first of several that cost the same.
        let Some(cheapest) = prices().min_by_key(|price| price.amount) else {
            return Self::default();
        };
        Self {
            available: variants.iter().any(can_be_bought),
            price_min: cheapest.amount,
            price_max: prices().map(|price| price.amount).max().unwrap_or_default(),
            compare_at: before(cheapest),
            on_sale: prices().any(|price| before(price).is_some()),
        }
    }
}

/// What was asked for before the price was reduced.
fn before(price: Price) -> Option<i64> {
    price.compare_at.filter(|before| *before > price.amount)
}

fn can_be_bought(variant: &StoredVariant) -> bool {
    let stock = variant.stock.values();
    let pieces = stock.map(|stock| stock.on_hand - stock.committed);
    !variant.tracked || variant.oversell || pieces.sum::<i64>() > 0
}
