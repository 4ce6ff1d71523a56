//! Errors of capabilities.

/// A module used something that its manifest does not grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotGranted(
    /// What it used.
    pub String,
);

/// An invalid configuration of backends.
#[derive(Debug)]
pub(crate) enum BackendError {
    /// A backend's address is invalid.
    Address {
        /// The backend's name.
        backend: String,
        /// The configured address.
        address: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The HTTP client cannot be set up.
    Client(reqwest::Error),
}
