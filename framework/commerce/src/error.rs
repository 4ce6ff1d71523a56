//! Why a provider has no answer.

use std::error::Error;

/// Why a provider has no answer. What merely does not exist is `Ok(None)`.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// Too much to do to answer in time; trying again soon makes sense (HTTP 503).
    #[error("busy: {0}")]
    Busy(&'static str),
    /// There is no room for what is to be written (HTTP 507).
    #[error("the disk with the data directory is full while {0}: make room")]
    DiskFull(&'static str),
    /// What keeps the data cannot be reached (HTTP 503).
    #[error("unavailable while {doing}")]
    Unavailable {
        /// What was being done.
        doing: &'static str,
        /// What happened.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The request makes no sense, such as a cursor nobody gave out (HTTP 400).
    #[error("invalid {what}: {why}")]
    Invalid {
        /// Which input.
        what: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A defect, or data that is not what was written (HTTP 500).
    #[error("internal error while {doing}")]
    Internal {
        /// What was being done.
        doing: &'static str,
        /// What happened.
        source: Box<dyn Error + Send + Sync>,
    },
}
