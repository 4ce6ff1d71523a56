//! What a cart comes to, and why: from its lines, the prices of its market and the shop's rules to
//! a total that explains itself. Whatever shows or charges an amount asks [`price`].
//!
//! A rule sees a line at its list price and never what other rules make of it, and adjustments are
//! added up: so the total does not depend on the order of rules or lines.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use super::attributes::{LineAttribute, LineAttributes, MAX_ATTRIBUTES};
use protium_types::money::{Currency, MAX_AMOUNT};

/// A line as it is to be priced.
#[derive(Debug, Clone, Copy)]
pub struct LineToPrice<'a> {
    /// The variant.
    pub variant_id: i64,
    /// Pieces, 1 or more.
    pub quantity: i64,
    /// Minor units for one piece, by the market's price list.
    pub list_price: i64,
    /// What the visitor said of it.
    pub attributes: &'a LineAttributes,
    /// Whether it can be bought: only then it counts in the total.
    pub available: bool,
}

/// By which prices a cart is priced.
#[derive(Debug, Clone, Copy)]
pub struct PriceMarket<'a> {
    /// The price list that list prices are from; `None`: the shop's default one.
    pub price_list: Option<&'a str>,
    /// The currency of all amounts.
    pub currency: Currency,
}

/// What a rule adds to a line, or takes off it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Adjustment {
    /// Why: a stable key for programs and for the texts of a shop, such as `gift_wrap`.
    pub reason: String,
    /// Minor units for each piece.
    pub each: i64,
    /// Minor units for the line, however many pieces it has.
    pub once: i64,
}

impl Adjustment {
    /// So much for each piece; less than 0 takes off.
    pub fn each(reason: impl Into<String>, amount: i64) -> Self {
        Self {
            reason: reason.into(),
            each: amount,
            once: 0,
        }
    }

    /// So much for the line, however many pieces it has; less than 0 takes off.
    pub fn once(reason: impl Into<String>, amount: i64) -> Self {
        Self {
            reason: reason.into(),
            each: 0,
            once: amount,
        }
    }
}

/// A rule of a shop. Closures are rules too. It is asked for every line whenever a cart is read, so
/// it answers from memory, and the same for the same line.
///
/// ```
/// use protium_commerce::pricing::{Adjustment, LineToPrice, PriceMarket, PriceRule};
///
/// /// The fifth piece of a thing is a present.
/// struct FifthFree;
///
/// impl PriceRule for FifthFree {
///     fn adjust(&self, line: &LineToPrice<'_>, _: &PriceMarket<'_>) -> Option<Adjustment> {
///         let free = line.quantity / 5;
///         (free > 0).then(|| Adjustment::once("fifth_free", -free * line.list_price))
///     }
/// }
/// ```
pub trait PriceRule: Send + Sync {
    /// What it adds to a line, or takes off; `None` where it has nothing to say.
    fn adjust(&self, line: &LineToPrice<'_>, market: &PriceMarket<'_>) -> Option<Adjustment>;
}

impl<F> PriceRule for F
where
    F: Fn(&LineToPrice<'_>, &PriceMarket<'_>) -> Option<Adjustment> + Send + Sync,
{
    fn adjust(&self, line: &LineToPrice<'_>, market: &PriceMarket<'_>) -> Option<Adjustment> {
        self(line, market)
    }
}

/// Adds an amount to lines that have an attribute. Its reason is the attribute's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineAdjustment {
    /// Its reason is the attribute.
    adjustment: Adjustment,
    value: Option<String>,
}

impl LineAdjustment {
    /// So many minor units for each piece of a line that has the attribute.
    pub fn each(attribute: impl Into<String>, amount: i64) -> Self {
        Self {
            adjustment: Adjustment::each(attribute, amount),
            value: None,
        }
    }

    /// So many minor units for a line that has the attribute, however many pieces it has.
    pub fn once(attribute: impl Into<String>, amount: i64) -> Self {
        Self {
            adjustment: Adjustment::once(attribute, amount),
            value: None,
        }
    }

    /// Only where the attribute has this value.
    pub fn for_value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }
}

impl PriceRule for LineAdjustment {
    fn adjust(&self, line: &LineToPrice<'_>, _: &PriceMarket<'_>) -> Option<Adjustment> {
        let value = line.attributes.get(&self.adjustment.reason)?;
        let is_meant = self.value.as_deref().is_none_or(|wanted| wanted == value);
        is_meant.then(|| self.adjustment.clone())
    }
}

