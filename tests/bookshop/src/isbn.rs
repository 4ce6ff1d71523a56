//! Numbers of books as people read them.

use protium::tera::{Kwargs, State};

/// `9783161484100` as `978-3-16148410-0`: prefix, group, the book's number, check digit. What is no
/// ISBN stays as it is.
pub fn with_hyphens(number: &str, _: Kwargs, _: &State) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    if !is_isbn(&digits) {
        return number.to_owned();
    }
    let (prefix, group) = (&digits[..3], &digits[3..4]);
    format!("{prefix}-{group}-{}-{}", &digits[4..12], &digits[12..])
}

/// Thirteen digits, of which the last one checks the others.
fn is_isbn(digits: &str) -> bool {
    let digits = digits.bytes().map(|digit| u32::from(digit - b'0'));
    let weighted = digits.clone().zip([1, 3].into_iter().cycle());
    let sum: u32 = weighted.map(|(digit, weight)| digit * weight).sum();
    digits.count() == 13 && sum.is_multiple_of(10)
}
