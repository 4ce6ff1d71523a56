//! Errors of capabilities.

/// A module used something that its manifest does not grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotGranted(
    /// What it used.
    pub String,
);

/// The address of a backend is invalid.
#[derive(Debug, thiserror::Error)]
#[error("{backend}: {address:?} is not the address of a backend: {problem}")]
pub struct InvalidBackend {
    /// The backend's name.
    pub backend: String,
    /// The configured address.
    pub address: String,
    /// What is wrong with it.
    pub problem: String,
}
