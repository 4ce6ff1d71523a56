//! Places in a list, as opaque text. A forged one leads to another place in the same list at
//! worst; one that cannot be a place is refused.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::{ProviderError, Sort};

/// Longest cursor that is looked at, in bytes.
const MAX_LENGTH: usize = 1024;

/// A row's place: the value it is sorted by, and its id, which makes the order total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub key: Key,
    pub id: i64,
}

/// What a list is sorted by besides the id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Key {
    Nothing,
    Number(i64),
    Text(String),
}

pub(super) fn encode(sort: Sort, place: &Place) -> String {
    // These types have no map keys and no failing serialisers: nothing here can fail.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&(sort, place)).unwrap_or_default())
}

/// The place a cursor of this sort stands for.
pub(super) fn decode(sort: Sort, cursor: &str) -> Result<Place, ProviderError> {
    let refused = |why| ProviderError::Invalid {
        what: "cursor",
        why,
    };
    if cursor.len() > MAX_LENGTH {
        return Err(refused("too long"));
    }
    let json = URL_SAFE_NO_PAD
        .decode(cursor)
        .map_err(|_| refused("not one of this shop"))?;
    let (of, place): (Sort, Place) =
        serde_json::from_slice(&json).map_err(|_| refused("not one of this shop"))?;
    if of != sort {
        return Err(refused("from a list in another order"));
    }
    let fits = match sort {
        Sort::Featured | Sort::Newest => place.key == Key::Nothing,
        Sort::TitleAsc | Sort::TitleDesc => matches!(place.key, Key::Text(_)),
        Sort::PriceAsc | Sort::PriceDesc => matches!(place.key, Key::Number(_)),
    };
    if fits {
        Ok(place)
    } else {
        Err(refused("not one of this shop"))
    }
}

/// A cursor of a search: how many results come before the page.
pub(super) fn encode_offset(offset: u32) -> String {
    URL_SAFE_NO_PAD.encode(format!("s{offset}"))
}

/// How many results come before the page.
pub(super) fn decode_offset(cursor: &str, most: u32) -> Result<u32, ProviderError> {
    (cursor.len() <= MAX_LENGTH)
        .then(|| URL_SAFE_NO_PAD.decode(cursor).ok())
        .flatten()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| text.strip_prefix('s')?.parse().ok())
        .filter(|offset| *offset <= most)
        .ok_or(ProviderError::Invalid {
            what: "cursor",
            why: "not one of this search",
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cursor_fits_only_the_order_it_was_made_for() {
        let place = Place {
            key: Key::Number(1_299),
            id: 55,
        };
        let cursor = encode(Sort::PriceAsc, &place);
        assert_eq!(decode(Sort::PriceAsc, &cursor).ok(), Some(place));
        assert!(decode(Sort::PriceDesc, &cursor).is_err());
        let forged = encode(
            Sort::TitleAsc,
            &Place {
                key: Key::Nothing,
                id: 1,
            },
        );
        assert!(decode(Sort::TitleAsc, &forged).is_err());
    }

    proptest! {
        #[test]
        fn every_place_survives(key in ".*{0,100}", id: i64) {
            let place = Place { key: Key::Text(key), id };
            let cursor = encode(Sort::TitleDesc, &place);
            if cursor.len() <= MAX_LENGTH {
                prop_assert_eq!(decode(Sort::TitleDesc, &cursor).ok(), Some(place));
            }
        }

        #[test]
        fn no_text_panics(text in ".*") {
            for sort in Sort::ALL {
                let _ = decode(sort, &text);
            }
            let _ = decode_offset(&text, 1_000);
        }

        #[test]
        fn offsets_survive(offset in 0..=1_000_u32) {
            prop_assert_eq!(decode_offset(&encode_offset(offset), 1_000).ok(), Some(offset));
        }
    }
}
