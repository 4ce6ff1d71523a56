//! What all crates of Protium share: value types and small helpers. Knows nothing of HTTP, wasm,
//! templates or databases.
//!
//! - [`money`]: amounts in minor units, parsed from decimal text.
//! - [`locale`]: how numbers, money and dates are written, from the Unicode CLDR.
//! - [`market`]: the language, currency, country and price list that a shop is shown in.
//! - [`region`]: places whose stock and prices differ.
//! - [`url`]: addresses within the shop.
//! - [`tag`]: names of the data that pages are made from; [`dependencies`]: those of one page.
//! - `text_type`: what tags, addresses and regions are as texts.
//! - [`private_files`]: files that only their owner can read.
//! - [`log_quota`]: limits log lines that clients can cause. [`mod@hex`]: bytes as hex digits.
//! - [`moment`]: milliseconds of Unix time.

pub mod dependencies;
pub mod hex;
pub mod locale;
pub mod log_quota;
pub mod market;
pub mod moment;
pub mod money;
pub mod private_files;
pub mod region;
pub mod tag;
mod text_type;
pub mod url;

pub use dependencies::{Dependencies, Recorder};
pub use hex::hex;
pub use log_quota::LogQuota;
pub use market::{Market, MarketData, MarketError, Markets};
pub use moment::{now_millis, unix_millis};
pub use money::{Currency, MoneyError};
pub use region::{Region, is_region};
pub use tag::{InvalidTag, Tag};
pub use url::{InvalidUrl, Url};
