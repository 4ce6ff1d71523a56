//! What edge modules answered about SKUs, kept for the pages that show it: in the shop's cache
//! under `edge:REGION:SKU`, and, where no Redis is behind that, in a file of the data directory, so
//! that another process and the next start have it too.
//!
//! - [`sku_answer`]: what modules answer.
//! - [`checks`]: what an answer must be: everything that is read back is hostile.
//! - [`lifetime`]: how long an answer is true, and when it is asked for anew.
//! - [`store`]: look an answer up without waiting for a module; have it made.
//! - [`mod@file`]: the answers on disk.

pub mod checks;
pub mod file;
pub mod lifetime;
pub mod sku_answer;
pub mod store;

pub use checks::is_sku;
pub use lifetime::Lifetime;
pub use sku_answer::SkuAnswer;
pub use store::{Answers, KIND, Made, Seen, Source};
