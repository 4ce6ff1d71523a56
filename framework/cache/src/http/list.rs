//! Headers whose values are lists (RFC 9110, section 5.6.1).

use http::{HeaderMap, HeaderName};

/// The items of a header, which may be there several times. Values that are not ASCII are left out.
pub fn list<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = &'h str> + use<'h> {
    let values = headers.get_all(name).iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).map(str::trim)
}
