//! What every part of Protium agrees on. Value types and small helpers; knows nothing of HTTP,
//! wasm, templates or databases.
//!
//! - [`money`]: amounts in minor units, read from decimal text.
//! - [`locale`]: how numbers, money and dates are written, from the Unicode CLDR.
//! - [`region`]: places whose stock and prices differ.
//! - [`dependencies`]: what a page depends on.
//! - [`private_files`]: files that only their owner can read.
//! - [`log_quota`]: log lines that strangers can cause are bounded. [`mod@hex`]: bytes as digits.

pub mod dependencies;
pub mod hex;
pub mod locale;
pub mod log_quota;
pub mod money;
pub mod private_files;
pub mod region;

pub use dependencies::{Dependencies, Recorder};
pub use hex::hex;
pub use log_quota::LogQuota;
pub use money::{Currency, MoneyError};
pub use region::is_region;
