//! Stock and prices on pages: what edge modules answered ahead, put over what the catalogue says.
//! Answers are only looked up, so no page waits for a module. Cart and checkout do not use this:
//! they read the database.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::app::Shop;
use crate::prewarm::answers::Seen;
use crate::request::context::PageContext;
use protium_commerce::stock::Offer;
use protium_commerce::{Card, Context, Product, ProviderError, Recorder};
use protium_types::locale::Locale;
use protium_types::{Market, Region, Tag};

/// The time that a page has for looking up all its answers.
const BOUND: Duration = Duration::from_millis(50);
/// A page with stale answers is fresh for this long, until there are new ones.
const SHORTEST: Duration = Duration::from_secs(1);

/// When stock and prices on a page were true, as templates see it. It names a moment and not an
/// age, so that it stays true for as long as the page is kept; and in universal time, so that it is
/// the same for everyone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Checked {
    /// The moment as HTML's `datetime` has it.
    pub datetime: String,
    /// Hour and minute, as the shop's locale writes them.
    pub time: String,
    /// There should be a newer answer, and could not be had.
    pub stale: bool,
}

/// The age and freshness of all answers on one page.
#[derive(Default)]
struct AnswerSummary {
    oldest: Option<i64>,
    stale: bool,
    left: Option<Duration>,
}

impl Shop {
    /// The product with what is known of its SKUs' stock and price, and when that was so. Without
    /// any answer: as it is.
    pub(crate) async fn with_answers(
        &self,
        product: Arc<Product>,
        page_context: &PageContext,
    ) -> (Arc<Product>, Option<Checked>) {
        let (recorder, market) = (&page_context.recorder, &page_context.market);
        let skus: Vec<&str> = product
            .variants
            .iter()
            .map(|one| one.sku.as_str())
            .collect();
        let Some(seen) = self.seen(&page_context.region, &skus).await else {
            return (product, None);
        };
        recorder.tag(Tag::stock(product.id));
        let mut summary = AnswerSummary::default();
        let mut shown = None;
        for (at, seen) in seen.iter().enumerate() {
            let Some(seen) = seen else { continue };
            summary.add(seen);
            let Some(variant) = product.variants.get(at) else {
                continue;
            };
            let offer = Offer {
                product: product.id,
                sku: String::new(),
                price: variant.price,
                quantity: variant.quantity,
                oversell: variant.oversell,
            };
            let now = over(&offer, seen, shown_currency(market));
            if now == offer {
                continue;
            }
            let shown = shown.get_or_insert_with(|| Product::clone(&product));
            if let Some(variant) = shown.variants.get_mut(at) {
                variant.price = now.price;
                variant.quantity = now.quantity;
                variant.available = is_available(&now);
                variant.compare_at = variant.compare_at.filter(|before| *before > now.price);
            }
        }
        if let Some(shown) = &mut shown {
            summarise(shown);
        }
        let checked = summary.record(recorder, page_context.release.locale(&page_context.market));
        (shown.map_or(product, Arc::new), checked)
    }

    /// Cards likewise. What they show is the sum of all their product's variants.
    pub(crate) async fn cards_with_answers(
        &self,
        context: &Context,
        page_context: &PageContext,
        cards: &mut [Card],
    ) -> Result<Option<Checked>, ProviderError> {
        if self.answers().is_none() || cards.is_empty() {
            return Ok(None);
        }
        let ids: Vec<i64> = cards.iter().map(|card| card.id).collect();
        let mut offers = self.0.store.offers(context, &ids).await?;
        let skus: Vec<&str> = offers.iter().map(|offer| offer.sku.as_str()).collect();
        let Some(seen) = self.seen(&page_context.region, &skus).await else {
            return Ok(None);
        };
        context.recorder.tags(ids.into_iter().map(Tag::stock));
        let mut summary = AnswerSummary::default();
        let currency = shown_currency(&page_context.market);
        for (offer, seen) in offers.iter_mut().zip(&seen) {
            if let Some(seen) = seen {
                summary.add(seen);
                *offer = over(offer, seen, currency);
            }
        }
        for card in cards {
            let of_card = || offers.iter().filter(|offer| offer.product == card.id);
            let (Some(min), Some(max)) = (
                of_card().map(|offer| offer.price).min(),
                of_card().map(|offer| offer.price).max(),
            ) else {
                continue;
            };
            card.available = of_card().any(is_available);
            card.compare_at = card.compare_at.filter(|before| *before > min);
            (card.price_min, card.price_max) = (min, max);
        }
        Ok(summary.record(
            &context.recorder,
            page_context.release.locale(&page_context.market),
        ))
    }

    /// The answers about these SKUs in a region; `None` when there are no answers at all.
    async fn seen(&self, region: &Region, skus: &[&str]) -> Option<Vec<Option<Seen>>> {
        let answers = self.answers()?;
        let mut seen = answers.look(region.as_str(), skus, BOUND).await;
        // Two variants with one SKU: nobody knows which of them is meant.
        let mut times = HashMap::<&str, usize>::new();
        for sku in skus {
            *times.entry(sku).or_default() += 1;
        }
        for (slot, sku) in seen.iter_mut().zip(skus) {
            if times.get(sku).is_some_and(|times| *times > 1) {
                *slot = None;
            }
        }
        Some(seen)
    }
}

