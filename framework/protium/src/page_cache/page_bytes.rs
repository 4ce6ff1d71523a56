//! A page with holes as bytes, with what is known of it: the length of the facts (32 bits,
//! little-endian), the facts as JSON, the page.

use bytes::{BufMut, Bytes, BytesMut};
use protium_page::HoledPage;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The most bytes of facts.
const MOST_FACTS: usize = 1 << 20;

/// These facts and this page; `None` when they cannot be written.
pub fn encode(facts: &impl Serialize, page: &HoledPage) -> Option<Bytes> {
    let facts = serde_json::to_vec(facts).ok()?;
    let page = page.encode()?;
    let mut bytes = BytesMut::with_capacity(4 + facts.len() + page.len());
    bytes.put_u32_le(u32::try_from(facts.len()).ok()?);
    bytes.put_slice(&facts);
    bytes.put_slice(&page);
    Some(bytes.freeze())
}

/// The facts and the page in these bytes; `None` when they are not that.
pub fn decode<F: DeserializeOwned>(bytes: &[u8]) -> Option<(F, HoledPage)> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    if length > MOST_FACTS {
        return None;
    }
    let (facts, page) = rest.split_at_checked(length)?;
    Some((
        serde_json::from_slice(facts).ok()?,
        HoledPage::decode(page)?,
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_at_all_are_no_page(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(decode::<serde_json::Value>(&bytes).is_none());
        }
    }
}
