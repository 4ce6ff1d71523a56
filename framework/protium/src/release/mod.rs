//! What a build of the shop is.
//!
//! - [`previous_assets`]: scripts, styles and modules of earlier builds.

pub(crate) mod previous_assets;