/// The currency in which a market shows the prices of answers. They are of the shop's own list, so
/// a market with another list shows none.
fn shown_currency(market: &Market) -> Option<&str> {
    Some(market.currency.as_str()).filter(|_| market.price_list.is_empty())
}

/// What an answer makes of an offer: its pieces where they are counted, and its price where that is
/// in this currency.
fn over(offer: &Offer, seen: &Seen, currency: Option<&str>) -> Offer {
    let answer = &seen.answer;
    Offer {
        quantity: offer.quantity.map(|known| answer.stock.unwrap_or(known)),
        price: match currency == Some(answer.currency.as_str()) {
            true => answer.price,
            false => offer.price,
        },
        ..offer.clone()
    }
}

fn is_available(offer: &Offer) -> bool {
    offer.oversell || offer.quantity.is_none_or(|pieces| pieces > 0)
}

/// Brings up to date what a product says of all its variants.
fn summarise(product: &mut Product) {
    let variants = &product.variants;
    let cheapest = variants.iter().min_by_key(|variant| variant.price);
    let dearest = variants.iter().map(|variant| variant.price).max();
    if let (Some(cheapest), Some(dearest)) = (cheapest, dearest) {
        product.compare_at = cheapest.compare_at;
        (product.price_min, product.price_max) = (cheapest.price, dearest);
    }
    product.available = variants.iter().any(|variant| variant.available);
}

impl AnswerSummary {
    fn add(&mut self, seen: &Seen) {
        let ts = seen.answer.ts;
        self.oldest = Some(self.oldest.map_or(ts, |oldest| oldest.min(ts)));
        self.left = Some(self.left.map_or(seen.left, |left| left.min(seen.left)));
        self.stale |= seen.left.is_zero();
    }

    /// Records how long the page is fresh; returns what it shows of the check.
    fn record(self, recorder: &Recorder, locale: &Locale) -> Option<Checked> {
        let (at, left) = (self.oldest?, self.left?);
        recorder.freshness(left.max(SHORTEST));
        let (datetime, time) = locale.universal_time(at);
        Some(Checked {
            datetime,
            time,
            stale: self.stale,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prewarm::answers::SkuAnswer;
    use proptest::prelude::*;

    fn seen(stock: Option<i64>, price: i64, currency: &str) -> Seen {
        Seen {
            answer: Arc::new(SkuAnswer {
                sku: "A".into(),
                stock,
                price,
                currency: currency.into(),
                ts: 0,
                stale: false,
            }),
            left: Duration::from_secs(7),
        }
    }

    fn offer(quantity: Option<i64>, oversell: bool) -> Offer {
        Offer {
            product: 1,
            sku: "A".into(),
            price: 500,
            quantity,
            oversell,
        }
    }

    proptest! {
        #[test]
        fn an_answer_changes_counted_stock_and_prices_in_the_shops_currency_only(
            known in proptest::option::of(-3_i64..9),
            oversell in any::<bool>(),
            stock in proptest::option::of(-3_i64..9),
            price in 0_i64..1_000,
            same_currency in any::<bool>(),
        ) {
            let before = offer(known, oversell);
            let after = over(
                &before, &seen(stock, price, if same_currency { "EUR" } else { "USD" }),
                Some("EUR"),
            );
            prop_assert_eq!(after.price, if same_currency { price } else { before.price });
            match (known, stock) {
                (None, _) => prop_assert_eq!(after.quantity, None),
                (known, None) => prop_assert_eq!(after.quantity, known),
                (_, stock) => prop_assert_eq!(after.quantity, stock),
            }
            let none_left = after.quantity.is_some_and(|pieces| pieces <= 0);
            prop_assert_eq!(is_available(&after), oversell || !none_left);
        }
    }

    #[test]
    fn a_page_is_as_old_as_its_oldest_answer_and_true_as_long_as_its_shortest() {
        let locale = Locale::new("en-GB", "EUR").expect("known");
        let recorder = Recorder::default();
        let mut summary = AnswerSummary::default();
        for (ts, left) in [(120_000, 9), (60_000, 4), (180_000, 12)] {
            let mut one = seen(Some(1), 1, "EUR");
            Arc::make_mut(&mut one.answer).ts = ts;
            one.left = Duration::from_secs(left);
            summary.add(&one);
        }
        let checked = summary.record(&recorder, &locale).expect("answers");
        assert_eq!(checked.datetime, "1970-01-01T00:01:00Z");
        assert_eq!(checked.time, "00:01 UTC");
        assert!(!checked.stale);
        assert_eq!(
            recorder.dependencies().freshness,
            Some(Duration::from_secs(4))
        );
        assert_eq!(AnswerSummary::default().record(&recorder, &locale), None);
    }

    #[test]
    fn an_old_answer_says_so() {
        let locale = Locale::new("en-GB", "EUR").expect("known");
        let mut summary = AnswerSummary::default();
        summary.add(&seen(Some(1), 1, "EUR"));
        summary.add(&Seen {
            left: Duration::ZERO,
            ..seen(Some(1), 1, "EUR")
        });
        let checked = summary.record(&Recorder::default(), &locale);
        assert!(checked.is_some_and(|checked| checked.stale));
    }
}
