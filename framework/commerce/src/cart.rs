//! The cart: what a visitor means to buy, with the limits that hold for it.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::attributes::{AttributeChanges, AttributeError, LineAttributes};
use super::context::Context;
use super::error::ProviderError;
use super::pricing::{Adjustment, LineToPrice, PriceMarket, price};

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
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_id = text.len() == 32 && text.bytes().all(is_digit);
        is_id.then(|| Self(text.to_owned())).ok_or(InvalidCartId)
    }
}

/// What a browser opens its cart with until it has a signed cookie: 128 random bits as 32
/// lower-case hexadecimal digits, the same for all its tabs. So its first additions end in one
/// cart, however many are under way at once.
///
/// The cart's id follows from the key, and not the other way: who sees an id cannot open the cart
/// with it.
#[derive(Clone, PartialEq, Eq)]
pub struct CartKey(CartId);

impl CartKey {
    /// A new one from the system's source of randomness, which fails only when that source does.
    pub fn random() -> Result<Self, ProviderError> {
        CartId::random().map(Self)
    }

    /// The id of the cart that this key opens.
    pub fn cart_id(&self) -> CartId {
        let digest = Sha256::new()
            .chain_update(b"protium cart key\0")
            .chain_update(self.as_str())
            .finalize();
        let mut bytes = [0_u8; 16];
        bytes.copy_from_slice(&digest[..16]);
        CartId(digits(bytes))
    }

    /// The 32 digits.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for CartKey {
    type Err = InvalidCartId;

    fn from_str(text: &str) -> Result<Self, InvalidCartId> {
        text.parse().map(Self)
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
    protium_types::now_millis()
}

/// Where the ids of lines with attributes begin: above all ids of variants, and within what
/// browsers can count.
const FIRST_LINE: i64 = 1 << 52;

/// The id of a line within its cart: the variant's, where the line has no attributes. It follows
/// from what the line is, so that a form sent twice names the same line, and two lines of one
/// variant with other attributes are two.
pub fn line_id(variant_id: i64, attributes: &LineAttributes) -> i64 {
    if attributes.is_empty() {
        return variant_id;
    }
    let mut digest = Sha256::new().chain_update(variant_id.to_le_bytes());
    for (name, value) in attributes.iter() {
        for text in [name, value] {
            digest = digest
                .chain_update((text.len() as u64).to_le_bytes())
                .chain_update(text);
        }
    }
    let mut bytes = [0_u8; 8];
    bytes.copy_from_slice(&digest.finalize()[..8]);
    FIRST_LINE | (i64::from_le_bytes(bytes) & (FIRST_LINE - 1))
}

/// What is to be put into a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    /// The variant.
    pub variant_id: i64,
    /// Pieces, 1..=[`MAX_QUANTITY`], on top of those of the same line.
    pub quantity: i64,
    /// What the visitor says of them.
    pub attributes: AttributeChanges,
}

/// What is to be changed about a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineChange {
    /// Pieces, 0..=[`MAX_QUANTITY`]; 0 removes the line. `None`: as many as there are.
    pub quantity: Option<i64>,
    /// Attributes that are said; the others stay. The line gets another id by it, and joins the
    /// line of the same variant that has the same attributes.
    pub attributes: AttributeChanges,
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
    /// The line's name within the cart, see [`line_id`].
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
    /// What the visitor said of it, by the names of the attributes.
    pub attributes: LineAttributes,
    /// The same as one line of text; empty without attributes.
    pub details: String,
    /// Minor units for one piece, by the price list.
    pub unit_price: i64,
    /// What the shop's rules add or take off.
    pub adjustments: Vec<Adjustment>,
    /// What the adjustments come to for each piece.
    pub extra_each: i64,
    /// What they come to for the line, however many pieces it has.
    pub extra_once: i64,
    /// Minor units for all pieces: `(unit_price + extra_each) * quantity + extra_once`.
    pub line_total: i64,
    /// The former, higher price of one piece.
    pub compare_at: Option<i64>,
    /// Whether the variant can be bought now.
    pub available: bool,
    /// Pieces in stock that other lines do not have, where stock limits the line.
    pub max: Option<i64>,
}

/// A line as a provider keeps it, without what it comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartItem {
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
    /// What the visitor said of it.
    pub attributes: LineAttributes,
    /// Minor units for one piece, by the context's price list; 0 where that does not sell it.
    pub unit_price: i64,
    /// The former, higher price of one piece.
    pub compare_at: Option<i64>,
    /// Whether the variant is sold, by the context's price list too.
    pub sold: bool,
    /// Pieces of the variant in stock, where stock limits it.
    pub stock: Option<i64>,
}

impl Cart {
    /// A cart of these lines, at the prices that [`price`] says. Providers make their carts by
    /// this, so that there is one way to an amount.
    pub fn new(
        context: &Context,
        id: CartId,
        version: i64,
        note: Option<String>,
        items: Vec<CartItem>,
    ) -> Result<Self, ProviderError> {
        let is_available =
            |item: &CartItem| item.sold && item.stock.is_none_or(|pieces| pieces > 0);
        let to_price: Vec<LineToPrice<'_>> = items
            .iter()
            .map(|item| LineToPrice {
                variant_id: item.variant_id,
                quantity: item.quantity,
                list_price: item.unit_price,
                attributes: &item.attributes,
                available: is_available(item),
            })
            .collect();
        let market = PriceMarket {
            price_list: context.price_list.as_deref(),
            currency: context.currency,
        };
        let total = price(&to_price, &market, &context.cart_rules).map_err(|error| {
            ProviderError::Internal {
                doing: "pricing a cart",
                source: error.into(),
            }
        })?;
        let mut pieces: HashMap<i64, i64> = HashMap::new();
        for item in &items {
            let sum = pieces.entry(item.variant_id).or_default();
            *sum = sum.saturating_add(item.quantity);
        }
        let lines: Vec<CartLine> = items
            .into_iter()
            .zip(total.lines)
            .map(|(item, priced)| {
                let all = pieces.get(&item.variant_id).copied().unwrap_or_default();
                let others = all - item.quantity;
                CartLine {
                    id: line_id(item.variant_id, &item.attributes),
                    details: item.attributes.details(context.cart_rules.attributes()),
                    available: is_available(&item),
                    max: item.stock.map(|stock| stock.saturating_sub(others).max(0)),
                    variant_id: item.variant_id,
                    handle: item.handle,
                    title: item.title,
                    variant_title: item.variant_title,
                    image_src: item.image_src,
                    quantity: item.quantity,
                    attributes: item.attributes,
                    unit_price: priced.list_price,
                    adjustments: priced.adjustments,
                    extra_each: priced.extra_each,
                    extra_once: priced.extra_once,
                    line_total: priced.total,
                    compare_at: item.compare_at,
                }
            })
            .collect();
        Ok(Self {
            id,
            version,
            count: lines.iter().map(|line| line.quantity).sum(),
            lines,
            subtotal: total.subtotal,
            currency: context.currency.code(),
            note,
        })
    }
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
    /// An attribute that the shop does not take.
    #[error(transparent)]
    Attribute(#[from] AttributeError),
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
            Self::Attribute(_) => "invalid_attribute",
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
