//! Regions: places on the map whose stock and prices differ.

/// The longest name of a region, in bytes.
const LONGEST: usize = 64;

/// Whether a text can be the name of a region: lower-case letters, digits and hyphens, at most 64.
pub fn is_region(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(plain)
}
