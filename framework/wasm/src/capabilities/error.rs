//! Why a module does not get what it asks for.

/// A module reached for what its manifest does not grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotGranted(
    /// What it reached for.
    pub String,
);

/// A backend that cannot be called at all.
#[derive(Debug)]
pub(crate) enum BackendError {
    /// Its address is none.
    Address {
        /// The backend's name.
        backend: String,
        /// As it is configured.
        address: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The client cannot be set up.
    Client(reqwest::Error),
}