/// What a shop registers about its carts: attributes of lines, and rules of prices. Clones share
/// it; it belongs to the process and is in every [`Context`](super::Context).
///
/// ```
/// use protium_commerce::attributes::LineAttribute;
/// use protium_commerce::pricing::{CartRules, LineAdjustment};
///
/// let rules = CartRules::default()
///     .attribute(LineAttribute::flag("gift_wrap", "Gift wrap"))
///     .rule(LineAdjustment::each("gift_wrap", 350));
/// assert_eq!(rules.attributes()[0].name(), "gift_wrap");
/// ```
#[derive(Clone, Default)]
pub struct CartRules(Arc<Registered>);

#[derive(Clone, Default)]
struct Registered {
    attributes: Vec<LineAttribute>,
    rules: Vec<Arc<dyn PriceRule>>,
}

impl CartRules {
    /// With one more attribute, in place of one of the same name. Beyond [`MAX_ATTRIBUTES`] there
    /// is no room, and it is left out with a line in the log.
    pub fn attribute(mut self, attribute: LineAttribute) -> Self {
        let attributes = &mut Arc::make_mut(&mut self.0).attributes;
        attributes.retain(|known| known.name() != attribute.name());
        if attributes.len() < MAX_ATTRIBUTES {
            attributes.push(attribute);
        } else {
            tracing::error!(
                attribute = attribute.name(),
                "a shop has at most {MAX_ATTRIBUTES} attributes of cart lines: this one is left out"
            );
        }
        self
    }

    /// With one more rule.
    pub fn rule(mut self, rule: impl PriceRule + 'static) -> Self {
        Arc::make_mut(&mut self.0).rules.push(Arc::new(rule));
        self
    }

    /// The attributes that lines may have.
    pub fn attributes(&self) -> &[LineAttribute] {
        &self.0.attributes
    }
}

impl fmt::Debug for CartRules {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CartRules")
            .field("attributes", &self.0.attributes)
            .field("rules", &self.0.rules.len())
            .finish()
    }
}

/// A line with its price explained: `total = (list_price + extra_each) * quantity + extra_once`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedLine {
    /// Minor units for one piece, by the price list.
    pub list_price: i64,
    /// What rules add or take off, in the order of their reasons.
    pub adjustments: Vec<Adjustment>,
    /// What the adjustments come to for each piece.
    pub extra_each: i64,
    /// What they come to for the line, however many pieces it has.
    pub extra_once: i64,
    /// Minor units for all pieces.
    pub total: i64,
}

/// Priced lines, in the order they were given, and the sum of those that can be bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// One for each line.
    pub lines: Vec<PricedLine>,
    /// Minor units.
    pub subtotal: i64,
}

/// Why a cart has no price: never a wrong one instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    /// A price or quantity that no shop can have.
    #[error("variant {variant_id}: {quantity} pieces at {list_price} cannot be priced")]
    Line {
        /// The variant.
        variant_id: i64,
        /// Pieces.
        quantity: i64,
        /// Minor units for one.
        list_price: i64,
    },
    /// Adjustments that make a line cost less than nothing.
    #[error("variant {variant_id}: rules take off more than the line costs ({reasons})")]
    Negative {
        /// The variant.
        variant_id: i64,
        /// The reasons of the adjustments.
        reasons: String,
    },
    /// More than an amount of money can be.
    #[error("the amounts are too large to be added up")]
    Overflow,
}

/// Prices a cart.
///
/// ```
/// use protium_commerce::attributes::{AttributeChanges, LineAttribute, LineAttributes};
/// use protium_commerce::pricing::{CartRules, LineAdjustment, LineToPrice, PriceMarket, price};
/// use protium_commerce::Currency;
///
/// let rules = CartRules::default()
///     .attribute(LineAttribute::flag("gift_wrap", "Gift wrap"))
///     .rule(LineAdjustment::each("gift_wrap", 350));
/// let wrapped = AttributeChanges::read(rules.attributes(), [("gift_wrap", "on")])?;
/// let wrapped = LineAttributes::default().with(&wrapped);
/// let line = LineToPrice {
///     variant_id: 7,
///     quantity: 2,
///     list_price: 1_000,
///     attributes: &wrapped,
///     available: true,
/// };
/// let market = PriceMarket { price_list: None, currency: Currency::EUR };
/// assert_eq!(price(&[line], &market, &rules)?.subtotal, 2_700);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn price(
    lines: &[LineToPrice<'_>],
    market: &PriceMarket<'_>,
    rules: &CartRules,
) -> Result<Total, PricingError> {
    let mut subtotal = 0_i64;
    let mut priced = Vec::with_capacity(lines.len());
    for line in lines {
        let one = price_line(line, market, rules)?;
        if line.available {
            subtotal = subtotal
                .checked_add(one.total)
                .ok_or(PricingError::Overflow)?;
        }
        priced.push(one);
    }
    Ok(Total {
        lines: priced,
        subtotal,
    })
}

