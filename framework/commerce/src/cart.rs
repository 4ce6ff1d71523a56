//! The cart: what a visitor means to buy, with the limits that hold for it.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::provider::ProviderError;

/// How long a cart is kept after its last change, and how long its cookie lasts.
pub const LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);

/// Most lines a cart may have.
pub const MAX_LINES: i64 = 100;

/// Most pieces a line may have.
pub const MAX_QUANTITY: i64 = 999;

/// The secret name of a cart: 128 random bits as 32 lower-case hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct CartId(String);

impl CartId {
    /// A new one from the system's source of randomness, which fails only when that source does.
    pub fn random() -> Result<Self, ProviderError> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes).map_err(|error| ProviderError::Unavailable {
            doing: "making a cart id",
            source: error.to_string().into(),
        })?;
        Ok(Self(digits(bytes)))
    }

    /// The 32 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that cannot be a cart's id or key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cart's id, and its key, are 32 lower-case hexadecimal digits")]
pub struct InvalidCartId;

impl FromStr for CartId {
    type Err = InvalidCartId;

    fn from_str(text: &str) -> Result<Self, InvalidCartId> {
        is_digits(text)
            .then(|| Self(text.to_owned()))
            .ok_or(InvalidCartId)
    }
}

/// What a browser opens its cart with until it has a signed cookie: 128 random bits as 32
/// lower-case hexadecimal digits, the same for all its tabs. So its first additions end in one
/// cart, however many are under way at once.
///
/// The cart's id follows from the key, and not the other way: who sees an id cannot open the cart
/// with it.
#[derive(Clone, PartialEq, Eq)]
pub struct CartKey(String);

impl CartKey {
    /// A new one from the system's source of randomness, which fails only when that source does.
    pub fn random() -> Result<Self, ProviderError> {
        CartId::random().map(|id| Self(id.0))
    }

    /// The id of the cart that this key opens.
    pub fn cart_id(&self) -> CartId {
        let digest = Sha256::new()
            .chain_update(b"protium cart key\0")
            .chain_update(&self.0)
            .finalize();
        let mut bytes = [0_u8; 16];
        bytes.copy_from_slice(&digest[..16]);
        CartId(digits(bytes))
    }

    /// The 32 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CartKey {
    type Err = InvalidCartId;

    fn from_str(text: &str) -> Result<Self, InvalidCartId> {
        is_digits(text)
            .then(|| Self(text.to_owned()))
            .ok_or(InvalidCartId)
    }
}

/// Whoever has the key has the cart, so logs show nothing of it.
impl fmt::Debug for CartKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CartKey(…)")
    }
}

fn digits(bytes: [u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(bytes))
}

fn is_digits(text: &str) -> bool {
    let hexadecimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    text.len() == 32 && text.bytes().all(hexadecimal)
}

impl fmt::Display for CartId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whoever has the id has the cart, so logs show its beginning only.
impl fmt::Debug for CartId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "CartId({}…)",
            self.0.get(..6).unwrap_or_default()
        )
    }
}

/// Where the versions of a cart begin that is made now, higher than all of those made before.
pub fn first_version() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A cart with its lines at today's prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cart {
    /// Its secret name.
    pub id: CartId,
    /// Grows with every change. It begins with the time of the first one, in milliseconds since
    /// 1970, so that a new cart's versions are higher than those of the one before.
    pub version: i64,
    /// Pieces in all lines together.
    pub count: i64,
    /// In the order they were added.
    pub lines: Vec<CartLine>,
    /// Sum of the lines that can be bought, in minor units.
    pub subtotal: i64,
    /// ISO code of the amounts.
    pub currency: &'static str,
    /// A message to the merchant.
    pub note: Option<String>,
}

/// One variant in a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CartLine {
    /// The line's name within the cart: the variant's id.
    pub id: i64,
    /// The variant.
    pub variant_id: i64,
    /// The product's handle.
    pub handle: String,
    /// The product's title.
    pub title: String,
    /// The variant's title; empty for a product's only variant.
    pub variant_title: String,
    /// Picture of the variant, else of the product.
    pub image_src: Option<String>,
    /// Pieces, 1..=[`MAX_QUANTITY`].
    pub quantity: i64,
    /// Minor units for one piece.
    pub unit_price: i64,
    /// Minor units for all pieces.
    pub line_total: i64,
    /// The former, higher price of one piece.
    pub compare_at: Option<i64>,
    /// Whether the variant can be bought now.
    pub available: bool,
    /// Pieces in stock, where stock limits the line.
    pub max: Option<i64>,
}

/// Why a cart was not changed.
#[derive(Debug, thiserror::Error)]
pub enum CartError {
    /// No such cart, or it has expired.
    #[error("this cart does not exist any more")]
    UnknownCart,
    /// The cart has no such line.
    #[error("this line is not in the cart")]
    UnknownLine,
    /// Nothing is sold under this id.
    #[error("this product is not sold any more")]
    UnknownVariant,
    /// Less in stock than the cart would hold.
    #[error("only {available} left")]
    SoldOut {
        /// Pieces that can be had in all, those in the cart included; 0 when there are none.
        available: i64,
        /// Pieces in the cart before, when more were added to them.
        held: i64,
    },
    /// The cart is full.
    #[error("a cart holds at most {MAX_LINES} different products")]
    TooManyLines,
    /// A quantity that no line can have.
    #[error("a quantity is at least {min} and at most {max}")]
    QuantityOutOfRange {
        /// Smallest quantity possible here.
        min: i64,
        /// Largest quantity possible here.
        max: i64,
    },
    /// The provider has no answer.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

impl CartError {
    /// A stable name for programs: `sold_out`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownCart => "unknown_cart",
            Self::UnknownLine => "unknown_line",
            Self::UnknownVariant => "unknown_variant",
            Self::SoldOut { .. } => "sold_out",
            Self::TooManyLines => "too_many_lines",
            Self::QuantityOutOfRange { .. } => "quantity_out_of_range",
            Self::Provider(ProviderError::Busy(_) | ProviderError::Unavailable { .. }) => {
                "unavailable"
            }
            Self::Provider(ProviderError::Invalid { .. }) => "invalid",
            Self::Provider(ProviderError::DiskFull(_)) => "storage_full",
            Self::Provider(ProviderError::Internal { .. }) => "internal",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_32_hexadecimal_digits_and_never_repeat() {
        let (Ok(one), Ok(two)) = (CartId::random(), CartId::random()) else {
            panic!("no randomness");
        };
        assert_ne!(one, two);
        assert_eq!(one.as_str().parse(), Ok(one.clone()));
        assert!(!format!("{one:?}").contains(one.as_str()));
    }

    #[test]
    fn the_key_of_a_cart_does_not_follow_from_its_id() {
        let Ok(key) = CartKey::random() else {
            panic!("no randomness");
        };
        let id = key.cart_id();
        assert_eq!(id, key.cart_id());
        assert_ne!(id.as_str(), key.as_str());
        let with_id = id.as_str().parse::<CartKey>().map(|key| key.cart_id());
        assert_ne!(with_id.as_ref(), Ok(&id));
        assert!(!format!("{key:?}").contains(&key.as_str()[..6]));
    }

    #[test]
    fn nothing_else_is_an_id() {
        for text in [
            "",
            "0",
            &"g".repeat(32),
            &"A".repeat(32),
            &"0".repeat(33),
            "' OR 1=1 --",
        ] {
            assert_eq!(text.parse::<CartId>(), Err(InvalidCartId), "{text:?}");
            assert_eq!(text.parse::<CartKey>(), Err(InvalidCartId), "{text:?}");
        }
    }
}
