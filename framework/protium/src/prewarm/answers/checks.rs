//! What an answer must be. It may come from a module, another node, or a file that somebody else
//! wrote.

use bytes::Bytes;

use crate::prewarm::answers::SkuAnswer;
use protium_cache::Cached;
use protium_types::now_millis;

/// The longest answer that is read, in bytes.
pub(crate) const LONGEST: usize = 4 << 10;
/// The longest SKU that modules are asked for, in bytes.
const SKU: usize = 128;
/// No price and no stock is larger: 10 000 000 000.00 in most currencies.
const MOST: i64 = 1_000_000_000_000;
/// How far the clocks of a shop's machines may be apart, in milliseconds.
const SKEW: i64 = 60_000;

/// Whether modules can be asked for this SKU: 1 to 128 bytes without spaces and control characters.
pub fn is_sku(text: &str) -> bool {
    (1..=SKU).contains(&text.len()) && !text.chars().any(|c| c.is_control() || c == ' ')
}

impl SkuAnswer {
    /// The answer in these bytes; `None` when they are not one.
    pub fn read(bytes: &[u8]) -> Option<SkuAnswer> {
        if bytes.len() > LONGEST {
            return None;
        }
        let answer: SkuAnswer = serde_json::from_slice(bytes).ok()?;
        answer.is_sound(now_millis()).then_some(answer)
    }

    fn is_sound(&self, now: i64) -> bool {
        is_sku(&self.sku)
            && (0..=MOST).contains(&self.price)
            && self
                .stock
                .is_none_or(|pieces| (-MOST..=MOST).contains(&pieces))
            && self.currency.len() == 3
            && self.currency.bytes().all(|byte| byte.is_ascii_uppercase())
            && (0..=now.saturating_add(SKEW)).contains(&self.ts)
    }

    /// Whether a page would show the same of both, but for the time.
    pub fn says_the_same(&self, other: &SkuAnswer) -> bool {
        let parts = |answer: &SkuAnswer| (answer.stock, answer.price, answer.stale);
        parts(self) == parts(other) && self.currency == other.currency && self.sku == other.sku
    }
}

impl Cached for SkuAnswer {
    const SHARED: bool = true;

    fn weight(&self) -> usize {
        size_of::<SkuAnswer>() + self.sku.len() + self.currency.len()
    }

    fn encode(&self) -> Option<Bytes> {
        serde_json::to_vec(self).ok().map(Bytes::from)
    }

    fn decode(bytes: Bytes) -> Option<Self> {
        SkuAnswer::read(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use protium_types::is_region;

    fn answer() -> impl Strategy<Value = SkuAnswer> {
        (
            "[!-~]{1,128}",
            proptest::option::of(-MOST..=MOST),
            0..=MOST,
            "[A-Z]{3}",
            0..1_700_000_000_000_i64,
            any::<bool>(),
        )
            .prop_map(|(sku, stock, price, currency, ts, stale)| SkuAnswer {
                sku,
                stock,
                price,
                currency,
                ts,
                stale,
            })
    }

    proptest! {
        #[test]
        fn an_answer_is_read_back_as_it_was(answer in answer()) {
            let bytes = answer.encode().expect("it is JSON");
            prop_assert_eq!(SkuAnswer::decode(bytes), Some(answer));
        }

        #[test]
        fn whatever_is_read_is_sound_or_nothing(
            bytes in proptest::collection::vec(any::<u8>(), 0..200)
        ) {
            if let Some(answer) = SkuAnswer::read(&bytes) {
                prop_assert!(answer.is_sound(now_millis()));
            }
        }

        #[test]
        fn a_damaged_answer_is_sound_or_nothing(
            answer in answer(), at in any::<prop::sample::Index>(), byte in any::<u8>()
        ) {
            let mut bytes = answer.encode().expect("it is JSON").to_vec();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Some(read) = SkuAnswer::read(&bytes) {
                prop_assert!(read.is_sound(now_millis()));
            }
            prop_assert_eq!(SkuAnswer::read(&bytes[..at]), None);
        }

        #[test]
        fn numbers_beyond_all_bounds_are_no_answer(
            price in any::<i64>(), stock in any::<i64>(), ts in any::<i64>()
        ) {
            let text = format!(
                r#"{{"sku":"A","stock":{stock},"price":{price},"currency":"EUR","ts":{ts}}}"#
            );
            let sound = (0..=MOST).contains(&price)
                && (-MOST..=MOST).contains(&stock)
                && (0..=now_millis() + SKEW).contains(&ts);
            prop_assert_eq!(SkuAnswer::read(text.as_bytes()).is_some(), sound);
        }
    }

    #[test]
    fn names_that_would_reach_into_other_keys_are_none() {
        for region in ["", "eu:1", "EU-1", "eu 1", "eu\n1", &"e".repeat(65)] {
            assert!(!is_region(region), "{region:?}");
        }
        assert!(is_region("eu-1") && is_region("local"));
        for sku in ["", "A B", "A\nB", &"A".repeat(129)] {
            assert!(!is_sku(sku), "{sku:?}");
        }
        assert!(is_sku("HAND-FORK") && is_sku("Größe:4/ü"));
    }

    #[test]
    fn an_answer_that_is_too_long_is_not_looked_at() {
        let padding = " ".repeat(LONGEST);
        let text = format!(r#"{{"sku":"A","stock":1,"price":1,"currency":"EUR","ts":1{padding}}}"#);
        assert_eq!(SkuAnswer::read(text.as_bytes()), None);
    }
}