fn price_line(
    line: &LineToPrice<'_>,
    market: &PriceMarket<'_>,
    rules: &CartRules,
) -> Result<PricedLine, PricingError> {
    let LineToPrice {
        variant_id,
        quantity,
        list_price,
        ..
    } = *line;
    if quantity < 0 || !(0..=MAX_AMOUNT).contains(&list_price) {
        return Err(PricingError::Line {
            variant_id,
            quantity,
            list_price,
        });
    }
    let rules = rules.0.rules.iter();
    let mut adjustments: Vec<Adjustment> =
        rules.filter_map(|rule| rule.adjust(line, market)).collect();
    adjustments.sort();
    let add = |sum: Option<i64>, amount: i64| sum?.checked_add(amount);
    let each = adjustments.iter().map(|one| one.each);
    let extra_each = each.fold(Some(0), add);
    let once = adjustments.iter().map(|one| one.once);
    let extra_once = once.fold(Some(0), add);
    let (Some(extra_each), Some(extra_once)) = (extra_each, extra_once) else {
        return Err(PricingError::Overflow);
    };
    let total = list_price
        .checked_add(extra_each)
        .and_then(|each| each.checked_mul(quantity))
        .and_then(|pieces| pieces.checked_add(extra_once))
        .ok_or(PricingError::Overflow)?;
    if total < 0 {
        let reasons: Vec<&str> = adjustments.iter().map(|one| one.reason.as_str()).collect();
        return Err(PricingError::Negative {
            variant_id,
            reasons: reasons.join(", "),
        });
    }
    Ok(PricedLine {
        list_price,
        adjustments,
        extra_each,
        extra_once,
        total,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attributes::AttributeChanges;
    use proptest::prelude::*;

    const MARKET: PriceMarket<'_> = PriceMarket {
        price_list: None,
        currency: Currency::EUR,
    };

    fn attributes(names: &[bool; 2]) -> LineAttributes {
        let declared = [LineAttribute::flag("a", "A"), LineAttribute::flag("b", "B")];
        let pairs = ["a", "b"].into_iter().zip(names);
        let pairs = pairs
            .filter(|(_, is_set)| **is_set)
            .map(|(name, _)| (name, "on"));
        let changes = AttributeChanges::read(&declared, pairs).expect("declared");
        LineAttributes::default().with(&changes)
    }

    type Given = (i64, i64, [bool; 2], bool);

    fn priced(given: &[Given], rules: &CartRules) -> Result<Total, PricingError> {
        let attributes: Vec<_> = given
            .iter()
            .map(|(_, _, names, _)| attributes(names))
            .collect();
        let lines: Vec<_> = given
            .iter()
            .zip(&attributes)
            .map(
                |((quantity, list_price, _, available), attributes)| LineToPrice {
                    variant_id: 1,
                    quantity: *quantity,
                    list_price: *list_price,
                    attributes,
                    available: *available,
                },
            )
            .collect();
        price(&lines, &MARKET, rules)
    }

    fn rules(amounts: &[(bool, i64, i64)]) -> CartRules {
        amounts
            .iter()
            .fold(CartRules::default(), |rules, (of_a, each, once)| {
                let attribute = if *of_a { "a" } else { "b" };
                rules
                    .rule(LineAdjustment::each(attribute, *each))
                    .rule(LineAdjustment::once(attribute, *once))
            })
    }

    #[test]
    fn a_line_without_rules_costs_its_list_price() {
        let total = priced(&[(3, 250, [true, false], true)], &CartRules::default());
        let total = total.expect("a total");
        assert_eq!((total.subtotal, total.lines[0].extra_each), (750, 0));
        assert_eq!(total.lines[0].adjustments, []);
    }

    #[test]
    fn adjustments_are_for_pieces_or_for_the_line_and_say_why() {
        let rules = CartRules::default()
            .rule(LineAdjustment::each("a", 350))
            .rule(LineAdjustment::once("b", -100).for_value("on"))
            .rule(LineAdjustment::once("b", 9).for_value("off"))
            .rule(|line: &LineToPrice<'_>, market: &PriceMarket<'_>| {
                let is_many = line.quantity >= 3 && market.currency == Currency::EUR;
                is_many.then(|| Adjustment::each("many", -50))
            });
        let given = [(3, 1_000, [true, true], true), (1, 700, [false; 2], false)];
        let total = priced(&given, &rules).expect("a total");
        let reasons: Vec<_> = total.lines[0]
            .adjustments
            .iter()
            .map(|one| (one.reason.as_str(), one.each, one.once))
            .collect();
        assert_eq!(reasons, [("a", 350, 0), ("b", 0, -100), ("many", -50, 0)]);
        assert_eq!(total.lines[0].total, 3 * 1_300 - 100);
        assert_eq!(
            total.subtotal, total.lines[0].total,
            "the other cannot be bought"
        );
    }

    #[test]
    fn there_is_no_price_rather_than_a_wrong_one() {
        let off = CartRules::default().rule(LineAdjustment::once("a", -1_001));
        let refused = priced(&[(1, 1_000, [true, false], true)], &off);
        assert!(matches!(refused, Err(PricingError::Negative { .. })));
        let much = CartRules::default().rule(LineAdjustment::each("a", i64::MAX));
        let refused = priced(&[(1, 1_000, [true, false], true)], &much);
        assert_eq!(refused, Err(PricingError::Overflow));
        for (quantity, price) in [(-1, 5), (1, -5), (1, MAX_AMOUNT + 1)] {
            let refused = priced(
                &[(quantity, price, [false; 2], true)],
                &CartRules::default(),
            );
            assert!(matches!(refused, Err(PricingError::Line { .. })));
        }
    }

    fn given() -> impl Strategy<Value = Vec<Given>> {
        let line = (
            1_i64..=999,
            0_i64..=MAX_AMOUNT,
            any::<[bool; 2]>(),
            any::<bool>(),
        );
        proptest::collection::vec(line, 0..100)
    }

    proptest! {
        #[test]
        fn a_total_is_the_sum_of_what_explains_it(
            given in given(),
            amounts in proptest::collection::vec((any::<bool>(), 0_i64..9_999, 0_i64..9_999), 0..5),
        ) {
            let total = priced(&given, &rules(&amounts)).expect("within bounds");
            let mut sum = 0;
            for ((quantity, list_price, _, available), line) in given.iter().zip(&total.lines) {
                let each: i64 = line.adjustments.iter().map(|one| one.each).sum();
                let once: i64 = line.adjustments.iter().map(|one| one.once).sum();
                prop_assert_eq!(line.list_price, *list_price);
                prop_assert_eq!((line.extra_each, line.extra_once), (each, once));
                prop_assert_eq!(line.total, quantity * (list_price + each) + once);
                sum += if *available { line.total } else { 0 };
            }
            prop_assert_eq!(total.subtotal, sum);
        }

        #[test]
        fn the_order_of_lines_and_rules_does_not_matter(
            given in given(),
            amounts in proptest::collection::vec((any::<bool>(), -99_i64..99, 0_i64..99), 0..5),
        ) {
            let forth = priced(&given, &rules(&amounts));
            let mut back = given.clone();
            back.reverse();
            let mut others = amounts.clone();
            others.reverse();
            let back = priced(&back, &rules(&others));
            match (forth, back) {
                (Ok(forth), Ok(mut back)) => {
                    back.lines.reverse();
                    prop_assert_eq!(forth, back);
                }
                (Err(PricingError::Negative { .. }), Err(PricingError::Negative { .. })) => {}
                (forth, back) => prop_assert!(false, "{:?} {:?}", forth, back),
            }
        }

        #[test]
        fn no_amount_overflows_or_panics(
            lines in proptest::collection::vec(
                (any::<i64>(), any::<i64>(), any::<[bool; 2]>(), any::<bool>()), 0..5),
            amounts in proptest::collection::vec((any::<bool>(), any::<i64>(), any::<i64>()), 0..5),
        ) {
            if let Ok(total) = priced(&lines, &rules(&amounts)) {
                prop_assert!(total.lines.iter().all(|line| line.total >= 0));
                prop_assert!(total.subtotal >= 0);
            }
        }
    }
}
