//! Amounts of money: whole minor units (cents) in an `i64`, never floats.

pub use iso_currency::Currency;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// The largest price, in minor units. The total of a full cart of such prices is far within `i64`.
pub const MAX_AMOUNT: i64 = 1_000_000_000_000;

/// The longest text that is parsed as an amount, in bytes.
const MAX_TEXT: usize = 32;

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Something other than digits with at most one decimal point.
    #[error("not an amount: write digits with at most one point, such as 49 or 9.99")]
    NotANumber,
    /// The text has a minus sign.
    #[error("a negative amount: prices start at 0")]
    Negative,
    /// More decimals than the currency has.
    #[error("too many decimals: {code} has {digits}")]
    TooPrecise {
        /// ISO code of the currency.
        code: &'static str,
        /// Decimals the currency has.
        digits: u32,
    },
    /// More than [`MAX_AMOUNT`].
    #[error("too large: at most {MAX_AMOUNT} in the currency's smallest unit")]
    TooLarge,
    /// The currency has no minor unit (gold, test codes), so that nothing can be priced in it.
    #[error("{code} is not a currency a shop can sell in: it has no smallest unit")]
    NoMinorUnit {
        /// ISO code of the currency.
        code: &'static str,
    },
}

/// Decimals of a currency: 2 for EUR, 0 for JPY, 3 for BHD.
pub fn digits(currency: Currency) -> Result<u32, MoneyError> {
    currency
        .exponent()
        .map(u32::from)
        .ok_or(MoneyError::NoMinorUnit {
            code: currency.code(),
        })
}

/// Parses a plain decimal (`49`, `9.99`) as minor units of `currency`. Zeros after the currency's
/// last decimal are accepted, since exports pad with them.
pub fn parse(text: &str, currency: Currency) -> Result<i64, MoneyError> {
    let digits = digits(currency)?;
    if let Some(rest) = text.strip_prefix('-') {
        parse(rest, currency)?;
        return Err(MoneyError::Negative);
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return Err(MoneyError::NotANumber);
    }
    if fraction.trim_end_matches('0').len() > digits as usize {
        return Err(MoneyError::TooPrecise {
            code: currency.code(),
            digits,
        });
    }
    if text.len() > MAX_TEXT {
        return Err(MoneyError::TooLarge);
    }
    let amount: Decimal = text.parse().map_err(|_| MoneyError::TooLarge)?;
    amount
        .checked_mul(Decimal::from(10_u64.pow(digits)))
        .and_then(|minor| minor.to_i64())
        .filter(|minor| *minor <= MAX_AMOUNT)
        .ok_or(MoneyError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_become_minor_units_of_the_currency() {
        assert_eq!(parse("49", Currency::EUR), Ok(4_900));
        assert_eq!(parse("9.99", Currency::USD), Ok(999));
        assert_eq!(parse("9.9", Currency::USD), Ok(990));
        assert_eq!(parse("500", Currency::JPY), Ok(500));
        assert_eq!(parse("500.00", Currency::JPY), Ok(500));
        assert_eq!(parse("1.234", Currency::BHD), Ok(1_234));
        assert_eq!(parse("0", Currency::EUR), Ok(0));
        assert_eq!(parse("10000000000.00", Currency::EUR), Ok(MAX_AMOUNT));
    }

    #[test]
    fn what_is_not_an_amount_says_why() {
        for text in [
            "", "abc", "1,299.00", "1_000", "+5", "1e3", "NaN", "inf", ".5", "5.", "1.2.3", " 5",
            "٥",
        ] {
            assert_eq!(
                parse(text, Currency::EUR),
                Err(MoneyError::NotANumber),
                "{text:?}"
            );
        }
        assert_eq!(parse("-5", Currency::EUR), Err(MoneyError::Negative));
        assert_eq!(parse("-x", Currency::EUR), Err(MoneyError::NotANumber));
        assert_eq!(
            parse("9.999", Currency::EUR),
            Err(MoneyError::TooPrecise {
                code: "EUR",
                digits: 2
            })
        );
        assert_eq!(
            parse("0.5", Currency::JPY),
            Err(MoneyError::TooPrecise {
                code: "JPY",
                digits: 0
            })
        );
        for text in ["10000000000.01", "99999999999999999999", &"9".repeat(400)] {
            assert_eq!(
                parse(text, Currency::EUR),
                Err(MoneyError::TooLarge),
                "{text:?}"
            );
        }
        assert_eq!(
            parse("1", Currency::XXX),
            Err(MoneyError::NoMinorUnit { code: "XXX" })
        );
    }

    proptest! {
        #[test]
        fn every_amount_reads_back_from_its_decimal_text(minor in 0..=MAX_AMOUNT) {
            let text = format!("{}.{:02}", minor / 100, minor % 100);
            prop_assert_eq!(parse(&text, Currency::EUR), Ok(minor));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            if let Ok(amount) = parse(&text, Currency::EUR) {
                prop_assert!((0..=MAX_AMOUNT).contains(&amount));
            }
        }
    }
}
