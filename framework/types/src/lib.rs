//! What every part of Protium agrees on. Value types and small helpers; knows nothing of HTTP,
//! wasm, templates or databases.
//!
//! - [`money`]: amounts in minor units, read from decimal text.
//! - [`locale`]: how numbers, money and dates are written, from the Unicode CLDR.
//! - [`market`]: language, currency, country and price list that a shop is shown in.
//! - [`region`]: places whose stock and prices differ.
//! - [`url`]: addresses within the shop.
//! - [`tag`]: names of what a page is made from; [`dependencies`]: those of one page.
//! - [`private_files`]: files that only their owner can read.
//! - [`log_quota`]: log lines that strangers can cause are bounded. [`mod@hex`]: bytes as digits.

pub mod dependencies;
pub mod hex;
pub mod locale;
pub mod log_quota;
pub mod market;
pub mod money;
pub mod private_files;
pub mod region;
pub mod tag;
pub mod url;

pub use dependencies::{Dependencies, Recorder};
pub use hex::hex;
pub use log_quota::LogQuota;
pub use market::{Market, MarketData, MarketError, Markets};
pub use money::{Currency, MoneyError};
pub use region::{Region, is_region};
pub use tag::{InvalidTag, Tag};
pub use url::{InvalidUrl, Url};
