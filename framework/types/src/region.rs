//! Regions: places on the map whose stock and prices differ.

use std::sync::Arc;

use crate::text_type::text_type;

/// The longest name of a region, in bytes.
const LONGEST: usize = 64;

/// A place on the map, such as `eu-1`: lower-case letters, digits and hyphens, at most 64. Cheap to
/// clone.
///
/// ```
/// use protium_types::Region;
///
/// assert_eq!(Region::new("eu-1").map(|region| region.to_string()).as_deref(), Some("eu-1"));
/// assert!(Region::new("Somewhere else").is_none());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Arc<str>);

text_type!(Region);

impl Region {
    /// The region with this name; `None` if it cannot be the name of a region.
    pub fn new(name: &str) -> Option<Region> {
        is_region(name).then(|| Region(name.into()))
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a text can be the name of a region: lower-case letters, digits and hyphens, at most 64.
pub fn is_region(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(plain)
}
